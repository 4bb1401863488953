"""
Tests that the process ends when it is told to.

Its timers are real ones, and are tested with a real daemon.

"""

from pathlib import Path

from twisted.internet.testing import EventLoggingObserver, MemoryReactorClock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import ShutdownDeadline


class DeadlineTests(SynchronousTestCase):
    """
    A shutdown that does not end.

    """

    def setUp(self) -> None:
        self.left: list[int] = []

    def _expire(self, status: int, pid_file: Path | None = None) -> None:
        ShutdownDeadline(lambda: status, pid_file, self.left.append).expired()

    def test_leaves_with_status(self) -> None:
        """
        Docker and systemd are told what kind of end it was.
        """
        self._expire(75)
        self.assertEqual([75], self.left)

    def test_status_is_asked_for_at_the_end(self) -> None:
        """
        What counts is what hangs when the time is over, not when it began.
        """
        now = [1]
        deadline = ShutdownDeadline(lambda: now[0], None, self.left.append)
        now[0] = 75
        deadline.expired()
        self.assertEqual([75], self.left)

    def test_says_so(self) -> None:
        """
        The log explains the exit status.
        """
        observer = EventLoggingObserver()
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self._expire(75)
        (event,) = [event for event in observer if event["log_level"] is LogLevel.critical]
        self.assertEqual(
            "The shutdown did not end within 5 s; leaving with status 75", formatEvent(event)
        )

    def test_removes_pid_file(self) -> None:
        """
        The next start is not refused because another process got the same number.
        """
        pid_file = Path(self.mktemp())
        pid_file.write_text("1")
        there = []
        ShutdownDeadline(lambda: 1, pid_file, lambda _: there.append(pid_file.exists())).expired()
        self.assertEqual([False], there)

    def test_pid_file_that_is_gone(self) -> None:
        """
        Somebody who tidied up does not keep the process alive.
        """
        self._expire(1, Path(self.mktemp()))
        self.assertEqual([1], self.left)

    def test_pid_file_that_cannot_be_removed(self) -> None:
        """
        Nor does a folder in which nothing may be written any more.
        """
        pid_file = Path(self.mktemp())
        pid_file.mkdir()
        self._expire(75, pid_file)
        self.assertEqual([75], self.left)

    def test_begins_with_the_shutdown(self) -> None:
        """
        The time begins to run when the daemon is told to end, and not before.
        """
        reactor = MemoryReactorClock()
        deadline = ShutdownDeadline(lambda: 1, None, self.left.append)
        deadline.install(reactor)
        self.assertEqual({"before": {"shutdown": [(deadline.start, (), {})]}}, reactor.triggers)
        self.assertEqual([], reactor.getDelayedCalls())
