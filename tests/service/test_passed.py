"""
Tests of listening on a socket that systemd has passed on.

"""

import socket
import tempfile
from pathlib import Path

from twisted.internet.testing import EventLoggingObserver
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import listening_on, passed_descriptors
from motion_in_ocean.settings import LoadedSettings, load_settings
from tests.fakes import ThreadedMemoryReactor


class ListeningOnTests(SynchronousTestCase):
    """
    What a socket unit has changed when the daemon starts.

    """

    def setUp(self) -> None:
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)

    def passed(self, family: socket.AddressFamily) -> int:
        """
        :returns: The descriptor of a socket as systemd would pass it on.
        """
        it = socket.socket(family)
        self.addCleanup(it.close)
        return it.fileno()

    def listen(self, *descriptors: int, **environ: str) -> LoadedSettings:
        """
        :returns: The settings that hold.
        """
        return listening_on(descriptors, load_settings({}, environ))

    def warnings(self) -> list[str]:
        """
        :returns: What the log warns of.
        """
        return [
            formatEvent(event) for event in self.observer if event["log_level"] is LogLevel.warn
        ]

    def test_every_kind_of_socket(self) -> None:
        """
        The operator writes one line in the socket unit, and none in the settings.
        """
        for family, domain in (
            (socket.AF_INET, "INET"),
            (socket.AF_INET6, "INET6"),
            (socket.AF_UNIX, "UNIX"),
        ):
            loaded = self.listen(self.passed(family))
            self.assertEqual(f"systemd:domain={domain}:index=0", loaded.settings.endpoint)
        self.assertEqual([], self.warnings())

    def test_is_shown(self) -> None:
        """
        Whoever wonders why PORT has no effect finds the reason among the settings.
        """
        loaded = self.listen(self.passed(socket.AF_INET), PORT="9000")
        self.assertEqual("systemd", loaded.origins["LISTEN"])
        self.assertEqual(9000, loaded.settings.port)

    def test_what_is_set_wins(self) -> None:
        """
        Whoever has written an endpoint string means it, also one that cannot be used.
        """
        for listen in ("tcp:81", "systemd:domain=INET:index=1", ""):
            given = load_settings({}, {"LISTEN": listen})
            self.assertIs(given, listening_on([self.passed(socket.AF_INET)], given))

    def test_nothing_passed(self) -> None:
        """
        A daemon that was started otherwise opens its own port.
        """
        self.assertEqual("tcp:8000:interface=0.0.0.0", self.listen().settings.endpoint)

    def test_several(self) -> None:
        """
        Connections to a second socket would never be answered: the log says so.
        """
        loaded = self.listen(self.passed(socket.AF_INET), self.passed(socket.AF_UNIX))
        self.assertEqual("systemd:domain=INET:index=0", loaded.settings.endpoint)
        (warning,) = self.warnings()
        self.assertIn("2 sockets were passed on, and only the first is listened on", warning)

    def test_still_open(self) -> None:
        """
        To look at the socket does not take it away.
        """
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = str(Path(folder.name, "socket"))
        with socket.socket(socket.AF_UNIX) as passed, socket.socket(socket.AF_UNIX) as client:
            passed.bind(path)
            passed.listen()
            self.listen(passed.fileno())
            client.connect(path)

    def test_not_ours(self) -> None:
        """
        Where nothing was passed to this process, there is nothing to be listened on.
        """
        self.assertEqual([], passed_descriptors(ThreadedMemoryReactor()))
