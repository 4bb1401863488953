"""
Tests of what is taken for a node.

"""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._node import (
    MOST_PROBLEMS,
    Node,
    merge_node,
    parse_node,
)
from motion_in_ocean.strict_json import strict_object
from tests.management.nodes import CANARY, make_node, node_payload

# The same values each time: what is red here is red everywhere.
same_each_time = hypothesis.settings(
    derandomize=True, database=None, deadline=None, max_examples=200
)

texts = st.one_of(
    st.text(st.characters()),
    st.sampled_from(
        [
            *("", " ", "none", "bearer", "basic", "http", "docker", "porch", "a\nb", "\ud800"),
            *("http://h", "HTTPS://h:443/a/", "http://[::1]", "http://a:b@h", "2026-01-31T12:00Z"),
        ]
    ),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
fields = st.sampled_from([*node_payload(), "revision"])
near_nodes = st.dictionaries(fields, json_values, max_size=3).map(
    lambda wrong: {**node_payload(), **wrong}
)
near_auth = st.dictionaries(
    st.sampled_from(["type", "token", "username", "password", "encoded", "x"]),
    st.one_of(json_values, st.just(CANARY), st.just("bearer"), st.just("none")),
).map(lambda auth: node_payload(auth=auth))


class NodeTestCase(SynchronousTestCase):
    """
    A test case that can say what is wrong with a node.

    """

    def problems(self, **wrong: Any) -> dict[str, str]:
        """
        :param wrong: Replaces fields of a good node.
        :returns: Why it was refused.
        """
        error = self.assertRaises(NodeInvalid, parse_node, node_payload(**wrong))
        return dict(error.problems)

    def assert_problem(self, path: str, words: str, **wrong: Any) -> None:
        """
        Make sure that one field is refused, for a reason that has those words in it.

        """
        problems = self.problems(**wrong)
        self.assertEqual([path], list(problems))
        self.assertIn(words, problems[path])


class AcceptedTests(NodeTestCase):
    """
    Nodes that are fine.

    """

    def test_public(self) -> None:
        """
        A client gets back what it sent, but for the token.
        """
        self.assertEqual(node_payload(auth={"type": "bearer"}), parse_node(node_payload()).public())

    def test_stored(self) -> None:
        """
        What goes into the file becomes the same node again, with its token.
        """
        node = make_node()
        self.assertEqual(node_payload(), node.stored())
        self.assertEqual(node, parse_node(json.loads(json.dumps(node.stored()))))

    def test_token(self) -> None:
        """
        The prober gets the token in clear, and none where there is none.
        """
        self.assertEqual(CANARY, make_node().token)
        self.assertIsNone(make_node(auth={"type": "none"}).token)

    def test_trimmed(self) -> None:
        """
        A space that slipped in while pasting does no harm.
        """
        node = parse_node(
            node_payload(
                id=" porch ",
                name="\tFront porch\n",
                base_url=" http://192.168.1.20:8000 ",
                auth={"type": "bearer", "token": f" {CANARY}\n"},
                labels={" site ": " home "},
                last_seen=" 2026-01-31T12:00:00Z ",
                capabilities=[" stream "],
            )
        )
        self.assertEqual(make_node(), node)

    def test_base_url(self) -> None:
        """
        Addresses as people write them, and how they are kept.
        """
        for given, kept in (
            ("http://cam.local", "http://cam.local"),
            ("http://cam.local/", "http://cam.local"),
            ("HTTPS://Cam.Local:8443/Porch//", "https://cam.local:8443/Porch"),
            ("http://cam_1:080", "http://cam_1:80"),
            ("http://cam.example.", "http://cam.example."),
            ("http://[FD00:0::20]:8000", "http://[fd00::20]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("http://10.0.0.1:65535/a%20b/~c", "http://10.0.0.1:65535/a%20b/~c"),
            ("http://xn--kche-0ra.local", "http://xn--kche-0ra.local"),
        ):
            self.assertEqual(kept, make_node(base_url=given).base_url)

    def test_last_seen(self) -> None:
        """
        Any ISO 8601 time will do; one without a zone is taken for UTC.
        """
        for given, shown in (
            ("2026-01-31T13:30:00+01:30", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00.25Z", "2026-01-31T12:00:00.250000Z"),
            ("20260131T120000Z", "2026-01-31T12:00:00Z"),
        ):
            self.assertEqual(shown, make_node(last_seen=given).public()["last_seen"])

    def test_generous_limits(self) -> None:
        """
        Nobody who describes a camera runs into a limit.
        """
        node = make_node(
            id="i" * 64,
            name="n" * 256,
            base_url="http://h/" + "p" * 2039,
            auth={"type": "bearer", "token": "t" * 4096},
            labels={f"{number:0256}": "v" * 1024 for number in range(64)},
            capabilities=["c" * 128] * 64,
        )
        self.assertEqual(node, parse_node(node.stored()))

    def test_other_scripts(self) -> None:
        """
        Names are for people, wherever they live.
        """
        self.assertEqual("Küche 👩‍🍳 台所", make_node(name="Küche 👩‍🍳 台所").name)

    def test_no_labels(self) -> None:
        """
        A node needs neither labels nor capabilities, only the fields.
        """
        node = make_node(labels={}, capabilities=[])
        self.assertEqual(({}, ()), (dict(node.labels), node.capabilities))

    def test_cannot_be_changed(self) -> None:
        """
        A node that someone holds is never changed by someone else.
        """
        labels: Any = make_node().labels
        with self.assertRaises(TypeError):
            labels["site"] = "elsewhere"

    def test_seen(self) -> None:
        """
        Being seen gives another node, with a time in UTC and without needless digits.
        """
        node = make_node()
        zone = timezone(timedelta(hours=2))
        seen = node.seen(datetime(2026, 2, 1, 2, 0, 0, 123456, tzinfo=zone))
        self.assertEqual(datetime(2026, 2, 1, 0, 0, 0, 123000, tzinfo=UTC), seen.last_seen)
        self.assertEqual("2026-01-31T12:00:00Z", node.public()["last_seen"])


class RefusedTests(NodeTestCase):
    """
    What is no node, and how that is put.

    """

    def test_no_object(self) -> None:
        """
        A list, a number or nothing is refused as a whole.
        """
        payloads: tuple[Any, ...] = ([], None, 5, "x", True)
        for payload in payloads:
            error = self.assertRaises(NodeInvalid, parse_node, payload)
            self.assertEqual({"body": "must be a JSON object"}, error.problems)

    def test_all_required(self) -> None:
        """
        Someone who sends nothing is told all that is missing, at once.
        """
        error = self.assertRaises(NodeInvalid, parse_node, {})
        self.assertEqual(dict.fromkeys(node_payload(), "is required"), error.problems)

    def test_unknown_field(self) -> None:
        """
        A field with a slip in its name is not dropped silently.
        """
        self.assert_problem("lables", "not known", lables={})

    def test_not_coerced(self) -> None:
        """
        A number is no text, a string no list, and an object no list either.
        """
        for path, words, value in (
            ("id", "text", 5),
            ("name", "text", None),
            ("base_url", "text", ["http://h"]),
            ("auth", "object", "none"),
            ("labels", "object", [["a", "b"]]),
            ("labels", "object", None),
            ("last_seen", "ISO 8601", 1769860800),
            ("last_seen", "ISO 8601", "1769860800"),
            ("last_seen", "ISO 8601", "yesterday"),
            ("capabilities", "array", "stream"),
            ("capabilities", "array", {"stream": True}),
            ("transport", "http or docker", "ssh"),
            ("transport", "http or docker", None),
        ):
            self.assert_problem(path, words, **{path: value})

    def test_id(self) -> None:
        """
        An id fits into a path, whole.
        """
        for value in ("", " ", "-a", ".a", "..", "a b", "a/b", "é", "a\nb", "i" * 65):
            self.assert_problem("id", "letters, digits", id=value)

    def test_empty(self) -> None:
        """
        A name of spaces is no name.
        """
        self.assertEqual(
            {
                "name": "must not be empty",
                "base_url": "must not be empty",
                "labels. ": "must not be empty",
                "labels.site": "must not be empty",
                "capabilities.1": "must not be empty",
            },
            self.problems(
                name=" ",
                base_url="",
                labels={" ": "x", "site": ""},
                capabilities=["stream", ""],
            ),
        )

    def test_paths(self) -> None:
        """
        What is wrong inside a field is named by its place.
        """
        self.assertEqual(
            {"labels.site": "must be text", "capabilities.0": "must be text"},
            self.problems(labels={"site": 5}, capabilities=[None]),
        )

    def test_control_characters(self) -> None:
        """
        Nothing that is shown or sent later can begin another line.
        """
        for path, wrong in (
            ("name", {"name": "a\r\nb"}),
            ("labels.site", {"labels": {"site": "a\x1b[2J"}}),
            ("capabilities.0", {"capabilities": ["a\u2028b"]}),
            ("auth.token", {"auth": {"type": "bearer", "token": "a\r\nX: b"}}),
            ("base_url", {"base_url": "http://h/\x00"}),
        ):
            self.assert_problem(path, "control characters", **wrong)

    def test_half_characters(self) -> None:
        """
        Text that cannot be written as UTF-8 is none.
        """
        self.assert_problem("name", "whole characters", name="\ud800")

    def test_too_much(self) -> None:
        """
        What is stored and shown stays in bounds.
        """
        for path, wrong in (
            ("name", {"name": "n" * 257}),
            ("base_url", {"base_url": "http://h/" + "p" * 2040}),
            ("auth.token", {"auth": {"type": "bearer", "token": "t" * 4097}}),
            ("labels", {"labels": {f"k{number}": "v" for number in range(65)}}),
            ("labels.site", {"labels": {"site": "v" * 1025}}),
            ("capabilities", {"capabilities": ["c"] * 65}),
        ):
            self.assertEqual([path], list(self.problems(**wrong)))

    def test_number_of_problems(self) -> None:
        """
        A refusal is not much longer than what it refuses.
        """
        wrong: dict[str, Any] = {"x" * 1000 + str(number): 0 for number in range(1000)}
        problems = self.problems(**wrong)
        self.assertEqual(1, len(problems))  # the names are told apart by what is cut off
        problems = self.problems(**{f"x{number}": 0 for number in range(1000)})
        self.assertEqual(MOST_PROBLEMS, len(problems))

    def test_labels_alike(self) -> None:
        """
        Of two labels that differ by a space, none is dropped silently.
        """
        self.assert_problem("labels", "twice", labels={"site": "a", "site ": "b"})

    def test_base_url(self) -> None:
        """
        Each way to get an address wrong has its own words.
        """
        for value, words in (
            ("cam.local", "look like"),
            ("ftp://cam.local", "look like"),
            ("http:/cam.local", "look like"),
            ("http://", "name a host"),
            ("http:///stream", "name a host"),
            ("http://:8000", "name a host"),
            ("http://cam local", "letters, digits"),
            ("http://küche.local", "xn--"),
            ("http://-cam", "letters, digits"),
            ("http://a..b", "letters, digits"),
            ("http://" + "a." * 127 + "aa", "letters, digits"),
            ("http://me@cam.local", "no user name"),
            ("http://me:pw@cam.local", "no user name"),
            ("http://cam.local?", "no query"),
            ("http://cam.local/?a=b", "no query"),
            ("http://cam.local/#", "no fragment"),
            ("http://cam.local:", "port"),
            ("http://cam.local:0", "port"),
            ("http://cam.local:65536", "port"),
            ("http://cam.local:-1", "port"),
            ("http://cam.local:８０", "port"),  # noqa: RUF001 - those are digits too
            ("http://1.2.3", "IPv4"),
            ("http://1.2.3.256", "IPv4"),
            ("http://2130706433", "IPv4"),
            ("http://0x7f000001", "IPv4"),
            ("http://0177.0.0.1", "IPv4"),
            ("http://[::1", "brackets"),
            ("http://::1", "brackets"),
            ("http://[::1]a", "brackets"),
            ("http://[]", "IPv6"),
            ("http://[1.2.3.4]", "IPv6"),
            ("http://[fe80::1%eth0]", "IPv6"),
            ("http://cam.local/a b", "percent-encoded"),
            ("http://cam.local/é", "percent-encoded"),
            ("http://cam.local/%zz", "percent-encoded"),
            ("http://cam.local\\@evil", "no user name"),
        ):
            self.assert_problem("base_url", words, base_url=value)

    def test_last_seen_before_time(self) -> None:
        """
        A time that cannot be had in UTC is refused, not an internal error.
        """
        for value in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            self.assert_problem("last_seen", "years", last_seen=value)


class AuthTests(NodeTestCase):
    """
    Credentials of kinds that are, and were, supported.

    """

    def test_type(self) -> None:
        """
        A client is told which types there are.
        """
        for value in ("digest", "Bearer", 5, None, ["bearer"]):
            self.assert_problem("auth.type", "none or bearer", auth={"type": value})
        self.assert_problem("auth.type", "is required", auth={})

    def test_token(self) -> None:
        """
        Bearer auth has a token, and no other auth has.
        """
        self.assert_problem("auth.token", "is required", auth={"type": "bearer"})
        self.assert_problem("auth.token", "4096", auth={"type": "bearer", "token": " "})
        self.assert_problem("auth.token", "text", auth={"type": "bearer", "token": None})
        self.assert_problem("auth.token", "not known", auth={"type": "none", "token": CANARY})

    def test_legacy(self) -> None:
        """
        Whoever still sends user names and passwords is told what to send instead.
        """
        for path, auth in (
            ("auth.type", {"type": "basic", "username": "me", "password": CANARY}),
            ("auth.type", {"type": "basic", "token": CANARY}),
            ("auth.username", {"type": "none", "username": "me"}),
            ("auth.password", {"type": "bearer", "token": "t", "password": CANARY}),
            ("auth.encoded", {"type": "bearer", "token": "t", "encoded": CANARY}),
        ):
            self.assert_problem(path, '{"type": "bearer", "token": "…"}', auth=auth)


class MergeTests(NodeTestCase):
    """
    Nodes that are changed in part.

    """

    def test_top_level(self) -> None:
        """
        What is named is replaced whole; the rest stays.
        """
        merged = merge_node(make_node(), {"name": "Back porch", "labels": {"floor": "2"}})
        self.assertEqual(make_node(name="Back porch", labels={"floor": "2"}), merged)

    def test_nothing(self) -> None:
        """
        An empty change changes nothing.
        """
        self.assertEqual(make_node(), merge_node(make_node(), {}))

    def test_rename(self) -> None:
        """
        The id is a field like others.
        """
        self.assertEqual(make_node("attic"), merge_node(make_node(), {"id": "attic"}))

    def test_what_was_shown(self) -> None:
        """
        A client that sends back what it got loses nothing: the token stays.
        """
        node = make_node()
        self.assertEqual(node, merge_node(node, node.public()))

    def test_fresh_token(self) -> None:
        """
        A token that is given replaces the old one, for any address.
        """
        merged = merge_node(
            make_node(), {"base_url": "http://h", "auth": {"type": "bearer", "token": "new"}}
        )
        self.assertEqual("new", merged.token)

    def test_token_dropped(self) -> None:
        """
        A node can stop wanting a token, and then moves freely.
        """
        merged = merge_node(make_node(), {"base_url": "http://h", "auth": {"type": "none"}})
        self.assertIsNone(merged.token)

    def test_token_needed(self) -> None:
        """
        There is none to keep where there was none.
        """
        node = make_node(auth={"type": "none"})
        error = self.assertRaises(NodeInvalid, merge_node, node, {"auth": {"type": "bearer"}})
        self.assertEqual({"auth.token": "is required"}, error.problems)

    def test_token_stays_home(self) -> None:
        """
        Nobody learns a token by pointing its node to a machine of their own.
        """
        for base_url in (
            "https://192.168.1.20:8000",
            "http://192.168.1.21:8000",
            "http://192.168.1.20:8001",
            "http://192.168.1.20",
        ):
            for auth in ({}, {"auth": {"type": "bearer"}}):
                patch = {"base_url": base_url, **auth}
                error = self.assertRaises(NodeInvalid, merge_node, make_node(), patch)
                self.assertEqual(["auth.token"], list(error.problems))

    def test_same_address(self) -> None:
        """
        Another way to write the address, or another path there, needs no fresh token.
        """
        for before, after in (
            ("http://cam.local", "HTTP://CAM.local:80/"),
            ("https://cam.local:443/a", "https://cam.local/b"),
            ("http://[fd00::1]", "http://[FD00:0:0::1]:80"),
        ):
            merged = merge_node(make_node(base_url=before), {"base_url": after})
            self.assertEqual(CANARY, merged.token)

    def test_result_is_validated(self) -> None:
        """
        A change is held to the same rules as a new node.
        """
        for patch, path in (
            ({"name": None}, "name"),
            ({"nmae": "x"}, "nmae"),
            ({"auth": {"type": "bearer", "x": 1}}, "auth.x"),
            ({"auth": {"type": "basic"}}, "auth.type"),
            ({"auth": {}}, "auth.type"),
            ({"auth": None}, "auth"),
            ([], "body"),
            (None, "body"),
        ):
            error = self.assertRaises(NodeInvalid, merge_node, make_node(), patch)
            self.assertEqual([path], list(error.problems))


class PropertyTests(SynchronousTestCase):
    """
    What holds for whatever is sent.

    """

    @same_each_time
    @hypothesis.given(st.one_of(json_values, near_nodes, near_auth))
    def test_node_or_refusal(self, payload: Any) -> None:
        """
        Everything is a node that can be shown and kept, or refused with words; there is no third.
        """
        try:
            node = parse_node(payload)
        except NodeInvalid as error:
            self.assertTrue(error.problems)
            self.assertTrue(all(error.problems.values()))
            json.dumps(dict(error.problems), ensure_ascii=False).encode()
        else:
            self.assertEqual(node, parse_node(strict_object(json.dumps(node.stored()).encode())))

    @same_each_time
    @hypothesis.given(st.one_of(near_nodes, near_auth))
    def test_token_is_not_told(self, payload: Any) -> None:
        """
        A token is not found in what is shown of a node, nor in why something is none.
        """
        try:
            shown: object = parse_node(payload)
        except NodeInvalid as error:
            shown = (error, error.problems, error.__cause__, error.__context__)
        else:
            assert isinstance(shown, Node)
            self.assertNotIn(CANARY, json.dumps(shown.public()))
        self.assertNotIn(CANARY, repr(shown) + str(shown))

    @same_each_time
    @hypothesis.given(st.dictionaries(fields, json_values, max_size=3))
    def test_merge(self, patch: Any) -> None:
        """
        Whatever a change is, it gives a node or a refusal, and leaves the old one alone.
        """
        node = make_node()
        try:
            merged = merge_node(node, patch)
        except NodeInvalid as error:
            self.assertTrue(error.problems)
        else:
            self.assertEqual(merged, parse_node(merged.stored()))
        self.assertEqual(make_node(), node)
