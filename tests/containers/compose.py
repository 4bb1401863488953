"""
The project's Compose file, brought up as its users do: ``sudo make test-containers``.

"""

import json
import re
import shutil
import time
from pathlib import Path

from tests.containers.compose_case import ComposeTestCase
from tests.containers.rig import (
    PROJECT,
    STOP_SECONDS,
    STOPPED,
    USER,
    Failed,
    ask,
    docker,
    pictures,
    run,
    say,
)
from tests.guides import blocks
from tests.integration.daemon import free_port, wait_until

SOON = "healthcheck: {interval: 1s, timeout: 3s, retries: 2}"


class MockTests(ComposeTestCase):
    """
    The profile that runs on any computer, and with it all that the profiles have in common.

    """

    def test_newcomer(self) -> None:
        """
        The README's two lines, on a machine that has nothing but Docker, end in a picture.

        """
        shutil.copy(self.folder / ".env.example", self.folder / ".env")
        (self.folder / ".env").open("a").write(f"PORT={self.port}\n")
        self.override("mock")
        begin = time.monotonic()
        self.compose("--profile", "mock", "up", "--detach", "--wait")
        say(f"built if need be and healthy in {time.monotonic() - begin:.1f} s")
        running = self.compose("ps", "--all", "--format={{.Service}}")
        self.assertEqual(running, "mock")
        self.assertEqual(ask(self.port, "/snapshot.jpg").body[:2], b"\xff\xd8")

    def test_without_a_checkout(self) -> None:
        """
        What a release has is enough, and its image is run as it is.

        """
        self.override("mock")
        image = f"example.org/someone/{self.project}:1.2.3"
        self.settings(IMAGE=image)
        self.compose("--profile", "mock", "build")
        self.addCleanup(docker, "image", "rm", "--force", image)
        script = PROJECT / "scripts/compose-archive.sh"
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        run(str(script), image, "motion-in-ocean-compose.tar.gz", cwd=self.folder)
        (block,) = blocks("with Docker Compose, in place of a checkout")
        run("bash", "-euo", "pipefail", "-c", block.code, cwd=self.folder)
        self.folder /= "motion-in-ocean-compose"
        # To build the image took a while: by now somebody else may have the first one.
        self.port = free_port()
        settings = (self.folder / ".env.example").read_text()
        settings += f"PORT={self.port}\nPUBLISH_ADDRESS=127.0.0.1\n"
        (self.folder / ".env").write_text(settings)
        self.compose("--profile", "mock", "up", "--detach", "--wait")
        self.assertEqual(self.container("mock").inspect()["Config"]["Image"], image)
        self.assertEqual(ask(self.port, "/snapshot.jpg").body[:2], b"\xff\xd8")

    def test_life(self) -> None:
        """
        Up, pictures on the published port, and down in time.

        """
        self.override("mock")
        container, seconds = self.up("mock")
        say(f"healthy after {seconds:.1f} s")
        for picture in pictures(self.port, 3):
            self.assertEqual((picture[:2], picture[-2:]), (b"\xff\xd8", b"\xff\xd9"))
        status, seconds = container.stop()
        say(f"stopped with {status} after {seconds:.1f} s")
        self.assertIn(status, STOPPED)
        self.assertLess(seconds, STOP_SECONDS)
        self.assertIn("Camera is closed", container.log)

    def test_hardening_from_inside(self) -> None:
        """
        The kernel, not the file, says how little a flaw in the daemon could do.

        """
        self.override("mock")
        container, _ = self.up("mock")
        status = container.status()
        self.assertEqual(set(status["Uid"].split() + status["Gid"].split()), {str(USER)})
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[capabilities], 16), 0, capabilities)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

    def test_file_system_from_inside(self) -> None:
        """
        Nothing can be left behind but in a small directory that is gone with the container.

        """
        self.override("mock")
        container, _ = self.up("mock")
        for place in ("/", "/data", "/etc", "/opt/motion-in-ocean", "/run", "/usr", "/var/tmp"):
            error = self.assertRaises(Failed, container.run, "touch", f"{place}/x")
            self.assertRegex(str(error), "Read-only file system|Permission denied")
        container.run("touch", "/tmp/x")
        error = self.assertRaises(
            Failed, container.run, "dd", "if=/dev/zero", "of=/tmp/x", "bs=1M", "count=20"
        )
        self.assertIn("No space left on device", str(error))

    def test_limits_from_inside(self) -> None:
        """
        What goes wrong in it does not take the machine down.

        """
        self.override("mock")
        container, _ = self.up("mock")
        limits = container.run(
            "sh",
            "-c",
            "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
            " /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null || true",
        )
        self.assertEqual(limits.split(), [str(512 * 1024 * 1024), "128"])
        fork = "import os, time\nfor _ in range(200): os.fork() or time.sleep(5)"
        error = self.assertRaises(Failed, container.run, "python", "-c", fork)
        self.assertIn("BlockingIOError", str(error))

    def test_settings(self) -> None:
        """
        What ``.env`` sets, the daemon has.

        """
        self.override("mock")
        self.settings(FPS="5", RESOLUTION="320x240", AUTH_TOKEN="a $5 token", CORS_ORIGINS="")
        self.up("mock")
        self.assertEqual(ask(self.port, "/metrics").status, 401)
        config = ask(self.port, "/api/config", token="a $5 token").json()
        values = {name: entry["value"] for name, entry in config["settings"].items()}
        self.assertEqual((values["FPS"], values["RESOLUTION"]), (5, "320x240"))
        self.assertEqual(values["CORS_ORIGINS"], [])

    def test_hanging_daemon(self) -> None:
        """
        A daemon that answers nobody is called unhealthy, and healthy again when it is.

        """
        self.override("mock", SOON)
        container, _ = self.up("mock")
        container.run("sh", "-c", f"kill -s STOP {container.daemon}")
        say(f"unhealthy after {container.until_health('unhealthy'):.1f} s")
        container.run("sh", "-c", f"kill -s CONT {container.daemon}")
        container.until_health("healthy")


class HangingCameraTests(ComposeTestCase):
    """
    A camera that hangs in its driver, which only a fresh process can do anything about.

    """

    def test_restarted(self) -> None:
        """
        The daemon leaves with status 75 and the engine starts it anew, as often as need be.

        """
        self.override(
            "mock",
            "command: [twistd, -n, --python, /outside/tests/integration/hanging_camera.py]",
            f"environment: {{PYTHONPATH: /outside, LISTEN: 'tcp:{self.port}'}}",
            f"volumes: ['{PROJECT}/tests:/outside/tests:ro']",
        )
        begin = time.time()
        container, _ = self.up("mock")
        self.assertEqual(ask(self.port, "/api/actions/restart", "POST").status, 202)
        wait_until(
            lambda: container.inspect()["RestartCount"], lambda: f"a restart:\n{container.log}", 30
        )
        ends = docker(
            *("events", f"--since={begin:.0f}", f"--until={time.time() + 1:.0f}"),
            *(f"--filter=container={container.name}", "--filter=event=die"),
            "--format={{.Actor.Attributes.exitCode}}",
        )
        self.assertEqual(ends.split(), ["75"])
        say(f"answers again {container.until_health('healthy'):.1f} s after that")
        self.assertEqual(ask(self.port, "/ready").status, 200)


class ConfigTests(ComposeTestCase):
    """
    What Debian's Compose thinks of the file; ``tests.integration`` asks a newer one.

    """

    def test_accepted(self) -> None:
        """
        Each profile by itself, without a line in ``.env``.

        """
        (self.folder / ".env").unlink()
        say(re.sub(r".* ", "", self.compose("version")))
        for profile, services in (
            ("camera", ["camera"]),
            ("mock", ["mock"]),
            ("management", ["auth-token-is-set", "management"]),
        ):
            config = json.loads(self.compose("--profile", profile, "config", "--format=json"))
            self.assertEqual(sorted(config["services"]), services)
