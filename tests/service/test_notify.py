"""
Tests of what systemd is told.

"""

from collections.abc import Callable

from twisted.application.service import IService
from twisted.internet.task import Clock
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from motion_in_ocean.service import NotifySocket, Supervision, SystemdNotifier
from tests.notified import NotifiedSocket


class SupervisionTests(SynchronousTestCase):
    """
    What is read from the environment.

    """

    def watchdog_seconds(self, usec: str, **more: str) -> float | None:
        """
        :returns: What process 42 makes of it.
        """
        environ = {"WATCHDOG_USEC": usec, **more}
        return Supervision.from_environ(environ, 42).watchdog_seconds

    def test_nobody(self) -> None:
        """
        In a shell or a container there is nobody to tell.
        """
        for environ in ({}, {"NOTIFY_SOCKET": ""}):
            self.assertEqual(Supervision(None, None), Supervision.from_environ(environ, 42))

    def test_all(self) -> None:
        """
        A unit with ``Type=notify`` and ``WatchdogSec=30``.
        """
        environ = {
            "NOTIFY_SOCKET": "/run/systemd/notify",
            "WATCHDOG_USEC": "30000000",
            "WATCHDOG_PID": "42",
        }
        self.assertEqual(
            Supervision("/run/systemd/notify", 30.0), Supervision.from_environ(environ, 42)
        )

    def test_watchdog_of_another(self) -> None:
        """
        A child of the supervised process does not feed its parent's watchdog.
        """
        self.assertIsNone(self.watchdog_seconds("30000000", WATCHDOG_PID="41"))

    def test_watchdog_of_anyone(self) -> None:
        """
        Supervisors that set no ``WATCHDOG_PID`` mean the process that they start.
        """
        self.assertEqual(1.5, self.watchdog_seconds("1500000"))

    def test_no_watchdog(self) -> None:
        """
        What is no time is no watchdog, and no reason not to start.
        """
        infinity = str(2**64 - 1)
        for usec in ("", "0", "-5", "1e6", " 1", "30s", "\u0665", infinity, "9" * 5000):
            self.assertIsNone(self.watchdog_seconds(usec), usec[:20])


class NotifyTestCase(SynchronousTestCase):
    """
    A test case that has somebody to tell, and reads the log.

    """

    def setUp(self) -> None:
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)

    def logged(self, level: LogLevel) -> list[str]:
        """
        :returns: The messages of that level.
        """
        return [formatEvent(event) for event in self.observer if event.get("log_level") is level]


class NotifySocketTests(NotifyTestCase):
    """
    One datagram on its way.

    """

    def make_socket(self, address: str) -> NotifySocket:
        """
        :returns: A socket, closed after the test.
        """
        it = NotifySocket(address)
        self.addCleanup(it.close)
        return it

    def test_path(self) -> None:
        """
        What ``/run/systemd/notify`` gets.
        """
        systemd = NotifiedSocket(self.addCleanup)
        self.assertTrue(self.make_socket(systemd.address).send("READY=1", "STATUS=on"))
        self.assertEqual(["READY=1\nSTATUS=on"], systemd.received())

    def test_abstract(self) -> None:
        """
        Containers that are told to speak to systemd get such a name.
        """
        systemd = NotifiedSocket(self.addCleanup, is_abstract=True)
        self.assertTrue(self.make_socket(systemd.address).send("READY=1"))
        self.assertEqual(["READY=1"], systemd.received())

    def test_one_line_each(self) -> None:
        """
        What a camera's driver says in its error is no command to systemd.
        """
        systemd = NotifiedSocket(self.addCleanup)
        self.make_socket(systemd.address).send("STATUS=a\nMAINPID=1\r\nb\u2028c\udcff")
        self.assertEqual(["STATUS=a MAINPID=1 b c?"], systemd.received())

    def test_nobody_there(self) -> None:
        """
        That systemd is not there any more stops nothing, and is said once.
        """
        it = self.make_socket("/nonexistent/notify")
        self.assertEqual([False, False], [it.send("WATCHDOG=1"), it.send("WATCHDOG=1")])
        self.assertEqual(
            ["Cannot notify /nonexistent/notify: No such file or directory"],
            self.logged(LogLevel.warn),
        )

    def test_odd_addresses(self) -> None:
        """
        Nor does an address of a kind that is not known here.
        """
        for address in ("vsock:2:1234", "@", "/" + "long" * 100):
            self.assertFalse(self.make_socket(address).send("READY=1"), address[:20])

    def test_does_not_wait(self) -> None:
        """
        A systemd that reads nothing costs no viewer a picture.
        """
        systemd = NotifiedSocket(self.addCleanup)
        it = self.make_socket(systemd.address)
        # Blocking, this would never end; the kernel keeps a dozen datagrams or two.
        while it.send("WATCHDOG=1"):
            pass
        self.assertEqual(1, len(self.logged(LogLevel.warn)))
        systemd.received()
        self.assertTrue(it.send("WATCHDOG=1"))


class NotifierTests(NotifyTestCase):
    """
    What is told when.

    """

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.systemd = NotifiedSocket(self.addCleanup)
        self.status = "ready"
        self.make_status: Callable[[], str] = lambda: self.status
        self.is_well = True

    def notifier(self, watchdog: float | None = None, *, grace: float = 60.0) -> SystemdNotifier:
        """
        :returns: One that has been started, and is stopped after the test.
        """
        notifier = SystemdNotifier(
            Supervision(self.systemd.address, watchdog),
            lambda: self.make_status(),  # noqa: PLW0108 - it changes
            lambda: self.is_well,
            grace,
            self.clock,
        )
        notifier.startService()
        self.addCleanup(notifier.stopService)
        return notifier

    def told_after(self, seconds: int, steps_a_second: int = 4) -> list[str]:
        """
        :returns: What systemd is told in the time to come.
        """
        told: list[str] = []
        for _ in range(seconds * steps_a_second):
            self.clock.advance(1 / steps_a_second)
            told += self.systemd.received()
        return told

    def test_is_a_service(self) -> None:
        """
        It starts and stops with the others.
        """
        self.assertTrue(verifyObject(IService, self.notifier()))

    def test_nobody_to_tell(self) -> None:
        """
        Where systemd is not there nothing is done, not even a timer set.
        """
        notifier = SystemdNotifier(Supervision(None, 10.0), self.fail, self.fail, 60.0, self.clock)
        notifier.startService()
        self.assertEqual([], self.clock.getDelayedCalls())
        notifier.stopService()

    def test_ready_when_the_reactor_runs(self) -> None:
        """
        A unit that depends on this one finds a daemon that answers.
        """
        self.notifier()
        self.assertEqual([], self.systemd.received())
        self.clock.advance(0)
        self.assertEqual(["READY=1", "STATUS=ready"], self.systemd.received())

    def test_ready_without_a_picture(self) -> None:
        """
        A camera that is away does not keep the machine from booting.
        """
        self.is_well, self.status = False, "not ready: camera_failed: no camera"
        self.notifier(watchdog=10)
        self.clock.advance(0)
        self.assertEqual(
            ["READY=1", f"STATUS={self.status}", "WATCHDOG=1"], self.systemd.received()
        )

    def test_ready_is_told_until_it_is_heard(self) -> None:
        """
        Systemd was busy: the start does not run into its timeout for that.
        """
        full = NotifySocket(self.systemd.address)
        self.addCleanup(full.close)
        while full.send("X=1"):
            pass
        self.notifier()
        self.clock.advance(0)
        self.systemd.received()
        self.assertEqual(["READY=1", "STATUS=ready"], self.told_after(1))

    def test_status_when_it_changes(self) -> None:
        """
        ``systemctl status`` tells how the camera is, without a word each second.
        """
        self.notifier()
        self.told_after(3)
        self.assertEqual([], self.told_after(3))
        self.status = "not ready"
        self.assertEqual(["STATUS=not ready"], self.told_after(3))

    def test_status_at_most_each_second(self) -> None:
        """
        Figures that flicker do not keep systemd busy.
        """
        self.notifier()
        self.told_after(1)
        counter = iter(range(1000))
        self.make_status = lambda: str(next(counter))
        self.assertLessEqual(len(self.told_after(10, steps_a_second=20)), 10)

    def test_watchdog_twice_in_its_time(self) -> None:
        """
        One feed that comes late, or is lost, does not end the daemon.
        """
        self.notifier(watchdog=10)
        self.told_after(1)
        self.assertEqual(["WATCHDOG=1"] * 4, self.told_after(20))

    def test_no_watchdog(self) -> None:
        """
        Who has none is not fed.
        """
        self.notifier()
        self.assertNotIn("WATCHDOG=1", self.told_after(20))

    def test_withholds_after_the_grace(self) -> None:
        """
        A camera that does not come back by itself is given a fresh process, not before it had its
        time.
        """
        self.notifier(watchdog=10)
        self.told_after(1)
        self.is_well = False
        self.assertEqual(["WATCHDOG=1"] * 12, self.told_after(60))
        self.assertEqual([], self.told_after(60))
        (line,) = self.logged(LogLevel.critical)
        self.assertIn("the watchdog is no longer fed", line)

    def test_grace_begins_anew(self) -> None:
        """
        One good moment in between shows that it does come back.
        """
        self.notifier(watchdog=10)
        for _ in range(3):
            self.is_well = False
            self.told_after(50)
            self.is_well = True
            self.told_after(2)
        self.is_well = False
        self.assertEqual(["WATCHDOG=1"] * 10, self.told_after(50))

    def test_feeds_again(self) -> None:
        """
        Should the picture come back before systemd acts, all is well.
        """
        self.notifier(watchdog=10)
        self.is_well = False
        self.told_after(80)
        self.is_well = True
        self.assertEqual(["WATCHDOG=1"] * 2, self.told_after(11))

    def test_status_that_cannot_be_told(self) -> None:
        """
        A bug in a figure does not end the daemon.
        """
        self.make_status = lambda: str(1 // 0)
        self.notifier(watchdog=10)
        self.assertEqual(4, self.told_after(20).count("WATCHDOG=1"))
        self.assertGreater(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_stopping(self) -> None:
        """
        Systemd knows from the first moment that this end is wanted, and hears nothing after it.
        """
        notifier = self.notifier(watchdog=10)
        self.told_after(1)
        notifier.stopService()
        self.assertEqual(["STOPPING=1\nSTATUS=stopping"], self.told_after(20))
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_stopping_before_it_began(self) -> None:
        """
        A stop that comes at once is one, too.
        """
        self.notifier().stopService()
        self.assertEqual(["STOPPING=1\nSTATUS=stopping"], self.told_after(20))
        self.assertEqual([], self.clock.getDelayedCalls())
