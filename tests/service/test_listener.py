"""
Tests of where the daemon can be reached.

"""

from typing import Any

from attrs import define, field
from twisted.application.service import IService
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import LogLevel
from zope.interface.verify import verifyObject

from tests.fakes import FakePort, ThreadedMemoryReactor
from tests.service.listening import ListenerTestCase


@define(eq=False)
class SlowPort(FakePort):
    """
    A port that takes its time to close.

    """

    closed: Deferred[None] = field(kw_only=True)

    def stopListening(self) -> Any:
        """
        See ``IListeningPort``.

        """
        return self.closed


class SlowReactor(ThreadedMemoryReactor):
    """
    A machine whose ports take their time to close.

    """

    def __init__(self, closed: Deferred[None]) -> None:
        super().__init__()
        self._closed = closed

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``.

        """
        self.tcpServers.append((port, factory, backlog, interface))
        return SlowPort(IPv4Address("TCP", "127.0.0.1", port), closed=self._closed)


@define(eq=False)
class FakeSocket:
    """
    A socket that knows for how many clients it was told to keep room.

    """

    rooms: list[int] = field(factory=list)

    def listen(self, backlog: int) -> None:
        """
        See ``socket.socket``.

        """
        self.rooms.append(backlog)


@define(eq=False)
class PortOfSocket(FakePort):
    """
    A port as a real reactor has it.

    """

    socket: FakeSocket = field(kw_only=True)


class SocketReactor(ThreadedMemoryReactor):
    """
    A machine whose ports have a socket.

    """

    def __init__(self) -> None:
        super().__init__()
        self.socket = FakeSocket()

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``.

        """
        return PortOfSocket(IPv4Address("TCP", "127.0.0.1", port), socket=self.socket)


class QueueTests(ListenerTestCase):
    """
    How many clients can connect while the reactor is busy.

    """

    def rooms(self, endpoint: str) -> list[int]:
        """
        :returns: For how many Twisted's socket is told to keep room instead of for fifty.
        """
        reactor = SocketReactor()
        self.listener(endpoint, reactor=reactor).privilegedStartService()
        return reactor.socket.rooms

    def test_more_than_twisted_asks_for(self) -> None:
        """
        Many who come at once are all let in at once.
        """
        self.assertEqual(self.rooms("tcp:8000"), [1024])

    def test_as_asked_for(self) -> None:
        """
        An operator who has said how many is obeyed.
        """
        self.assertEqual(self.rooms("tcp:8000:backlog=9"), [])


class ListeningTests(ListenerTestCase):
    """
    A daemon that can be reached.

    """

    def test_is_a_service(self) -> None:
        """
        It is what twistd starts and stops.
        """
        self.assertTrue(verifyObject(IService, self.listener("tcp:80")))

    def test_takes_address_while_privileged(self) -> None:
        """
        Port 80 can be had before root's rights are given up.
        """
        self.listener("tcp:80:interface=127.0.0.1").privilegedStartService()
        self.assertEqual([(80, self.site, 50, "127.0.0.1")], self.reactor.tcpServers)

    def test_names_address(self) -> None:
        """
        The log has a line that can be clicked.
        """
        self.listening("tcp:8000:interface=127.0.0.1")
        self.assertEqual(["Listening on http://127.0.0.1:8000/"], self.messages(LogLevel.info))

    def test_names_ipv6_address(self) -> None:
        """
        So has it with IPv6.
        """
        self.listening(r"tcp:8000:interface=\:\:1")
        self.assertEqual(["Listening on http://[::1]:8000/"], self.messages(LogLevel.info))

    def test_names_encrypted_address(self) -> None:
        """
        And with TLS, where http:// would lead nowhere.
        """
        self.listening(f"ssl:8443:privateKey={self.certificate()}")
        self.assertEqual(["Listening on https://0.0.0.0:8443/"], self.messages(LogLevel.info))

    def test_names_socket_file(self) -> None:
        """
        A proxy's operator finds the file to point it to.
        """
        self.listening("unix:/run/camera.sock")
        self.assertEqual(["Listening on unix:/run/camera.sock"], self.messages(LogLevel.info))

    def test_stops(self) -> None:
        """
        Nobody can connect to a daemon that has ended.
        """
        listener = self.listening("tcp:8000")
        self.assertIsNone(self.successResultOf(listener.stopService()))
        self.assertFalse(listener.running)

    def test_stopping_waits_for_the_port(self) -> None:
        """
        The address is free for the next daemon once this one says that it has stopped.
        """
        closed: Deferred[None] = Deferred()
        listener = self.listener("tcp:8000", reactor=SlowReactor(closed))
        listener.privilegedStartService()
        stopped = listener.stopService()
        self.assertNoResult(stopped)
        closed.callback(None)
        self.assertIsNone(self.successResultOf(stopped))

    def test_stops_without_having_listened(self) -> None:
        """
        A start that failed half way can be undone.
        """
        self.assertIsNone(self.successResultOf(self.listener("tcp:8000").stopService()))

    def test_stops_twice(self) -> None:
        """
        A second signal does no harm.
        """
        listener = self.listening("tcp:8000")
        listener.stopService()
        self.assertIsNone(self.successResultOf(listener.stopService()))


class OpennessTests(ListenerTestCase):
    """
    Whether people on other machines may come in without credentials.

    """

    def test_every_address(self) -> None:
        """
        Whoever put a camera into the network for all to see is told so.
        """
        self.assertTrue(self.listening("tcp:8000:interface=0.0.0.0").is_open_to_network)

    def test_every_ipv6_address(self) -> None:
        """
        IPv6 is a network too.
        """
        self.assertTrue(self.listening(r"tcp:8000:interface=\:\:").is_open_to_network)

    def test_link_local_address(self) -> None:
        """
        An address with a zone belongs to the network.
        """
        self.assertTrue(self.listening(r"tcp:8000:interface=fe80\:\:1%eth0").is_open_to_network)

    def test_private_address(self) -> None:
        """
        The neighbours in the same network are other people.
        """
        self.assertTrue(self.listening("tcp:8000:interface=192.168.1.5").is_open_to_network)

    def test_loopback(self) -> None:
        """
        Who only looks from the same machine is not bothered.
        """
        for interface in ("127.0.0.1", "127.0.0.53", r"\:\:1"):
            self.assertFalse(self.listening(f"tcp:8000:interface={interface}").is_open_to_network)

    def test_protected(self) -> None:
        """
        Nor who has set credentials.
        """
        self.assertFalse(self.listening("tcp:8000", is_protected=True).is_open_to_network)

    def test_socket_file(self) -> None:
        """
        A socket file has permissions of its own.
        """
        self.assertFalse(self.listening("unix:/run/camera.sock").is_open_to_network)

    def test_before_the_start(self) -> None:
        """
        Nobody can come in yet.
        """
        self.assertFalse(self.listener("tcp:8000").is_open_to_network)

    def test_after_the_end(self) -> None:
        """
        Nobody can come in any more.
        """
        listener = self.listening("tcp:8000")
        listener.stopService()
        self.assertFalse(listener.is_open_to_network)

    def test_open_daemon_warns_once(self) -> None:
        """
        The log says it, with the setting that changes it.
        """
        self.listening("tcp:8000:interface=0.0.0.0")
        (warning,) = self.messages(LogLevel.warn)
        self.assertIn("Set AUTH_TOKEN", warning)

    def test_closed_daemon_does_not_warn(self) -> None:
        """
        Where nothing is to be done nothing is said.
        """
        self.listening("tcp:8000", is_protected=True)
        self.listening("tcp:8000:interface=127.0.0.1")
        self.assertEqual([], self.logged(LogLevel.warn))
