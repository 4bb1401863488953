"""
Tests of what is passed on; ``tests/integration/test_relaying.py`` has the rest, on real sockets.

"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._answers import MOST_VALUES
from motion_in_ocean.management.outbound._outbound import NodeURL
from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.management.outbound._relay import (
    ACTIONS_AT_ONCE,
    ACTIONS_OF_ONE_NODE,
    ActionRelay,
    RelayedAction,
    SnapshotRelay,
)
from tests.fuzz import fuzzed
from tests.management.nodes import make_node
from tests.management.wire import Wire


class RelayCase(SynchronousTestCase):
    """
    Relays, and the network in a test's hands.

    """

    def setUp(self) -> None:
        self.wire = Wire()
        self.actions = ActionRelay(self.wire.outbound, self.wire.reactor)
        self.snapshots = SnapshotRelay(self.wire.outbound, self.wire.reactor)

    def send(self, action: str = "restart", **fields: Any) -> Deferred[Any]:
        return self.actions.send(make_node(**fields), action, b"")

    def fetch(self, **fields: Any) -> Deferred[Any]:
        return self.snapshots.fetch(make_node(**fields))

    def end(self, *under_way: Deferred[Any]) -> None:
        """
        Leave, whatever is under way.

        """
        for one in under_way:
            one.cancel()
            self.failureResultOf(one, CancelledError)


def at(number: int) -> str:
    """
    :returns: The URL of one of many nodes.
    """
    return f"http://192.168.1.{number}:8000"


class ActionTests(RelayCase):
    """
    Actions.

    """

    def test_sent(self) -> None:
        """
        An action reaches the node below its own URL, and its answer comes back.
        """
        sending = self.send(base_url="http://192.168.1.20/cameras/3")
        node = self.wire.accept()
        self.assertEqual(node.asked(), "/cameras/3/api/actions/restart")
        node.answer({"restarting": True}, "202 Accepted")
        self.assertEqual(self.successResultOf(sending), RelayedAction(202, {"restarting": True}))
        self.assertEqual(self.wire.timers(), 1)  # the one that closes the connection

    def test_token_that_comes_back_is_not_shown(self) -> None:
        """
        In no form in which a node may repeat it, be it JSON or not.
        """
        for body in (
            b'{"got": ["Bearer can/ary"]}',
            b'{"got": ["Bearer can\\/ary"]}',
            b'{"Bearer can\\u002Fary": 1}',
            b"<p>Bearer can/ary</p>",
        ):
            self.assertIn("Bearer ********", self.shown(body), body)
        for body in (
            b'{"log": "{\\"got\\": \\"can\\\\/ary\\"}"}',
            b'<script>got = {"got": "can\\/ary"}</script>',
            b"[" + b'"",' * MOST_VALUES + b'"can\\/ary"]',
        ):
            self.assertIn("********", self.shown(body), body[-40:])

    def shown(self, body: bytes) -> str:
        """
        :returns: What is shown of a node's answer, without backslashes.
        """
        sending = self.send(auth={"type": "bearer", "token": "can/ary"})
        self.wire.accept().protocol.dataReceived(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        shown = str(self.successResultOf(sending).response)
        self.assertNotIn("can/ary", shown.replace("\\", ""))
        return shown

    def test_when_to_ask_again(self) -> None:
        """
        A node that refuses everybody here for a while says for how long; what is no number of
        seconds is not passed on.
        """
        for told, seconds in ((b"30", 30), (b"0", None), (b"soon", None), (b"9" * 30, None)):
            sending = self.send()
            self.wire.accept().protocol.dataReceived(
                b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %b\r\nContent-Length: 2\r\n\r\n{}"
                % told
            )
            self.assertEqual(self.successResultOf(sending), RelayedAction(429, {}, seconds))

    def test_never_on_a_connection_that_is_kept(self) -> None:
        """
        Nobody has to guess whether a node that closes a connection has done it.
        """
        for _ in range(2):
            sending = self.send()
            self.wire.accept().answer({})
            self.successResultOf(sending)
        self.assertEqual(len(self.wire.accepted), 2)

    def test_timeout(self) -> None:
        """
        A node that hangs does not keep the client for ever.
        """
        sending = self.send()
        node = self.wire.accept()
        self.wire.reactor.advance(9.9)
        self.assertNoResult(sending)
        self.wire.reactor.advance(0.1)
        self.assertEqual(self.successResultOf(sending).reason, "timeout")
        self.assertTrue(node.is_aborted)
        self.assertEqual(self.wire.timers(), 0)

    def test_client_leaves(self) -> None:
        """
        Whoever leaves takes everything along.
        """
        sending = self.send()
        node = self.wire.accept()
        sending.cancel()
        self.failureResultOf(sending, CancelledError)
        self.assertTrue(node.is_aborted)
        self.assertEqual(self.wire.timers(), 0)

    def test_few_at_once(self) -> None:
        """
        Clients who come and leave do not use up the sockets of the whole daemon, although what they
        have begun is ended without them.
        """
        sending = [self.send(base_url=at(n)) for n in range(ACTIONS_AT_ONCE)]
        busy = self.send(base_url="http://192.168.2.1")
        self.assertEqual(self.successResultOf(busy), Busy(ACTIONS_AT_ONCE))
        self.assertEqual(self.wire.connecting, ACTIONS_AT_ONCE)
        self.wire.refuse()
        self.assertEqual(self.successResultOf(sending[0]).reason, "connection_refused")
        sending[0] = self.send(base_url="http://192.168.2.1")
        self.assertNoResult(sending[0])
        self.end(*sending)

    def test_few_to_one_node(self) -> None:
        """
        A node that hangs, under however many names, takes no place of the others.
        """
        for _ in range(2):
            names = [f"hanging{number}" for number in range(ACTIONS_OF_ONE_NODE)]
            hanging = [self.send(node_id=name) for name in names]
            busy = Busy(ACTIONS_OF_ONE_NODE, is_of_node=True)
            self.assertEqual(self.successResultOf(self.send()), busy)
            self.end(self.send(base_url=at(1)))
            self.wire.reactor.advance(10)
            for one in hanging:
                self.assertEqual(self.successResultOf(one).reason, "timeout")

    @fuzzed(100)
    @given(st.text(min_size=1, max_size=20).filter(lambda text: text.strip(".")))
    def test_any_name(self, action: str) -> None:
        """
        Whatever is taken for an action's name, it stays one segment of the path.
        """
        path = NodeURL("api", "actions", action).to_text()
        self.assertTrue(path.startswith("/api/actions/"), path)
        segment = path.removeprefix("/api/actions/")
        for character in "/?# \r\n":
            self.assertNotIn(character, segment)
        self.assertTrue(path.isascii())

    def test_no_name(self) -> None:
        """
        What would lead out of the path is no name.
        """
        for action in ("", ".", ".."):
            self.assertRaises(ValueError, self.send, action)


class SnapshotTests(RelayCase):
    """
    Pictures.

    """

    def test_too_many_guesses(self) -> None:
        """
        A node that refuses whatever credentials come from here is not one that makes no sense.
        """
        fetching = self.fetch()
        self.wire.accept().answer({}, "429 Too Many Requests")
        self.assertEqual(self.successResultOf(fetching).reason, "too_many_guesses")

    def test_timeout(self) -> None:
        """
        A node that hangs takes one of the few places for ten seconds only.
        """
        fetching = [self.fetch(base_url=at(n)) for n in range(4)]
        nodes = [self.wire.accept() for _ in fetching]
        self.assertEqual(self.successResultOf(self.fetch()), Busy(4))
        self.wire.reactor.advance(10)
        for one in fetching:
            self.assertEqual(self.successResultOf(one).reason, "timeout")
        self.assertEqual({node.is_aborted for node in nodes}, {True})
        self.assertEqual(self.wire.timers(), 0)
        fetching = [self.fetch()]
        self.assertNoResult(fetching[0])
        self.wire.reactor.advance(10)

    def test_client_leaves(self) -> None:
        """
        Whoever leaves before the picture begins gives the place away.
        """
        for _ in range(5):
            fetching = self.fetch()
            node = self.wire.accept()
            fetching.cancel()
            self.failureResultOf(fetching, CancelledError)
            self.assertTrue(node.is_aborted)
        self.assertEqual(self.wire.timers(), 0)

    def test_few_of_one_node(self) -> None:
        """
        A node that hangs leaves half of the places to others.
        """
        hanging = [self.fetch() for _ in range(2)]
        self.assertEqual(self.successResultOf(self.fetch()), Busy(2, is_of_node=True))
        self.end(*hanging, *(self.fetch(base_url=at(n)) for n in range(2)))
