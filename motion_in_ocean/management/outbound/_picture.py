"""
A picture on its way from a node to a client.

"""

import re
from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IConsumer, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IResponse
from zope.interface import implementer

from motion_in_ocean.management.outbound._agent import PICTURE
from motion_in_ocean.management.outbound._failures import invalid, wrong_status
from motion_in_ocean.management.outbound._outbound import Exchange
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized, Unreachable

# What is passed on into our own reply has to look like what it should be.
_TIMESTAMP = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_HTTP_DATE = re.compile(r"[A-Za-z]{3}, [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9:]{8} GMT")
_END_OF_JPEG = b"\xff\xd9"


class PictureCutShort(Exception):
    """
    A picture has ended before its end; what was written of it is no picture.

    """

    def __init__(self, outcome: Unreachable | InvalidResponse) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


def unusable(path: str, response: IResponse) -> Unauthorized | InvalidResponse | None:
    """
    :param path: What was asked for.
    :returns: Why the response is no picture, by its head; ``None`` if it is one.
    """
    if response.code in (401, 403):
        return Unauthorized(path, response.code)
    if response.code == 503:
        return invalid("no_picture", path)
    if response.code != 200:
        return wrong_status(response.code, path)
    kind = _header(response.headers, "Content-Type") or ""
    if kind.partition(";")[0].strip().lower() != "image/jpeg":
        return invalid("wrong_type", path)
    return None


@define(eq=False)
class Picture:
    """
    A JPEG picture whose head has come. The rest waits in the node until somebody takes it.

    """

    _response: IResponse
    _exchange: Exchange
    _ended: Callable[[], None]
    """Called at least once, when nothing more will be received."""

    _delivery: "_Delivery | None" = field(init=False, default=None)
    _failure: PictureCutShort | None = field(init=False, default=None)

    @property
    def content_length(self) -> int | None:
        """
        Bytes, if the node has said it.

        """
        length = self._response.length
        return None if length is UNKNOWN_LENGTH else int(length)

    @property
    def x_timestamp(self) -> str | None:
        """
        When it was taken, in seconds since the epoch, as the node's ``X-Timestamp`` has it.

        """
        return self._matching("X-Timestamp", _TIMESTAMP)

    @property
    def last_modified(self) -> str | None:
        """
        The same, as ``Last-Modified`` has it.

        """
        return self._matching("Last-Modified", _HTTP_DATE)

    def deliver_to(self, consumer: IConsumer) -> Deferred[None]:
        """
        Write it to the consumer, as fast as both sides can. Once.

        :returns: Fires when all is written; the consumer has no producer then. Fails with
            ``PictureCutShort``. Cancel it when the consumer is gone.
        """
        if self._failure is not None:
            return fail(self._failure)
        delivered: Deferred[None] = Deferred(lambda _: self.discard())
        self._delivery = _Delivery(consumer, delivered, self._exchange, self._ended)
        consumer.registerProducer(self._delivery, True)  # noqa: FBT003 - a push producer
        self._response.deliverBody(self._delivery)
        return delivered

    def discard(self) -> None:
        """
        Close the connection; nobody wants it.

        """
        if self._delivery is not None:
            self._delivery.forget()
        self._exchange.abort()
        self._ended()

    def cut_short(self, outcome: Unreachable | InvalidResponse) -> None:
        """
        End it before its end.

        """
        self._failure = PictureCutShort(outcome)
        self._exchange.abort()
        self._ended()
        if self._delivery is not None:
            self._delivery.fail(self._failure)

    def _matching(self, name: str, pattern: re.Pattern[str]) -> str | None:
        value = _header(self._response.headers, name)
        return value if value is not None and pattern.fullmatch(value) else None


@implementer(IPushProducer)
class _Delivery(Protocol):
    """
    The body of a picture, for one consumer.

    """

    def __init__(
        self,
        consumer: IConsumer,
        delivered: Deferred[None],
        exchange: Exchange,
        ended: Callable[[], None],
    ) -> None:
        self._consumer = consumer
        self._delivered = delivered
        self._exchange = exchange
        self._ended = ended
        self._left = PICTURE.body_bytes
        self._tail = b""
        self._is_over = False

    def dataReceived(self, data: bytes) -> None:
        self._left -= len(data)
        if self._is_over:
            return
        if self._left < 0:
            self._exchange.refuse("too_large")
            return
        self._tail = (self._tail + data[-2:])[-2:]
        self._consumer.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._is_over:
            return
        self._ended()
        has_ended = reason.check(ResponseDone) is not None
        if reason.check(PotentialDataLoss) and not self._exchange.refusal:
            # The node has not said how long it is: the picture itself tells.
            has_ended = self._tail == _END_OF_JPEG
            if not has_ended:
                self._exchange.refuse("truncated")
        if has_ended:
            self._let_go()
            self._delivered.callback(None)
        else:
            self.fail(PictureCutShort(self._exchange.explain(reason)))

    def fail(self, error: PictureCutShort) -> None:
        """
        What has been written is not all.

        """
        if not self._is_over:
            self._let_go()
            self._delivered.errback(error)

    def forget(self) -> None:
        """
        The consumer is gone.

        """
        self._is_over = True

    def pauseProducing(self) -> None:
        self._producer().pauseProducing()

    def resumeProducing(self) -> None:
        self._producer().resumeProducing()

    def stopProducing(self) -> None:
        self._exchange.abort()

    def _producer(self) -> IPushProducer:
        assert self.transport is not None
        return IPushProducer(self.transport)

    def _let_go(self) -> None:
        self._is_over = True
        self._consumer.unregisterProducer()


def _header(headers: Headers, name: str) -> str | None:
    values = headers.getRawHeaders(name.encode("ascii"), ())
    return values[0].decode("latin-1").strip() if values else None
