"""
What is known of the fleet.

"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from attrs import define, evolve, field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from motion_in_ocean.durations import Durations
from motion_in_ocean.errors import NodeNotFound, RegistryUnavailable
from motion_in_ocean.management._events import EventList
from motion_in_ocean.management._shared import Shared
from motion_in_ocean.management._states import (
    FAILURES,
    STATES,
    UNKNOWN,
    UNSUPPORTED,
    cause_of,
    state_of,
)
from motion_in_ocean.management.outbound import (
    Answered,
    FleetSweep,
    ProbeAnswer,
    ProbedNode,
    ProbeResult,
    Probes,
    SweepResult,
    internal,
)
from motion_in_ocean.management.registry import Node, NodeRegistry
from motion_in_ocean.service import without_words

_FORGOTTEN = ProbeAnswer(200, {})


@frozen
class Known:
    """
    How a node was when it was asked last.

    """

    node: Node
    """As it was registered then."""

    state: str
    """One of ``STATES``."""

    stream_available: bool
    report: bytes
    """
    What is told of it, as a JSON object. What the nodes of a large fleet have said would take ten
    times the memory, and a moment of everybody's time to be put into words all at once.
    """

    question: int
    """The number of the question that was answered; later ones have higher numbers."""

    learned_at: float
    """Monotonic seconds."""


def _target(node: Node) -> tuple[str, str | None, str]:
    return node.base_url, node.token, node.transport


@define(eq=False)
class Fleet:
    """
    Ask nodes how they are, and remember the last answer of each.

    Use in the reactor thread only.

    """

    registry: NodeRegistry
    prober: Probes
    make_sweep: Callable[[Probes], FleetSweep]
    report: Callable[[Node, ProbeResult], bytes]
    """Puts into words what was found; see ``Known.report``."""

    clock: IReactorTime
    wall_time: Callable[[], float]
    events: EventList = field(init=False, factory=EventList)

    durations: Durations = field(init=False, factory=Durations)
    """How long probes took."""

    probes: Counter[str] = field(init=False, factory=lambda: Counter(dict.fromkeys(STATES[:-1], 0)))
    """How many probes there were, by the state that they found."""

    sweeps: int = field(init=False, default=0)
    last_sweep: SweepResult | None = field(init=False, default=None)

    _sweep: FleetSweep = field(init=False)
    _asking: Shared[ProbeResult] = field(init=False, factory=Shared)
    _questions: int = field(init=False, default=0)
    _known: dict[str, Known] = field(init=False, factory=dict)
    _nodes: Mapping[str, Node] = field(init=False, factory=dict)
    """As they were listed last, in that order."""

    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._sweep = self.make_sweep(_Learning(self))

    async def nodes(self) -> Sequence[Node]:
        """
        :returns: All nodes; what was known of others is forgotten.
        :raises RegistryUnavailable: If they cannot be read.
        """
        listed = await self.registry.list_nodes()
        self._nodes = {stored.node.id: stored.node for stored in listed}
        self._known = {
            node_id: known
            for node_id, known in self._known.items()
            if node_id in self._nodes and _target(self._nodes[node_id]) == _target(known.node)
        }
        return list(self._nodes.values())

    def states(self) -> Mapping[str, str]:
        """
        :returns: The state of each node that was listed last, by its id.
        """
        return {
            node_id: self._known[node_id].state if node_id in self._known else UNKNOWN
            for node_id in self._nodes
        }

    @property
    def sweep_age(self) -> float | None:
        """
        Seconds since the last sweep ended.

        """
        if self.last_sweep is None:
            return None
        return self.clock.seconds() - self.last_sweep.finished_at

    def status(self, node: Node) -> Deferred[ProbeResult]:
        """
        Ask one node, once for all who want to know at the same time.

        :returns: What was found. Cancel it to leave; when the last one has, nobody is asked.
        """
        asking = (node.id, *_target(node))
        return self._asking.join(asking, lambda: Deferred.fromCoroutine(self.probe(node)))

    async def probe(self, node: Node) -> ProbeResult:
        """
        Ask one node, and remember what it says, unless it has answered a later question already.

        """
        self._questions += 1
        question = self._questions
        try:
            result = await self.prober.probe(node)
        except CancelledError:
            raise
        except Exception:
            # A bug. The node's token is at hand there.
            self._log.failure("while asking {node}", without_words(Failure()), node=node.id)
            result = ProbeResult(node.id, internal(), self.wall_time(), 0.0)
        state = state_of(result.outcome)
        self.probes[state] += 1
        if state != UNSUPPORTED:
            self.durations.observe(result.duration_seconds)
        if await self._is_current(node):
            self._learn(node, state, result, question)
        return result

    async def overview(self, max_age: float) -> Sequence[tuple[Node, Known]]:
        """
        Tell how all nodes are, asking them where it is not known well enough.

        :param max_age: How many seconds ago that may have been found out. 0 asks all of them, but
            a sweep that is under way will do.
        :returns: For each node, in the order of the registry, what was found.
        :raises RegistryUnavailable: If the nodes cannot be read.
        """
        since = self.clock.seconds() - max_age
        nodes = await self.nodes()
        if not all(self._is_known_since(since, node) for node in nodes):
            await self.sweep()
            nodes = await self.nodes()
        if not all(node.id in self._known for node in nodes):
            # These have been registered after the sweep had begun.
            await self.sweep()
            nodes = await self.nodes()
        return [(node, self._known[node.id]) for node in nodes if node.id in self._known]

    async def sweep(self) -> None:
        """
        Ask all nodes; if that is under way already, wait for its end.

        :raises RegistryUnavailable: If the nodes cannot be read, or the daemon is stopping.
        """
        try:
            result = await self._sweep.run(lambda: Deferred.fromCoroutine(self.nodes()))
        except CancelledError:
            raise RegistryUnavailable("the daemon is stopping") from None
        if result is not self.last_sweep:
            # The first of those who have waited.
            self.last_sweep = result
            self.sweeps += 1

    def stop(self) -> None:
        """
        Give up the sweep that is under way; those who wait for it fail.

        """
        self._sweep.stop()

    def _is_known_since(self, moment: float, node: Node) -> bool:
        known = self._known.get(node.id)
        return known is not None and known.learned_at >= moment

    async def _is_current(self, node: Node) -> bool:
        """
        Whether a node is still registered, and asked in the same way.

        """
        try:
            now = (await self.registry.get(node.id)).node
        except (NodeNotFound, RegistryUnavailable):
            return False
        return _target(now) == _target(node)

    def _learn(self, node: Node, state: str, result: ProbeResult, question: int) -> None:
        before, has_stream = self._known.get(node.id), False
        if before is not None and _target(before.node) != _target(node):
            before = None
        if before is not None and before.question > question:
            return
        if isinstance(result.outcome, Answered):
            has_stream = result.outcome.stream_available
            self.registry.seen(node.id, datetime.fromtimestamp(result.checked_at, UTC))
        self._known[node.id] = Known(
            node,
            state,
            has_stream,
            self.report(node, result),
            question,
            self.clock.seconds(),
        )
        state_before = UNKNOWN if before is None else before.state
        if state_before != state:
            self._tell(node, state_before, state, result)

    def _tell(self, node: Node, before: str, state: str, result: ProbeResult) -> None:
        reason, message = cause_of(result.outcome)
        self.events.add(
            at=result.checked_at,
            node_id=node.id,
            name=node.name,
            before=before,
            state=state,
            reason=reason,
            message=message,
        )
        self._log.emit(
            LogLevel.warn if state in FAILURES else LogLevel.info,
            "Node {node} is {state}, was {before}{cause}",
            node=node.id,
            state=state,
            before=before,
            cause=f": {message or reason}" if message or reason else "",
        )


@define(eq=False)
class _Learning:
    """
    What a sweep asks nodes with, so that everything is known as soon as it is found out.

    """

    fleet: Fleet

    def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
        """
        :returns: See ``Prober.probe``; without what the node has said, which is remembered already.
        """
        assert isinstance(node, Node)
        return Deferred.fromCoroutine(self.fleet.probe(node)).addCallback(_brief)


def _brief(result: ProbeResult) -> ProbeResult:
    outcome = result.outcome
    if not isinstance(outcome, Answered):
        return result
    answered = Answered(_FORGOTTEN, _FORGOTTEN, _FORGOTTEN, outcome.ready)
    return evolve(result, outcome=answered)
