"""
Ask all nodes how they are.

"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.management.outbound._failures import internal
from motion_in_ocean.management.outbound._prober import ProbedNode
from motion_in_ocean.management.outbound._results import ProbeResult, Unreachable
from motion_in_ocean.service import descriptor_limit, without_words

AT_ONCE = 128
"""
So many nodes are asked at once. With more, the reactor stands still for seconds, and nodes that are
well miss their deadline; with fewer, a sweep takes longer.
"""

MOST_WAITING_AT_ONCE = 512
"""So many more may keep us waiting meanwhile, if there are sockets for them: up to three each."""

TICK_SECONDS = 0.125

SLOW_TICKS = 2
"""A node that has not answered by then is waited for elsewhere."""

LATE_SECONDS = 0.05
"""A tick that comes so late tells that it is us who are slow, and counts for no node."""

HUNG_SECONDS = 1.0
"""A node that has taken so long is waited for elsewhere from the start, the next time."""

STARTS_PER_TURN = 16
"""So many nodes are begun with before the reactor gets to do something else."""


class Probes(Protocol):
    """
    ``Prober``, or what a test takes for it.

    """

    def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
        """
        See ``Prober.probe``.

        """
        ...


@frozen
class SweepResult:
    """
    How all nodes were.

    """

    results: Mapping[str, ProbeResult]
    """One for each node that there was at the beginning, by id, in the registry's order."""

    finished_at: float
    """Monotonic seconds."""

    duration_seconds: float


@define(eq=False)
class FleetSweep:
    """
    Ask all nodes, and let those that hang delay no other.

    Nodes wait for one of a few slots, and their time begins when they get it, so that no node is
    called dead because there are many. A node that does not answer promptly gives its slot away and
    is waited for outside, as long as it has time; one that was slow the last time is asked there
    from the start. There is room for more of them, because waiting costs nothing but sockets.

    Whoever comes while a sweep is under way shares it.

    Use in the reactor thread only.

    """

    prober: Probes
    clock: IReactorTime
    at_once: int = AT_ONCE
    waiting_at_once: int = field(
        factory=lambda: min(descriptor_limit() // 12, MOST_WAITING_AT_ONCE)
    )
    wall_clock: Callable[[], float] = time.time

    _callers: list[Deferred[SweepResult]] = field(init=False, factory=list)
    _hung: frozenset[str] = field(init=False, default=frozenset())
    """Nodes that kept us waiting the last time."""

    _nodes: Deferred[Sequence[ProbedNode]] | None = field(init=False, default=None)
    _run: "_Run | None" = field(init=False, default=None)

    _log = Logger()

    def run(
        self, nodes: Callable[[], Deferred[Sequence[ProbedNode]]] | Sequence[ProbedNode]
    ) -> Deferred[SweepResult]:
        """
        :param nodes: Whom to ask, or how to get to know it; not called while a sweep is under way.
        :returns: How they are. Fails only as ``nodes`` does, or if ``stop`` is called. Cancelling
            it ends the caller's waiting, not the sweep.
        """
        caller: Deferred[SweepResult] = Deferred(self._callers.remove)
        self._callers.append(caller)
        if self._nodes is None and self._run is None:
            getting = maybeDeferred(nodes) if callable(nodes) else succeed(nodes)
            self._nodes = getting
            getting.addCallback(self._start).addErrback(self._fail)
        return caller

    def stop(self) -> None:
        """
        Give up the sweep that is under way.

        """
        if self._run is not None:
            self._run.cancel()
        elif self._nodes is not None:
            self._nodes.cancel()
        self._fail(Failure(CancelledError()))

    def _start(self, nodes: Sequence[ProbedNode]) -> None:
        self._nodes = None
        self._run = _Run(self, nodes, self._hung)
        self._run.start(self._finish)

    def _finish(self, result: SweepResult) -> None:
        self._run = None
        self._hung = frozenset(one.node_id for one in result.results.values() if _has_hung(one))
        callers, self._callers = self._callers, []
        for caller in callers:
            caller.callback(result)

    def _fail(self, failure: Failure) -> None:
        self._nodes = self._run = None
        callers, self._callers = self._callers, []
        for caller in callers:
            caller.errback(failure)


def _has_hung(result: ProbeResult) -> bool:
    outcome = result.outcome
    timed_out = isinstance(outcome, Unreachable) and outcome.reason == "timeout"
    return timed_out or result.duration_seconds >= HUNG_SECONDS


@define(eq=False)
class _Asked:
    """
    A node that has been asked.

    """

    asking: Deferred[None]
    is_outside: bool
    """Whether it is waited for outside, without a slot."""

    ticks: int = 0
    """How many it has kept us waiting."""


class _Run:
    """
    One sweep.

    """

    _log = Logger()

    def __init__(
        self, sweep: FleetSweep, nodes: Sequence[ProbedNode], hung: frozenset[str]
    ) -> None:
        self._sweep = sweep
        self._clock = sweep.clock
        self._nodes = nodes
        self._started_at = self._clock.seconds()
        self._for_slots = deque(node for node in nodes if node.id not in hung)
        self._for_outside = deque(node for node in nodes if node.id in hung)
        self._asked: dict[str, _Asked] = {}
        self._outside = 0
        self._results: dict[str, ProbeResult] = {}
        self._tick: IDelayedCall | None = None
        self._next_turn: IDelayedCall | None = None
        self._is_filling = False

    def start(self, finished: Callable[[SweepResult], None]) -> None:
        """
        :param finished: Called once, unless ``cancel`` is called before.
        """
        self._finished = finished
        self._await_tick()
        self._fill()

    def cancel(self) -> None:
        """
        Ask no more.

        """
        self._for_slots.clear()
        self._for_outside.clear()
        self._end_calls()
        asked, self._asked = self._asked, {}
        for one in asked.values():
            one.asking.cancel()

    def _fill(self) -> None:
        if self._is_filling or self._next_turn is not None:
            return
        self._is_filling = True
        for _ in range(STARTS_PER_TURN):
            if not self._ask_one():
                break
        else:
            self._next_turn = self._clock.callLater(0, self._take_turn)
        self._is_filling = False
        if len(self._results) == len(self._nodes):
            self._finish()

    def _take_turn(self) -> None:
        self._next_turn = None
        self._fill()

    def _ask_one(self) -> bool:
        if self._for_slots and len(self._asked) - self._outside < self._sweep.at_once:
            self._ask(self._for_slots.popleft(), is_outside=False)
        elif self._for_outside and self._outside < self._sweep.waiting_at_once:
            self._outside += 1
            self._ask(self._for_outside.popleft(), is_outside=True)
        else:
            return False
        return True

    def _ask(self, node: ProbedNode, *, is_outside: bool) -> None:
        asking: Deferred[Any] = maybeDeferred(self._sweep.prober.probe, node)
        self._asked[node.id] = _Asked(asking, is_outside)
        asking.addErrback(self._failed_inside, node)
        asking.addCallback(self._answered)

    def _answered(self, result: ProbeResult) -> None:
        asked = self._asked.pop(result.node_id, None)
        if asked is None:
            # Cancelled.
            return
        if asked.is_outside:
            self._outside -= 1
        self._results[result.node_id] = result
        self._fill()

    def _failed_inside(self, failure: Failure, node: ProbedNode) -> ProbeResult:
        if not failure.check(CancelledError):
            self._log.failure("while asking {node_id}", without_words(failure), node_id=node.id)
        return ProbeResult(node.id, internal(), self._sweep.wall_clock(), 0.0)

    def _await_tick(self) -> None:
        due = self._clock.seconds() + TICK_SECONDS
        self._tick = self._clock.callLater(TICK_SECONDS, self._let_slow_ones_wait, due)

    def _let_slow_ones_wait(self, due: float) -> None:
        is_late = self._clock.seconds() - due > LATE_SECONDS
        self._await_tick()
        if is_late:
            return
        for asked in self._asked.values():
            asked.ticks += 1
            has_room = self._outside < self._sweep.waiting_at_once
            if asked.ticks >= SLOW_TICKS and has_room and not asked.is_outside:
                asked.is_outside = True
                self._outside += 1
        self._fill()

    def _finish(self) -> None:
        self._end_calls()
        now = self._clock.seconds()
        results = {node.id: self._results[node.id] for node in self._nodes}
        self._finished(SweepResult(results, now, now - self._started_at))

    def _end_calls(self) -> None:
        for call in (self._tick, self._next_turn):
            if call is not None and call.active():
                call.cancel()
