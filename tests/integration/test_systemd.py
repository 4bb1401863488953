"""
What systemd is told by a daemon that it starts.

"""

import signal
import time

from tests.integration.daemon import DaemonTestCase, End, wait_until
from tests.notified import NotifiedSocket

WATCHDOG_SECONDS = 1.0
PATIENCE_SECONDS = 15.0


class SystemdTests(DaemonTestCase):
    """
    ``Type=notify`` and ``WatchdogSec=``, with this process in the place of systemd.

    """

    def setUp(self) -> None:
        self.systemd = NotifiedSocket(self.addCleanup)
        self.settings = {
            "NOTIFY_SOCKET": self.systemd.address,
            "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)),
        }

    def wait_for(self, beginning: str) -> str:
        """
        :returns: The next datagram that begins like that.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            datagram = self.systemd.wait(max(0.01, deadline - time.monotonic()))
            if datagram.startswith(beginning):
                return datagram

    def test_life(self) -> None:
        """
        An operator sees when the unit is up, how the camera is, and that it ends as it was told.
        """
        daemon = self.make_daemon(self.settings).start()
        self.assertEqual("READY=1", self.systemd.wait(PATIENCE_SECONDS))
        self.assertEqual(200, daemon.get("/health").status)
        self.assertRegex(
            self.wait_for("STATUS=ready"),
            r"^STATUS=ready: [0-9.]+ fps, newest picture 0\.[0-9] s old, 0 viewers$",
        )
        end = daemon.stop()
        self.assertEqual("STOPPING=1\nSTATUS=stopping", self.wait_for("STOPPING"))
        self.assertEqual([], self.systemd.received())
        self.assertEqual(-signal.SIGTERM, end.status)

    def test_without_a_camera(self) -> None:
        """
        A node whose camera is away is up, and tells what is wrong with it.
        """
        daemon = self.make_daemon({**self.settings, "MOCK_FRAMES": "/nonexistent"}).start()
        self.assertEqual("READY=1", self.systemd.wait(PATIENCE_SECONDS))
        self.assertIn("/nonexistent", self.wait_for("STATUS=not ready: camera_failed:"))
        self.wait_for("WATCHDOG=1")
        self.assertEqual(503, daemon.get("/ready").status)

    def test_watchdog(self) -> None:
        """
        A daemon that lives is not taken for dead.
        """
        self.make_daemon(self.settings).start()
        self.wait_for("WATCHDOG=1")
        begin = time.monotonic()
        for _ in range(6):
            self.wait_for("WATCHDOG=1")
        late = time.monotonic() - begin - 6 * WATCHDOG_SECONDS / 2
        self.assertLess(abs(late), 1.0)

    def test_nobody_listens(self) -> None:
        """
        A daemon that systemd does not hear is one that streams nevertheless.
        """
        daemon = self.make_daemon({**self.settings, "NOTIFY_SOCKET": "/nonexistent"}).start()
        daemon.wait_until_ready()
        wait_until(lambda: "Cannot notify /nonexistent" in daemon.log, "a line that says so")
        self.assertIsInstance(daemon.stop(), End)
        self.assertEqual(1, daemon.log.count("Cannot notify"))
        self.assertNotIn("Traceback", daemon.log)
