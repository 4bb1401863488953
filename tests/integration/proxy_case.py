"""
The daemon behind nginx or Caddy, and what holds there.

"""

import http.client
import re
import socket
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.integration.certificates import Authority
from tests.integration.components import require_program
from tests.integration.daemon import (
    PATIENCE_SECONDS,
    DaemonTestCase,
    Reply,
    environment,
    free_port,
    wait_until,
)
from tests.integration.pictures import StreamReader

FPS = 10
"""So that no picture need be sent twice, as it is when the next one is long in coming."""

PICTURES = 20
"""How many of a stream are looked at."""

HTTP_VERSIONS = ("1.0", "1.1")
"""Proxies pass a stream on as it is to the one, and in chunks of their own to the other."""


class ProxyCase(DaemonTestCase):
    """
    A daemon at ``/garden/`` of somebody's site, whoever it is that asks for credentials.

    """

    host: str
    """The site's name."""

    authorization: str
    """What those send who may look."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        self.port = free_port()
        authority = Authority()
        (self.folder / "authority.pem").write_bytes(authority.pem())
        self.certificate = self.folder / "host.pem"
        self.certificate.write_bytes(authority.issue_pem(self.host))
        self.trust = ssl.create_default_context(cafile=self.folder / "authority.pem")

    @property
    def signed_in(self) -> Mapping[str, str]:
        """
        The headers of those who may look.

        """
        return {"Authorization": self.authorization}

    def adapted(self, recipe: str, changes: Mapping[str, str]) -> str:
        """
        :param changes: What is written in it, and what that is in this test.
        """
        for written, ours in changes.items():
            self.assertIn(written, recipe)
            recipe = recipe.replace(written, ours)
        return recipe

    def run_nginx(self, server: str) -> None:
        """
        :param server: A block that is not adapted yet to this test's port and certificate.
        """
        program = require_program("nginx", "apt-get install nginx-light")
        server = self.adapted(server, {"listen 443": f"listen 127.0.0.1:{self.port}"})
        server, files = re.subn(
            r"(ssl_certificate(?:_key)? +)\S+;", rf"\g<1>{self.certificate};", server
        )
        self.assertEqual(files, 2, server)
        places = "".join(
            f"    {name}_temp_path {self.folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/nginx.pid;\n"
            "error_log stderr;\nevents {}\n"
            f"http {{\n    access_log off;\n{places}{server}}}\n"
        )
        self._run_until_it_answers(
            program, "-p", str(self.folder), "-e", "stderr", "-c", str(configuration)
        )

    def run_caddy(self, site: str) -> None:
        """
        :param site: A block that is not adapted yet to this test's port and certificate.
        """
        program = require_program("caddy", "apt-get install caddy")
        opening = f"{self.host} {{\n"
        self.assertTrue(site.startswith(opening), site)
        # Caddy would ask an authority on the internet.
        certificate = f"    tls {self.certificate} {self.certificate}\n"
        ours = f"{self.host}:{self.port} {{\n    bind 127.0.0.1\n{certificate}"
        configuration = self.folder / "Caddyfile"
        configuration.write_text(
            f"{{\n    admin off\n    auto_https off\n}}\n{ours}{site.removeprefix(opening)}"
        )
        self._run_until_it_answers(
            program, "run", "--config", str(configuration), "--adapter", "caddyfile"
        )

    def _run_until_it_answers(self, *command: str) -> None:
        log = self.folder / "proxy.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment({"HOME": str(self.folder)}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def said() -> str:
            return log.read_text(errors="replace")[-2000:]

        def answers() -> bool:
            assert process.poll() is None, said()
            try:
                return self.status("health") == 200
            except (OSError, http.client.HTTPException):
                return False

        wait_until(answers, lambda: f"an answer; log:\n{said()}")

    def connect(self) -> ssl.SSLSocket:
        """
        :returns: A connection to the proxy, whose certificate is the one of its name.
        """
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        return self.trust.wrap_socket(plain, server_hostname=self.host)

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """
        :param headers: Without them, those of somebody who has signed in.
        :returns: What a browser gets that shows the site's name and what follows.
        """
        connection = http.client.HTTPSConnection(self.host)
        connection.sock = self.connect()
        try:
            connection.request(method, path, headers=dict(headers or self.signed_in))
            reply = connection.getresponse()
            return Reply(reply.status, reply.msg, reply.read())
        finally:
            connection.close()

    def status(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """
        :returns: How somebody is answered who asks for something in the daemon's folder.
        """
        return self.ask(f"/garden/{path}", headers=headers).status

    def check_pages(self) -> None:
        """
        The page is there, what it refers to, and what its scripts ask for.
        """
        page = self.ask("/garden/")
        self.assertEqual(page.status, 200)
        files = re.findall(rb'(?:href|src)="(ui/[^"]+)"', page.body)
        self.assertTrue(any(file.endswith(b"/viewer.js") for file in files), files)
        paths = (
            *("ready", "metrics", "api/camera", "ui/viewer.js"),
            *(file.decode() for file in files),
        )
        self.assertEqual({path: self.status(path) for path in paths}, dict.fromkeys(paths, 200))
        self.assertEqual(self.ask("/garden/snapshot.jpg").body[:2], b"\xff\xd8")

    def check_credentials(self) -> None:
        """
        Nothing is shown to those who have not signed in.
        """
        paths = ("", "stream.mjpg", "snapshot.jpg", "api/config")
        nobody = {"Accept": "*/*"}
        self.assertEqual(
            {path: self.status(path, nobody) for path in paths}, dict.fromkeys(paths, 401)
        )

    def check_changes(self) -> None:
        """
        The node's own page may restart the camera, in old browsers too; pages of others may not.
        """
        path = "/garden/api/actions/restart"
        for fetched, status, origin in (
            ("same-origin", 202, f"https://{self.host}"),
            (None, 202, f"https://{self.host}"),
            ("cross-site", 403, "https://attacker.example"),
            (None, 403, "https://attacker.example"),
        ):
            headers = {**self.signed_in, "Origin": origin}
            if fetched is not None:
                headers["Sec-Fetch-Site"] = fetched
            self.assertEqual(self.ask(path, "POST", headers).status, status, (origin, fetched))
            wait_until(lambda: self.status("ready") == 200, "ready again")

    def check_stream(self) -> None:
        """
        Each picture comes as soon as it is taken: nothing waits for the next one.
        """
        for version in HTTP_VERSIONS:
            request = (
                f"GET /garden/stream.mjpg HTTP/{version}\r\nHost: {self.host}\r\n"
                f"Authorization: {self.authorization}\r\n\r\n"
            )
            with self.connect() as wire, http.client.HTTPResponse(wire) as reply:
                wire.sendall(request.encode())
                reply.begin()
                parts = StreamReader(reply)
                late = [parts.lateness() for _ in range(PICTURES)]
            # Held back, it would come with the next one, or with a buffer full of them.
            self.assertLess(sorted(late)[PICTURES // 2], 0.5 / FPS, (version, late))

    def check_all(self) -> None:
        """
        All that somebody does who looks at the page.
        """
        self.check_pages()
        self.check_credentials()
        self.check_changes()
        self.check_stream()
