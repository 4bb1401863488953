"""
One connection: twisted.web's, with deadlines.

By itself it waits for a request as long as another byte comes now and then.

"""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, ISSLTransport, ITCPTransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from motion_in_ocean.send_queue import untaken
from motion_in_ocean.web._connections import Connections

REQUEST_SECONDS = 10.0
"""For all of a request to arrive: from its first byte, or from when the connection was opened."""

IDLE_SECONDS = 60.0
"""Between two requests."""

TAKING_SECONDS = 30.0
"""For the client to take anything of what it has been sent; then it has as many again."""

LOOK_SECONDS = 5.0
"""How often is looked whether it has."""

LINGER_SECONDS = 2.0
"""For a client that was turned away to read why."""

RETRY_AFTER_SECONDS = 5

DEAF_TO = ("dataReceived", "lineReceived", "rawDataReceived", "allContentReceived", "turn_away")
"""What does not happen any more on a connection that was turned away: not even in mid-sentence."""


def _farewell(status: str, line: str, *headers: str) -> bytes:
    """
    :returns: A whole reply, after which the connection ends.
    """
    body = f"{line}\n".encode()
    head = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *headers,
    )
    return "\r\n".join((*head, "", "")).encode() + body


CUT_OFF = _farewell("413 Content Too Large", "the body is too large")
NO_PLACE = _farewell(
    "503 Service Unavailable",
    "all connections are taken",
    f"Retry-After: {RETRY_AFTER_SECONDS}",
)
BAD_REQUEST = _farewell("400 Bad Request", "this is no HTTP request")
TOO_LATE = _farewell("408 Request Timeout", f"a request has {REQUEST_SECONDS:g} seconds to arrive")
TOO_LARGE = _farewell("431 Request Header Fields Too Large", "the headers are too large")


class Channel(HTTPChannel):
    """
    A connection that has a place among ``Connections``, and a deadline for whatever the client has
    to do next.

    While a request is being answered there is none: that is the business of whoever answers.

    Where more has been sent than one request, the next is answered in a later turn of the reactor,
    and only when the client has taken what went before.

    """

    def __init__(self, connections: Connections, seconds: Callable[[], float]) -> None:
        """
        :param seconds: The monotonic clock.
        """
        super().__init__()
        self._connections = connections
        self._seconds = seconds
        self._deadline: IDelayedCall | None = None
        self._is_resting = False
        self._has_begun = False
        self._untaken = 0
        self._moved_at = 0.0

    @property
    def is_sending(self) -> bool:
        """
        See ``Connection.is_sending``.

        """
        return untaken(self.transport) > 0

    def connectionMade(self) -> None:
        """
        Somebody has come.

        """
        super().connectionMade()
        if self._connections.admit(self):
            self._within(REQUEST_SECONDS, self._request_is_late)
        elif self._connections.may_be_told(self):
            self.turn_away(NO_PLACE)
        else:
            self.abort()

    def dataReceived(self, data: bytes) -> None:
        """
        A piece of a request has come.

        """
        if self._waitingForTransport:
            # By itself, Twisted reads on while it cannot send.
            self._networkProducer.pauseProducing()
        if self._is_resting:
            self._is_resting = False
            self._within(REQUEST_SECONDS, self._request_is_late)
        self._has_begun = True
        super().dataReceived(data)

    def allContentReceived(self) -> None:
        """
        The request is complete.

        """
        self._within(None)
        self._connections.work_for(self)
        super().allContentReceived()

    def requestDone(self, request: Request) -> None:
        """
        The request has been answered.

        """
        if not self.persistent:
            super().requestDone(request)
            return
        self._connections.wait_for(self)
        # By itself, Twisted would answer all that has come meanwhile at once, wanted or not.
        self.paused = True
        super().requestDone(request)
        if self._buffer:
            self._networkProducer.pauseProducing()
            self._within(0, self._go_on)
        elif self._waitingForTransport:
            self._expect_it_to_take()
        else:
            self.paused = False
            self._rest()

    def resumeProducing(self) -> None:
        """
        The client has taken what it has been sent.

        """
        super().resumeProducing()
        if self.paused:
            self._go_on()

    def loseConnection(self) -> None:
        """
        End the connection when the client has been sent everything.

        """
        self._is_resting = False
        # Which is never, if it takes nothing, or, with TLS, does not say goodbye.
        self._expect_it_to_take()
        self._connections.wait_for(self)
        super().loseConnection()

    def abort(self) -> None:
        """
        End the connection at once.

        """
        self._within(None)
        transport: Any = self.transport
        transport.abortConnection()

    def give_up_place(self) -> None:
        """
        Be counted no longer: there is another limit for what the connection does.

        """
        self._connections.forget(self)

    def turn_away(self, reply: bytes) -> None:
        """
        Send a last reply, look at nothing more that comes, and end the connection.

        """
        transport: Any = self.transport
        for name in DEAF_TO:
            setattr(self, name, _ignore)
        self.clearLineBuffer()
        transport.write(reply)
        if ITCPTransport.providedBy(transport) and not ISSLTransport.providedBy(transport):
            # If it were closed with bytes unread, the client's system would forget the reply.
            transport.loseWriteConnection()
        else:
            super().loseConnection()
        self._within(LINGER_SECONDS, self.abort)

    def lineLengthExceeded(self, line: bytes) -> None:
        """
        A line of the head is larger than all of it may be.

        """
        self.turn_away(TOO_LARGE)

    def lineReceived(self, line: bytes) -> None:
        """
        A line of the head has come.

        """
        if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
            self.turn_away(TOO_LARGE)
        else:
            super().lineReceived(line)

    def headerReceived(self, line: bytes) -> bool:
        """
        :returns: Whether the header makes sense.
        """
        try:
            good: bool = super().headerReceived(line)
        except ValueError:
            # The length of the body has thousands of digits.
            self.turn_away(BAD_REQUEST)
            return False
        return good

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """
        The connection has ended.

        """
        self._within(None)
        self._connections.forget(self)
        super().connectionLost(reason)

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.turn_away(BAD_REQUEST)

    def _request_is_late(self) -> None:
        if self._has_begun:
            self.turn_away(TOO_LATE)
        else:
            # Browsers open connections in case they need them; there is nothing to answer.
            self.loseConnection()

    def _go_on(self) -> None:
        if self._waitingForTransport:
            self._expect_it_to_take()
            return
        self.paused = False
        self._is_resting, self._has_begun = True, False
        if self._buffer:
            self._networkProducer.resumeProducing()
            self.dataReceived(b"")
        # Otherwise the client still has to take what the kernel has.

    def _rest(self) -> None:
        self._is_resting, self._has_begun = True, False
        self._within(IDLE_SECONDS, self.loseConnection)

    def _expect_it_to_take(self) -> None:
        self._untaken, self._moved_at = untaken(self.transport), self._seconds()
        self._within(LOOK_SECONDS, self._look_whether_it_takes)

    def _look_whether_it_takes(self) -> None:
        left, now = untaken(self.transport), self._seconds()
        if left != self._untaken:
            self._untaken, self._moved_at = left, now
            self._connections.has_moved(self)
        patience = self._moved_at + TAKING_SECONDS - now
        if self._is_resting and not left:
            self._rest()
        elif patience > 0:
            self._within(min(patience, LOOK_SECONDS), self._look_whether_it_takes)
        else:
            self.abort()

    def _within(self, seconds: float | None, otherwise: Callable[[], None] | None = None) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.callLater(seconds, otherwise)


def _ignore(*_: Any) -> None:
    pass
