"""
What is passed on between a client and one node: actions and pictures.

"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from motion_in_ocean.management.outbound._agent import PICTURE, SMALL
from motion_in_ocean.management.outbound._answers import parse_json
from motion_in_ocean.management.outbound._destinations import destination_of
from motion_in_ocean.management.outbound._failures import BAD_HOST, TIMEOUT, internal, invalid
from motion_in_ocean.management.outbound._outbound import Exchange, NodeURL, Outbound, Reply
from motion_in_ocean.management.outbound._picture import Picture, unusable
from motion_in_ocean.management.outbound._places import Busy, Places
from motion_in_ocean.management.outbound._prober import ProbedNode
from motion_in_ocean.management.outbound._redaction import may_repeat, without_token
from motion_in_ocean.management.outbound._results import (
    Failed,
    InvalidResponse,
    Unauthorized,
    Unreachable,
)
from motion_in_ocean.service import without_words

T = TypeVar("T")

ACTION_TIMEOUT_SECONDS = 10.0
PICTURE_TIMEOUT_SECONDS = 10.0

ACTIONS_AT_ONCE, ACTIONS_OF_ONE_NODE = 64, 4
PICTURES_AT_ONCE, PICTURES_OF_ONE_NODE = 4, 2

_SNAPSHOT = NodeURL("snapshot.jpg")


@frozen
class RelayedAction:
    """
    What a node made of an action.

    """

    status_code: int
    """2xx, 4xx or 5xx, but neither 401 nor 403."""

    response: Any
    """What JSON made of the body; its text if it is no JSON; ``None`` if there is none."""

    retry_after_seconds: int | None = None
    """With 429, when it is worth asking again, if the node has said it."""


@define(eq=False)
class ActionRelay:
    """
    Send actions to nodes, each once.

    On a new connection: one that is kept may just be closing, and nobody could tell whether the
    node has done what it was told.

    Use in the reactor thread only.

    """

    outbound: Outbound
    clock: IReactorTime
    timeout_seconds: float = ACTION_TIMEOUT_SECONDS

    _places: Places = field(
        init=False, factory=lambda: Places(ACTIONS_AT_ONCE, ACTIONS_OF_ONE_NODE)
    )

    _log = Logger()

    def send(
        self, node: ProbedNode, action: str, body: bytes
    ) -> Deferred[RelayedAction | Failed | Busy]:
        """
        :param node: Of transport ``http``.
        :param action: One segment of a path.
        :param body: JSON, or nothing.
        :returns: What came back; never fails. Cancel it to close the connection. ``Busy`` if it was
            not sent: an action takes one of a limited number of places until it has an outcome.
        :raises ValueError: If the action is no name.
        """
        url = NodeURL("api", "actions", action)
        try:
            destination = destination_of(node.base_url, node.token)
        except ValueError:
            return succeed(BAD_HOST)
        exchange = self.outbound.exchange(destination, url, SMALL, reuse=False)
        busy = self._places.take(node.base_url)
        if busy is not None:
            return succeed(busy)
        done: Deferred[RelayedAction | Failed | Busy] = Deferred(lambda _: end())

        def end() -> None:
            if deadline.active():
                deadline.cancel()
            exchange.abort()

        def answered(reply: Reply | Unreachable | InvalidResponse) -> None:
            if deadline.active():
                outcome = _relayed(url.to_text(), reply, node.token)
                deadline.cancel()
                done.callback(outcome)

        def failed_inside(failure: Failure) -> None:
            self._log.failure(
                "while sending {action} to a node", without_words(failure), action=action
            )
            if deadline.active():
                end()
                done.callback(internal())

        def time_is_up() -> None:
            done.callback(TIMEOUT)
            exchange.abort()

        deadline = self.clock.callLater(self.timeout_seconds, time_is_up)
        headers = Headers({"Content-Type": ["application/json"]}) if body else None
        exchange.read("POST", headers, body).addCallback(answered).addErrback(failed_inside)
        return done.addBoth(self._ended, node.base_url)

    def _ended(self, outcome: T, base_url: str) -> T:
        self._places.give_back(base_url)
        return outcome


def _relayed(
    path: str, reply: Reply | Unreachable | InvalidResponse, token: str | None
) -> RelayedAction | Failed:
    if not isinstance(reply, Reply):
        return reply
    if reply.status_code in (401, 403):
        return Unauthorized(path, reply.status_code)
    if not (200 <= reply.status_code < 300 or 400 <= reply.status_code < 600):
        return invalid("wrong_status", path)
    response: Any = None
    if reply.body:
        try:
            response = parse_json(reply.body)
        except ValueError:
            if not reply.is_complete:
                return invalid("truncated", path)
            response = reply.body.decode("utf-8", "replace")
    if token and may_repeat(reply.body, token):
        response = without_token(response, token)
    again = reply.retry_after_seconds if reply.status_code == 429 else None
    return RelayedAction(reply.status_code, response, again)


@define(eq=False)
class SnapshotRelay:
    """
    Fetch pictures from nodes, to be passed on as they come.

    Use in the reactor thread only.

    """

    outbound: Outbound
    clock: IReactorTime
    timeout_seconds: float = PICTURE_TIMEOUT_SECONDS
    """From ``fetch`` to the last byte."""

    _places: Places = field(
        init=False, factory=lambda: Places(PICTURES_AT_ONCE, PICTURES_OF_ONE_NODE)
    )

    _log = Logger()

    def fetch(self, node: ProbedNode) -> Deferred[Picture | Failed | Busy]:
        """
        :param node: Of transport ``http``.
        :returns: A picture that has begun, or why there is none; never fails. Cancel it to close
            the connection. A picture takes one of few places until it is delivered, discarded, or
            its time is up.
        """
        try:
            destination = destination_of(node.base_url, node.token)
        except ValueError:
            return succeed(BAD_HOST)
        # On a connection of its own, so that it does not take the one that probes use.
        exchange = self.outbound.exchange(destination, _SNAPSHOT, PICTURE, reuse=False)
        busy = self._places.take(node.base_url)
        if busy is not None:
            return succeed(busy)
        ended = partial(self._places.give_back, node.base_url)
        return _Fetch(exchange, self.clock, ended).start(self.timeout_seconds)


class _Fetch:
    """
    One picture, from the request to its last byte.

    """

    _log = Logger()

    def __init__(self, exchange: Exchange, clock: IReactorTime, ended: Callable[[], None]) -> None:
        self._exchange = exchange
        self._clock = clock
        self._ended = ended
        self._picture: Picture | None = None
        self._is_over = False
        self._done: Deferred[Picture | Failed | Busy] = Deferred(lambda _: self._give_up())

    def start(self, timeout_seconds: float) -> Deferred[Picture | Failed | Busy]:
        """
        :returns: See ``SnapshotRelay.fetch``.
        """
        self._deadline = self._clock.callLater(timeout_seconds, self._time_is_up)
        opening = self._exchange.open("GET", Headers({"Accept": ["image/jpeg"]}))
        opening.addCallback(self._opened).addErrback(self._failed_inside)
        return self._done

    def _opened(self, response: IResponse | Unreachable | InvalidResponse) -> None:
        if self._is_over:
            return
        if isinstance(response, Unreachable | InvalidResponse):
            self._fail(response)
            return
        problem = unusable(self._exchange.path, response)
        if problem is not None:
            self._fail(problem)
            return
        self._picture = Picture(response, self._exchange, self._end)
        self._done.callback(self._picture)

    def _time_is_up(self) -> None:
        if self._picture is None:
            self._fail(TIMEOUT)
        else:
            self._picture.cut_short(TIMEOUT)

    def _failed_inside(self, failure: Failure) -> None:
        self._log.failure("while fetching a picture from a node", without_words(failure))
        if not self._done.called:
            self._fail(internal())

    def _fail(self, outcome: Failed) -> None:
        self._give_up()
        self._done.callback(outcome)

    def _give_up(self) -> None:
        self._end()
        self._exchange.abort()

    def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._deadline.active():
            self._deadline.cancel()
        self._ended()
