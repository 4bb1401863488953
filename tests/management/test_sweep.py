"""
Tests of how a fleet is asked.

"""

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.outbound._prober import ProbedNode
from motion_in_ocean.management.outbound._results import ProbeResult, Unreachable
from motion_in_ocean.management.outbound._sweep import (
    AT_ONCE,
    STARTS_PER_TURN,
    TICK_SECONDS,
    FleetSweep,
    SweepResult,
)
from motion_in_ocean.management.registry._node import Node
from tests.management.nodes import make_node

TIMEOUT = Unreachable("timeout", "too late")
REFUSED = Unreachable("connection_refused", "nobody there")


class FakeProber:
    """
    Nodes that answer when a test says so.

    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: dict[str, tuple[Deferred[ProbeResult], float]] = {}
        """Who has not answered yet, in the order in which they were asked."""

        self.cancelled: list[str] = []

    def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
        """
        See ``Prober.probe``.

        """
        probing: Deferred[ProbeResult] = Deferred(lambda _: self.cancelled.append(node.id))
        self.asked[node.id] = probing, self.clock.seconds()
        return probing

    def answer(self, *node_ids: str, outcome: Unreachable = REFUSED) -> None:
        for node_id in node_ids or tuple(self.asked):
            probing, begun = self.asked.pop(node_id)
            now = self.clock.seconds()
            probing.callback(ProbeResult(node_id, outcome, now, now - begun))


class SweepCase(SynchronousTestCase):
    """
    A sweep, and nodes in a test's hands.

    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.prober = FakeProber(self.clock)
        self.sweep = FleetSweep(self.prober, self.clock, at_once=4, waiting_at_once=3)

    def run_sweep(self, count: int) -> Deferred[SweepResult]:
        return self.sweep.run(nodes(count))

    def asked(self) -> list[str]:
        """
        :returns: Who is being asked.
        """
        return list(self.prober.asked)

    def tick(self, times: int = 1) -> None:
        """
        Let time pass in which nobody answers.

        """
        self.clock.pump([TICK_SECONDS] * times)


def nodes(count: int) -> Sequence[Node]:
    return [make_node(name) for name in names(count)]


def names(count: int) -> list[str]:
    return [f"n{number}" for number in range(count)]


class OrderTests(SweepCase):
    """
    Who is asked when.

    """

    def test_few_at_once(self) -> None:
        """
        A node's time begins when it is asked, and only a few are asked at once: no node is called
        dead because there are many.
        """
        sweeping = self.run_sweep(6)
        self.assertEqual(self.asked(), names(4))
        self.prober.answer("n2")
        self.assertEqual(self.asked(), ["n0", "n1", "n3", "n4"])
        self.prober.answer()
        self.assertEqual(self.asked(), ["n5"])
        self.assertNoResult(sweeping)
        self.prober.answer()
        self.successResultOf(sweeping)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_result(self) -> None:
        """
        Everybody is in the result once, in the order of the registry, whoever has answered first.
        """
        sweeping = self.run_sweep(3)
        self.clock.advance(1)
        self.prober.answer("n2", "n0", "n1")
        result = self.successResultOf(sweeping)
        self.assertEqual(list(result.results), names(3))
        self.assertEqual({one.node_id for one in result.results.values()}, set(names(3)))
        self.assertEqual((result.finished_at, result.duration_seconds), (1.0, 1.0))

    def test_nobody(self) -> None:
        """
        A fleet without nodes is asked quickly.
        """
        self.assertEqual(self.successResultOf(self.run_sweep(0)).results, {})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_answers_at_once(self) -> None:
        """
        A thousand nodes that fail at once neither exhaust the stack nor hold everybody up.
        """
        turns = []

        class Refusing(FakeProber):
            def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
                turns.append(self.clock.seconds())
                return succeed(ProbeResult(node.id, REFUSED, 0.0, 0.0))

        sweep = FleetSweep(Refusing(self.clock), self.clock)
        sweeping = sweep.run(nodes(1000))
        while not sweeping.called:
            self.assertLessEqual(len(turns), STARTS_PER_TURN)
            turns.clear()
            self.clock.advance(0)
        self.assertEqual(len(self.successResultOf(sweeping).results), 1000)

    def test_starts_are_spread(self) -> None:
        """
        The reactor gets to do something else between many connections.
        """
        sweep = FleetSweep(self.prober, self.clock)
        sweeping = sweep.run(nodes(200))
        self.assertEqual(len(self.asked()), STARTS_PER_TURN)
        self.clock.pump([0] * 20)
        self.assertEqual(len(self.asked()), AT_ONCE)
        sweep.stop()
        self.failureResultOf(sweeping, CancelledError)


class HangingTests(SweepCase):
    """
    Nodes that keep everybody waiting.

    """

    def test_give_their_slots_away(self) -> None:
        """
        However many nodes hang, those that are well are asked without delay.
        """
        sweeping = self.run_sweep(9)
        self.tick()
        self.assertEqual(self.asked(), names(4))
        self.tick()
        self.assertEqual(self.asked(), names(7))
        self.prober.answer("n4", "n5", "n6")
        self.assertEqual(self.asked(), [*names(4), "n7", "n8"])
        self.assertNoResult(sweeping)
        self.prober.answer()
        self.assertEqual(len(self.successResultOf(sweeping).results), 9)

    def test_bounded(self) -> None:
        """
        There are never more of them than there are sockets for.
        """
        sweeping = self.run_sweep(20)
        self.tick(20)
        self.assertEqual(self.asked(), names(7))
        self.prober.answer("n0")
        self.tick()
        self.assertEqual(self.asked(), names(8)[1:])
        self.sweep.stop()
        self.failureResultOf(sweeping, CancelledError)

    def test_we_are_slow(self) -> None:
        """
        Nobody is taken for hanging while it is us who have no time: more connections would make it
        worse.
        """
        sweeping = self.run_sweep(9)
        for _ in range(10):
            self.clock.advance(2 * TICK_SECONDS)
        self.assertEqual(self.asked(), names(4))
        self.sweep.stop()
        self.failureResultOf(sweeping, CancelledError)

    def test_wait_outside_the_next_time(self) -> None:
        """
        Nodes that have hung get no slot the next time, until they are well again.
        """
        self.run_sweep(5)
        self.prober.answer("n1")
        self.clock.advance(2.5)
        self.prober.answer("n2", "n3", outcome=TIMEOUT)
        self.prober.answer()
        self.run_sweep(9)
        self.assertEqual(self.asked(), ["n1", "n5", "n6", "n7", "n0", "n2", "n3"])
        self.prober.answer()
        self.prober.answer()
        sweeping = self.run_sweep(9)
        self.assertEqual(self.asked(), names(4))
        self.sweep.stop()
        self.failureResultOf(sweeping, CancelledError)


class SharingTests(SweepCase):
    """
    Several who ask at the same time.

    """

    def test_one_sweep(self) -> None:
        """
        However many pages are open, nodes are asked once.
        """
        first = self.run_sweep(2)
        second = self.sweep.run(lambda: fail(AssertionError()))
        self.assertEqual(self.asked(), names(2))
        self.prober.answer()
        self.assertIs(self.successResultOf(first), self.successResultOf(second))

    def test_next_sweep(self) -> None:
        """
        Who comes after it gets a new one, even out of the answer to the one before.
        """
        again: list[Deferred[SweepResult]] = []
        self.run_sweep(1).addCallback(lambda _: again.append(self.run_sweep(2)))
        self.prober.answer()
        self.assertEqual(self.asked(), names(2))
        self.assertNoResult(again[0])
        self.prober.answer()
        self.successResultOf(again[0])

    def test_one_leaves(self) -> None:
        """
        Who closes the page does not close it for others.
        """
        first, second = self.run_sweep(2), self.run_sweep(2)
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.assertEqual(self.prober.cancelled, [])
        self.prober.answer()
        self.successResultOf(second)

    def test_wait_for_the_registry(self) -> None:
        """
        The list of nodes may take a moment, and is read once.
        """
        listing: Deferred[Sequence[ProbedNode]] = Deferred()
        first = self.sweep.run(lambda: listing)
        second = self.run_sweep(9)
        listing.callback(nodes(1))
        self.prober.answer("n0")
        self.assertIs(self.successResultOf(first), self.successResultOf(second))

    def test_no_registry(self) -> None:
        """
        If the nodes cannot be read, all are told so, and the next one tries again.
        """
        listing: Deferred[Sequence[ProbedNode]] = Deferred()
        sweeps = [self.sweep.run(lambda: listing) for _ in range(2)]
        listing.errback(RegistryUnavailable("the disk is full"))
        for sweeping in sweeps:
            self.failureResultOf(sweeping, RegistryUnavailable)
        sweeping = self.run_sweep(1)
        self.prober.answer()
        self.successResultOf(sweeping)


class EndTests(SweepCase):
    """
    How it ends otherwise.

    """

    def test_stop(self) -> None:
        """
        Stopping leaves neither probes nor timers behind.
        """
        sweeping = self.run_sweep(9)
        self.tick(2)
        self.sweep.stop()
        self.failureResultOf(sweeping, CancelledError)
        self.assertEqual(self.prober.cancelled, names(7))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_while_the_registry_is_read(self) -> None:
        """
        Nor does it begin afterwards.
        """
        listing: Deferred[Sequence[ProbedNode]] = Deferred()
        sweeping = self.sweep.run(lambda: listing)
        self.sweep.stop()
        self.failureResultOf(sweeping, CancelledError)
        self.assertEqual(self.asked(), [])

    def test_stop_nothing(self) -> None:
        """
        A daemon that has never asked stops, too.
        """
        self.sweep.stop()

    def test_bug(self) -> None:
        """
        An error in this program costs one node its answer, and is logged.
        """
        sweeping = self.run_sweep(2)
        probing, _ = self.prober.asked.pop("n0")
        probing.errback(ZeroDivisionError())
        self.prober.answer("n1")
        outcome: Any = self.successResultOf(sweeping).results["n0"].outcome
        self.assertEqual(outcome.reason, "internal")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
