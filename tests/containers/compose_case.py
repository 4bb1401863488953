"""
A copy of the project, brought up by ``docker compose``.

"""

import shutil
import time
from pathlib import Path

from tests.containers.rig import PROJECT, Container, ContainerTestCase, run
from tests.integration.daemon import free_port

NEEDED = (
    *("Dockerfile", "docker-compose.yml", ".env.example", ".dockerignore", "LICENSE"),
    *("README.rst", "constraints.txt", "pyproject.toml", "requirements.txt", "setup.cfg"),
)
FOLDERS = ("motion_in_ocean", "twisted")

BUILD_HERE = "build: {network: host}"
"""The engine of these tests has no network for builds but the host's."""


class ComposeTestCase(ContainerTestCase):
    """
    A copy of the project, as from ``git clone``.

    """

    def setUp(self) -> None:
        """
        Make the copy, with ports of its own.

        """
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        for name in NEEDED:
            shutil.copy(PROJECT / name, self.folder)
        for name in FOLDERS:
            ignored = shutil.ignore_patterns("__pycache__", "dropin.cache")
            shutil.copytree(PROJECT / name, self.folder / name, ignore=ignored)
        self.port, self.management_port = free_port(), free_port()
        self.project = f"mio-{self.folder.parent.name.lower()}-{self.port}"
        self.settings()
        self.addCleanup(self.down, "--volumes")

    def settings(self, **settings: str) -> None:
        """
        Write ``.env``.

        """
        ports = {"PORT": str(self.port), "MANAGEMENT_PORT": str(self.management_port)}
        settings = {**ports, "PUBLISH_ADDRESS": "127.0.0.1", **settings}
        lines = (f"{name}='{value}'\n" for name, value in settings.items())
        (self.folder / ".env").write_text("".join(lines))

    def override(self, service: str, *lines: str) -> None:
        """
        Write ``docker-compose.override.yml``.

        """
        text = "".join(f"    {line}\n" for line in (BUILD_HERE, *lines))
        also = f"  auth-token-is-set:\n    {BUILD_HERE}\n" if service == "management" else ""
        (self.folder / "docker-compose.override.yml").write_text(
            f"services:\n  {service}:\n{text}{also}"
        )

    def compose(self, *arguments: str) -> str:
        """
        :returns: What ``docker compose`` prints.
        """
        command = f"docker compose --project-name {self.project}"
        return run(*command.split(), *arguments, cwd=self.folder)

    def down(self, *options: str) -> None:
        """
        Remove the containers, whatever their profile.

        """
        self.compose("--profile=*", "down", "--timeout=10", *options)

    def up(self, service: str) -> tuple[Container, float]:
        """
        :returns: The container, healthy, and the seconds that it took.
        """
        self.compose("--profile", service, "build")
        begin = time.monotonic()
        self.compose("--profile", service, "up", "--detach", "--wait", "--wait-timeout=60")
        return self.container(service), time.monotonic() - begin

    def container(self, service: str) -> Container:
        """
        :returns: The container of a service.
        """
        listed = self.compose("--profile", service, "ps", "--all", "--quiet", service)
        return Container(listed)
