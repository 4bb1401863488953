"""
Tests of what holds for whatever a node answers.

"""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound import (
    ActionRelay,
    Answered,
    Busy,
    InvalidResponse,
    Picture,
    Prober,
    RelayedAction,
    SnapshotRelay,
    Unauthorized,
    Unreachable,
)
from tests.fuzz import damaged, damages, fuzzed, json_values
from tests.management.nodes import CANARY, make_node
from tests.management.wire import GOOD, Wire, json_reply

BUDGET = 2.5

STATES = (Answered, InvalidResponse, Unauthorized, Unreachable)

cuts = st.lists(st.integers(0, 400), max_size=4).map(sorted)
"""Where an answer is cut into pieces on its way."""

heads = st.lists(
    st.sampled_from(
        [
            *(b"HTTP/1.1 200 OK", b"HTTP/1.0 503 \xff", b"HTTP/1.1 204 N", b"HTTP/1.1 302 Found"),
            *(b"HTTP/1.1 100 Continue", b"HTTP/1.1 101 Switch", b"HTTP/9.9 200", b"ICY 200 OK"),
            *(b"HTTP/1.1 -1 x", b"HTTP/1.1 99999999999 x", b"HTTP/1.1 401 No"),
            *(
                b"Content-Length: 5",
                b"Content-Length: -5",
                b"Content-Length: 0x5",
                b"Content-Length:",
            ),
            *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked"),
            *(b"Content-Type: image/jpeg", b"Content-Encoding: gzip", b"Location: http://[::1"),
            *(
                b"Connection: upgrade",
                b"Set-Cookie: \xff=\x00",
                b"X" * 20_000,
                b" folded",
                b":",
                b"",
            ),
            *(b"5", b"hello", b"0", b"ffffffffffffffffff", b"-1", b'{"status":"healthy"}'),
        ]
    ),
    max_size=8,
).map(b"\r\n".join)

answers = st.one_of(
    st.binary(max_size=300),
    heads,
    st.tuples(
        st.sampled_from([json_reply(payload) for payload in GOOD.values()]),
        st.lists(damages, min_size=1, max_size=2),
    ).map(lambda given: _damaged(*given)),
    json_values.map(json_reply),
    st.dictionaries(st.sampled_from(["status", "app_mode", "reason", "message"]), json_values).map(
        json_reply
    ),
)


def _damaged(whole: bytes, wounds: list[Any]) -> bytes:
    for wound in wounds:
        whole = damaged(whole, wound)
    return whole


class AnyAnswerTests(SynchronousTestCase):
    """
    A node can answer what it likes: it has a state, in time, and nothing is logged as our mistake.

    """

    def asked(self, wire: Wire, asking: Deferred[Any], answer: bytes, at: list[int]) -> Any:
        """
        Let a node answer every question the same, and see what comes of it.
        """
        results: list[Any] = []
        asking.addBoth(results.append)
        while wire.connecting:
            node = wire.accept()
            for begin, end in zip([0, *at], [*at, len(answer)], strict=True):
                if not node.is_aborted:
                    node.protocol.dataReceived(answer[begin:end])
            if results:
                break
        wire.reactor.advance(60)
        for node in wire.accepted:
            node.lose()
        (result,) = results
        self.assertNotIn(CANARY, repr(result))
        return result

    @fuzzed(300)
    @given(answers, cuts)
    @example(b"HTTP/1.1 200 OK\r\n" * 2000, [])
    @example(json_reply({"status": "healthy"})[:-1] + b"[" * 60_000, [])
    def test_probe(self, answer: bytes, at: list[int]) -> None:
        """
        When it is asked how it is.
        """
        wire = Wire()
        prober = Prober(wire.outbound, wire.reactor, BUDGET, lambda: 1.7e9)
        result = self.asked(wire, prober.probe(make_node()), answer, at)
        self.assertIsInstance(result.outcome, STATES)
        self.assertLessEqual(result.duration_seconds, 60)
        self.assertEqual(wire.timers(), 0)

    @fuzzed(200)
    @given(answers, cuts)
    def test_action(self, answer: bytes, at: list[int]) -> None:
        """
        When it is told to do something; what it says of that can be passed on as JSON.
        """
        wire = Wire()
        sending = ActionRelay(wire.outbound, wire.reactor).send(make_node(), "restart", b"")
        result = self.asked(wire, sending, answer, at)
        self.assertIsInstance(result, (RelayedAction, *STATES))
        if isinstance(result, RelayedAction):
            json.dumps(result.response, allow_nan=False, ensure_ascii=False).encode()

    @fuzzed(200)
    @given(answers, cuts)
    def test_picture(self, answer: bytes, at: list[int]) -> None:
        """
        When it is asked for a picture.
        """
        wire = Wire()
        fetching = SnapshotRelay(wire.outbound, wire.reactor).fetch(make_node())
        result = self.asked(wire, fetching, answer, at)
        self.assertIsInstance(result, (Picture, Busy, *STATES))
