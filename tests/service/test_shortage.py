"""
Tests of what the log says when connections cannot be accepted.

"""

import errno
import io
import os
from pathlib import Path
from typing import Any

from twisted.internet import tcp
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel, LogPublisher, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from motion_in_ocean.service import make_observer
from motion_in_ocean.service._shortage import ShortageObserver
from tests.service.listening import LogEvents


class FullListener:
    """
    A socket on which connections wait that the process has no descriptor for.

    """

    def __init__(self, error: int) -> None:
        self._error = error

    def accept(self) -> Any:
        raise OSError(self._error, os.strerror(self._error))


class ShortageTests(SynchronousTestCase):
    """
    A flood of connections is no reason for a flood of lines.

    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.passed = LogEvents()
        self.observer = ShortageObserver(self.passed, self.clock.seconds)

    def accept(self, error: int = errno.EMFILE) -> None:
        """
        Have Twisted accept a connection for which there is no descriptor.

        """
        logger = Logger(tcp.Port._logger.namespace, observer=LogPublisher(self.observer))
        reserved = tcp._FileDescriptorReservation(Path(os.devnull).open)
        reserved.reserve()
        self.addCleanup(lambda: reserved._fileDescriptor and reserved._fileDescriptor.close())
        self.assertEqual(list(tcp._accept(logger, range(9), FullListener(error), reserved)), [])

    def lines(self) -> list[str]:
        """
        :returns: What has got through.
        """
        return [formatEvent(event) for event in self.passed]

    def test_is_an_observer(self) -> None:
        """
        Twisted can log to it.
        """
        self.assertTrue(verifyObject(ILogObserver, self.observer))

    def test_once_a_minute(self) -> None:
        """
        The operator learns of it, and again if it goes on.
        """
        for _ in range(500):
            self.accept()
            self.clock.advance(0.1)
        self.assertEqual(len(self.lines()), 1)
        self.assertIn("Connections are turned away: EMFILE", self.lines()[0])
        self.assertIs(self.passed[0]["log_level"], LogLevel.warn)
        self.clock.advance(10)
        self.accept()
        self.assertEqual(len(self.lines()), 2)

    def test_other_reasons(self) -> None:
        """
        The machine itself may have no more descriptors, or memory.
        """
        for error in (errno.ENFILE, errno.ENOMEM):
            self.clock.advance(60)
            self.accept(error)
        self.assertIn("ENFILE", self.lines()[0])
        self.assertIn("ENOMEM", self.lines()[1])

    def test_others_pass(self) -> None:
        """
        Nothing else is held back.
        """
        events: list[LogEvent] = [
            {"log_namespace": "twisted.internet.tcp.Port", "log_format": "starting on {port}"},
            {"log_namespace": "motion_in_ocean.web", "log_format": "EMFILE"},
            {},
        ]
        for event in events * 2:
            self.observer(event)
        self.assertEqual(list(self.passed), events * 2)

    def test_is_in_use(self) -> None:
        """
        It stands before whatever the daemon logs to.
        """
        output = io.StringIO()
        observer = make_observer("text", "info", output)
        for _ in range(3):
            observer(
                {
                    "log_namespace": "twisted.internet.tcp.Port",
                    "log_format": "EMFILE encountered",
                    "log_level": LogLevel.info,
                    "log_time": 0.0,
                }
            )
        self.assertEqual(output.getvalue().count("\n"), 1)
