"""
How bytes get from a viewer's object into its socket.

"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from attrs import define, field
from twisted.internet.interfaces import IPullProducer, IPushProducer, ISSLTransport
from twisted.web.http import Request
from zope.interface import implementer

from motion_in_ocean.send_queue import socket_below, unsent

LOWEST_NOTSENT_BYTES = 16 * 1024

KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""
Seconds, seconds, times: a peer that vanished while nothing was sent is gone within half a minute.

Not ``TCP_USER_TIMEOUT`` for one that vanished while something was: that also ends connections
whose peers read, but with a receive buffer smaller than a segment. Such peers are told apart by
``Outlet.progress``.
"""


class Outlet(Protocol):
    """
    Takes one piece after the other; says when it has more than the network takes.

    """

    is_idle: bool
    """Whether it can take the next piece; once it can again, ``drained`` is called."""

    @property
    def progress(self) -> object:
        """
        Differs from what it was if the network has taken anything since.

        """
        ...

    def start(self, first_bytes: bytes, part_size: int) -> None:
        """
        Take over a connection whose response headers have been written.

        :param first_bytes: The beginning of the body.
        :param part_size: About how large pieces will be.
        """
        ...

    def send(self, part: bytes) -> None:
        """
        :param part: Sent whole, now and in the time that follows. Only when idle.
        """
        ...

    def stop(self) -> None:
        """
        Give the connection back, to be finished.

        """
        ...

    def abort(self) -> None:
        """
        End the connection with what is still unsent.

        """
        ...


def make_outlet(request: Request, drained: Callable[[], None]) -> Outlet:
    """
    :param drained: Called when an outlet that was full is empty.
    :returns: The fastest way there is for this connection.
    """
    transport: Any = request.channel.transport
    connection = socket_below(transport)
    # What is sent past TLS would not be encrypted.
    if connection is None or ISSLTransport.providedBy(transport):
        return TransportOutlet(request, connection, drained)
    return DirectOutlet(transport, connection, drained)


def _keep_little(connection: socket.socket, part_size: int) -> None:
    """
    Have the kernel keep about a frame of unsent bytes, and notice peers that have vanished.

    By itself it keeps megabytes, and a slow viewer sees pictures of a quarter of a minute ago.

    """
    options = {**KEEPALIVE, "TCP_NOTSENT_LOWAT": max(part_size, LOWEST_NOTSENT_BYTES)}
    # Not every platform has each of them, and sockets that are not TCP have none.
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in options.items():
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@implementer(IPullProducer)
@define(eq=False)
class DirectOutlet:
    """
    Send on the socket itself, and leave to Twisted only what the kernel refuses.

    An idle viewer then costs one system call for each frame and no round through the reactor.

    """

    _transport: Any
    """A plain stream transport of Twisted's."""
    _socket: socket.socket
    """Its socket; never its number, which another connection may have tomorrow."""
    _drained: Callable[[], None]
    is_idle: bool = field(init=False, default=False)
    _drains: int = field(init=False, default=0)
    _starting: bool = field(init=False, default=False)

    @property
    def progress(self) -> object:
        """
        See ``Outlet.progress``.

        """
        return self._drains, self._transport.offset, unsent(self._socket)

    def start(self, first_bytes: bytes, part_size: int) -> None:
        """
        See ``Outlet.start``.

        """
        _keep_little(self._socket, part_size)
        # The HTTP channel is registered with the transport and has no verb to step aside.
        self._transport.unregisterProducer()
        self._transport.write(first_bytes)
        self._starting = True
        self._transport.registerProducer(self, streaming=False)
        self._starting = False

    def send(self, part: bytes) -> None:
        """
        See ``Outlet.send``.

        """
        try:
            sent = self._socket.send(part)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The connection is broken, which is nothing to the other viewers.
            self.abort()
            return
        if sent < len(part):
            self.is_idle = False
            self._transport.write(part[sent:])

    def stop(self) -> None:
        """
        See ``Outlet.stop``.

        """
        self._transport.unregisterProducer()

    def abort(self) -> None:
        """
        See ``Outlet.abort``.

        """
        self.is_idle = False
        self._transport.abortConnection()

    def resumeProducing(self) -> None:
        """
        The transport has nothing left to send.

        """
        # It says so during registration as well, with the headers still unsent.
        if not self._starting:
            self.is_idle = True
            self._drains += 1
            self._drained()

    def stopProducing(self) -> None:
        """
        The connection is gone; the request says so, too.

        """
        self.is_idle = False


@implementer(IPushProducer)
@define(eq=False)
class TransportOutlet:
    """
    Write to whatever transport there is: TLS, or one that has no socket.

    """

    _request: Request
    _socket: socket.socket | None
    """The socket below, for its options and what it has not sent; nothing is written to it."""
    _drained: Callable[[], None]
    is_idle: bool = field(init=False, default=True)
    _pauses: int = field(init=False, default=0)

    @property
    def progress(self) -> object:
        """
        See ``Outlet.progress``.

        """
        return self._pauses, 0 if self._socket is None else unsent(self._socket)

    def start(self, first_bytes: bytes, part_size: int) -> None:
        """
        See ``Outlet.start``.

        """
        if self._socket is not None:
            _keep_little(self._socket, part_size)
        self._request.registerProducer(self, streaming=True)
        self._request.write(first_bytes)

    def send(self, part: bytes) -> None:
        """
        See ``Outlet.send``.

        """
        self._request.write(part)

    def stop(self) -> None:
        """
        See ``Outlet.stop``.

        """
        self._request.unregisterProducer()

    def abort(self) -> None:
        """
        See ``Outlet.abort``.

        """
        self.is_idle = False
        transport: Any = self._request.channel.transport
        transport.abortConnection()

    def pauseProducing(self) -> None:
        """
        The transport has more than it can send.

        """
        self.is_idle = False
        self._pauses += 1

    def resumeProducing(self) -> None:
        """
        The transport has sent enough.

        """
        self.is_idle = True
        self._drained()

    def stopProducing(self) -> None:
        """
        The connection is gone; the request says so, too.

        """
        self.is_idle = False
