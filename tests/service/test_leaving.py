"""
Tests that the daemon leaves when it cannot go on.

What becomes of the process is tested with a real one.

"""

from collections.abc import Callable
from typing import NoReturn

from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ReactorNotRunning
from twisted.internet.testing import EventLoggingObserver, MemoryReactorClock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import Departure


class StoppedReactor(MemoryReactorClock):
    """
    A reactor whose shutdown has begun.

    """

    def stop(self) -> NoReturn:
        """
        See ``IReactorCore.stop``.

        """
        raise ReactorNotRunning


class DepartureTests(SynchronousTestCase):
    """
    What happens at once, and what at the end.

    """

    def setUp(self) -> None:
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)
        self.reactor = MemoryReactorClock()
        self.events: list[object] = []
        self.at_exit: list[Callable[[], None]] = []

    def departure(
        self,
        close_ports: Callable[[], object] | None = None,
        reactor: MemoryReactorClock | None = None,
    ) -> Departure:
        """
        :returns: One that writes down what it does.
        """
        return Departure(
            reactor or self.reactor,
            close_ports or (lambda: self.events.append("ports closed")),
            self.at_exit.append,
            self.events.append,
        )

    def test_closes_the_ports(self) -> None:
        """
        The process that takes over can listen, and who checks this one knows at once.
        """
        self.departure().leave(75, "The camera hangs")
        self.assertEqual(["ports closed"], self.events)

    def test_waits_for_the_ports(self) -> None:
        """
        Otherwise a port could stay open, and deaf, until the last thread has ended.
        """
        closed: Deferred[None] = Deferred()
        self.departure(lambda: closed).leave(75, "The camera hangs")
        ((wait, _, _),) = self.reactor.triggers["before"]["shutdown"]
        self.assertNoResult(wait())
        closed.callback(None)
        self.successResultOf(wait())

    def test_stops_everything(self) -> None:
        """
        Viewers are let go and files are written, as at any other end.
        """
        self.departure().leave(75, "The camera hangs")
        self.assertTrue(self.reactor.hasStopped)

    def test_status(self) -> None:
        """
        Docker and systemd are told what kind of end it was, when all the rest has been done.
        """
        departure = self.departure()
        self.assertIsNone(departure.status)
        departure.leave(75, "The camera hangs")
        self.assertEqual(75, departure.status)
        (at_exit,) = self.at_exit
        at_exit()
        self.assertEqual(["ports closed", 75], self.events)

    def test_says_why(self) -> None:
        """
        The operator learns what it was, and what is left to try.
        """
        self.departure().leave(75, "The camera hangs")
        (line,) = [
            formatEvent(event) for event in self.observer if event["log_level"] is LogLevel.critical
        ]
        self.assertTrue(line.startswith("The camera hangs. Leaving with status 75"), line)
        for hint in ("stuck in the kernel", "restart the machine", "hardware watchdog"):
            self.assertIn(hint, line)

    def test_once(self) -> None:
        """
        A camera that is reported twice does not change what was begun.
        """
        departure = self.departure()
        departure.leave(75, "The camera hangs")
        logged = len(self.observer)
        departure.leave(1, "Something else hangs")
        self.assertEqual(
            (75, ["ports closed"], 1), (departure.status, self.events, len(self.at_exit))
        )
        self.assertEqual(logged, len(self.observer))

    def test_while_stopping(self) -> None:
        """
        An operator who was faster has the same end, and the status tells of the camera.
        """
        departure = self.departure(reactor=StoppedReactor())
        departure.leave(75, "The camera hangs")
        self.assertEqual((75, 1), (departure.status, len(self.at_exit)))

    def test_ports_that_do_not_close(self) -> None:
        """
        Nothing keeps it here.
        """

        def refuse() -> NoReturn:
            raise OSError("no")

        def refuse_later() -> Deferred[None]:
            return fail(OSError("no"))

        for close_ports in (refuse, refuse_later):
            self.reactor = MemoryReactorClock()
            self.departure(close_ports).leave(75, "The camera hangs")
            self.assertTrue(self.reactor.hasStopped)
            self.assertEqual(1, len(self.flushLoggedErrors(OSError)))
