"""
Tests of clients that take their time to read what they asked for.

The sockets are real, the reactor is not: it writes when a test says so.

"""

import socket
from typing import Any, cast

from twisted.internet.address import IPv4Address
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._channel import IDLE_SECONDS, LOOK_SECONDS, TAKING_SECONDS
from motion_in_ocean.web._connections import MAX_CONNECTIONS
from tests.memory_node import SOMEONE, MemoryNode, Reply, streaming_node

PICTURE = b"\xff\xd8" + b"x" * 3_000_000 + b"\xff\xd9"
REQUEST = b"GET /snapshot.jpg HTTP/1.1\r\nHost: n\r\n\r\n"
CLOSING_REQUEST = REQUEST[:-2] + b"Connection: close\r\n\r\n"


class SocketTransport(Connection):
    """
    A transport with one end of a pair of sockets.

    """

    def setTcpNoDelay(self, enabled: bool) -> None:
        """
        See ``ITCPTransport``; a pair of sockets has no such thing.

        """

    def getPeer(self) -> IPv4Address:
        """
        See ``ITransport.getPeer``.

        """
        return SOMEONE

    getHost = getPeer


class SlowClient:
    """
    A client that reads when it is told to.

    """

    def __init__(self, node: MemoryNode) -> None:
        ours, self.socket = socket.socketpair()
        self.socket.setblocking(False)
        factory: Any = node.reactor.tcpServers[0][1]
        self.protocol = factory.buildProtocol(SOMEONE)
        self.transport = SocketTransport(ours, self.protocol, cast("Any", node.reactor))
        self.transport.connected = True
        self.protocol.makeConnection(self.transport)
        self.reactor = node.reactor

    def send(self, wire: bytes) -> None:
        """
        Let the node receive bytes.

        """
        self.protocol.dataReceived(wire)
        self._let_write()

    def take(self, size: int) -> bytes:
        """
        :returns: At most as many bytes of what has come.
        """
        try:
            wire = self.socket.recv(size)
        except (BlockingIOError, ConnectionResetError):
            return b""
        self._let_write()
        return wire

    @property
    def is_open(self) -> bool:
        """
        Whether the node has not ended the connection.

        """
        return bool(self.transport.connected)

    def leave(self) -> None:
        """
        Close the connection from outside.

        """
        self.socket.close()
        if self.is_open:
            self.transport.connectionLost(Failure(ConnectionResetError()))

    def _let_write(self) -> None:
        # What it takes the kernel gives room for.
        while self.transport in self.reactor.writers:
            before = self.transport.offset, len(self.transport.dataBuffer)
            reason = self.transport.doWrite()
            if reason is not None:
                self.transport.connectionLost(Failure(cast("Any", reason)))
            elif before == (self.transport.offset, len(self.transport.dataBuffer)):
                break


class TakingTests(SynchronousTestCase):
    """
    A picture on a bad line takes as long as it takes.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)
        self.node.deliver(PICTURE)
        self.client = SlowClient(self.node)
        self.addCleanup(self.client.leave)

    def pass_time(self, seconds: float) -> None:
        """
        Let it pass second by second.

        """
        self.node.reactor.pump([1.0] * int(seconds))

    def take_slowly(self, size: int = 1 << 40) -> bytes:
        """
        :returns: What has been taken in the end, a little every twenty seconds.
        """
        wire = b""
        while len(wire) < size and (piece := self.client.take(200_000)):
            wire += piece
            self.pass_time(20)
        return wire

    def test_last_answer(self) -> None:
        """
        It is not cut off as long as the client takes some of it.
        """
        self.client.send(CLOSING_REQUEST)
        self.assertEqual(Reply.parse(self.take_slowly()).body, PICTURE)
        self.assertFalse(self.client.is_open)

    def test_not_the_last_answer(self) -> None:
        """
        Nor is one before another; the client has then as long as ever to ask for that.
        """
        self.client.send(REQUEST)
        self.assertEqual(Reply.parse(self.take_slowly()).body, PICTURE)
        self.pass_time(IDLE_SECONDS - 20 - 1)
        self.client.send(b"GET /health HTTP/1.1\r\nHost: n\r\n\r\n")
        self.assertEqual(Reply.parse(self.client.take(1000)).status, 200)

    def assert_cut_off(self, request: bytes) -> None:
        """
        See that it has thirty seconds from when it has taken something last.

        """
        self.client.send(request)
        self.take_slowly(1_000_000)
        self.pass_time(TAKING_SECONDS - 20 - 1)
        self.assertTrue(self.client.is_open)
        self.pass_time(1 + LOOK_SECONDS)
        self.assertFalse(self.client.is_open)

    def test_no_more_is_taken(self) -> None:
        """
        A telephone that has left the house does not keep the picture in memory.
        """
        self.assert_cut_off(REQUEST)

    def test_no_more_is_taken_of_the_last_answer(self) -> None:
        """
        However it asked.
        """
        self.assert_cut_off(CLOSING_REQUEST)

    def test_crowd(self) -> None:
        """
        Who asks for nothing makes room before one that is still taking what it asked for.
        """
        self.client.send(REQUEST)
        crowd = [self.node.client("127.0.0.1") for _ in range(2 * MAX_CONNECTIONS)]
        self.assertEqual(
            next(at for at, each in enumerate(crowd) if each.is_open), MAX_CONNECTIONS + 1
        )
        self.assertTrue(self.client.is_open)
        self.assertEqual(Reply.parse(self.take_slowly()).body, PICTURE)

    def test_crowd_afterwards(self) -> None:
        """
        When it has taken all, it is like any other.
        """
        self.client.send(REQUEST)
        while self.client.take(200_000):
            pass
        for _ in range(MAX_CONNECTIONS):
            self.node.client("127.0.0.1")
        self.node.reactor.advance(0)
        self.assertFalse(self.client.is_open)

    def test_busy_crowd(self) -> None:
        """
        Where nobody asks for nothing, who takes something stays before who does not.
        """
        other = SlowClient(self.node)
        self.addCleanup(other.leave)
        for client in (self.client, other):
            client.send(REQUEST)
        # A pair of sockets counts more than it was given, which at first looks like a move.
        self.node.run_camera(int(LOOK_SECONDS) + 1)
        self.client.take(200_000)
        self.node.run_camera(int(LOOK_SECONDS) + 1)
        for _ in range(MAX_CONNECTIONS - 1):
            self.node.client("127.0.0.1").send(b"GET /api/camera HTTP/1.1\r\nHost: n\r\n\r\n")
        self.node.reactor.advance(0)
        self.assertEqual((self.client.is_open, other.is_open), (True, False))
