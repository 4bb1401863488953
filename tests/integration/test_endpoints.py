"""
Tests of the stream where it does not go over a plain TCP port.

"""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from tests.integration.certificates import Authority, Certified
from tests.integration.components import require_program
from tests.integration.daemon import DaemonTestCase, environment, wait_until
from tests.integration.pictures import COLOURS, number_in, write_pictures
from tests.streaming.parts import read_parts

DELIMITER = b"--frame\r\n"


class EndpointTests(DaemonTestCase):
    """
    Whatever ``LISTEN`` says, viewers get whole pictures in order.

    """

    def setUp(self) -> None:
        self.curl = require_program("curl", "apt-get install curl")
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)

    def start(self, listen: str) -> int:
        """
        Start a daemon that plays known pictures.

        :returns: Its port, if it has one.
        """
        frames = write_pictures(self.folder, padded_to=40_000)
        daemon = self.make_daemon({"LISTEN": listen, "MOCK_FRAMES": str(frames)}).start()
        self.cwd = daemon.cwd
        return daemon.port

    def fetch(self, *arguments: str, seconds: float = 5.0) -> bytes:
        """
        :returns: What curl gets within this time; nothing for an error status.
        """
        command = [self.curl, "--silent", "--fail", "--no-buffer", "--max-time", str(seconds)]
        done = subprocess.run(
            [*command, *arguments], cwd=self.cwd, capture_output=True, check=False
        )
        return done.stdout

    def assert_streams(self, *arguments: str, base: str) -> None:
        """
        Compare a second of the stream with the pictures.

        """
        wait_until(lambda: self.fetch(*arguments, f"{base}/ready"), "ready")
        body = self.fetch(*arguments, f"{base}/stream.mjpg", seconds=1.5)
        self.assertTrue(body.startswith(DELIMITER))
        whole = body[len(DELIMITER) : body.rindex(DELIMITER) + len(DELIMITER)]
        numbers = [number_in(part.jpeg) for part in read_parts(whole)]
        self.assertGreater(len(numbers), 10)
        steps = {(after - before) % len(COLOURS) for before, after in pairwise(numbers)}
        self.assertIn(1, steps)
        self.assertLess(max(steps), 5, numbers)

    def assert_healthy(self, listen: str) -> None:
        """
        A container engine that asks the daemon finds it at the same address.

        """
        done = subprocess.run(
            [sys.executable, "-m", "motion_in_ocean.healthcheck"],
            cwd=self.cwd,
            env=environment({"LISTEN": listen}),
            capture_output=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_tls(self) -> None:
        """
        A camera behind TLS shows the same, encrypted.
        """
        tls = Certified(self.folder / "tls")
        port = self.start(tls.listen())
        self.assert_streams("--cacert", str(tls.certificate), base=f"https://127.0.0.1:{port}")
        self.assert_healthy(tls.listen(port))

    def test_tls_with_names(self) -> None:
        """
        So does one that has a certificate for each of its names.
        """
        authority = Authority()
        trusted = self.folder / "authority.pem"
        trusted.write_bytes(authority.pem())
        certificates = self.folder / "certificates"
        certificates.mkdir()
        (certificates / "camera.pem").write_bytes(authority.issue_pem("camera.example"))
        port = self.start(rf"tls:{certificates}:0:interface=\:\:1")
        self.assert_streams(
            *("--cacert", str(trusted)),
            *("--connect-to", f"camera.example:{port}:[::1]:{port}"),
            base=f"https://camera.example:{port}",
        )
        self.assert_healthy(rf"tls:{certificates}:{port}:interface=\:\:1")

    def test_unix_socket(self) -> None:
        """
        A reverse proxy on the same machine needs no port.
        """
        # Relative, because the whole path of a socket may not be longer than 107 characters.
        self.start("unix:socket")
        self.assert_streams("--unix-socket", "socket", base="http://camera")
        self.assert_healthy("unix:socket")
