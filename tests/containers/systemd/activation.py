"""
A port that systemd holds: ``install-on-pi.sh --socket``.

"""

import threading
import time

from tests.containers.rig import say
from tests.containers.systemd.machine import (
    FOR_CAMERA,
    FOR_MANAGEMENT,
    PORTS,
    SETTINGS,
    WEBCAM,
    MachineTestCase,
    both,
    installed,
)
from tests.containers.systemd.running import STUCK
from tests.integration.daemon import Reply, wait_until


class ActivationTests(MachineTestCase):
    """
    Both modes, each with its socket.

    """

    def setUp(self) -> None:
        """
        Have a machine that has just started.

        """
        super().setUp()
        commands = ((*FOR_CAMERA, "--socket"), (*FOR_MANAGEMENT, "--socket"))
        self.machine = self.boot(installed(both(), *commands))

    def asked_meanwhile(self, unit: str, path: str = "/health") -> tuple[list[Reply], float]:
        """
        :returns: The answers to requests that were made while nobody could answer them, and how
            long that took.
        """
        begin, replies = time.monotonic(), []
        threads = [
            threading.Thread(target=lambda: replies.append(self.machine.get(PORTS[unit], path)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return replies, time.monotonic() - begin

    def test_first_request(self) -> None:
        """
        A camera that nobody looks at costs nothing; the first one who does gets an answer.

        """
        for unit, port in PORTS.items():
            self.assertEqual(self.machine.state(f"{unit}.socket"), "active")
            self.assertEqual(self.machine.state(f"{unit}.service"), "inactive")
            begin = time.monotonic()
            self.assertEqual(self.machine.get(port, "/health").status, 200)
            say(f"{unit}: answered after {time.monotonic() - begin:.1f} s")
            self.machine.until_active(unit)

    def test_its_own_port_is_not_opened(self) -> None:
        """
        Nobody has to write an endpoint string, and what the settings say of a port, which is the
        default there, opens no second one.

        """
        self.machine.write(f"{SETTINGS}/{WEBCAM}.env", "MOCK_CAMERA=true\nPORT=9000\n")
        listen = self.machine.get(8000, "/api/config").json()["settings"]["LISTEN"]
        self.assertEqual(listen, {"value": "systemd:domain=INET6:index=0", "origin": "systemd"})
        self.assertNotIn(":2328 ", self.machine.run("cat", "/proc/net/tcp", "/proc/net/tcp6"))

    def test_requests_wait_for_a_restart(self) -> None:
        """
        Whoever asks while the daemon is started anew is answered, not refused.

        """
        for unit in PORTS:
            self.asked_meanwhile(unit)
            pid = self.machine.pid(unit)
            self.machine.run("systemctl", "kill", "--signal=KILL", f"{unit}.service")
            replies, seconds = self.asked_meanwhile(unit)
            self.assertEqual([reply.status for reply in replies], [200] * 3)
            self.assertNotIn(self.machine.pid(unit), (0, pid))
            say(f"{unit}: answered {seconds:.1f} s after the crash")

    def test_requests_wait_for_a_hung_camera(self) -> None:
        """
        Also when the daemon has left by itself and closed its port: systemd still holds it.

        """
        self.machine.write("/opt/stuck/sitecustomize.py", STUCK)
        self.machine.drop_in(f"{WEBCAM}.service", "[Service]\nEnvironment=PYTHONPATH=/opt/stuck\n")
        wait_until(lambda: self.machine.get(8000, "/ready").status == 200, "a picture")
        self.assertEqual(self.machine.get(8000, "/api/actions/restart", "POST").status, 202)
        wait_until(lambda: self.machine.pid(WEBCAM) == 0, "its end")
        replies, seconds = self.asked_meanwhile(WEBCAM)
        self.assertEqual([reply.status for reply in replies], [200] * 3)
        self.assertIn("status=75/TEMPFAIL", self.machine.log(WEBCAM))
        say(f"answered {seconds:.1f} s after it has left")
