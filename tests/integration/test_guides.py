"""
Tests that what the guides have people type does what they say, with real daemons.

"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.guides import CAMERA, HUB, blocks, pages
from tests.integration.components import require_program
from tests.integration.daemon import REPOSITORY, TWISTD, Daemon, DaemonTestCase, environment
from tests.test_guides import as_yaml

TOKEN = "a long random text"
"""As the guides have it."""

REFUSED = 22
"""What curl ends with for an error status, if it is told to."""

CURLRC = "silent\nshow-error\nfail-with-body\nmax-time = 20\n"

CURL_REMEDY = "apt-get install curl"


class CommandTests(DaemonTestCase):
    """
    Commands that a reader copies.

    """

    def setUp(self) -> None:
        require_program("curl", CURL_REMEDY)
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        (self.folder / ".curlrc").write_text(CURLRC)

    def started(self, settings: Mapping[str, str] | None = None) -> Daemon:
        """
        :returns: A daemon of this test's own.
        """
        return self.make_daemon(settings).start()

    def hub(self) -> Daemon:
        """
        :returns: A daemon in management mode that knows no node.
        """
        path = self.folder / "nodes.json"
        return self.started({"APP_MODE": "management", "NODE_REGISTRY_PATH": str(path)})

    def run_blocks(
        self,
        tried: str,
        *,
        camera: Daemon | None = None,
        hub: Daemon | None = None,
        status: int = 0,
    ) -> None:
        """
        Have a shell run all blocks that are tried in this way.

        :param status: What it ends with.
        """
        names = {CAMERA: camera, HUB: hub}
        search = os.pathsep.join([str(Path(TWISTD).parent), os.environ["PATH"]])
        found = blocks(tried)
        self.assertTrue(found, tried)
        for block in found:
            code = block.code
            for name, daemon in names.items():
                if daemon is not None:
                    code = code.replace(name, f"127.0.0.1:{daemon.port}")
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", code],
                cwd=self.folder,
                env=environment({"HOME": str(self.folder), "PATH": search}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            self.assertEqual(done.returncode, status, f"{block}:\n{done.stdout}\n{done.stderr}")

    def test_at_a_node(self) -> None:
        """
        What asks for something, sets a control, and restarts the camera.
        """
        self.run_blocks("at a node", camera=self.daemon)

    def test_film(self) -> None:
        """
        FFmpeg makes a film of the stream.
        """
        require_program("ffmpeg", "apt-get install ffmpeg")
        self.run_blocks("at a node, with ffmpeg", camera=self.daemon)
        self.assertGreater((self.folder / "film.mp4").stat().st_size, 1000)

    def test_at_a_locked_node(self) -> None:
        """
        Credentials are shown as programs show them; without, nothing comes.
        """
        locked = self.started({"AUTH_TOKEN": TOKEN}).wait_until_ready()
        self.run_blocks("at a locked node", camera=locked)
        self.run_blocks("at a locked node, refused", camera=locked, status=REFUSED)

    def test_at_a_hub(self) -> None:
        """
        A node is registered, asked, changed, restarted and forgotten.
        """
        self.run_blocks("at a hub", camera=self.daemon, hub=self.hub())
        self.assertTrue((self.folder / "garden.jpg").read_bytes().startswith(b"\xff\xd8"))

    def test_at_a_hub_with_a_locked_node(self) -> None:
        """
        The token that is registered is the one that the node has.
        """
        locked = self.started({"AUTH_TOKEN": TOKEN}).wait_until_ready()
        self.run_blocks("at a hub with a locked node", camera=locked, hub=self.hub())

    def test_by_a_daemon_that_ends(self) -> None:
        """
        It prints something and leaves.
        """
        self.run_blocks("by a daemon that ends")

    def test_alone(self) -> None:
        """
        Nothing of ours is needed.
        """
        require_program("ss", "apt-get install iproute2")
        self.run_blocks("alone")


class AddressTests(DaemonTestCase):
    """
    Addresses that a reader types into something else.

    """

    def test_every_address_answers(self) -> None:
        """
        Whatever a guide has somebody read can be read.
        """
        pattern = rf"http://(?:\w+:\w+@)?{re.escape(CAMERA)}(/[^\s\"'`#;]*)"
        readme = (REPOSITORY / "README.rst").read_text("utf-8")
        texts = (readme, *pages().values())
        found = {match for text in texts for match in re.findall(pattern, text)}
        reading = {path for path in found if not path.startswith("/api/actions/")}
        self.assertLessEqual({"/stream.mjpg", "/snapshot.jpg", "/?action=stream"}, reading)
        for path in reading:
            with self.daemon.stream(path) as reply:
                self.assertEqual(reply.status, 200, path)

    def values(self, told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """
        :returns: The templates of Home Assistant's sensors, with what they are applied to.
        """
        for rest in told.get("rest", []):
            value = self.daemon.get(rest["resource"].partition(CAMERA)[2]).json()
            for entity in (*rest.get("sensor", []), *rest.get("binary_sensor", [])):
                yield entity["value_template"], value

    def test_home_assistant_finds_its_values(self) -> None:
        """
        Its templates name what the daemon sends.
        """
        count = 0
        for _, told in as_yaml("as a Home Assistant configuration"):
            for template, value in self.values(told):
                (path,) = re.findall(r"value_json((?:\.\w+)+)", template)
                there = value
                for key in path[1:].split("."):
                    self.assertIn(key, there, template)
                    there = there[key]
                count += 1
        self.assertGreater(count, 3)
