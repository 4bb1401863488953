"""
Tests of the daemon behind the reverse proxies that the guides and SECURITY.rst show, set up with
what they show, but for the files and ports of the test.

"""

import base64
import re
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tests.guides import CAMERA, blocks
from tests.integration.components import require_program
from tests.integration.daemon import REPOSITORY
from tests.integration.proxy_case import FPS, ProxyCase

TOKEN = "a long random text"
PASSWORD = "correct-horse"


class GuideTests(ProxyCase):
    """
    The camera asks for credentials: ``docs/reverse-proxies.rst``.

    """

    host = "home.example"
    authorization = f"Bearer {TOKEN}"

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``: as the guide says.

        """
        return {"AUTH_TOKEN": TOKEN, "CORS_ORIGINS": f"https://{self.host}", "FPS": str(FPS)}

    def recipe(self, tried: str) -> str:
        """
        :returns: What the guide says, for a camera that is there.
        """
        (block,) = blocks(tried)
        return self.adapted(block.code, {CAMERA: f"127.0.0.1:{self.daemon.port}"})

    def check_what_else_it_says(self) -> None:
        """
        Without its slash, the page's address leads there, and what the camera asks for gets
        through; whoever only asks whether it is ready need not sign in.
        """
        without = self.ask("/garden")
        self.assertIn(without.status, (301, 302))
        self.assertTrue((without.headers["Location"] or "").endswith("/garden/"))
        refused = self.ask("/garden/snapshot.jpg", headers={"Accept": "*/*"})
        self.assertEqual(len(refused.headers.get_all("WWW-Authenticate") or []), 2)
        self.assertEqual(self.status("ready", {"Accept": "*/*"}), 200)

    def test_nginx(self) -> None:
        """
        What the guide shows for nginx does what it says.
        """
        self.run_nginx(self.recipe("with nginx"))
        self.check_all()
        self.check_what_else_it_says()

    def test_caddy(self) -> None:
        """
        What the guide shows for Caddy does what it says.
        """
        self.run_caddy(self.recipe("with Caddy"))
        self.check_all()
        self.check_what_else_it_says()


class SecurityTests(ProxyCase):
    """
    The proxy asks for credentials, and the camera does not hear of them: SECURITY.rst.

    """

    host = "camera.example.org"
    authorization = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``: as SECURITY.rst says.

        """
        settings = dict(re.findall(r"^    ([A-Z_]+)=(\S+)$", self.chapter(), re.MULTILINE))
        return {**settings, "FPS": str(FPS)}

    def chapter(self) -> str:
        """
        :returns: What SECURITY.rst says of proxies, and what follows.
        """
        text = (REPOSITORY / "SECURITY.rst").read_text("utf-8")
        _, heading, chapter = text.partition("\nBehind a reverse proxy\n")
        self.assertTrue(heading)
        return chapter

    def recipe(self, opening: str) -> str:
        """
        :param opening: How the example begins.
        :returns: It, for a camera that is there.
        """
        begin = re.escape(opening)
        match = re.search(rf"^    {begin}\n.*?^    }}\n", self.chapter(), re.MULTILINE | re.DOTALL)
        assert match is not None, opening
        upstream = {"127.0.0.1:8000": f"127.0.0.1:{self.daemon.port}"}
        return self.adapted(textwrap.dedent(match[0]), upstream)

    def test_nginx(self) -> None:
        """
        The example for nginx works.
        """
        openssl = require_program("openssl", "apt-get install openssl")
        hashed = subprocess.run(
            [openssl, "passwd", "-apr1", PASSWORD], capture_output=True, check=True, text=True
        ).stdout
        users = self.folder / "users"
        users.write_text(f"me:{hashed}")
        server = self.recipe("server {")
        self.run_nginx(self.adapted(server, {"/etc/nginx/camera-users": str(users)}))
        self.check_all()

    def test_caddy(self) -> None:
        """
        The example for Caddy works.
        """
        self.run_caddy(self.recipe(f"{self.host} {{"))
        self.check_all()
