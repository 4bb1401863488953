"""
That a daemon with something in it that cannot be ended does end.

"""

import errno
import socket
import time
from pathlib import Path

from motion_in_ocean.tap import EXIT_HUNG_CAMERA
from tests.integration.daemon import TWISTD, Daemon, DaemonTestCase, wait_until

PORT_CLOSED_SECONDS = 1.0
STOP_SECONDS = 6.0


def is_refused(port: int) -> bool:
    """
    :returns: Whether nobody listens there any more.
    """
    with socket.socket() as probe:
        probe.settimeout(PORT_CLOSED_SECONDS)
        return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


class LeavingTests(DaemonTestCase):
    """
    What an operator, and the process that takes over, see of it.

    """

    def left(self, hangs: str) -> tuple[Daemon, float, float]:
        """
        :param hangs: See the program.
        :returns: A daemon that has left by itself, and the seconds until its port was closed and
            until it had ended.
        """
        program = Path(__file__).with_name("leaving.py")
        command = (TWISTD, "-n", "--pidfile=mio.pid", "--python", str(program))
        daemon = self.make_daemon({"HANGS": hangs}, command=command).start()
        self.assertTrue((daemon.cwd / "mio.pid").exists())
        begin = time.monotonic()
        self.assertEqual(b"Good bye", daemon.get("/leave").body)
        wait_until(lambda: is_refused(daemon.port), "a port that is closed")
        closed = time.monotonic() - begin
        wait_until(lambda: daemon.status is not None, "the end")
        return daemon, closed, time.monotonic() - begin

    def assert_left(self, daemon: Daemon, closed: float) -> None:
        """
        It has left as it should, whatever was in its way.
        """
        self.assertEqual(EXIT_HUNG_CAMERA, daemon.status, daemon.log)
        self.assertLess(closed, PORT_CLOSED_SECONDS)
        self.assertFalse((daemon.cwd / "mio.pid").exists())
        self.assertEqual(1, daemon.log.count("The camera hangs. Leaving with status 75"))
        self.assertEqual(1, daemon.log.count("Everything has been kept"))
        self.assertNotIn("Traceback", daemon.log)

    def test_hung_driver(self) -> None:
        """
        Where only a thread of the driver is stuck, nothing is waited for: the picture is back soon.
        """
        daemon, closed, ended = self.left("driver")
        self.assert_left(daemon, closed)
        self.assertLess(ended, 3)
        self.assertIn("Server Shut Down", daemon.log)

    def test_hung_service(self) -> None:
        """
        Where something else hangs as well, the port is free and everything else kept meanwhile.
        """
        daemon, closed, ended = self.left("service")
        self.assert_left(daemon, closed)
        self.assertLess(ended, STOP_SECONDS)
        self.assertIn("did not end within 5 s; leaving with status 75", daemon.log)

    def test_hung_pool(self) -> None:
        """
        Nor does it matter if some library's threads are of the kind that Python waits for.
        """
        daemon, closed, ended = self.left("pool")
        self.assert_left(daemon, closed)
        self.assertLess(ended, STOP_SECONDS)
