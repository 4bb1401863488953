"""
Tests that what is installed is what was looked at.

"""

import configparser
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent

STUB = """\
#!/bin/sh
[ "$1" = -c ] && exec {python} "$@"
printf '%s\\n' "$*" >> {log}
"""


def pins(name: str) -> dict[str, set[str]]:
    """
    :returns: The versions of each package in a file; more than one where it depends on Python's.
    """
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        match = re.match(r"([a-z0-9-]+)==([^ ;\\]+)", line)
        if match:
            found.setdefault(match[1], set()).add(match[2])
    return found


def needed() -> set[str]:
    """
    :returns: All packages that the daemon needs, directly or not.
    """
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    waiting = [Requirement(line) for line in setup["options"]["install_requires"].split()]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in seen and not requirement.extras:
            continue
        seen.add(name)
        extras = requirement.extras or {""}
        waiting.extend(
            inner
            for inner in map(Requirement, requires(name) or ())
            if inner.marker is None
            or any(inner.marker.evaluate({"extra": extra}) for extra in extras)
        )
    return seen


class PinnedTests(SynchronousTestCase):
    """
    ``requirements.txt`` is what of ``constraints.txt`` the daemon needs, with hashes.

    """

    def test_same_versions(self) -> None:
        """
        What is tested is what is installed.
        """
        constraints = pins("constraints.txt")
        for name, versions in pins("requirements.txt").items():
            self.assertLessEqual(versions, constraints[name], name)

    def test_complete(self) -> None:
        """
        Nothing the daemon needs comes in beside the list; what it is built with is in it as well.
        """
        self.assertLessEqual({*needed(), "setuptools"}, set(pins("requirements.txt")))

    def test_hashes(self) -> None:
        """
        A file that somebody has put in the place of another is not installed.
        """
        text = (ROOT / "requirements.txt").read_text().replace("\\\n", " ")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        self.assertGreater(len(lines), 20)
        for line in lines:
            self.assertRegex(line, r"^[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}\b")


class InstallTests(SynchronousTestCase):
    """
    The installer asks for them.

    """

    def commands(self, *arguments: str, bits: int = 64) -> list[str]:
        """
        :returns: What ``pip`` is told.
        """
        venv, log = Path(self.mktemp()).absolute(), Path(self.mktemp()).absolute()
        (venv / "bin").mkdir(parents=True)
        python = venv / "bin" / "python"
        python.write_text(STUB.format(python=sys.executable, log=log))
        if bits == 32:
            python.write_text(
                STUB.format(python=sys.executable, log=log).replace(
                    '"$@"', '-c "import sys; sys.maxsize = 2**31 - 1; exec(sys.argv[1])" "$2"'
                )
            )
        python.chmod(0o755)
        done = subprocess.run(
            ["scripts/install.sh", str(venv), *arguments],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=True,
        )
        self.said = done.stdout
        return [
            line.partition("pip install --quiet --disable-pip-version-check ")[2].replace('"', "")
            for line in log.read_text().splitlines()
            if "pip install" in line
        ]

    def test_hashes_first(self) -> None:
        """
        What the daemon needs is there, with its hashes, before anything else is installed.
        """
        self.assertEqual(
            self.commands(),
            [
                "--require-hashes --requirement requirements.txt",
                "--constraint constraints.txt --no-build-isolation .",
            ],
        )

    def test_tests_too(self) -> None:
        """
        Also where the tools for development follow.
        """
        self.assertEqual(
            self.commands("test"),
            [
                "--require-hashes --requirement requirements.txt",
                "--constraint constraints.txt --no-build-isolation .[test]",
            ],
        )

    def test_32_bit(self) -> None:
        """
        Where piwheels.org has packages of its own making, versions have to do, and that is said.
        """
        commands = self.commands(bits=32)
        self.assertIn("--constraint constraints.txt setuptools>=77", commands[0])
        self.assertNotIn("--require-hashes", "".join(commands))
        self.assertIn("their hashes are not", self.said)
