"""
Tests of how one node is asked.

"""

from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from motion_in_ocean.management.outbound._connections import IDLE_SECONDS
from motion_in_ocean.management.outbound._failures import INVALID
from motion_in_ocean.management.outbound._outbound import Outbound
from motion_in_ocean.management.outbound._results import (
    Answered,
    InvalidResponse,
    ProbeAnswer,
    ProbeResult,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from tests.management.probing_case import BUDGET, PATIENCE, ProbingCase
from tests.management.wire import GOOD, NodeSide


class InTurnTests(ProbingCase):
    """
    A node that answers promptly.

    """

    def test_one_after_the_other(self) -> None:
        """
        A node that is well costs one connection.
        """
        probing = self.probe()
        node = self.wire.accept()
        for path in ("/health", "/ready", "/metrics"):
            self.assertNoResult(probing)
            self.assertEqual(node.asked(), path)
            node.answer(GOOD[path])
        health, ready, metrics = (ProbeAnswer(200, payload) for payload in GOOD.values())
        self.assertEqual(self.outcome_of(probing), Answered(health, ready, metrics, ready=True))
        self.assertEqual(self.wire.connecting, 0)

    def test_when(self) -> None:
        """
        The operator sees how long it took, and when it was.
        """
        probing = self.probe()
        self.wait(0.125)
        self.wire.accept().be_well()
        result = self.successResultOf(probing)
        self.assertEqual(result.node_id, "porch")
        self.assertEqual((result.checked_at, result.duration_seconds), (1.7e9, 0.125))

    def test_not_connected(self) -> None:
        """
        A node that is off is known to be at once, and not asked three times.
        """
        probing = self.probe()
        self.wire.refuse()
        self.assertEqual(self.outcome_of(probing).reason, "connection_refused")
        self.assertEqual((self.wire.connecting, self.wire.timers()), (0, 0))

    def test_unauthorized(self) -> None:
        """
        Credentials that are refused once are not shown again.
        """
        probing = self.probe()
        node = self.wire.accept()
        self.assertEqual(node.asked(), "/health")
        node.answer({}, "401 Unauthorized")
        self.assertEqual(self.outcome_of(probing), Unauthorized("/health", 401))
        self.assertEqual(node.asked(), "")

    def test_unauthorized_counts_most(self) -> None:
        """
        A node with a broken page for strangers is told as what it is.
        """
        probing = self.probe()
        node = self.wire.accept()
        node.answer([])
        node.answer({}, "403 Forbidden")
        self.assertEqual(self.outcome_of(probing), Unauthorized("/ready", 403))

    def test_too_many_guesses(self) -> None:
        """
        A node that refuses whatever credentials come from here is as it says; only its figures
        cannot be had, and why is told.
        """
        probing = self.probe()
        node = self.wire.accept()
        for path in ("/health", "/ready"):
            node.answer(GOOD[path])
        node.answer({}, "429 Too Many Requests")
        outcome = self.outcome_of(probing)
        self.assertTrue(outcome.ready)
        self.assertEqual(outcome.metrics, INVALID["too_many_guesses"])

    def test_health_before_ready(self) -> None:
        """
        Of two things that are wrong the first is told, whatever comes first.
        """
        probing = self.probe()
        node = self.wire.accept()
        wrong: tuple[object, ...] = ([], {"status": 7}, {})
        for payload in wrong:
            node.answer(payload)
        outcome = self.outcome_of(probing)
        self.assertIsInstance(outcome, InvalidResponse)
        self.assertEqual(outcome.path, "/health")

    def test_docker(self) -> None:
        """
        A node that cannot be asked is not.
        """
        probing = self.probe(transport="docker")
        self.assertEqual(self.outcome_of(probing), Unsupported("docker"))
        self.assertEqual((self.wire.connecting, self.wire.timers()), (0, 0))


class ImpatienceTests(ProbingCase):
    """
    A node that does not.

    """

    def waited_for(self) -> tuple[Deferred[ProbeResult], list[NodeSide]]:
        """
        :returns: A probe of a slow node that has been asked for all three.
        """
        probing = self.probe()
        first = self.wire.accept()
        self.assertEqual(first.asked(), "/health")
        self.wait(PATIENCE)
        self.assertEqual(self.wire.connecting, 2)
        nodes = [first, self.wire.accept(), self.wire.accept()]
        self.assertEqual([node.asked() for node in nodes[1:]], ["/ready", "/metrics"])
        return probing, nodes

    def test_all_at_once(self) -> None:
        """
        A slow node has its time for all answers together, not for each after the other.
        """
        probing, nodes = self.waited_for()
        self.wait(BUDGET - PATIENCE - 0.1)
        for node, payload in zip(reversed(nodes), reversed(GOOD.values()), strict=True):
            self.assertNoResult(probing)
            node.answer(payload)
        self.assertTrue(self.outcome_of(probing).ready)

    def test_timeout(self) -> None:
        """
        Time counts from the call, and nothing stays behind.
        """
        probing, nodes = self.waited_for()
        nodes[0].answer(GOOD["/health"])
        self.wait(BUDGET - PATIENCE - 0.01)
        self.assertNoResult(probing)
        self.wait(0.01)
        result: Any = self.successResultOf(probing)
        self.assertEqual(result.duration_seconds, BUDGET)
        self.assertEqual(result.outcome.reason, "timeout")
        self.assertEqual([node.is_aborted for node in nodes], [False, True, True])

    def test_metrics_hang(self) -> None:
        """
        Metrics that hang change nothing about the rest.
        """
        probing, nodes = self.waited_for()
        nodes[0].answer(GOOD["/health"])
        nodes[1].answer(GOOD["/ready"])
        self.wait(BUDGET)
        outcome = self.outcome_of(probing)
        self.assertTrue(outcome.ready)
        self.assertIn("in time", outcome.metrics)

    def test_unauthorized_ends_it(self) -> None:
        """
        Nobody waits for the rest where one answer decides.
        """
        probing, nodes = self.waited_for()
        nodes[2].answer({}, "403 Forbidden")
        self.assertEqual(self.outcome_of(probing), Unauthorized("/metrics", 403))
        self.assertEqual([node.is_aborted for node in nodes], [True, True, False])

    def test_nobody_there(self) -> None:
        """
        A host that does not react is not knocked at three times, but asked for everything as soon
        as it does.
        """
        probing = self.probe()
        self.wait(2 * PATIENCE)
        self.assertEqual(self.wire.connecting, 1)
        node = self.wire.accept()
        self.assertEqual(node.asked(), "/health")
        node.answer(GOOD["/health"])
        self.assertEqual(node.asked(), "/ready")
        self.assertEqual(self.wire.connecting, 1)
        self.assertEqual(self.wire.accept().asked(), "/metrics")
        probing.cancel()
        self.failureResultOf(probing, CancelledError)

    def test_cancelled(self) -> None:
        """
        Who does not want to know any more leaves nothing behind.
        """
        probing, nodes = self.waited_for()
        probing.cancel()
        self.failureResultOf(probing, CancelledError)
        self.assertEqual([node.is_aborted for node in nodes], [True] * 3)
        self.assertEqual(self.wire.timers(), 0)

    def test_cancelled_while_connecting(self) -> None:
        """
        That includes connections that are not there yet.
        """
        probing = self.probe()
        probing.cancel()
        self.failureResultOf(probing, CancelledError)
        self.assertEqual(self.wire.timers(), 0)


class KeptConnectionTests(ProbingCase):
    """
    Connections that are used again.

    """

    def keep(self, **fields: Any) -> NodeSide:
        """
        :returns: A connection to a node that has been asked.
        """
        probing = self.probe(**fields)
        node = self.wire.accept()
        node.be_well()
        self.successResultOf(probing)
        return node

    def test_used_again(self) -> None:
        """
        Asking again costs no connection.
        """
        node = self.keep()
        probing = self.probe()
        node.be_well()
        self.successResultOf(probing)
        self.assertEqual(self.wire.connecting, 0)

    def test_silent(self) -> None:
        """
        A connection that is dead without knowing does not make the node look dead.
        """
        node = self.keep()
        probing = self.probe()
        self.assertEqual(node.asked(), "/health")
        self.wait(PATIENCE)
        self.assertTrue(node.is_aborted)
        again = [self.wire.accept() for _ in range(3)]
        self.assertEqual([one.asked() for one in again], ["/health", "/ready", "/metrics"])
        for one, payload in zip(again, GOOD.values(), strict=True):
            one.answer(payload)
        self.assertTrue(self.outcome_of(probing).ready)

    def test_lost(self) -> None:
        """
        A connection that the node closes in this very moment does neither.
        """
        node = self.keep()
        probing = self.probe()
        node.lose()
        again = self.wire.accept()
        again.be_well()
        self.assertTrue(self.outcome_of(probing).ready)

    def test_lost_before(self) -> None:
        """
        A connection that is gone is not used.
        """
        self.keep().lose()
        probing = self.probe()
        self.assertEqual(self.wire.connecting, 1)
        probing.cancel()
        self.failureResultOf(probing)

    def test_unasked_for(self) -> None:
        """
        A node that speaks without being asked is not listened to.
        """
        node = self.keep()
        node.answer({"status": "ready"})
        self.assertTrue(node.is_aborted or node.transport.disconnecting)

    def test_closed_after_a_while(self) -> None:
        """
        Nodes that are not asked any more are let go of.
        """
        node = self.keep()
        self.wait(IDLE_SECONDS - 1)
        other = self.keep(base_url="http://192.168.1.21")
        self.wait(1)
        self.assertEqual((node.is_aborted, other.is_aborted), (True, False))
        self.wait(IDLE_SECONDS)
        self.assertTrue(other.is_aborted)
        self.assertEqual(self.wire.timers(), 0)

    def test_bounded(self) -> None:
        """
        There are never so many that sockets run out.
        """
        nodes = [self.keep(base_url=f"http://192.168.1.{n}") for n in (1, 2, 3)]
        self.wait(0)
        self.assertEqual([node.is_aborted for node in nodes], [False, False, True])

    def test_stop(self) -> None:
        """
        Stopping closes them all.
        """
        node = self.keep()
        probing = self.probe(base_url="http://192.168.1.21")
        other = self.wire.accept()
        stopping = self.wire.outbound.stopService()
        self.assertTrue(node.is_aborted and other.is_aborted)
        self.assertNoResult(stopping)
        other.lose()
        node.lose()
        self.successResultOf(stopping)
        self.assertIsInstance(self.outcome_of(probing), Unreachable)
        self.assertEqual(self.wire.timers(), 0)


class BugTests(ProbingCase):
    """
    Errors in this program.

    """

    def test_logged(self) -> None:
        """
        An error of ours is not taken for the node's, nor kept from who reads the log.
        """

        class Broken(Outbound):
            def exchange(self, *_: object, **__: object) -> Any:
                raise ZeroDivisionError

        self.prober.outbound = Broken(*[None] * 3)  # type: ignore[arg-type]
        self.assertEqual(self.outcome_of(self.probe()).reason, "internal")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.wire.timers(), 0)
