"""
Tests of where the daemon can be reached.

"""

import datetime
import errno
import os
from pathlib import Path
from typing import Any

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.application.service import IService
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer
from zope.interface.verify import verifyObject

from motion_in_ocean.service import Listener
from tests.fakes import FakePort, ThreadedMemoryReactor


class RefusingReactor(ThreadedMemoryReactor):
    """
    A machine on which an address cannot be taken.

    """

    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self._problem = problem

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``.

        """
        raise CannotListenError(interface, port, self._problem)


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


@implementer(ILogObserver)
class LogEvents(list[LogEvent]):
    """
    Keeps what is logged.

    """

    def __call__(self, event: LogEvent) -> None:
        self.append(event)


class ListenerTestCase(SynchronousTestCase):
    """
    A test case that has a machine to listen on, and reads the log.

    """

    def setUp(self) -> None:
        self.reactor = ThreadedMemoryReactor()
        self.observer = LogEvents()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)
        self.site = Site(Resource())

    def listener(
        self,
        endpoint: str,
        *,
        is_protected: bool = False,
        reactor: ThreadedMemoryReactor | None = None,
    ) -> Listener:
        """
        :returns: A listener that has not been started.
        """
        return Listener(
            endpoint, lambda: self.site, reactor or self.reactor, is_protected=is_protected
        )

    def listening(self, endpoint: str, *, is_protected: bool = False) -> Listener:
        """
        :returns: A listener that has been started.
        """
        listener = self.listener(endpoint, is_protected=is_protected)
        listener.privilegedStartService()
        listener.startService()
        return listener

    def logged(self, level: LogLevel) -> list[LogEvent]:
        """
        :returns: What was logged at that level.
        """
        return [event for event in self.observer if event.get("log_level") is level]

    def messages(self, level: LogLevel) -> list[str]:
        """
        :returns: The same as text.
        """
        return [formatEvent(event) for event in self.logged(level)]

    def certificate(self) -> str:
        """
        :returns: The path of a new file with a key and a certificate for it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now, now)
            .sign(key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )
        path = Path(self.mktemp())
        path.write_bytes(
            certificate
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(path)


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
        self.assertIn("/run/camera.sock", self.messages(LogLevel.info)[0])

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


class RefusalTests(ListenerTestCase):
    """
    A daemon that cannot be reached ends at once, and says why.

    """

    def _refusal(self, endpoint: str, reactor: ThreadedMemoryReactor | None = None) -> str:
        listener = self.listener(endpoint, reactor=reactor)
        ended = self.assertRaises(SystemExit, listener.privilegedStartService)
        self.assertEqual(1, ended.code)
        (event,) = self.logged(LogLevel.critical)
        self.assertEqual([event], list(self.observer))
        self.assertNotIn("log_failure", event)
        message = formatEvent(event)
        self.assertTrue(message.isprintable(), message)
        return message

    def test_taken_port(self) -> None:
        """
        A second daemon on the same port does not run on, deaf.
        """
        taken = OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.assertEqual(
            "Cannot listen on tcp:8000: Address already in use",
            self._refusal("tcp:8000", RefusingReactor(taken)),
        )

    def test_privileged_port(self) -> None:
        """
        The operator reads that rights are missing, not that something went wrong.
        """
        denied = OSError(errno.EACCES, os.strerror(errno.EACCES))
        self.assertEqual(
            "Cannot listen on tcp:80: Permission denied",
            self._refusal("tcp:80", RefusingReactor(denied)),
        )

    def test_problem_without_text(self) -> None:
        """
        If the system says nothing, at least the kind of problem is named.
        """
        self.assertEqual(
            "Cannot listen on tcp:80: TimeoutError",
            self._refusal("tcp:80", RefusingReactor(TimeoutError())),
        )

    def test_unknown_kind(self) -> None:
        """
        A slip in the kind of endpoint is named.
        """
        self.assertEqual(
            "Cannot listen on tpc:8000: Unknown endpoint type: 'tpc'", self._refusal("tpc:8000")
        )

    def test_empty(self) -> None:
        """
        An empty LISTEN is called by its name.
        """
        self.assertTrue(self._refusal("").startswith("Cannot listen on an empty LISTEN: "))

    def test_missing_certificate(self) -> None:
        """
        The file that is missing is named.
        """
        path = str(Path(self.mktemp()).absolute())
        self.assertEqual(
            f"Cannot listen on ssl:8443:privateKey={path}: No such file or directory: {path}",
            self._refusal(f"ssl:8443:privateKey={path}"),
        )

    def test_other_endpoints_that_cannot_be_used(self) -> None:
        """
        Whatever is wrong with an endpoint, it is one line.
        """
        for endpoint in (
            *("8000", "tcp", "tcp:", "tcp:http", "tcp:8000:backlog=x", "tcp:8000:nonsense=1"),
            *("unix", "ssl:8443", "systemd:domain=INET:index=9", ":", "=", "tcp:8000\\"),
            "tcp:8000:interface=0.0.0.0:interface",
        ):
            self.observer.clear()
            self._refusal(endpoint)

    def test_refused_listener_can_be_stopped(self) -> None:
        """
        What was started before it can end in order.
        """
        listener = self.listener("tpc:8000")
        self.assertRaises(SystemExit, listener.privilegedStartService)
        self.assertIsNone(self.successResultOf(listener.stopService()))
