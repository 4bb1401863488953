"""
What the units promise, kept in a machine that has booted with them.

"""

import re
import time

from tests.containers.rig import Failed, say
from tests.containers.systemd.machine import (
    MANAGEMENT,
    PORTS,
    SETTINGS,
    STATE,
    WEBCAM,
    MachineTestCase,
    both,
)
from tests.guides import blocks
from tests.integration.daemon import wait_until

NODE = {
    "id": "garden",
    "name": "Garden",
    "base_url": "http://localhost:8000",
    "auth": {"type": "none"},
    "labels": {},
    "last_seen": "2026-01-01T00:00:00Z",
    "capabilities": ["stream"],
    "transport": "http",
}

TWO_PICTURES = """
import http.client
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=20)
connection.request("GET", "/stream.mjpg")
reply = connection.getresponse()
for _ in range(3):
    while reply.readline() != b"--frame\\r\\n":
        pass
print(reply.headers["Content-Type"])
"""

# Python runs it first of all. The camera then does not close, as with a driver that hangs.
STUCK = """
import time
from motion_in_ocean.camera import MockCamera

MockCamera.close = lambda camera: time.sleep(3600)
"""

# Run by the units before the daemon, with the same limits.
MEMORY = "[Service]\nRestart=no\nExecStartPre=python3 -c 'bytearray(700 << 20)'\n"
THREADS = """
[Service]
ExecStartPre=-python3 -c 'import threading, time; \\
    [threading.Thread(target=time.sleep, args=(9,), daemon=True).start() for _ in range(200)]'
"""


class RunningTests(MachineTestCase):
    """
    Both modes, side by side.

    """

    def setUp(self) -> None:
        """
        Have a machine that has just started.

        """
        super().setUp()
        self.machine = self.boot(both())

    def test_starts_with_the_machine(self) -> None:
        """
        After a power cut the camera is back without anybody's help, says so, and streams; the
        dashboard shows it.

        """
        for unit in PORTS:
            self.machine.until_active(unit)
            self.assertEqual(self.machine.show(f"{unit}.service", "NRestarts"), "0")
            self.assertEqual(self.machine.get(PORTS[unit], "/health").status, 200)
        wait_until(
            lambda: self.machine.show(f"{WEBCAM}.service", "StatusText").startswith("ready: "),
            "a status with pictures",
        )
        say(self.machine.show(f"{WEBCAM}.service", "StatusText"))
        say(self.machine.show(f"{MANAGEMENT}.service", "StatusText"))
        kind = self.machine.run("python3", "-c", TWO_PICTURES)
        self.assertEqual(kind, "multipart/x-mixed-replace; boundary=frame")
        self.assertEqual(self.machine.get(8001, "/api/nodes", "POST", NODE).status, 201)
        overview = self.machine.get(8001, "/api/management/overview").json()
        self.assertEqual([node["status"] for node in overview["nodes"]], ["ready"])

    def test_watchdog(self) -> None:
        """
        A daemon that stands still is ended and started anew, whatever it hangs on.

        """
        for unit in PORTS:
            self.machine.drop_in(f"{unit}.service", "[Service]\nWatchdogSec=3\n")
            self.machine.run("systemctl", "restart", f"{unit}.service")
            pid = self.machine.pid(unit)
            self.machine.run("systemctl", "kill", "--signal=STOP", f"{unit}.service")
            seconds = self.machine.until_another(unit, pid)
            say(f"{unit}: up again {seconds:.1f} s after it stood still")
            self.assertIn("Failed with result 'watchdog'", self.machine.log(unit))
            self.assertEqual(self.machine.get(PORTS[unit], "/health").status, 200)

    def test_hung_camera(self) -> None:
        """
        A camera whose driver hangs is given to a fresh process, and the picture is back.

        """
        self.machine.write("/opt/stuck/sitecustomize.py", STUCK)
        self.machine.drop_in(f"{WEBCAM}.service", "[Service]\nEnvironment=PYTHONPATH=/opt/stuck\n")
        self.machine.run("systemctl", "restart", f"{WEBCAM}.service")
        pid = self.machine.pid(WEBCAM)
        wait_until(lambda: self.machine.get(8000, "/ready").status == 200, "a picture")
        self.assertEqual(self.machine.get(8000, "/api/actions/restart", "POST").status, 202)
        say(f"a fresh process after {self.machine.until_another(WEBCAM, pid):.1f} s")
        self.assertIn("status=75/TEMPFAIL", self.machine.log(WEBCAM))
        wait_until(lambda: self.machine.get(8000, "/ready").status == 200, "the picture")

    def test_state_is_kept(self) -> None:
        """
        The list of nodes is still there after a restart, a crash and an end of the machine, and
        nobody else can read it.

        """
        self.assertEqual(self.machine.get(8001, "/api/nodes", "POST", NODE).status, 201)
        pid = self.machine.pid(MANAGEMENT)
        self.machine.run("systemctl", "kill", "--signal=KILL", f"{MANAGEMENT}.service")
        say(f"up again {self.machine.until_another(MANAGEMENT, pid):.1f} s after it was killed")
        self.machine.run("systemctl", "restart", f"{MANAGEMENT}.service")
        nodes = self.machine.get(8001, "/api/nodes").json()["nodes"]
        self.assertEqual([node["id"] for node in nodes], ["garden"])
        modes = self.machine.shell(f"stat -L -c '%a' {STATE} {STATE}/nodes.json")
        self.assertEqual(modes.split(), ["700", "600"])

    def test_state_comes_from_another_machine(self) -> None:
        """
        As the guide says, and nobody else can read it then.

        """
        self.assertEqual(self.machine.get(8001, "/api/nodes", "POST", NODE).status, 201)
        self.machine.shell(f"cd /root && umask 077 && cat {STATE}/nodes.json >nodes.json")
        self.assertEqual(self.machine.get(8001, "/api/nodes/garden", "DELETE").status, 204)
        (block,) = blocks("in a machine with systemd")
        self.machine.shell(f'cd /root\nsudo() {{ "$@"; }}\n{block.code}')
        nodes = self.machine.get(8001, "/api/nodes").json()["nodes"]
        self.assertEqual([node["id"] for node in nodes], ["garden"])
        self.assertEqual(self.machine.get(8001, "/ready").status, 200)
        owners = self.machine.shell(f"stat -L -c '%U %a' {STATE}/ {STATE}/nodes.json")
        user = self.machine.run("stat", "-c", "%U", f"/proc/{self.machine.pid(MANAGEMENT)}")
        self.assertEqual(owners.splitlines(), [f"{user} 700", f"{user} 600"])

    def test_wrong_setting(self) -> None:
        """
        A slip in the settings does not cost the picture; the log names it.

        """
        self.machine.write(f"{SETTINGS}/{WEBCAM}.env", "MOCK_CAMERA=true\nFPS=fast\n")
        self.machine.run("systemctl", "restart", f"{WEBCAM}.service")
        self.assertEqual(self.machine.get(8000, "/health").status, 200)
        self.assertIn("FPS (environment) is 'fast'", self.machine.log(WEBCAM))

    def test_stop(self) -> None:
        """
        ``systemctl stop`` does not take long, also while somebody watches, and nothing is killed.

        """
        self.machine.shell(f"nohup python3 -c '{TWO_PICTURES}\nreply.read()' >/dev/null 2>&1 &")
        wait_until(
            lambda: self.machine.get(8000, "/api/viewers").json()["viewers"], "somebody who watches"
        )
        for unit in PORTS:
            begin = time.monotonic()
            self.machine.run("systemctl", "stop", f"{unit}.service")
            seconds = time.monotonic() - begin
            say(f"{unit}: {seconds:.1f} s")
            self.assertLess(seconds, 6)
            self.assertEqual(self.machine.show(f"{unit}.service", "Result"), "success")
            self.assertEqual(self.machine.state(f"{unit}.service"), "inactive")

    def test_port_taken(self) -> None:
        """
        Where something else has the port, the log says so in one line, and the daemon is there as
        soon as the port is free.

        """
        self.machine.run("systemctl", "stop", f"{WEBCAM}.service")
        self.machine.shell("nohup python3 -m http.server 8000 >/dev/null 2>&1 & echo $! > /tmp/pid")
        wait_until(lambda: self.machine.get(8000, "/").status == 200, "the other server")
        self.machine.run("journalctl", "--rotate", "--vacuum-time=1s")
        self.assertRaises(Failed, self.machine.run, "systemctl", "start", f"{WEBCAM}.service")
        line = "Cannot listen on tcp:8000:interface=0.0.0.0: Address already in use"
        wait_until(lambda: self.machine.log(WEBCAM).count(line) >= 2, "a second try")
        self.assertNotIn("Traceback", self.machine.log(WEBCAM))
        self.machine.shell("kill $(cat /tmp/pid)")
        say(f"up {self.machine.until_active(WEBCAM):.1f} s after the port was free")
        self.assertEqual(self.machine.get(8000, "/health").status, 200)

    def test_token(self) -> None:
        """
        A token is passed on as the file of settings tells to do it: only root can read it, and it
        is not in the daemon's environment.

        """
        for unit in PORTS:
            text = self.machine.run("cat", f"{SETTINGS}/{unit}.env")
            lines = re.findall(r"^#   (.*)$", text, re.MULTILINE)
            (path,) = re.findall(r"LoadCredential=token:(\S+)", text)
            self.machine.write(path, "a long random text\n")
            self.machine.run("chmod", "600", path)
            self.machine.drop_in(f"{unit}.service", "\n".join(lines))
            self.machine.run("systemctl", "restart", f"{unit}.service")
            answers = [
                self.machine.get(PORTS[unit], "/metrics", token=token).status
                for token in (None, "another", "a long random text")
            ]
            self.assertEqual(answers, [401, 401, 200])
            environ = self.machine.run("cat", f"/proc/{self.machine.pid(unit)}/environ")
            self.assertNotIn("random", environ)

    def test_limits(self) -> None:
        """
        A daemon that takes too much memory, or too many threads, does not take the machine down.

        """
        for unit in PORTS:
            self.machine.drop_in(f"{unit}.service", MEMORY)
            self.assertRaises(Failed, self.machine.run, "systemctl", "restart", f"{unit}.service")
            # With the older control groups systemd does not hear why.
            result = self.machine.show(f"{unit}.service", "Result")
            self.assertIn(result, ("oom-kill", "signal"))
            self.assertIn("code=killed, status=9/KILL", self.machine.log(unit))
            self.machine.drop_in(f"{unit}.service", THREADS)
            self.machine.run("systemctl", "start", f"{unit}.service")
            self.assertIn("can't start new thread", self.machine.log(unit))
            self.assertEqual(self.machine.state(f"{unit}.service"), "active")
