"""
Nodes that do what they are told, on real sockets of the loopback interface.

"""

import json
from collections.abc import Callable
from typing import Any

from attrs import Factory as AttrsFactory
from attrs import define, frozen
from twisted.internet.interfaces import IListeningPort, IPullProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

Script = Callable[["Visitor", str], None]
"""Called with the connection and the path whenever a request has come."""

HEALTH: dict[str, Any] = {"status": "healthy", "app_mode": "webcam"}
READY: dict[str, Any] = {"status": "ready", "current_fps": 24.5}
METRICS: dict[str, Any] = {"app_mode": "webcam", "camera_active": True}
GOOD = {"/health": HEALTH, "/ready": READY, "/metrics": METRICS}


def reply(
    body: bytes,
    status: str = "200 OK",
    headers: str = "Content-Type: application/json\r\n",
    length: int | None = None,
) -> bytes:
    """
    :param length: What is claimed; the truth if ``None``.
    """
    claimed = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {claimed}\r\n\r\n"
    return head.encode("ascii") + body


def json_reply(payload: object, status: str = "200 OK") -> bytes:
    return reply(json.dumps(payload).encode(), status)


@frozen
class Received:
    """
    One request.

    """

    method: str
    path: str
    head: str
    body: bytes


@implementer(IPullProducer)
@define(eq=False)
class _Flood:
    """
    The same again and again, as fast as it is taken.

    """

    transport: Any
    chunk: bytes

    def resumeProducing(self) -> None:
        self.transport.write(self.chunk)

    def stopProducing(self) -> None:
        pass


class Visitor(Protocol):
    """
    One connection, as the node sees it.

    """

    factory: "ScriptedNode"

    def __init__(self) -> None:
        self._buffer = b""
        self.requests = 0
        """How many have come on this connection."""

    def connectionMade(self) -> None:
        self.factory.visits += 1
        self.factory.present.add(self)
        if self.factory.greeting:
            self.send(self.factory.greeting)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.present.discard(self)

    def dataReceived(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            text = head.decode("latin-1")
            lengths = [
                int(line.split(":")[1])
                for line in text.lower().splitlines()
                if line.startswith("content-length:")
            ]
            length = lengths[0] if lengths else 0
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            method, path, _ = text.split(" ", 2)
            self.requests += 1
            self.factory.received.append(Received(method, path, text, rest[:length]))
            self.factory.script(self, path)

    def send(self, wire: bytes) -> None:
        assert self.transport is not None
        self.transport.write(wire)

    def flood(self, chunk: bytes) -> None:
        """
        Never stop sending.

        """
        transport: Any = self.transport
        transport.registerProducer(_Flood(transport, chunk), False)

    def close(self) -> None:
        assert self.transport is not None
        self.transport.loseConnection()

    def reset(self) -> None:
        transport: Any = self.transport
        transport.setTcpNoDelay(True)
        transport.abortConnection()

    def drip(self, wire: bytes, interval: float) -> None:
        """
        Send one byte at a time.

        """
        if wire and self in self.factory.present:
            self.send(wire[:1])
            self.factory.reactor.callLater(interval, self.drip, wire[1:], interval)

    def later(self, seconds: float, wire: bytes) -> None:
        """
        Send something if anybody is still there.

        """
        self.factory.reactor.callLater(seconds, self.send_if_there, wire)

    def send_if_there(self, wire: bytes) -> None:
        if self in self.factory.present:
            self.send(wire)


@define(eq=False)
class ScriptedNode(Factory):
    """
    One node.

    """

    reactor: Any
    script: Script
    received: list[Received] = AttrsFactory(list)
    present: set[Visitor] = AttrsFactory(set)
    greeting: bytes = b""
    """Sent as soon as somebody comes."""

    visits: int = 0
    """How many connections there were."""

    noisy = False
    protocol = Visitor  # type: ignore[assignment]

    def listen(
        self, interface: str = "127.0.0.1", tls: CertificateOptions | None = None
    ) -> IListeningPort:
        factory: Any = self if tls is None else TLSMemoryBIOFactory(tls, False, self)
        port: IListeningPort = self.reactor.listenTCP(0, factory, interface=interface)
        return port


def well(visitor: Visitor, path: str) -> None:
    """
    A script: a node that is ready.

    """
    visitor.send(json_reply(GOOD[path]))


def answering(path: str, wire: bytes, *, close: bool = False) -> Script:
    """
    :returns: A script: one path is answered with this, all others as by a node that is ready.
    """

    def script(visitor: Visitor, asked: str) -> None:
        if asked != path:
            well(visitor, asked)
            return
        visitor.send(wire)
        if close:
            visitor.close()

    return script
