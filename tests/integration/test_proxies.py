"""
Tests of the daemon behind the reverse proxies that the guides show, with what they show.

"""

import http.client
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.guides import CAMERA, blocks
from tests.integration.components import require_program
from tests.integration.daemon import DaemonTestCase, Reply, environment, free_port, wait_until

NAME = "home.example"
"""Of the proxy, in the guides."""

FPS = 6
"""So that no picture need be sent twice, as it is when the next one is long in coming."""

PICTURES = 9
"""How many are looked at."""

TOKEN = "a long random text"
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}


class ProxyCase(DaemonTestCase):
    """
    What holds behind any proxy.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``: as the guide says.

        """
        return {"AUTH_TOKEN": TOKEN, "CORS_ORIGINS": f"https://{NAME}", "FPS": str(FPS)}

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.key, self.certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        self.make_certificate()
        self.trust = ssl.create_default_context(cafile=self.certificate)

    def make_certificate(self) -> None:
        """
        Have the name of the proxy certified, by itself.

        """
        program = require_program("openssl", "apt-get install openssl")
        subprocess.run(
            [
                *(program, "req", "-x509", "-noenc", "-newkey", "rsa:2048", "-days", "2"),
                *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
                *("-keyout", self.key, "-out", self.certificate),
            ],
            capture_output=True,
            check=True,
        )

    def configuration(self, tried: str) -> str:
        """
        :returns: What the guide says, with the real addresses and files.
        """
        (block,) = blocks(tried)
        return block.code.replace(CAMERA, f"127.0.0.1:{self.daemon.port}")

    def run_until_it_listens(self, *command: str) -> None:
        """
        Have the proxy run until the test is over.
        """
        log = (self.folder / "proxy.log").open("wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment({"HOME": str(self.folder)}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def listens() -> bool:
            said = (self.folder / "proxy.log").read_text(errors="replace")
            assert process.poll() is None, said
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        wait_until(listens, "the proxy listens")

    def connect(self) -> ssl.SSLSocket:
        """
        :returns: A connection to the proxy, whose certificate is the one of its name.
        """
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        return self.trust.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """
        :returns: What a browser gets that shows ``https://home.example`` and what follows.
        """
        connection = http.client.HTTPSConnection(NAME, timeout=15)
        connection.sock = self.connect()
        try:
            connection.request(method, path, headers=dict(headers or {}))
            reply = connection.getresponse()
            return Reply(reply.status, reply.msg, reply.read())
        finally:
            connection.close()

    def check_pages(self) -> None:
        """
        The page is there, and so is what it refers to; without its slash it leads there.
        """
        page = self.ask("/garden/", headers=SIGNED_IN)
        self.assertEqual(page.status, 200)
        files = re.findall(rb'(?:href|src)="(ui/[^"]+)"', page.body)
        self.assertTrue(files, page.body)
        for file in files:
            reply = self.ask(f"/garden/{file.decode()}", headers=SIGNED_IN)
            self.assertEqual(reply.status, 200, file)
        without = self.ask("/garden")
        self.assertIn(without.status, (301, 302))
        self.assertTrue((without.headers["Location"] or "").endswith("/garden/"))

    def check_credentials(self) -> None:
        """
        They get through, and so does what asks for them.
        """
        refused = self.ask("/garden/snapshot.jpg")
        self.assertEqual(refused.status, 401)
        self.assertEqual(len(refused.headers.get_all("WWW-Authenticate") or []), 2)
        picture = self.ask("/garden/snapshot.jpg", headers=SIGNED_IN)
        self.assertEqual((picture.status, picture.body[:2]), (200, b"\xff\xd8"))
        self.assertEqual(self.ask("/garden/ready").status, 200)

    def check_changes(self) -> None:
        """
        The node's own page may restart the camera, and pages of others may not.
        """
        path = "/garden/api/actions/restart"
        own = {**SIGNED_IN, "Origin": f"https://{NAME}"}
        self.assertEqual(self.ask(path, "POST", own).status, 202)
        other = {**SIGNED_IN, "Origin": "https://other.example"}
        self.assertEqual(self.ask(path, "POST", other).status, 403)
        self.daemon.wait_until_ready()

    def check_stream(self) -> None:
        """
        Each picture comes as soon as it is taken: nothing waits for the next one.
        """
        ages: list[float] = []
        with self.connect() as wire:
            wire.sendall(
                f"GET /garden/stream.mjpg HTTP/1.0\r\nHost: {NAME}\r\n"
                f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
            )
            received = b""
            while len(ages) < PICTURES:
                received += wire.recv(1 << 20)
                *whole, received = received.split(b"\r\n--frame\r\n")
                taken = [float(at) for at in re.findall(rb"X-Timestamp: (\S+)", b"".join(whole))]
                ages += [time.time() - at for at in taken]
        # Held back, it would come with the next one, a sixth of a second later.
        self.assertLess(sorted(ages)[PICTURES // 2], 1 / FPS / 2, ages)

    def check_all(self) -> None:
        """
        Everything that the guide says of proxies.
        """
        self.check_pages()
        self.check_credentials()
        self.check_changes()
        self.check_stream()


class NginxTests(ProxyCase):
    """
    Behind nginx.

    """

    def setUp(self) -> None:
        """
        Start it with what the guide says.

        """
        super().setUp()
        program = require_program("nginx", "apt-get install nginx-light")
        server = self.configuration("with nginx")
        for given, real in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("/etc/ssl/home.example.pem", str(self.certificate)),
            ("/etc/ssl/home.example.key", str(self.key)),
        ):
            self.assertIn(given, server)
            server = server.replace(given, real)
        places = "".join(
            f"    {name}_temp_path {self.folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/nginx.pid;\n"
            "error_log stderr;\nevents {}\n"
            f"http {{\n    access_log off;\n{places}{server}}}\n"
        )
        self.run_until_it_listens(
            program, "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")
        )

    def test_all(self) -> None:
        """
        What the guide shows for nginx does what it says.
        """
        self.check_all()


class CaddyTests(ProxyCase):
    """
    Behind Caddy.

    """

    def setUp(self) -> None:
        """
        Start it with what the guide says.

        """
        super().setUp()
        program = require_program("caddy", "apt-get install caddy")
        site = self.configuration("with Caddy")
        # Caddy would ask an authority on the internet.
        certificate = f"    tls {self.certificate} {self.key}\n"
        opening = f"{NAME} {{\n"
        self.assertTrue(site.startswith(opening))
        site = f"https://{NAME}:{self.port} {{\n{certificate}" + site.removeprefix(opening)
        options = "{\n    admin off\n    auto_https disable_redirects\n}\n"
        (self.folder / "Caddyfile").write_text(options + site)
        self.run_until_it_listens(program, "run", "--config", str(self.folder / "Caddyfile"))

    def test_all(self) -> None:
        """
        What the guide shows for Caddy does what it says.
        """
        self.check_all()
