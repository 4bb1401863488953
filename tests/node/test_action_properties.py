"""
Tests of what holds for whatever a camera is told.

"""

import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.controls import CONTROLS
from tests.fuzz import fuzzed, json_values, odd_texts
from tests.memory_node import Reply, streaming_node

bodies = st.one_of(
    st.binary(max_size=60),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from([*CONTROLS, "zoom"]), json_values, max_size=3).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([b"[" * 30_000, b'{"brightness":1e999}', b'{"brightness":' + b"9" * 5000]),
)
actions = st.one_of(
    st.just("controls"),
    odd_texts.map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
)


class AnyActionTests(SynchronousTestCase):
    """
    Whatever is sent is done, or refused with words that a program can read.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    @fuzzed(300)
    @given(actions, bodies)
    def test_anything(self, action: str, body: bytes) -> None:
        """
        The picture stays, and no camera is given what is no value for it.
        """
        reply = self.node.act(action, body)
        self.assert_answered(reply)
        self.assertEqual(self.node.get("/ready").status, 200)
        for name, value in self.node.camera.values.items():
            CONTROLS[name].parse(value)

    def assert_answered(self, reply: Reply) -> None:
        """
        Look for a reply that is no accident.
        """
        self.assertTrue(200 <= reply.status < 500, reply)
        if reply.status >= 400:
            self.assertTrue(json.loads(reply.body)["error"]["message"])
