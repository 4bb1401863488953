"""
Tests of the stream where it does not go over a plain TCP port.

"""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.integration.components import require_program
from tests.integration.daemon import TWISTD, environment, free_port, wait_until
from tests.integration.pictures import COLOURS, number_in, write_pictures
from tests.streaming.parts import read_parts

DELIMITER = b"--frame\r\n"


class EndpointTests(SynchronousTestCase):
    """
    Whatever ``LISTEN`` says, viewers get whole pictures in order.

    """

    def setUp(self) -> None:
        self.curl = require_program("curl", "apt-get install curl")
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)

    def start(self, listen: str) -> None:
        """
        Start a daemon that plays known pictures.

        """
        settings = {
            "LISTEN": listen,
            "MOCK_CAMERA": "true",
            "MOCK_FRAMES": str(write_pictures(self.folder, padded_to=40_000)),
        }
        process = subprocess.Popen(
            [TWISTD, "-n", "motion-in-ocean"],
            cwd=self.folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def fetch(self, *arguments: str, seconds: float = 5.0) -> bytes:
        """
        :returns: What curl gets within this time; nothing for an error status.
        """
        command = [self.curl, "--silent", "--fail", "--no-buffer", "--max-time", str(seconds)]
        done = subprocess.run(
            [*command, *arguments], cwd=self.folder, capture_output=True, check=False
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
            cwd=self.folder,
            env=environment({"LISTEN": listen}),
            capture_output=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_tls(self) -> None:
        """
        A camera behind TLS shows the same, encrypted.
        """
        openssl = require_program("openssl", "apt-get install openssl")
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        files = ("-keyout", str(key), "-out", str(certificate))
        request = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
        subprocess.run([openssl, *request, *files], capture_output=True, check=True)
        port = free_port()
        listen = f"ssl:{port}:interface=127.0.0.1:privateKey={key}:certKey={certificate}"
        self.start(listen)
        self.assert_streams("--insecure", base=f"https://127.0.0.1:{port}")
        self.assert_healthy(listen)

    def test_tls_with_names(self) -> None:
        """
        So does one that has a certificate for each of its names.
        """
        openssl = require_program("openssl", "apt-get install openssl")
        folder = self.folder / "certificates"
        folder.mkdir()
        file = str(folder / "camera.pem")
        request = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera.example")
        names = ("-addext", "subjectAltName=DNS:camera.example")
        done = subprocess.run(
            [openssl, *request, *names, "-keyout", "-"], capture_output=True, check=True
        )
        Path(file).write_bytes(done.stdout)
        port = free_port()
        listen = rf"tls:{folder}:{port}:interface=\:\:1"
        self.start(listen)
        self.assert_streams(
            *("--insecure", "--connect-to", f"camera.example:{port}:[::1]:{port}"),
            base=f"https://camera.example:{port}",
        )
        self.assert_healthy(listen)

    def test_unix_socket(self) -> None:
        """
        A reverse proxy on the same machine needs no port.
        """
        # Relative, because the whole path of a socket may not be longer than 107 characters.
        self.start("unix:socket")
        self.assert_streams("--unix-socket", "socket", base="http://camera")
        self.assert_healthy("unix:socket")
