"""
Tests of what holds for whatever is sent to management mode's API.

"""

import json
from collections.abc import Mapping
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz import fuzzed, json_values, odd_texts
from tests.management.nodes import CANARY
from tests.memory_management import MemoryManagement, decoded, node
from tests.memory_node import Reply

FIELDS = [*node(), "revision", "password"]

near_nodes = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3).map(
    lambda wrong: {**node(auth={"type": "bearer", "token": CANARY}), **wrong}
)
bodies = st.one_of(
    st.binary(max_size=60),
    json_values.map(lambda value: json.dumps(value).encode()),
    near_nodes.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(FIELDS), json_values).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([b"[" * 30_000, b'{"id":' * 9000, b"\xef\xbb\xbf{}", b"{}" + b" " * 70_000]),
)
segments = st.one_of(
    st.sampled_from(["front", "..", "", "x" * 65, "%00", "%2e%2e", "a%2fb", "%ff", "a;b"]),
    odd_texts.map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
)
paths = st.one_of(
    st.just("/api/nodes"),
    segments.map("/api/nodes/{}".format),
    st.tuples(segments, segments).map(lambda two: "/api/nodes/{}/actions/{}".format(*two)),
    segments.map("/api/nodes/front/actions/{}".format),
    st.lists(segments, max_size=4).map(lambda parts: "/api/" + "/".join(parts)),
)
methods = st.sampled_from(
    ["POST", "PUT", "DELETE", "GET", "PATCH", "HEAD", "OPTIONS", "TRACE", "X"]
)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "If-Match", "Origin", "Accept", "Authorization", "Host"]),
    st.one_of(
        st.sampled_from(
            [
                "application/json",
                "application/json; charset=utf-16",
                "text/plain",
                '"1"',
                "*",
                '\xc3("3"',
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
    max_size=2,
)


class AnyRequestTests(SynchronousTestCase):
    """
    Whatever is sent is done, or refused with words that a program can read.

    """

    def setUp(self) -> None:
        self.management = MemoryManagement(self.mktemp())
        self.addCleanup(self.management.stop)
        self.management.register("front")

    def assert_answered(self, reply: Reply, *, has_body: bool = True) -> None:
        """
        Look for a reply that is no accident.
        """
        self.assertTrue(200 <= reply.status < 500, reply)
        self.assertNotIn(b"Traceback", reply.body)
        self.assertNotIn(CANARY.encode(), reply.body)
        if reply.status >= 400 and has_body and reply.body:
            error = decoded(reply)["error"]
            self.assertLessEqual({"code", "message", "details", "timestamp"}, set(error))
            self.assertTrue(error["message"])

    def assert_well(self) -> None:
        """
        Look whether the daemon is as it was.
        """
        self.assertEqual(self.management.ask("/health").status, 200)
        self.assertEqual(self.management.ask("/ready").status, 200)
        listed = decoded(self.management.ask("/api/nodes"))["nodes"]
        self.assertEqual(len({each["id"] for each in listed}), len(listed))

    @fuzzed(150)
    @given(st.sampled_from(["POST /api/nodes", "PUT /api/nodes/front"]), bodies)
    def test_nodes(self, what: str, body: bytes) -> None:
        """
        Of a node, in a body of any kind.
        """
        method, path = what.split()
        reply = self.management.ask(path, method, body or None)
        self.assert_answered(reply)
        if reply.status == 201:
            path = f"/api/nodes/{quote(decoded(reply)['id'])}"
            self.assertEqual(self.management.ask(path, "DELETE").status, 204)
        elif reply.status == 200:
            changed = quote(decoded(reply)["id"])
            again = self.management.ask(f"/api/nodes/{changed}", "PUT", node(auth={"type": "none"}))
            self.assertEqual(again.status, 200)
        self.assert_well()

    @fuzzed(150)
    @given(segments, bodies)
    def test_actions(self, action: str, body: bytes) -> None:
        """
        Of an action: what reaches a node is named as the caller wrote it, and a JSON object.
        """
        self.management.nodes.sent.clear()
        reply = self.management.ask(f"/api/nodes/front/actions/{action}", "POST", body or None)
        self.assert_answered(reply)
        for _, name, sent in self.management.nodes.sent:
            self.assertRegex(name, r"\A[a-z][a-z0-9_-]{0,63}\Z")
            self.assertEqual((name, type(json.loads(sent or b"{}"))), (action, dict))

    @fuzzed(250)
    @given(methods, paths, headers, bodies)
    def test_anything(
        self, method: str, path: str, given_headers: Mapping[str, str], body: bytes
    ) -> None:
        """
        By any method, to any path, with any headers.
        """
        client = self.management.client()
        named = {"Host": "node.local", "Content-Type": "application/json", **given_headers}
        client.send_request(path, method, named, body)
        wire = client.received()
        if wire:
            self.assert_answered(Reply.parse(wire), has_body=method != "HEAD")
        self.assert_well()
