"""
Ask one node how it is.

"""

import time
from collections.abc import Callable
from typing import Protocol

from attrs import define, evolve, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.management.outbound._agent import SMALL
from motion_in_ocean.management.outbound._answers import HEALTH, METRICS, READY, judge
from motion_in_ocean.management.outbound._destinations import Destination, destination_of
from motion_in_ocean.management.outbound._failures import BAD_HOST, TIMEOUT, internal
from motion_in_ocean.management.outbound._outbound import Exchange, NodeURL, Outbound, Reply
from motion_in_ocean.management.outbound._redaction import may_repeat, without_token
from motion_in_ocean.management.outbound._results import (
    Answered,
    InvalidResponse,
    Outcome,
    ProbeAnswer,
    ProbeResult,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from motion_in_ocean.service import without_words

PATIENCE = 0.1
"""The part of a node's time after which the rest is asked at once instead of in turn."""

_URLS = {path: NodeURL(path.removeprefix("/")) for path in (HEALTH, READY, METRICS)}


class ProbedNode(Protocol):
    """
    What is to be known of a node to ask it.

    """

    @property
    def id(self) -> str: ...

    @property
    def base_url(self) -> str: ...

    @property
    def token(self) -> str | None: ...

    @property
    def transport(self) -> str: ...


@define(eq=False)
class Prober:
    """
    Ask nodes for ``/health``, ``/ready`` and ``/metrics``, all in one time limit for each node.

    A node that is well answers within milliseconds, and is asked for one after the other on one
    connection that is kept: for a thousand nodes a third of the sockets, and less work, than three
    connections each. As soon as an answer lets us wait (a tenth of the limit), the rest is asked
    for at once on connections of its own: a node that needs a second for each answer is
    done after little more than a second, and a ``/metrics`` that hangs holds up nothing else. If
    it was a kept connection that stayed silent, the question is repeated on a new one, because it
    may be the connection that is dead.

    ``/health`` and ``/ready`` decide; ``/metrics`` may fail. Credentials that are refused for any
    of the three count more than whatever else went wrong.

    Use in the reactor thread only.

    """

    outbound: Outbound
    clock: IReactorTime
    timeout_seconds: float
    """For all of one node, from the call of ``probe``."""

    wall_clock: Callable[[], float] = time.time

    def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
        """
        :returns: How the node is; never fails. Cancel it to close its connections.
        """
        if node.transport != "http":
            outcome = Unsupported(node.transport)
            return succeed(ProbeResult(node.id, outcome, self.wall_clock(), 0.0))
        return _Visit(self, node).start()


@define(eq=False)
class _Visit:
    """
    One node, being asked.

    """

    prober: Prober
    node: ProbedNode

    _done: Deferred[ProbeResult] = field(init=False)
    _destination: Destination = field(init=False)
    _started_at: float = field(init=False, default=0.0)
    _timer: IDelayedCall | None = field(init=False, default=None)
    _to_ask: list[str] = field(init=False, factory=lambda: [METRICS, READY, HEALTH])
    _asking: dict[str, Exchange] = field(init=False, factory=dict)
    _answers: dict[str, ProbeAnswer] = field(init=False, factory=dict)
    _failures: dict[str, Unreachable | InvalidResponse] = field(init=False, factory=dict)
    _echoes: set[str] = field(init=False, factory=set)
    """The paths whose answers may repeat the token."""
    _is_impatient: bool = field(init=False, default=False)
    _is_over: bool = field(init=False, default=False)

    _log = Logger()

    def start(self) -> Deferred[ProbeResult]:
        """
        :returns: See ``Prober.probe``.
        """
        done: Deferred[ProbeResult] = Deferred(lambda _: self._end())
        self._done = done
        clock = self.prober.clock
        self._started_at = clock.seconds()
        try:
            self._destination = destination_of(self.node.base_url, self.node.token)
        except ValueError:
            self._finish(BAD_HOST)
            return done
        patience = self.prober.timeout_seconds * PATIENCE
        self._timer = clock.callLater(patience, self._lose_patience)
        try:
            self._ask_next()
        except Exception:
            self._failed_inside(Failure())
        return done

    def _ask_next(self) -> None:
        self._ask(self._to_ask.pop(), reuse=True)

    def _ask(self, path: str, *, reuse: bool) -> None:
        exchange = self.prober.outbound.exchange(self._destination, _URLS[path], SMALL, reuse=reuse)
        self._asking[path] = exchange
        reading = exchange.read("GET")
        reading.addCallback(self._answered, path, exchange)
        reading.addErrback(self._failed_inside)

    def _answered(
        self, reply: Reply | Unreachable | InvalidResponse, path: str, exchange: Exchange
    ) -> None:
        if self._is_over or self._asking.get(path) is not exchange:
            return
        del self._asking[path]
        answer = judge(path, reply) if isinstance(reply, Reply) else reply
        if isinstance(answer, Unauthorized):
            self._finish(answer)
        elif isinstance(answer, ProbeAnswer):
            self._answers[path] = answer
            if isinstance(reply, Reply) and may_repeat(reply.body, self.node.token):
                self._echoes.add(path)
            self._go_on()
        else:
            self._failures[path] = answer
            if isinstance(answer, Unreachable) and path != METRICS:
                self._finish(answer)
            else:
                self._go_on()

    def _go_on(self) -> None:
        if self._is_impatient:
            self._ask_all()
        elif self._to_ask and not self._asking:
            self._ask_next()
        if not self._asking and not self._is_over:
            self._finish(self._outcome())

    def _lose_patience(self) -> None:
        clock = self.prober.clock
        left = self._started_at + self.prober.timeout_seconds - clock.seconds()
        self._timer = clock.callLater(max(left, 0.0), self._time_is_up)
        self._is_impatient = True
        # A node that has not accepted one connection is not asked for more.
        has_accepted = any(exchange.is_connected for exchange in self._asking.values())
        for path, exchange in tuple(self._asking.items()):
            if exchange.is_suspect:
                self._ask(path, reuse=False)
                exchange.abort()
        if has_accepted:
            self._ask_all()

    def _ask_all(self) -> None:
        while self._to_ask and not self._is_over:
            self._ask_next()

    def _time_is_up(self) -> None:
        self._timer = None
        for path in (*self._asking, *self._to_ask):
            self._failures[path] = TIMEOUT
        self._finish(self._outcome())

    def _outcome(self) -> Outcome:
        for path in (HEALTH, READY):
            if path in self._failures:
                return self._failures[path]
        health, ready = self._answers[HEALTH], self._answers[READY]
        both_are_fine = health.status_code == ready.status_code == 200
        is_ready = both_are_fine and ready.payload["status"] == "ready"
        # Not before: a token may be any word, and what the node says counts as it says it.
        for path in self._echoes:
            answer, token = self._answers[path], self.node.token or ""
            self._answers[path] = evolve(answer, payload=without_token(answer.payload, token))
        metrics = self._answers.get(METRICS) or self._failures[METRICS].message
        return Answered(self._answers[HEALTH], self._answers[READY], metrics, is_ready)

    def _failed_inside(self, failure: Failure) -> None:
        self._log.failure("while asking {node_id}", without_words(failure), node_id=self.node.id)
        if not self._is_over:
            self._finish(internal())

    def _finish(self, outcome: Outcome) -> None:
        self._end()
        prober = self.prober
        duration = prober.clock.seconds() - self._started_at
        self._done.callback(ProbeResult(self.node.id, outcome, prober.wall_clock(), duration))

    def _end(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        asking, self._asking = self._asking, {}
        for exchange in asking.values():
            exchange.abort()
