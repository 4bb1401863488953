"""
Tests of the parts as they are joined.

"""

from pathlib import Path

from twisted.application.service import IService
from twisted.internet.defer import Deferred
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.scripts.twistd import ServerOptions  # type: ignore[attr-defined]
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from motion_in_ocean.service import ShutdownDeadline
from motion_in_ocean.tap import EXIT_HUNG_CAMERA, Options, makeService
from tests.fakes import WaitingReactor


class MakeServiceTests(SynchronousTestCase):
    """
    The whole daemon, on a reactor in memory and with the camera that needs no hardware.

    """

    def setUp(self) -> None:
        self.reactor = WaitingReactor()
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)

    def _service(self, *arguments: str, pid_file: str = "", **environ: str) -> IService:
        options = Options({"MOCK_CAMERA": "true", **environ})
        options.parent = ServerOptions()
        options.parent["pidfile"] = pid_file
        options.parseOptions(arguments)
        return makeService(options, self.reactor)

    def _started(self, *arguments: str, **environ: str) -> IService:
        service = self._service(*arguments, **environ)
        service.privilegedStartService()
        service.startService()
        return service

    def _stopping(self, service: IService) -> Deferred[None]:
        stopped = service.stopService()
        assert isinstance(stopped, Deferred)
        return stopped

    def _stop(self, service: IService) -> None:
        stopped = self._stopping(service)
        self.reactor.run_until(lambda: stopped.called)
        self.assertIsNone(self.successResultOf(stopped))

    def _deadline(self) -> ShutdownDeadline:
        ((start, _, _),) = self.reactor.triggers["before"]["shutdown"]
        deadline = start.__self__
        assert isinstance(deadline, ShutdownDeadline)
        return deadline

    def _messages(self, level: LogLevel) -> list[str]:
        return [formatEvent(event) for event in self.observer if event.get("log_level") is level]

    def test_is_a_service(self) -> None:
        """
        Twistd can start and stop it.
        """
        self.assertTrue(verifyObject(IService, self._service()))

    def test_listens_where_it_should(self) -> None:
        """
        The node is where its operator wants it.
        """
        service = self._started("--port=8123", BIND_HOST="127.0.0.1")
        self.assertEqual(
            [(8123, "127.0.0.1")],
            [(port, interface) for port, _, _, interface in self.reactor.tcpServers],
        )
        self._stop(service)

    def test_listens_only_when_started(self) -> None:
        """
        To make the parts does nothing yet.
        """
        self._service()
        self.assertEqual(([], []), (self.reactor.tcpServers, self.reactor.getDelayedCalls()))

    def test_stops_cleanly(self) -> None:
        """
        Nothing is left that could keep the process: no port, no timer.
        """
        self._stop(self._started())
        self.assertEqual([False], [port.is_listening for port in self.reactor.ports])
        self.assertEqual([], self.reactor.getDelayedCalls())

    def test_stops_cleanly_while_waiting_for_a_camera(self) -> None:
        """
        Not even the next attempt to open a camera that is not there.
        """
        service = self._started(MOCK_FRAMES=self.mktemp())
        self.reactor.run_until(lambda: "unavailable" in "".join(self._messages(LogLevel.warn)))
        self.assertGreater(len(self.reactor.getDelayedCalls()), 0)
        self._stop(service)
        self.assertEqual([], self.reactor.getDelayedCalls())

    def test_closes_the_port_last(self) -> None:
        """
        ``/health`` answers until the camera is closed.
        """
        service = self._started()
        stopped = self._stopping(service)
        self.assertEqual([True], [port.is_listening for port in self.reactor.ports])
        self.reactor.run_until(lambda: stopped.called)

    def test_warnings_are_logged_once(self) -> None:
        """
        The operator who made a slip finds it in the log.
        """
        self._service(FPS="fast", JPEG_QUALITY="101")
        warnings = self._messages(LogLevel.warn)
        self.assertEqual(["FPS", "JPEG_QUALITY"], [warning.split()[0] for warning in warnings])

    def test_unusable_credential_is_protected(self) -> None:
        """
        A daemon that is locked is not called open.
        """
        service = self._started(AUTH_TOKEN="")
        self.assertNotIn("No credentials are set", "".join(self._messages(LogLevel.warn)))
        self._stop(service)

    def test_management_mode(self) -> None:
        """
        The same daemon without a camera: it listens, reads its registry, and stops cleanly.
        """
        service = self._started(
            "--app-mode=management", "--bind-host=127.0.0.1", NODE_REGISTRY_PATH=self.mktemp()
        )
        self.reactor.run_until(lambda: "is ready" in "".join(self._messages(LogLevel.info)))
        self._stop(service)
        self.assertEqual([False], [port.is_listening for port in self.reactor.ports])
        self.assertEqual([], self.reactor.getDelayedCalls())
        self.assertEqual(1, self._deadline().status())

    def test_second_management_process(self) -> None:
        """
        Two would undo each other's changes: the second one ends with one line.
        """
        path = self.mktemp()
        first = self._started(APP_MODE="management", NODE_REGISTRY_PATH=path)
        ended = self.assertRaises(
            SystemExit, self._started, APP_MODE="management", NODE_REGISTRY_PATH=path
        )
        self.assertEqual(1, ended.code)
        (line,) = self._messages(LogLevel.critical)
        self.assertIn(path, line)
        self._stop(first)

    def test_open_management_says_so(self) -> None:
        """
        Who leaves it open is told what that means.
        """
        service = self._started(APP_MODE="management", NODE_REGISTRY_PATH=self.mktemp())
        self.assertIn("anyone on the network can manage", "".join(self._messages(LogLevel.warn)))
        self._stop(service)

    def test_deadline_knows_the_pid_file(self) -> None:
        """
        A process that has to leave in a hurry does not block the next start.
        """
        self._service(pid_file="/run/x.pid")
        self.assertEqual(Path("/run/x.pid"), self._deadline().pid_file)

    def test_deadline_without_pid_file(self) -> None:
        """
        Where there is none, none is removed.
        """
        self._service()
        self.assertIsNone(self._deadline().pid_file)

    def test_status_while_the_camera_hangs(self) -> None:
        """
        Docker and systemd are told that a fresh process may do better.
        """
        service = self._started()
        stopped = self._stopping(service)
        self.assertEqual(EXIT_HUNG_CAMERA, self._deadline().status())
        self.reactor.run_until(lambda: stopped.called)

    def test_status_when_something_else_hangs(self) -> None:
        """
        What is not the camera's fault is not blamed on it.
        """
        self._stop(self._started())
        self.assertEqual(1, self._deadline().status())
