"""
The image by itself, without Compose: ``sudo make test-containers``.

"""

import json
import re

from tests.containers.rig import (
    STOP_SECONDS,
    STOPPED,
    USER,
    ContainerTestCase,
    Failed,
    ask,
    build,
    docker,
    image,
    pictures,
    say,
)
from tests.integration.daemon import free_port

MEGABYTE = 1000 * 1000
MAX_SIZE = {("none", "bookworm"): 205, ("none", "trixie"): 210, ("debian", "trixie"): 270}
"""In megabytes, unpacked; a tenth of what an SD card of a Pi's recommended size has to spare."""


class BuildTests(ContainerTestCase):
    """
    What ``docker build`` makes of the Dockerfile.

    """

    def test_size(self) -> None:
        """
        It fits on the SD card of a Raspberry Pi, beside the system, and comes down in minutes.

        """
        for (camera, suite), most in MAX_SIZE.items():
            tag = image(camera, suite)
            size = int(docker("image", "inspect", "--format={{.Size}}", tag)) / MEGABYTE
            say(f"{camera}, {suite}: {size:.0f} MB")
            self.assertLess(size, most)

    def test_debian_on_bookworm(self) -> None:
        """
        Who wants a combination that cannot work is told the one that does.

        """
        error = self.assertRaises(Failed, build, "x", CAMERA="debian", DEBIAN_SUITE="bookworm")
        self.assertRegex(str(error), r"\d CAMERA=debian needs DEBIAN_SUITE=trixie, not bookworm\n")

    def test_raspberry_pi_elsewhere(self) -> None:
        """
        The default is for a Raspberry Pi; whoever tries it on a PC is told what to do.

        """
        error = self.assertRaises(Failed, build, "x")
        self.assertRegex(
            str(error), r"\d CAMERA=raspberrypi is for .*; build with CAMERA=none here\n"
        )

    def test_labels(self) -> None:
        """
        An image says what it was made of, so that a report of a fault can be followed.

        """
        about = {"VERSION": "1.2.3", "REVISION": "abc123", "CREATED": "2026-01-02T03:04:05Z"}
        tag = build("motion-in-ocean:labelled", CAMERA="none", **about)
        labels = json.loads(docker("image", "inspect", "--format={{json .Config.Labels}}", tag))
        for name, value in about.items():
            self.assertEqual(labels[f"org.opencontainers.image.{name.lower()}"], value)

    def test_nothing_to_spare(self) -> None:
        """
        Nothing is on board that an intruder would have to bring along, or that nobody needs.

        """
        for tag in (image("none"), image("debian", "trixie")):
            found = docker(
                *("run", "--rm", "--network=none", "--user=0", "--entrypoint=sh", tag, "-c"),
                "ls /opt/motion-in-ocean/lib/python3*/site-packages; command -v pip curl gcc git;"
                " find /opt -name test -o -name tests; find /var/lib/apt/lists -type f;"
                " find / -xdev -name '*.deb'",
            )
            kept = re.findall(r"^(?:pip|setuptools|/.*)$", found, re.MULTILINE)
            self.assertEqual(kept, [])

    def test_nothing_of_ours_can_be_changed(self) -> None:
        """
        A flaw in the daemon does not let anybody change the daemon.

        """
        found = docker(
            *("run", "--rm", "--network=none", image("none"), "sh", "-c"),
            "find / -xdev -writable -not -type l 2>/dev/null || true",
        )
        self.assertEqual(set(found.split()), {"/data", "/run/lock", "/tmp", "/var/tmp"})


class RunTests(ContainerTestCase):
    """
    What ``docker run`` does, as a guide of some other project would have it.

    """

    def start_mock(self, *options: str, tag: str = "") -> tuple[int, float]:
        """
        :returns: The port of a node with the test card, and the seconds until it was healthy.
        """
        port = free_port()
        self.container = self.start(
            *(f"--publish=127.0.0.1:{port}:8000", "--env=MOCK_CAMERA=true"),
            *options,
            tag or image("none"),
        )
        return port, self.container.until_health("healthy")

    def test_streams(self) -> None:
        """
        One line, and there are pictures.

        """
        for suite in ("bookworm", "trixie"):
            port, seconds = self.start_mock(tag=image("none", suite))
            say(f"{suite}: healthy after {seconds:.1f} s")
            for picture in pictures(port, 3):
                self.assertEqual((picture[:2], picture[-2:]), (b"\xff\xd8", b"\xff\xd9"))

    def test_stops(self) -> None:
        """
        ``docker stop`` ends it in order, with and without a process 1 of its own.

        """
        for options in ((), ("--init",)):
            self.start_mock(*options)
            status, seconds = self.container.stop()
            say(f"{' '.join(options) or 'as process 1'}: {status} after {seconds:.1f} s")
            self.assertIn(status, STOPPED)
            self.assertLess(seconds, STOP_SECONDS)
            self.assertIn("Camera is closed", self.container.log)

    def test_any_user(self) -> None:
        """
        It runs where the user is chosen by somebody else, as OpenShift does, on a file system that
        cannot be written to, and finds nothing to complain about.

        """
        port, _ = self.start_mock("--user=1234567:0", "--read-only")
        self.assertEqual(self.container.status()["Uid"].split()[0], "1234567")
        self.assertEqual(ask(port, "/ready").status, 200)
        self.assertNotIn("dropin.cache", self.container.log)
        self.assertNotIn("error", self.container.log.lower())

    def test_no_camera_software(self) -> None:
        """
        Without a camera it answers, and tells why there are no pictures; it is not restarted over
        and over for that.

        """
        port = free_port()
        container = self.start(f"--publish=127.0.0.1:{port}:8000", image("none"))
        container.until_health("healthy")
        ready = ask(port, "/ready")
        self.assertEqual((ready.status, ready.json()["reason"]), (503, "camera_failed"))
        say(ready.json()["message"])

    def test_health_check_of_pictures(self) -> None:
        """
        Who wishes that can see in ``docker ps`` whether pictures flow.

        """
        container = self.start(
            *("--env=HEALTHCHECK_READY=true", "--health-interval=1s", "--health-retries=2"),
            *("--health-start-period=1ms", image("none")),
        )
        container.until_health("unhealthy")
        self.assertIn("healthcheck: /ready answered 503: camera_failed: ", container.health_log)

    def test_health_check_of_another_address(self) -> None:
        """
        The check asks where the daemon listens, also if that is no port.

        """
        container = self.start(
            *("--env=LISTEN=unix:/tmp/mio.sock", "--env=MOCK_CAMERA=true", "--env=AUTH_TOKEN=x"),
            image("none"),
        )
        container.until_health("healthy")

    def test_cost_of_the_health_check(self) -> None:
        """
        It runs twice a minute for ever, and a Pi has better things to do.

        """
        self.start_mock()
        measure = (
            "import os, subprocess, sys; "
            "subprocess.run([sys.executable, '-m', 'motion_in_ocean.healthcheck'], check=True); "
            "used = os.times(); print(used.children_user + used.children_system)"
        )
        seconds = min(float(self.container.run("python", "-c", measure)) for _ in range(3))
        say(f"{seconds:.2f} s of CPU")
        self.assertLess(seconds, 0.5)

    def test_user(self) -> None:
        """
        It is nobody in particular.

        """
        self.start_mock()
        self.assertEqual(set(self.container.status()["Uid"].split()), {str(USER)})
        self.assertEqual(self.container.status()["CapEff"], "0" * 16)
