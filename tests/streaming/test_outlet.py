"""
Tests for the last step, from a viewer into its socket.

The sockets are real, the reactor is not: a test lets the transport write when it says so.

"""

import errno
import socket
from typing import Any, cast

from attrs import define
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport, ITransport
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.tcp import Connection
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import alsoProvides

from motion_in_ocean.streaming._outlet import DirectOutlet, TransportOutlet, make_outlet

HUGE = b"x" * 4_000_000


class HandReactor(Clock):
    """
    A reactor that looks at no socket by itself.

    """

    def __init__(self) -> None:
        super().__init__()
        self.writers: set[Any] = set()

    def addWriter(self, writer: object) -> None:
        """
        See ``IReactorFDSet``.

        """
        self.writers.add(writer)

    def removeWriter(self, writer: object) -> None:
        """
        See ``IReactorFDSet``.

        """
        self.writers.discard(writer)

    def removeReader(self, reader: object) -> None:
        """
        See ``IReactorFDSet``.

        """

    def write_once(self) -> list[object]:
        """
        Let every transport that wants to write do so once.

        :returns: Why those that have ended did.
        """
        return [reason for writer in list(self.writers) if (reason := writer.doWrite())]


class ScriptedSocket(socket.socket):
    """
    A socket of which a test says how it takes the next sends.

    """

    script: list[int | OSError]

    def send(self, data: Any, *flags: int) -> int:
        """
        See ``socket.socket.send``.

        """
        step = self.script.pop(0) if self.script else len(data)
        if isinstance(step, OSError):
            raise step
        return super().send(memoryview(data)[:step], *flags)


class DirectOutletTests(SynchronousTestCase):
    """
    The fast way, and what must not go wrong on it.

    """

    def setUp(self) -> None:
        ours, self.peer = socket.socketpair()
        self.peer.setblocking(False)
        self.addCleanup(self.peer.close)
        self.socket = ScriptedSocket(fileno=ours.detach())
        self.socket.setblocking(False)
        self.socket.script = []
        self.addCleanup(self.socket.close)
        self.reactor = cast("Any", HandReactor())
        self.transport = Connection(self.socket, Protocol(), self.reactor)
        self.transport.connected = True
        # As the HTTP channel leaves it: registered, and with headers that are not yet sent.
        self.transport.registerProducer(Protocol(), streaming=True)
        self.transport.write(b"headers")
        self.drained = 0
        self.outlet = DirectOutlet(self.transport, self.socket, self.count_drained)

    def count_drained(self) -> None:
        """
        Note that the outlet can take more.

        """
        self.drained += 1

    def read(self) -> bytes:
        """
        :returns: What has reached the other end.
        """
        received = b""
        try:
            while chunk := self.peer.recv(1 << 20):
                received += chunk
        except BlockingIOError:
            pass
        return received

    def started(self) -> None:
        """
        Let the headers leave.

        """
        self.outlet.start(b"first", 100)
        self.reactor.write_once()

    def test_headers_leave_before_anything_else(self) -> None:
        """
        The transport asks for more while it is being registered with; heeding that would put the
        first frame before the headers.
        """
        self.outlet.start(b"first", 100)
        self.assertEqual((self.outlet.is_idle, self.drained, self.read()), (False, 0, b""))
        self.reactor.write_once()
        self.assertEqual((self.outlet.is_idle, self.drained), (True, 1))
        self.assertEqual(self.read(), b"headersfirst")

    def test_idle_viewer_is_served_without_the_reactor(self) -> None:
        """
        One system call, and no round trip.
        """
        self.started()
        self.read()
        self.outlet.send(b"part")
        self.assertEqual(self.read(), b"part")
        self.assertEqual((self.outlet.is_idle, self.reactor.writers), (True, set()))

    def test_what_the_kernel_refuses_follows_in_order(self) -> None:
        """
        No part is torn, whatever the network takes.
        """
        self.started()
        self.read()
        for refusal in (3, 0, BlockingIOError(), 1):
            self.socket.script = [refusal]
            self.outlet.send(b"0123456789")
            self.assertFalse(self.outlet.is_idle)
            before = self.drained
            self.reactor.write_once()
            self.assertEqual((self.read(), self.outlet.is_idle), (b"0123456789", True))
            self.assertEqual(self.drained, before + 1)

    def test_full_connection_says_when_it_has_made_progress(self) -> None:
        """
        A slow viewer is told from one that is gone.
        """
        self.started()
        self.read()
        self.outlet.send(HUGE)
        self.reactor.write_once()
        before = self.outlet.progress
        self.reactor.write_once()
        self.assertEqual(self.outlet.progress, before)
        self.read()
        self.reactor.write_once()
        self.assertNotEqual(self.outlet.progress, before)

    def test_slow_reader_makes_progress_however_parts_fall(self) -> None:
        """
        A viewer who takes part after part is not evicted because each time the same amount is left.
        """
        self.started()
        self.read()
        self.socket.script = [3]
        self.outlet.send(b"0123456789")
        before = self.outlet.progress
        self.reactor.write_once()
        self.socket.script = [3]
        self.outlet.send(b"0123456789")
        self.assertNotEqual(self.outlet.progress, before)

    def test_slow_client_makes_progress_while_the_kernel_asks_for_nothing(self) -> None:
        """
        A viewer on bad Wi-Fi empties the kernel's queue for many seconds before there is room for
        more; it must not be taken for one that is gone.
        """
        self.started()
        self.read()
        self.outlet.send(HUGE)
        self.reactor.write_once()
        before = self.outlet.progress
        self.peer.recv(1 << 16)
        self.assertNotEqual(self.outlet.progress, before)

    def test_broken_connection_is_aborted_and_nothing_is_raised(self) -> None:
        """
        One viewer's reset is nothing to the others, who come after it in the loop.
        """
        self.started()
        self.socket.script = [ConnectionResetError(errno.ECONNRESET, "reset")]
        self.outlet.send(b"part")
        self.assertFalse(self.outlet.is_idle)
        self.assertEqual(len(self.reactor.getDelayedCalls()), 1)

    def test_connection_that_went_just_now_takes_nothing(self) -> None:
        """
        A viewer may leave while a frame is being passed on; the socket is then closed, and its
        number may already be another's.
        """
        self.started()
        self.transport.connectionLost(Failure(ConnectionDone()))
        self.assertFalse(self.outlet.is_idle)
        self.outlet.send(b"part")
        self.assertEqual(self.reactor.writers, set())

    def test_kernel_keeps_about_a_frame(self) -> None:
        """
        Otherwise a slow viewer sees what was fifteen seconds ago.
        """
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        client = socket.create_connection(listener.getsockname())
        self.addCleanup(client.close)
        served, _ = listener.accept()
        self.addCleanup(served.close)
        transport = Connection(served, Protocol(), self.reactor)
        for part_size, kept in ((100, 16 * 1024), (50_000, 50_000)):
            transport.producer = None
            DirectOutlet(transport, served, self.count_drained).start(b"", part_size)
            option = socket.TCP_NOTSENT_LOWAT
            self.assertEqual(served.getsockopt(socket.IPPROTO_TCP, option), kept)
        self.assertEqual(served.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
        self.assertEqual(served.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 15)

    def test_connection_can_be_finished(self) -> None:
        """
        When the daemon stops, the transport closes after what is left to send.
        """
        self.started()
        self.outlet.stop()
        self.transport.loseConnection()
        (reason,) = self.reactor.write_once()
        self.assertIsInstance(reason, ConnectionDone)


@define
class FakeChannel:
    """
    What an outlet asks a channel.

    """

    transport: object


@define
class FakeRequest:
    """
    What an outlet asks a request before it is used.

    """

    channel: FakeChannel


class ChoiceTests(SynchronousTestCase):
    """
    Which way is taken.

    """

    def choose(self, transport: object) -> object:
        """
        :returns: The kind of outlet for a transport.
        """
        request: Any = FakeRequest(FakeChannel(transport))
        return type(make_outlet(request, lambda: None))

    def plain(self) -> Connection:
        """
        :returns: A transport with a socket.
        """
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        return Connection(ours, Protocol(), cast("Any", HandReactor()))

    def test_plain_socket_is_written_directly(self) -> None:
        """
        Nearly everybody has such a connection.
        """
        self.assertIs(self.choose(self.plain()), DirectOutlet)

    def test_tls_is_never_bypassed(self) -> None:
        """
        Its socket is within reach, and pictures sent on it would not be encrypted, or even arrive.
        """
        transport = self.plain()
        alsoProvides(transport, ISSLTransport)
        self.assertIs(self.choose(transport), TransportOutlet)

    def test_transport_without_socket(self) -> None:
        """
        Whatever Twisted can listen on can be streamed to.
        """
        transport = StringTransport()
        self.assertTrue(ITransport.providedBy(transport))
        self.assertIs(self.choose(transport), TransportOutlet)
