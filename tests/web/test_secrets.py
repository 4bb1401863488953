"""
Tests that the daemon's own credentials, and what people take for them, are told to nobody.

"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import ControlState
from motion_in_ocean.service import make_observer
from tests.fakes import FakeCamera
from tests.management.paths import routes as management_routes
from tests.memory_management import MemoryManagement
from tests.memory_node import Client, MemoryNode, Reply
from tests.web.test_guard import routes as webcam_routes

TOKEN, PASSWORD, WRONG = "canary-token-4711", "canary-password-4711", "canary-wrong-4711"
CREDENTIALS = {"AUTH_TOKEN": TOKEN, "AUTH_USERNAME": "ann", "AUTH_PASSWORD": PASSWORD}


def basic(password: str) -> str:
    """
    :returns: The value of an ``Authorization`` header.
    """
    return "Basic " + base64.b64encode(f"ann:{password}".encode()).decode()


SHOWN: Sequence[Mapping[str, str]] = (
    {},
    {"Authorization": f"Bearer {TOKEN}"},
    {"Authorization": basic(PASSWORD)},
    {"Authorization": f"Bearer {WRONG}"},
    {"Authorization": basic(WRONG)},
    {"Authorization": f"Digest {TOKEN}"},
)

CANARIES = (
    "canary",
    *(header.get("Authorization", "Bearer canary").split()[1] for header in SHOWN),
)


class Bug(Exception):
    """
    A mistake of ours.

    """


class BuggyCamera(FakeCamera):
    """
    A camera with a bug in what it says of itself.

    """

    def read_controls(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        raise Bug


class CredentialsTests(SynchronousTestCase):
    """
    No reply and no log line has them, in either mode.

    """

    def setUp(self) -> None:
        self.log = io.StringIO()
        observer = make_observer("json", "debug", self.log)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.statuses: set[int] = set()

    def walk(self, ask: Callable[..., Reply], routes: Sequence[tuple[str, str]]) -> None:
        """
        Ask for everything, showing each in turn, in every way that makes a difference.

        """
        more: Sequence[Mapping[str, str]] = (
            {},
            {"Accept": "text/plain"},
            {"Accept": "text/html"},
            {"Origin": "http://evil.example"},
            {"Host": "evil.example"},
        )
        paths = [*routes, ("GET", "/nope"), ("PATCH", "/api/config"), ("GET", "/%ff"), ("GET", "*")]
        for method, path in paths:
            for shown in SHOWN:
                for headers in more:
                    body = b"x" * 70000 if method == "PATCH" else b""
                    self.see(ask(path, method, {**shown, **headers}, body), f"{method} {path}")

    def see(self, reply: Reply, what: str) -> None:
        """
        See that a reply does not sing.

        """
        self.statuses.add(reply.status)
        told = f"{reply.status_line}{reply.headers}{reply.body.decode('latin-1')}"
        for canary in CANARIES:
            self.assertNotIn(canary, told, what)

    def assert_log_is_silent(self) -> None:
        """
        See that the log does not sing either, though it has much to say.

        """
        log = self.log.getvalue()
        self.assertIn("GET /metrics 200", log)
        for canary in CANARIES:
            self.assertNotIn(canary, log)

    def test_webcam(self) -> None:
        """
        A camera, one that fails at a question among them.
        """
        node = MemoryNode(BuggyCamera(), **CREDENTIALS)
        self.addCleanup(node.stop)
        node.open_camera()
        node.deliver()

        def ask(path: str, method: str, headers: dict[str, str], body: bytes) -> Reply:
            client = node.client()
            client.send_request(path, method, headers, body)
            while not (wire := client.received()):
                node.worker.step()
            client.leave()
            return Reply.parse(wire)

        self.walk(ask, [(m, p) for m, p in webcam_routes() if "action" not in p])
        self.see(ask("/api/actions/controls", "POST", dict(SHOWN[1]), b""), "an action")
        self.assertLessEqual({200, 400, 401, 404, 413, 500}, self.statuses)
        self.assertGreater(len(self.flushLoggedErrors(Bug)), 0)
        self.assert_log_is_silent()

    def test_management(self) -> None:
        """
        What watches over many.
        """
        daemon = MemoryManagement(self.mktemp(), **CREDENTIALS)
        self.addCleanup(daemon.stop)

        def ask(path: str, method: str, headers: dict[str, str], body: bytes) -> Reply:
            client: Client = daemon.client()
            reply = client.request(path, method, headers, body)
            client.leave()
            return reply

        self.walk(ask, management_routes())
        self.assertLessEqual({200, 400, 401, 404, 413}, self.statuses)
        self.assert_log_is_silent()

    def test_guessing(self) -> None:
        """
        Not even one who guesses has his guesses in the log.
        """
        node: Any = MemoryNode(**CREDENTIALS)
        self.addCleanup(node.stop)
        for number in range(20):
            for value in (f"Bearer {WRONG}-{number}", basic(f"{WRONG}-{number}")):
                self.see(node.get("/metrics", Authorization=value), value)
        self.assertLessEqual({401, 429}, self.statuses)
        self.assertIn("different wrong credentials", self.log.getvalue())
        self.assertNotIn("canary", self.log.getvalue())
