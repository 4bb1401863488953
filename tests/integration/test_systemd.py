"""
What systemd is told by a daemon that it starts, and what it passes on.

"""

import signal
import subprocess
import sys
import time

from tests.integration.components import require_program
from tests.integration.daemon import TWISTD, Daemon, DaemonTestCase, End, wait_until
from tests.notified import NotifiedSocket

WATCHDOG_SECONDS = 1.0
PATIENCE_SECONDS = 15.0

# What systemd does for a socket unit: the socket is descriptor 3, and stays open elsewhere.
ACTIVATE = """
import os, socket, sys

listening = socket.create_server(("127.0.0.1", 0), backlog=9)
os.dup2(listening.detach(), 3)
os.set_inheritable(3, True)
pid = os.getpid() if sys.argv[1] == "ours" else 1
os.environ |= {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "http", "LISTEN_PID": str(pid)}
os.execv(sys.argv[2], sys.argv[2:])
"""


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


class SocketTests(DaemonTestCase):
    """
    A socket unit, with a small program in the place of systemd.

    """

    def activated(self, whose: str = "ours", **settings: str) -> Daemon:
        """
        :param whose: ``ours`` if the socket is meant for the daemon.
        :returns: A daemon that was passed a socket on a port of the kernel's choice.
        """
        command = (sys.executable, "-c", ACTIVATE, whose, TWISTD, "-n", "motion-in-ocean")
        return self.make_daemon(settings, command=command).start()

    def test_passed_socket(self) -> None:
        """
        The socket is listened on without anybody having to write an endpoint string; what the
        settings say of a port does not matter.
        """
        daemon = self.activated(BIND_HOST="127.0.0.2", PORT="1").wait_until_ready()
        listen = daemon.get("/api/config").json()["settings"]["LISTEN"]
        self.assertEqual({"value": "systemd:domain=INET:index=0", "origin": "systemd"}, listen)
        self.assertEqual(-signal.SIGTERM, daemon.stop().status)
        self.assertNotIn("Traceback", daemon.log)

    def test_queue(self) -> None:
        """
        How many clients may wait to be let in is what ``Backlog=`` in the socket unit says.
        """
        ss = require_program("ss", "apt-get install iproute2")
        daemon = self.activated()
        asked = (ss, "-ltnH", f"sport = :{daemon.port}")
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        self.assertEqual("9", told.split()[2])

    def test_what_is_set_wins(self) -> None:
        """
        Whoever has written an endpoint string is listened on there.
        """
        daemon = self.activated(LISTEN="tcp:0:interface=127.0.0.1")
        listen = daemon.get("/api/config").json()["settings"]["LISTEN"]
        self.assertEqual("environment", listen["origin"])

    def test_meant_for_another(self) -> None:
        """
        A program that a socket-activated service starts does not take its socket away.
        """
        daemon = self.activated("another's")
        listen = daemon.get("/api/config").json()["settings"]["LISTEN"]
        self.assertEqual({"value": None, "origin": "default"}, listen)
