"""
What somebody could do who has taken a daemon over: next to nothing.

"""

import json
import re
from typing import Any

from tests.containers.systemd.machine import (
    MANAGEMENT,
    PORTS,
    STATE,
    WEBCAM,
    MachineTestCase,
    both,
)

ALLOWED = {"write state", "write /tmp", "ordinary socket"}
NO_CAPABILITIES = "0" * 16
VIDEO = "44"


class SandboxTests(MachineTestCase):
    """
    The intruder runs as ``ExecStartPre=`` of the units, which gives it all that the daemon has.

    """

    def intruder(self, unit: str) -> dict[str, Any]:
        """
        :returns: What it has found.
        """
        machine = self.machine
        program = "/src/tests/containers/systemd/intruder.py"
        machine.drop_in(f"{unit}.service", f"[Service]\nExecStartPre=python3 {program}\n")
        machine.run("systemctl", "restart", f"{unit}.service")
        found: dict[str, Any] = json.loads(re.findall("FOUND (.*)", machine.log(unit))[-1])
        return found

    def setUp(self) -> None:
        """
        Have a machine with secrets of other users, and a device.

        """
        super().setUp()
        self.machine = self.boot(both())
        self.machine.write("/home/pi/diary", "Dear diary")
        # Anybody might open it, but for the unit; there is no such hardware.
        self.machine.run("mknod", "--mode=666", "/dev/other", "c", "10", "200")

    def test_nothing_can_be_done(self) -> None:
        """
        An intruder changes no file but the daemon's own, reads nobody's home, sees no other
        process, and becomes nobody else.

        """
        for unit in PORTS:
            found = self.intruder(unit)
            attempts = found["attempts"]
            done = {name for name, what in attempts.items() if what == "done"}
            # A camera has nothing to remember.
            expected = ALLOWED if unit == MANAGEMENT else ALLOWED - {"write state"}
            self.assertEqual(done, expected, attempts)
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                self.assertEqual(found["status"][name], NO_CAPABILITIES)
            self.assertEqual(
                (found["status"]["NoNewPrivs"], found["status"]["Seccomp"]), ("1", "2")
            )
            self.assertNotIn("0", found["status"]["Uid"].split())

    def test_nothing_is_left(self) -> None:
        """
        What it leaves in the temporary folder is gone with it; what it leaves in the state is with
        nobody else.

        """
        self.intruder(MANAGEMENT)
        self.assertEqual(self.machine.shell("ls -d /tmp/left-behind 2>&1 || :")[:3], "ls:")
        self.assertEqual(self.machine.run("cat", f"{STATE}/left-behind"), "x")

    def test_devices(self) -> None:
        """
        Only who streams a camera may have one, and nothing else of the hardware.

        """
        webcam = self.intruder(WEBCAM)
        self.assertIn(VIDEO, webcam["status"]["Groups"].split())
        self.assertEqual(webcam["attempts"]["open a device"], "Operation not permitted")
        management = self.intruder(MANAGEMENT)
        self.assertNotIn(VIDEO, management["status"]["Groups"].split())
        self.assertEqual({"kmsg", "other"} & set(management["devices"]), set())
