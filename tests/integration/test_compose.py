"""
Tests of the Compose file.

Nothing is built or started here; see ``tests/containers``.

"""

import json
import re
import shutil
import subprocess
import tarfile

from motion_in_ocean.settings import Settings, load_settings
from tests.guides import CAMERA, HUB
from tests.integration.compose_case import GATE, PROJECT, ComposeTestCase, sources

SERVICES = ("camera", "mock", "management")
IMAGE = "ghcr.io/someone/motion-in-ocean:1.2.3"

CREDENTIALS: list[dict[str, str]] = [
    {"AUTH_TOKEN": "x"},
    {"AUTH_TOKEN_FILE": "/run/secrets/token"},
    {"AUTH_USERNAME": "me", "AUTH_PASSWORD": "x"},
    {"CONFIG_FILE": "/etc/motion-in-ocean.yaml"},
]


class ComposeTests(ComposeTestCase):
    """
    What ``docker compose`` is told to do, as it understands it itself.

    """

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

    def test_mock(self) -> None:
        """
        The test card needs nothing of the machine, so that it runs anywhere.

        """
        mock = self.service("mock")
        self.assertEqual(mock["environment"], {"MOCK_CAMERA": "true", "PORT": "8000"})
        self.assertEqual(mock["build"]["args"]["CAMERA"], "none")
        for of_the_machine in ("devices", "group_add", "volumes"):
            self.assertNotIn(of_the_machine, mock)

    def test_management(self) -> None:
        """
        The list of nodes outlives the container, in a place that the daemon may write to.

        """
        management = self.service("management")
        self.assertEqual(management["environment"], {"APP_MODE": "management", "PORT": "8001"})
        (volume,) = management["volumes"]
        self.assertEqual((volume["type"], volume["target"]), ("volume", "/data"))
        self.assertEqual(load_settings({}, {}).settings.node_registry_path.split("/")[1], "data")
        self.assertRegex((PROJECT / "Dockerfile").read_text(), r"--owner=10001 .*/data\n")

    def test_management_demands_credentials(self) -> None:
        """
        It waits for a container that says so and fails where none are set, which the other
        profiles do not know.

        """
        gate = self.services("management")[GATE]
        conditions = self.service("management")["depends_on"][GATE]
        self.assertEqual(conditions["condition"], "service_completed_successfully")
        self.assertEqual((gate["restart"], gate["network_mode"]), ("no", "none"))
        name, option, script = gate["command"]
        for settings in CREDENTIALS:
            self.assertEqual(self.gate_says(script, settings), "")
        for settings in ({}, {"AUTH_USERNAME": "me"}, {"AUTH_TOKEN": ""}):
            self.assertIn("set AUTH_TOKEN in .env", self.gate_says(script, settings))
        self.assertEqual((name, option), ("sh", "-c"))
        self.assertNotIn(GATE, self.services("mock"))

    def gate_says(self, script: str, settings: dict[str, str]) -> str:
        """
        :returns: What the container says that has these settings.
        """
        ended = subprocess.run(
            ["sh", "-c", script.replace("$$", "$")],
            check=False,
            capture_output=True,
            text=True,
            env=settings,
        )
        self.assertEqual(ended.returncode, 1 if ended.stderr else 0)
        return ended.stderr

    def test_settings_are_passed_on(self) -> None:
        """
        What ``.env`` sets reaches the daemon, also what is set to be empty. What it does not set
        is not there at all: an empty credential would lock the daemon.

        """
        given = {"PORT": "8000"}
        self.assertEqual(self.service("camera")["environment"], given)
        settings = {"FPS": "12.5", "CORS_ORIGINS": "", "AUTH_PASSWORD": "a $5 word"}
        lines = [f"{name}='{value}'\n" for name, value in settings.items()]
        (self.folder / ".env").write_text("".join(lines))
        # Compose shows a dollar sign as two, as it would have to be written in its own file.
        expected = {**given, **settings, "AUTH_PASSWORD": "a $$5 word"}
        self.assertEqual(self.service("camera")["environment"], expected)

    def ports(self, name: str, **shell: str) -> tuple[str, int, str]:
        """
        :param shell: What is set for the command alone.
        :returns: Where the service is published, what that leads to, and where the daemon listens.
        """
        service = self.services(name, **shell)[name]
        (port,) = service["ports"]
        return port["published"], port["target"], service["environment"]["PORT"]

    def test_port(self) -> None:
        """
        One line changes the port, inside and outside alike; another hides it from the network.

        """
        (self.folder / ".env").write_text(
            "PORT=9000\nMANAGEMENT_PORT=9001\nPUBLISH_ADDRESS=127.0.0.1\n"
        )
        for name, port in (("camera", 9000), ("mock", 9000), ("management", 9001)):
            self.assertEqual(self.ports(name), (str(port), port, str(port)))
            (published,) = self.service(name)["ports"]
            self.assertEqual(published["host_ip"], "127.0.0.1")

    def test_port_of_the_shell(self) -> None:
        """
        ``PORT=9000 docker compose up`` publishes no port at which nobody listens, whatever
        ``.env`` says.

        """
        for text in ("", "PORT=8080\nMANAGEMENT_PORT=8081\n"):
            (self.folder / ".env").write_text(text)
            for name, variable in (("mock", "PORT"), ("management", "MANAGEMENT_PORT")):
                found = self.ports(name, **{variable: "9000"})
                self.assertEqual(found, ("9000", 9000, "9000"))

    def test_side_by_side(self) -> None:
        """
        What watches over the cameras can be on the same machine as one of them, at the port that
        the guides name.

        """
        self.assertEqual(self.ports("camera")[0], CAMERA.partition(":")[2])
        self.assertEqual(self.ports("management")[0], HUB.partition(":")[2])

    def test_ready_made_image(self) -> None:
        """
        One line has an image of a release run instead of one that is built here, whatever is
        started.

        """
        for name in SERVICES:
            self.assertEqual(self.service(name)["image"], f"motion-in-ocean:{name}")
        (self.folder / ".env").write_text(f"IMAGE={IMAGE}\n")
        for name in SERVICES:
            images = {service["image"] for service in self.services(name).values()}
            self.assertEqual(images, {IMAGE})

    def test_archive_of_a_release(self) -> None:
        """
        It names its own image, and has all that somebody without a checkout needs.

        """
        archive = self.folder / "it.tar.gz"
        subprocess.run([PROJECT / "scripts/compose-archive.sh", IMAGE, archive], check=True)
        with tarfile.open(archive) as packed:
            packed.extractall(self.folder, filter="data")
        self.folder /= "motion-in-ocean-compose"
        (self.folder / ".env.example").rename(self.folder / ".env")
        camera = self.service("camera")
        self.assertEqual(camera["image"], IMAGE)
        self.assertEqual(
            camera["environment"], {"COMPOSE_PROFILES": "camera", "IMAGE": IMAGE, "PORT": "8000"}
        )
        ended = subprocess.run(
            ["scripts/camera-devices.sh", "/nowhere"],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        self.assertIn("no camera in /nowhere", ended.stderr)

    def test_example(self) -> None:
        """
        The example is ready for use: as it is, it starts the camera and changes no setting.

        """
        shutil.copy(PROJECT / ".env.example", self.folder / ".env")
        config = json.loads(self.run_compose("config", "--format", "json"))
        self.assertEqual(
            config["services"]["camera"]["environment"],
            {"COMPOSE_PROFILES": "camera", "PORT": "8000"},
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
