"""
The daemon behind nginx and Caddy, set up as SECURITY.rst says.

"""

import base64
import getpass
import http.client
import re
import socket
import ssl
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.integration.certificates import Authority
from tests.integration.components import require_program
from tests.integration.daemon import (
    PATIENCE_SECONDS,
    REPOSITORY,
    DaemonTestCase,
    free_port,
    wait_until,
)
from tests.integration.pictures import StreamReader

FPS = 10
HOST = "camera.example.org"
PASSWORD = "correct-horse"
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()}

NGINX = """
daemon off;
user {};
pid nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
  uwsgi_temp_path tmp; scgi_temp_path tmp;
  {}
}}
"""


def documented(opening: str) -> str:
    """
    :param opening: How the block begins.
    :returns: An example of SECURITY.rst.
    """
    text = (REPOSITORY / "SECURITY.rst").read_text("utf-8")
    match = re.search(rf"^(    {re.escape(opening)}.*?\n    }})\n", text, re.MULTILINE | re.DOTALL)
    assert match is not None, opening
    return textwrap.dedent(match[1])


def documented_settings() -> dict[str, str]:
    """
    :returns: How SECURITY.rst sets up the daemon behind a proxy.
    """
    text = (REPOSITORY / "SECURITY.rst").read_text("utf-8")
    _, _, part = text.partition("\nBehind a reverse proxy\n")
    return dict(re.findall(r"^    ([A-Z_]+)=(\S+)$", part, re.MULTILINE))


class ProxiedTestCase(DaemonTestCase):
    """
    A daemon, and a proxy in front of it.

    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.authority = self.folder / "authority.pem"
        daemon = self.make_daemon({**documented_settings(), "FPS": str(FPS)}).start()
        self.upstream = f"127.0.0.1:{daemon.wait_until_ready().port}"

    def run_proxy(self, *command: str) -> None:
        """
        Start it, and wait until it answers.
        """
        log = self.folder / "proxy.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return self.status("GET", "/garden/health") == 200
            except (OSError, http.client.HTTPException):
                return False

        wait_until(answers, lambda: f"an answer; log:\n{log.read_text()[-2000:]}")

    @contextmanager
    def asked(
        self, method: str, path: str, headers: Mapping[str, str] = LOGIN
    ) -> Iterator[http.client.HTTPResponse]:
        """
        Ask as somebody from outside does.
        """
        context = ssl.create_default_context(cafile=self.authority)
        with (
            socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=HOST) as encrypted,
        ):
            connection = http.client.HTTPConnection(HOST)
            connection.sock = encrypted
            connection.request(method, path, headers=dict(headers))
            yield connection.getresponse()

    def status(self, method: str, path: str, headers: Mapping[str, str] = LOGIN) -> int:
        """
        :returns: How that is answered.
        """
        with self.asked(method, path, headers) as reply:
            return reply.status

    def assert_all_works(self) -> None:
        """
        Do what somebody does who looks at the page.
        """
        for path in ("", "stream.mjpg", "snapshot.jpg", "api/config"):
            self.assertEqual(self.status("GET", f"/garden/{path}", {}), 401, path)
        for path in ("", "snapshot.jpg", "ready", "metrics", "ui/viewer.js", "api/camera"):
            self.assertEqual(self.status("GET", f"/garden/{path}"), 200, path)
        own = {**LOGIN, "Origin": f"https://{HOST}", "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self.status("POST", "/garden/api/actions/restart", own), 202)
        other = {**own, "Origin": "https://attacker.example", "Sec-Fetch-Site": "cross-site"}
        self.assertEqual(self.status("POST", "/garden/api/actions/restart", other), 403)
        wait_until(lambda: self.status("GET", "/garden/ready") == 200, "ready again")
        with self.asked("GET", "/garden/stream.mjpg") as reply:
            parts = StreamReader(reply)
            late = [parts.lateness() for _ in range(20)]
        # Not one held back until the next one, or a buffer full of them, pushes it out.
        self.assertLess(sorted(late)[len(late) // 2], 0.5 / FPS, late)


class NginxTests(ProxiedTestCase):
    """
    nginx.

    """

    def test_example(self) -> None:
        """
        The example works as it stands, but for the files and ports of this test.
        """
        nginx = require_program("nginx", "apt-get install nginx-light")
        openssl = require_program("openssl", "apt-get install openssl")
        authority = Authority()
        self.authority.write_bytes(authority.pem())
        (self.folder / "host.pem").write_bytes(authority.issue_pem(HOST))
        hashed = subprocess.run(
            [openssl, "passwd", "-apr1", PASSWORD], capture_output=True, check=True, text=True
        ).stdout
        (self.folder / "users").write_text(f"me:{hashed}")
        example = documented("server {")
        for written, ours in (
            ("listen 443", f"listen 127.0.0.1:{self.port}"),
            (f"/etc/letsencrypt/live/{HOST}/fullchain.pem", str(self.folder / "host.pem")),
            (f"/etc/letsencrypt/live/{HOST}/privkey.pem", str(self.folder / "host.pem")),
            ("/etc/nginx/camera-users", str(self.folder / "users")),
            ("127.0.0.1:8000", self.upstream),
        ):
            self.assertIn(written, example)
            example = example.replace(written, ours)
        (self.folder / "nginx.conf").write_text(NGINX.format(getpass.getuser(), example))
        self.run_proxy(nginx, "-p", str(self.folder), "-c", "nginx.conf")
        self.assert_all_works()


class CaddyTests(ProxiedTestCase):
    """
    Caddy.

    """

    def test_example(self) -> None:
        """
        The example works as it stands, but for the certificate and ports of this test.
        """
        caddy = require_program("caddy", "apt-get install caddy")
        authority = Authority()
        self.authority.write_bytes(authority.pem())
        pem = self.folder / "host.pem"
        pem.write_bytes(authority.issue_pem(HOST))
        example = documented(f"{HOST} {{")
        for written, ours in (
            (f"{HOST} {{", f"{HOST}:{self.port} {{\n  bind 127.0.0.1\n  tls {pem} {pem}"),
            ("127.0.0.1:8000", self.upstream),
        ):
            self.assertIn(written, example)
            example = example.replace(written, ours)
        file = self.folder / "Caddyfile"
        file.write_text(f"{{\n  admin off\n  auto_https off\n}}\n{example}\n")
        self.run_proxy(caddy, "run", "--config", str(file), "--adapter", "caddyfile")
        self.assert_all_works()
