"""
Nodes that do what they are told, on real sockets of the loopback interface.

Trial fails a test that leaves a socket or a timer.

"""

import json
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from attrs import Factory as AttrsFactory
from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IPullProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from motion_in_ocean.management.outbound._outbound import Outbound, make_outbound
from motion_in_ocean.management.outbound._prober import Prober
from motion_in_ocean.management.outbound._results import Outcome, ProbeResult
from tests.management.nodes import make_node

BUDGET = 0.5
SLACK = 0.4
"""A busy machine's timers are late."""
FOREVER = b"x" * 4096

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


def silent(visitor: Visitor, path: str) -> None:
    """
    A script: nothing is ever said.

    """


def on_health(act: Callable[[Visitor], object]) -> Script:
    """
    :returns: A script that does something of its own for ``/health``.
    """

    def script(visitor: Visitor, path: str) -> None:
        if path == "/health":
            act(visitor)
        else:
            well(visitor, path)

    return script


def started(head: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode("ascii")


CHUNKED = started("Transfer-Encoding: chunked\r\n")


def flooding(first: bytes, chunk: bytes) -> Script:
    def act(visitor: Visitor) -> None:
        visitor.send(first)
        visitor.flood(chunk)

    return on_health(act)


def said(outcome: object) -> str:
    """
    :returns: An outcome in short.
    """
    return f"{type(outcome).__name__} {getattr(outcome, 'reason', '')}".strip()


def resolving_to(*hosts: str) -> Callable[..., Sequence[Any]]:
    """
    :returns: A ``getaddrinfo`` that has one answer.
    """
    return lambda *_: [
        (socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0))
        for host in hosts
    ]


class ScriptedNodeCase(TestCase):
    """
    Nodes, and what asks them.

    """

    timeout = 30

    budget = BUDGET
    """The time that a node has if a test says nothing else."""

    def setUp(self) -> None:
        from twisted.internet import reactor  # noqa: TID251 - real sockets need the real one

        self.reactor: Any = reactor
        self.nodes: list[ScriptedNode] = []
        # The last thing to happen.
        self.addCleanup(lambda: Deferred.fromCoroutine(self.all_have_left(*self.nodes)))
        self.outbound = self.make_outbound()

    def make_outbound(self, **options: Any) -> Outbound:
        options.setdefault("networks", None)
        outbound = make_outbound(self.reactor, **options)
        outbound.startService()
        self.addCleanup(outbound.stopService)
        return outbound

    def start(
        self,
        script: Script,
        interface: str = "127.0.0.1",
        tls: CertificateOptions | None = None,
    ) -> tuple[ScriptedNode, str]:
        """
        :returns: A node, and its URL.
        """
        node = ScriptedNode(self.reactor, script)
        port: Any = node.listen(interface, tls)
        self.nodes.append(node)
        self.addCleanup(port.stopListening)
        host = f"[{interface}]" if ":" in interface else interface
        return node, f"http://{host}:{port.getHost().port}"

    def probe(
        self, url: str, outbound: Outbound | None = None, budget: float | None = None
    ) -> Deferred[ProbeResult]:
        prober = Prober(outbound or self.outbound, self.reactor, budget or self.budget)
        return prober.probe(make_node(base_url=url))

    async def outcome(self, script: Script) -> Outcome:
        """
        :returns: What is made of such a node, by and by.
        """
        _, url = self.start(script)
        result = await self.probe(url)
        self.assertLess(result.duration_seconds, self.budget + SLACK)
        return result.outcome

    async def all_have_left(self, *nodes: ScriptedNode) -> None:
        """
        Wait until the nodes have no connections any more.

        """
        deadline = time.monotonic() + 5
        while any(node.present for node in nodes):
            self.assertLess(time.monotonic(), deadline, "a connection was left open")
            await self.wait(0.01)

    def wait(self, seconds: float) -> Deferred[None]:
        waited: Deferred[None] = Deferred()
        self.reactor.callLater(seconds, waited.callback, None)
        return waited
