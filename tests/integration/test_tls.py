"""
The daemon where it speaks TLS, set up as SECURITY.rst says.

"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.integration.browser import BrowserTestCase
from tests.integration.certificates import Authority, Certified
from tests.integration.daemon import Daemon, wait_until
from tests.integration.pictures import COLOURS, StreamReader, number_in, steps, write_pictures
from tests.integration.test_management import ManagementTestCase

FPS = 20
TOKEN = "correct-horse"


class CameraTests(BrowserTestCase):
    """
    A camera behind TLS is the same camera.

    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.tls = Certified(self.folder / "tls")

    def start(self, **settings: str) -> Daemon:
        """
        :returns: A daemon that plays known pictures, ready.
        """
        frames = write_pictures(self.folder, padded_to=40_000)
        played = {"MOCK_FRAMES": str(frames), "FPS": str(FPS), "LISTEN": self.tls.listen()}
        daemon = self.make_daemon({**played, **settings}, authority=self.tls.certificate)
        return daemon.start().wait_until_ready()

    def test_several_viewers(self) -> None:
        """
        Each sees all pictures in order, one who wants fewer gets fewer, and one who takes nothing
        keeps none from the others.
        """
        daemon = self.start()
        with ExitStack() as stack:
            # Its window is never read.
            stack.enter_context(daemon.stream())
            viewers = [
                StreamReader(stack.enter_context(daemon.stream(path)))
                for path in ("/stream.mjpg", "/?action=stream", "/stream.mjpg?fps=5")
            ]
            seen = [[number_in(part.jpeg) for part in read] for read in _read(viewers, seconds=3)]
        for numbers in seen[:2]:
            self.assertGreater(len(numbers), 2 * FPS)
            # A busy machine may cost a picture, never the order.
            self.assertLess(max(steps(numbers)), len(COLOURS) // 2)
            self.assertEqual(sorted(steps(numbers))[len(numbers) // 2], 1)
        thinned = [number for number, step in zip(seen[2][1:], steps(seen[2]), strict=True) if step]
        self.assertGreater(len(thinned), 10)
        self.assertLess(len(thinned), 20)

    def test_slow_viewer(self) -> None:
        """
        A viewer on a slow line sees the present, encrypted or not.
        """
        daemon = self.start()
        with daemon.stream() as reply:
            reader = StreamReader(reply)
            reader.part()
            time.sleep(3)
            # What is on its way already, and not the sixty pictures since.
            late = [reader.lateness() for _ in range(40)]
        self.assertLess(min(late), 0.5 / FPS, late)

    def test_processor_rests(self) -> None:
        """
        Viewers behind TLS cost what they are sent, and not a core each: not those who wait, and not
        those who take nothing.
        """
        daemon = self.start(FPS="2")
        with ExitStack() as stack:
            for _ in range(3):
                reader = StreamReader(stack.enter_context(daemon.stream()))
                reader.part()
            # What a core is on a machine that has much else to do, a program shows that takes one.
            spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            self.addCleanup(spinning.wait)
            self.addCleanup(spinning.kill)
            before = processor_seconds(daemon.pid), processor_seconds(spinning.pid)
            time.sleep(4)
            after = processor_seconds(daemon.pid), processor_seconds(spinning.pid)
        taken, core = (end - begin for begin, end in zip(before, after, strict=True))
        self.assertLess(taken, core / 3)

    def test_other_paths(self) -> None:
        """
        Snapshot, states, figures and writes are the same, and HEAD ends.
        """
        daemon = self.start(AUTH_TOKEN=TOKEN)
        login = {"Authorization": f"Bearer {TOKEN}"}
        self.assertEqual(daemon.get("/stream.mjpg").status, 401)
        head = daemon.ask("HEAD", "/stream.mjpg", headers=login)
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertIn("multipart/x-mixed-replace", head.headers["Content-Type"])
        picture = daemon.get("/snapshot.jpg", login)
        self.assertEqual(int(picture.headers["Content-Length"]), len(picture.body))
        number_in(picture.body)
        for path in ("/health", "/ready", "/metrics", "/api/viewers", "/api/config"):
            self.assertEqual(daemon.get(path, login).status, 200, path)
        here = daemon.url.rstrip("/")
        for origin, status in ((here, 202), (here.replace("https", "http"), 403)):
            headers = {**login, "Origin": origin}
            reply = daemon.ask("POST", "/api/actions/restart", headers=headers)
            self.assertEqual(reply.status, status, origin)

    def test_page(self) -> None:
        """
        The page shows the picture, and fetches nothing without TLS.
        """
        daemon = self.start()
        context = self.browser.new_context(ignore_https_errors=True)
        self.addCleanup(context.close)
        tab = self.open(daemon, context)
        wait_until(lambda: tab.state == "Live", lambda: tab.state)
        tab.wait_for_picture(other_than=tab.wait_for_picture())
        self.assertEqual(tab.complaints, [])
        others = [url for url in tab.addresses if not url.startswith(daemon.url)]
        self.assertEqual(others, [])


def _read(viewers: Sequence[StreamReader], seconds: float) -> list[list[Any]]:
    """
    :returns: What each has read in that time.
    """
    seen: list[list[Any]] = [[] for _ in viewers]
    deadline = time.monotonic() + seconds

    def read(viewer: StreamReader, parts: list[Any]) -> None:
        while time.monotonic() < deadline:
            parts.append(viewer.part())

    threads = [threading.Thread(target=read, args=pair) for pair in zip(viewers, seen, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def processor_seconds(pid: int) -> float:
    """
    :returns: How long a process has kept processors busy.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class FleetTests(ManagementTestCase):
    """
    Management mode behind TLS, with nodes behind TLS.

    """

    def setUp(self) -> None:
        super().setUp()
        self.home, self.system = Authority("home"), Authority("system")

    def start_node(self, name: str, authority: Authority, host: str = "127.0.0.1") -> Daemon:
        """
        :returns: A node that wants to see a token.
        """
        pem, vouching = self.folder / f"{name}.pem", self.folder / f"{name}-ca.pem"
        pem.write_bytes(authority.issue_pem(host))
        vouching.write_bytes(authority.pem())
        settings = {
            "LISTEN": f"ssl:0:interface=127.0.0.1:privateKey={pem}",
            "AUTH_TOKEN": TOKEN,
            "FPS": "5",
        }
        daemon = self.make_daemon(settings, authority=vouching)
        return daemon.start()

    def test_nodes(self) -> None:
        """
        A node is asked, told and seen if the system or ``NODE_TLS_CA_FILE`` vouches for it under
        its name; no other node sees a token.
        """
        own = Certified(self.folder / "own")
        nodes = {
            "home": self.start_node("home", self.home).wait_until_ready(),
            "system": self.start_node("system", self.system).wait_until_ready(),
            "stranger": self.start_node("stranger", Authority("stranger")),
            "other-name": self.start_node("other-name", self.home, host="127.0.0.2"),
        }
        authorities = self.folder / "authorities.pem"
        authorities.write_bytes(self.home.pem() + own.certificate.read_bytes())
        management = self.make_daemon(
            {
                "APP_MODE": "management",
                "NODE_REGISTRY_PATH": str(self.path),
                "LISTEN": own.listen(),
                "NODE_TLS_CA_FILE": str(authorities),
                "SSL_CERT_FILE": str(self.folder / "system-ca.pem"),
            },
            authority=own.certificate,
        ).start()
        for name, node in nodes.items():
            registered = self.register(management, name, node.url.rstrip("/"), TOKEN)
            self.assertEqual(registered.status, 201, registered.body)
        self.assertEqual(
            {name: self.asked(management, name) for name in nodes},
            {
                "home": [200, 200, 200],
                "system": [200, 200, 200],
                "stranger": ["tls_failure"] * 3,
                "other-name": ["tls_failure"] * 3,
            },
        )
        # A node with a certificate of its own making, which management mode happens to be.
        self.register(management, "itself", management.url.rstrip("/"))
        reply = management.get("/api/nodes/itself/status")
        self.assertNotIn(b"tls_failure", reply.body)
        self.assertNotIn("Traceback", management.log)

    def asked(self, management: Daemon, name: str) -> list[object]:
        """
        :returns: What came of asking a node how it is, of an action, and of its picture.
        """
        replies = (
            management.get(f"/api/nodes/{name}/status"),
            management.ask("POST", f"/api/nodes/{name}/actions/controls", {"brightness": 0.1}),
            management.get(f"/api/nodes/{name}/snapshot.jpg"),
        )
        return [
            reply.status if reply.status == 200 else reply.json()["error"]["details"]["reason"]
            for reply in replies
        ]
