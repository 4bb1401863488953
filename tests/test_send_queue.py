"""
Tests of what is known of bytes that a peer has not taken.

"""

import socket
from typing import Any, cast

from attrs import frozen
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.send_queue import socket_below, unsent, untaken


@frozen
class Layer:
    """
    A transport on top of another, as TLS is.

    """

    transport: object

    def getHandle(self) -> object:
        """
        See ``ISystemHandle``: it is not the socket.

        """
        return object()


class SendQueueTests(SynchronousTestCase):
    """
    Who takes nothing is told from one who is slow.

    """

    def setUp(self) -> None:
        self.socket, self.peer = socket.socketpair()
        self.addCleanup(self.socket.close)
        self.addCleanup(self.peer.close)
        reactor = cast("Any", MemoryReactorClock())
        self.transport = Connection(self.socket, Protocol(), reactor)
        self.transport.connected = True

    def test_until_the_peer_has_it(self) -> None:
        """
        What has been written counts wherever it is.
        """
        for transport in (self.transport, Layer(self.transport)):
            self.assertEqual(untaken(transport), 0)
            self.transport.write(b"x" * 1000)
            self.assertEqual(untaken(transport), 1000)
            self.transport.doWrite()
            self.assertGreater(untaken(transport), 0)
            self.peer.recv(1000)
            self.assertEqual(untaken(transport), 0)

    def test_each_byte_makes_a_difference(self) -> None:
        """
        The kernel does not take more until it has room for a lot.
        """
        self.transport.write(b"x" * 1000)
        self.transport.write(b"x" * 4_000_000)
        before = untaken(self.transport)
        for _ in range(3):
            self.transport.doWrite()
            self.peer.recv(1 << 16)
            after = untaken(self.transport)
            self.assertLess(after, before)
            before = after

    def test_closed(self) -> None:
        """
        A socket that was closed meanwhile is no bug of ours.
        """
        self.socket.close()
        self.assertEqual(unsent(self.socket), 0)

    def test_no_socket(self) -> None:
        """
        Nothing is known of a transport without one.
        """
        for transport in (StringTransport(), Layer(None)):
            self.assertIsNone(socket_below(transport))
            self.assertEqual(untaken(transport), 0)
