"""
The network between what asks and nodes, in memory and in the hands of a test.

"""

import json
from typing import Any

from attrs import define, field
from twisted.internet import error
from twisted.internet.ssl import CertificateOptions
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.management.outbound._connections import Connections
from motion_in_ocean.management.outbound._names import LookupThreads, NodeNames
from motion_in_ocean.management.outbound._outbound import Outbound
from tests.fakes import HandWorker, ThreadedMemoryReactor

GOOD: dict[str, Any] = {
    "/health": {"status": "healthy"},
    "/ready": {"status": "ready"},
    "/metrics": {"app_mode": "webcam"},
}


def json_reply(payload: object, status: str = "200 OK") -> bytes:
    """
    :param payload: JSON as it stands, if it is bytes.
    """
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@define(eq=False)
class NodeSide:
    """
    One connection, as the node has it.

    """

    protocol: Any
    transport: StringTransport = field(init=False, factory=StringTransport)

    def __attrs_post_init__(self) -> None:
        self.protocol.makeConnection(self.transport)

    @property
    def is_aborted(self) -> bool:
        """
        Whether the other side has closed it.

        """
        return self.transport.disconnected

    def asked(self) -> str:
        """
        :returns: The paths that were asked for since the last call.
        """
        wire = self.transport.value().decode()
        self.transport.clear()
        requests = [part for part in wire.split("\r\n\r\n") if part]
        return " ".join(part.split(" ", 2)[1] for part in requests)

    def answer(self, payload: object, status: str = "200 OK") -> None:
        self.protocol.dataReceived(json_reply(payload, status))

    def be_well(self) -> None:
        """
        Answer what is asked, one after the other.

        """
        while path := self.asked():
            self.answer(GOOD[path])

    def lose(self) -> None:
        self.protocol.connectionLost(Failure(error.ConnectionDone()))


@define(eq=False)
class Wire:
    """
    All connections that are made.

    """

    reactor: MemoryReactorClock = field(init=False, factory=ThreadedMemoryReactor)
    outbound: Outbound = field(init=False)
    accepted: list[NodeSide] = field(init=False, factory=list)

    @outbound.default
    def _make_outbound(self) -> Outbound:
        policy = AddressPolicy()
        names = NodeNames(HandWorker(), policy, self.reactor)
        connections = Connections(self.reactor, names, policy, CertificateOptions(), max_idle=2)
        threads: Any = self.reactor
        return Outbound(self.reactor, connections, LookupThreads(threads))

    @property
    def connecting(self) -> int:
        """
        How many connections wait to be accepted.

        """
        return len(self.reactor.tcpClients)

    def accept(self) -> NodeSide:
        """
        :returns: The connection that has waited longest, now open.
        """
        factory = self.reactor.tcpClients.pop(0)[2]
        node = NodeSide(factory.buildProtocol(None))
        self.accepted.append(node)
        return node

    def refuse(self) -> None:
        """
        Refuse the connection that has waited longest.

        """
        factory: Any = self.reactor.tcpClients.pop(0)[2]
        factory.clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))

    def timers(self) -> int:
        """
        :returns: How many timers are set.
        """
        return len(self.reactor.getDelayedCalls())
