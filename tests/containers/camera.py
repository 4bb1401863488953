"""
The image with Debian's camera software, on a virtual camera: ``sudo make test-containers``.

libcamera, Picamera2 and the daemon are those of the image; only what a computer without a camera
does not have comes from outside (see ``tests/integration/picamera2``).

"""

from tests.containers.rig import (
    PROJECT,
    STOP_SECONDS,
    STOPPED,
    Container,
    ContainerTestCase,
    ask,
    image,
    pictures,
    say,
)
from tests.integration.daemon import free_port
from tests.integration.picamera2.pictures import BARS, bars

VIRTUAL = "tests/integration/picamera2/virtual.yaml"

PROGRAM = """
import sys
import tests.integration.picamera2.virtual_camera
from twisted.scripts.twistd import run
sys.argv = ["twistd", "-n", "motion-in-ocean"]
run()
"""


class CameraTests(ContainerTestCase):
    """
    What a Raspberry Pi with Debian would stream.

    """

    def start_camera(self, *options: str) -> tuple[Container, int]:
        """
        :returns: A container with a virtual camera, hardened as by Compose, and its port.
        """
        port = free_port()
        container = self.start(
            *("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--init", "--network=host"),
            *("--security-opt=no-new-privileges:true", "--memory=512m", "--pids-limit=128"),
            f"--volume={PROJECT}/tests:/outside/tests:ro",
            f"--volume={PROJECT}/{VIRTUAL}:/usr/share/libcamera/pipeline/virtual/virtual.yaml:ro",
            *("--env=PYTHONPATH=/outside", "--env=BIND_HOST=127.0.0.1", f"--env=PORT={port}"),
            *("--env=HEALTHCHECK_READY=true", *options, image("debian", "trixie")),
            command=("python", "-c", PROGRAM),
        )
        return container, port

    def test_streams(self) -> None:
        """
        From libcamera through Picamera2 to the wire, in true colours, within the limits.

        """
        container, port = self.start_camera()
        say(f"ready after {container.until_health('healthy'):.1f} s")
        for picture in pictures(port, 10):
            self.assertEqual(bars(picture), BARS)
        camera = ask(port, "/api/camera").json()
        self.assertEqual(camera["model"], "Virtual Camera B")
        where = container.run(
            "python", "-c", "import picamera2, motion_in_ocean as m; print(m, picamera2)"
        )
        self.assertEqual(where.count("/opt/motion-in-ocean/lib/"), 2, where)

    def test_stops(self) -> None:
        """
        The camera is closed before the container ends, in time.

        """
        container, _ = self.start_camera()
        container.until_health("healthy")
        status, seconds = container.stop()
        say(f"stopped with {status} after {seconds:.1f} s")
        self.assertIn(status, STOPPED)
        self.assertLess(seconds, STOP_SECONDS)
        self.assertIn("Camera is closed", container.log)

    def test_no_camera(self) -> None:
        """
        Picamera2 itself can be imported without a camera, and the daemon says that there is none.

        """
        port = free_port()
        container = self.start(f"--publish=127.0.0.1:{port}:8000", image("debian", "trixie"))
        container.until_health("healthy")
        ready = ask(port, "/ready").json()
        self.assertEqual(ready["reason"], "camera_failed")
        say(ready["message"])
        self.assertNotIn("cannot be imported", ready["message"])
