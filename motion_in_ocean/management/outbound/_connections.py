"""
Connections to nodes: made under the address policy, measured, and kept for the next request.

"""

from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure

# The protocol behind twisted.web's Agent. Agent makes an endpoint, parses a URL and starts a timer
# for each request, which costs more than the request itself.
from twisted.web._newclient import HTTP11ClientProtocol

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.management.outbound._destinations import Origin
from motion_in_ocean.management.outbound._endpoints import endpoint_to
from motion_in_ocean.management.outbound._names import NodeNames, is_literal
from motion_in_ocean.management.outbound._trust import ClientTLS

IDLE_SECONDS = 30.0
"""How long a connection is kept for the next request; most servers keep theirs for 60 s or more."""

# We ask for no informational reply; they could come without an end, and Twisted logs each.
_INFORMATIONAL = b"HTTP/1.1 1"


class Connection(HTTP11ClientProtocol):
    """
    One connection to a node, for one request at a time.

    Counts what it receives, before anything looks at it, and ends itself when that is too much.

    """

    refusal: str | None = None
    """Why we have ended it: a reason of ``InvalidResponse``."""

    idle_since = 0.0
    _is_open = False
    _most_bytes = _allowed = 0
    _first_bytes = b""

    def __init__(self, origin: Origin, connections: "Connections") -> None:
        super().__init__(connections.keep)
        self.origin = origin
        self._connections = connections
        self._is_metered = origin.scheme == "http"

    @property
    def has_received(self) -> bool:
        """
        Whether anything has come since ``begin``.

        """
        return bool(self._first_bytes)

    @property
    def received_bytes(self) -> int:
        """
        How much has come since ``begin``.

        """
        return self._most_bytes - self._allowed

    def begin(self, most_bytes: int) -> None:
        """
        A request is about to be sent.

        :param most_bytes: The connection is aborted if more than that comes back.
        """
        self._most_bytes = self._allowed = most_bytes
        self._first_bytes = b""

    def end(self) -> None:
        """
        Close without a farewell, which a TLS peer could leave unanswered for ever.

        """
        if self._is_open:
            transport: Any = self.transport
            transport.abortConnection()

    def count(self, received: int) -> bool:
        """
        :returns: Whether what was received may be looked at.
        """
        self._allowed -= received
        if self._allowed < 0:
            self._refuse("too_large")
        return self.refusal is None

    def connectionMade(self) -> None:
        """
        See ``IProtocol``.

        """
        super().connectionMade()
        self._is_open = True
        self._connections.made(self)

    def dataReceived(self, data: bytes) -> None:
        """
        See ``IProtocol``.

        """
        if self._is_metered and not self.count(len(data)):
            return
        if len(self._first_bytes) < len(_INFORMATIONAL):
            data = self._first_bytes = self._first_bytes + data
            if len(data) < len(_INFORMATIONAL):
                return
            if data.startswith(_INFORMATIONAL):
                self._refuse("malformed")
                return
        super().dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """
        See ``IProtocol``.

        """
        self._is_open = False
        self._connections.lost(self)
        super().connectionLost(reason)

    def _refuse(self, reason: str) -> None:
        self.refusal = self.refusal or reason
        self.end()


class _MeteredTLS(TLSMemoryBIOProtocol):
    """
    Counts what the peer sends before it is decrypted, too: not all of it becomes data.

    """

    def dataReceived(self, data: bytes) -> None:
        connection: Any = self.wrappedProtocol
        if connection.count(len(data)):
            super().dataReceived(data)


class _MeteredTLSFactory(TLSMemoryBIOFactory):
    protocol = _MeteredTLS
    noisy = False


class _ConnectionFactory(Factory):
    noisy = False

    def __init__(self, origin: Origin, connections: "Connections") -> None:
        self._origin = origin
        self._connections = connections

    def buildProtocol(self, addr: object) -> Connection:
        return Connection(self._origin, self._connections)


@define(eq=False)
class Connections:
    """
    Make connections, and keep one for each node while it is idle.

    Use in the reactor thread only.

    """

    reactor: Any
    """``IReactorTCP`` and ``IReactorTime``."""

    names: NodeNames
    policy: AddressPolicy
    trust: CertificateOptions
    max_idle: int
    """So many connections are kept; a node more than that is connected to each time."""

    _idle: dict[Origin, Connection] = field(init=False, factory=dict)
    _open: set[Connection] = field(init=False, factory=set)
    _closing: IDelayedCall | None = field(init=False, default=None)
    _trimming: IDelayedCall | None = field(init=False, default=None)
    _stopped: Deferred[None] | None = field(init=False, default=None)

    def take(self, origin: Origin) -> Connection | None:
        """
        :returns: A connection that is not in use; it is the caller's until its request is answered.
        """
        return self._idle.pop(origin, None)

    def connect(self, origin: Origin) -> Deferred[Connection]:
        """
        :returns: A new connection. Fails with ``AddressRefused`` or as endpoints do; it has no
            time limit of its own, but can be cancelled.
        """
        factory: Any = _ConnectionFactory(origin, self)
        if origin.scheme == "https":
            tls = ClientTLS(self.trust, origin.host)
            factory = _MeteredTLSFactory(tls, True, factory, clock=self.reactor)  # noqa: FBT003
        host, port = origin.host, origin.port
        looking: Deferred[Any] = succeed(None) if is_literal(host) else self.names.look_up(host)
        connecting: Deferred[Any] = looking.addCallback(
            lambda found: endpoint_to(self.reactor, self.policy, host, port, found).connect(factory)
        )
        if origin.scheme == "https":
            connecting.addCallback(lambda tls_protocol: tls_protocol.wrappedProtocol)
        return connecting

    def made(self, connection: Connection) -> None:
        """
        A connection exists.

        """
        self._open.add(connection)

    def keep(self, connection: Connection) -> None:
        """
        A connection has nothing to do.

        """
        if self._stopped is not None or connection.origin in self._idle:
            connection.end()
            return
        connection.idle_since = self.reactor.seconds()
        self._idle[connection.origin] = connection
        if self._closing is None:
            self._closing = self.reactor.callLater(IDLE_SECONDS, self._close_idle)
        if len(self._idle) > self.max_idle and self._trimming is None:
            # Not at once: most are taken again for the next question before anything else happens.
            self._trimming = self.reactor.callLater(0, self._trim)

    def lost(self, connection: Connection) -> None:
        """
        A connection has ended.

        """
        self._open.discard(connection)
        if self._idle.get(connection.origin) is connection:
            del self._idle[connection.origin]
        if self._stopped is not None and not self._open and not self._stopped.called:
            self._stopped.callback(None)

    def stop(self) -> Deferred[None]:
        """
        End all connections, and keep none from now on.

        :returns: Fires when they are gone.
        """
        stopped: Deferred[None] = Deferred()
        self.names.stop()
        for call in (self._closing, self._trimming):
            if call is not None:
                call.cancel()
        self._closing = self._trimming = None
        self._stopped = stopped
        for connection in tuple(self._open):
            connection.end()
        if not self._open and not stopped.called:
            stopped.callback(None)
        return stopped

    def _close_idle(self) -> None:
        self._closing = None
        now = self.reactor.seconds()
        for connection in tuple(self._idle.values()):
            # In the order in which they became idle.
            left = connection.idle_since + IDLE_SECONDS - now
            if left > 0:
                self._closing = self.reactor.callLater(left, self._close_idle)
                return
            del self._idle[connection.origin]
            connection.end()

    def _trim(self) -> None:
        self._trimming = None
        while len(self._idle) > self.max_idle:
            # The newest: nodes are asked in turn, so the others would be gone when it is theirs.
            _, connection = self._idle.popitem()
            connection.end()
