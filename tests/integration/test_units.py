"""
Tests of the systemd units, the files of settings beside them and the script that installs them, as
far as nothing has to be booted for that.

"""

import re
import shutil
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.settings import Settings, load_settings, setting_of
from tests.integration.components import require_program

PROJECT = Path(__file__).parents[2]
UNITS = PROJECT / "systemd"
SCRIPT = PROJECT / "scripts" / "install-on-pi.sh"

WEBCAM, MANAGEMENT = "motion-in-ocean", "motion-in-ocean-management"
EXPOSURE = {WEBCAM: 1.8, MANAGEMENT: 1.3}
"""By ``systemd-analyze security``, from 0 to 10. Over 2.0 the unit is one that lets others in."""

SETTINGS = set(Settings.model_fields) - {"locked"}


def values(name: str, key: str) -> list[str]:
    """
    :returns: What a unit says of that.
    """
    return re.findall(rf"^{key}=(.*)$", (UNITS / name).read_text(), re.MULTILINE)


def value(name: str, key: str) -> str:
    """
    :returns: The same, of what it says once.
    """
    (it,) = values(name, key)
    return it


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    """
    :returns: How ``systemd-analyze`` ended.
    """
    program = require_program("systemd-analyze", "apt-get install systemd")
    return subprocess.run(
        [program, *map(str, arguments)], check=False, capture_output=True, text=True
    )


class UnitTests(SynchronousTestCase):
    """
    What systemd makes of the units.

    """

    def test_valid(self) -> None:
        """
        No key is misspelt, in the wrong section, or unknown to the systemd of Bookworm.

        """
        # The program is not installed here, and a unit that starts nothing is refused.
        folder = Path(self.mktemp())
        shutil.copytree(UNITS, folder)
        for path in folder.glob("*.service"):
            path.write_text(re.sub("(?m)^ExecStart=.*", "ExecStart=/bin/true", path.read_text()))
        paths = sorted(path for path in folder.iterdir() if path.suffix != ".env")
        ended = analyze("verify", "--man=no", *paths)
        mine = [line for line in ended.stderr.splitlines() if "motion-in-ocean" in line]
        self.assertEqual((ended.returncode, mine), (0, []))

    def test_exposure(self) -> None:
        """
        A flaw in the daemon lets nobody into the machine.

        """
        for name, most in EXPOSURE.items():
            ended = analyze(
                *("security", "--offline=true", "--no-pager", f"--threshold={round(most * 10)}"),
                UNITS / f"{name}.service",
            )
            self.assertEqual(ended.returncode, 0, ended.stdout)

    def test_restarted_for_ever(self) -> None:
        """
        Nobody is there to start it by hand: whatever happens, however often, it comes back; but
        neither does it keep the machine busy with that.

        """
        for name in EXPOSURE:
            self.assertEqual(value(f"{name}.service", "StartLimitIntervalSec"), "0")
            self.assertEqual(value(f"{name}.service", "Restart"), "always")
            self.assertGreaterEqual(int(value(f"{name}.service", "RestartSec")), 1)
            self.assertEqual(value(f"{name}.socket", "TriggerLimitIntervalSec"), "0")

    def test_supervised(self) -> None:
        """
        What the daemon tells systemd is heard, and a clean stop is not cut short.

        """
        for name in EXPOSURE:
            self.assertEqual(value(f"{name}.service", "Type"), "notify")
            self.assertEqual(value(f"{name}.service", "NotifyAccess"), "main")
            self.assertEqual(value(f"{name}.service", "WatchdogSec"), "30")
            self.assertGreater(int(value(f"{name}.service", "TimeoutStopSec")), 6)

    def test_side_by_side(self) -> None:
        """
        Both modes can be on one machine: each has its port, the same with and without a socket
        unit, and its state.

        """
        ports = set()
        for name in EXPOSURE:
            environ = dict(
                line.replace("%S", "/var/lib").split("=", 1)
                for line in values(f"{name}.service", "Environment")
            )
            loaded = load_settings({}, environ)
            self.assertEqual(loaded.warnings, ())
            self.assertEqual(loaded.settings.app_mode == "management", name == MANAGEMENT)
            port = value(f"{name}.socket", "ListenStream")
            self.assertEqual(port, str(loaded.settings.port))
            ports.add(loaded.settings.port)
        self.assertEqual(len(ports), len(EXPOSURE))
        registry = Path(loaded.settings.node_registry_path)
        state = value(f"{MANAGEMENT}.service", "StateDirectory")
        self.assertEqual(registry.parent, Path("/var/lib", state))

    def test_paths(self) -> None:
        """
        The units start what the script installs, with the settings that it writes.

        """
        script = SCRIPT.read_text()
        for name in EXPOSURE:
            settings = f"/etc/motion-in-ocean/{name}.env"
            self.assertEqual(value(f"{name}.service", "EnvironmentFile"), f"-{settings}")
            program = "/opt/motion-in-ocean/current/bin/twistd -n motion-in-ocean"
            self.assertEqual(value(f"{name}.service", "ExecStart"), program)
            self.assertTrue((UNITS / f"{name}.env").exists())
        for words in (
            "prefix=${PREFIX:-/opt/motion-in-ocean}\n",
            "settings_dir=/etc/motion-in-ocean\n",
            f"state_dir=/var/lib/{MANAGEMENT}\n",
        ):
            self.assertIn(words, script)


class SettingsFileTests(SynchronousTestCase):
    """
    The files of settings that people edit.

    """

    def test_nothing_is_set(self) -> None:
        """
        As they come they change nothing.

        """
        for name in EXPOSURE:
            lines = (UNITS / f"{name}.env").read_text().splitlines()
            self.assertEqual([line for line in lines if line and not line.startswith("#")], [])

    def test_proposals_are_valid(self) -> None:
        """
        What they propose exists and is accepted, all of it at once.

        """
        for name in EXPOSURE:
            text = (UNITS / f"{name}.env").read_text()
            proposed = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))
            self.assertLessEqual({key.lower() for key in proposed}, {"config_file"} | SETTINGS)
            environ = {key: value.strip("'") for key, value in proposed.items()}
            self.assertEqual(load_settings({}, environ).warnings, ())

    def test_management_has_its_own(self) -> None:
        """
        What only management mode knows of stands in its file, all of it.

        """
        text = (UNITS / f"{MANAGEMENT}.env").read_text()
        own = {name for name in SETTINGS if setting_of(name).help.startswith("management: ")}
        self.assertGreater(len(own), 3)
        self.assertEqual([name for name in sorted(own) if f"\n# {name.upper()}=" not in text], [])

    def test_test_card(self) -> None:
        """
        Without the camera's software the script turns one line into the test card.

        """
        self.assertIn("\n# MOCK_CAMERA=true\n", (UNITS / f"{WEBCAM}.env").read_text())
        self.assertIn("s/^# MOCK_CAMERA=/MOCK_CAMERA=/", SCRIPT.read_text())


class ScriptTests(SynchronousTestCase):
    """
    The script that installs them.

    """

    def test_lint(self) -> None:
        """
        It runs as root on other people's machines: no slip of the shell's is in it, or in those
        beside it.

        """
        shellcheck = require_program("shellcheck", "apt-get install shellcheck")
        scripts = sorted(SCRIPT.parent.glob("*.sh"))
        self.assertIn(SCRIPT, scripts)
        ended = subprocess.run([shellcheck, *scripts], check=False, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stdout), (0, ""))

    def test_help(self) -> None:
        """
        Nobody has to be root to read what it would do, and every option is told.

        """
        ended = subprocess.run([SCRIPT, "--help"], check=True, capture_output=True, text=True)
        options = set(
            re.findall(r"^    (--[a-z-]+)(?: \| -h)?\)", SCRIPT.read_text(), re.MULTILINE)
        )
        self.assertEqual(set(re.findall(r"^  (--[a-z-]+)  ", ended.stdout, re.MULTILINE)), options)
        self.assertTrue(options)
