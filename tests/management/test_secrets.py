"""
Tests that nodes' tokens stay where they are.

"""

import io
import re
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean import management
from motion_in_ocean.management import FileRegistry
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized, Unreachable
from motion_in_ocean.service import make_observer
from tests.management.paths import routes
from tests.memory_management import NOT_READY, READY, MemoryManagement, node

CANARY = "canary-4711"
AUTH = {"type": "bearer", "token": CANARY}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Spilled(Exception):
    """
    Says what it should not.

    """


def _spill(*_: object) -> Any:
    raise Spilled(f"something is wrong with {CANARY}")


class SpillingRegistry(FileRegistry):
    """
    A registry with a bug in everything that it does.

    """

    is_spilling = False

    def list_nodes(self) -> Deferred[Any]:
        return _spill() if self.is_spilling else super().list_nodes()

    def get(self, node_id: str) -> Deferred[Any]:
        return _spill() if self.is_spilling else super().get(node_id)

    def create(self, node: Any) -> Deferred[Any]:
        return fail(Spilled(CANARY)) if self.is_spilling else super().create(node)


class CanaryTests(SynchronousTestCase):
    """
    A token that has been registered never comes out again.

    """

    def setUp(self) -> None:
        self.log = io.StringIO()
        observer = make_observer("text", "debug", self.log)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.daemon = MemoryManagement(
            self.mktemp(), SpillingRegistry, CORS_ORIGINS="http://a", PROBE_INTERVAL_SECONDS="1"
        )
        self.addCleanup(self.daemon.stop)
        self.daemon.register("front", auth=AUTH)
        self.statuses: set[int] = set()

    def ask(self, path: str, method: str = "GET", payload: Any = None, **headers: str) -> None:
        """
        See that neither the reply nor its headers sing.
        """
        reply = self.daemon.ask(path, method, payload, headers)
        self.statuses.add(reply.status)
        told = f"{reply.status_line}{reply.headers}{reply.body!r}"
        self.assertNotIn(CANARY, told, f"{method} {path}")

    def walk(self) -> None:
        """
        Ask for everything, in every way that makes a difference.
        """
        for method, path in routes():
            if method != "DELETE":
                payload: Any = {} if method in ("PUT", "POST") else None
                self.ask(path, method, payload)
                self.ask(path, method, payload, Accept="text/plain", Origin="http://a")
        payloads: tuple[Any, ...] = (
            *({"auth": AUTH}, {"auth": {**AUTH, "more": CANARY}}, {"auth": CANARY}),
            *({"auth": {"type": CANARY}}, {"auth": {"type": "bearer", "token": [CANARY]}}),
            *({"auth": {"type": "basic", "password": CANARY}}, {"id": CANARY * 9}),
            *({"base_url": f"http://u:{CANARY}@x"}, {"base_url": "http://elsewhere"}),
            f'{{"auth": "{CANARY}'.encode(),
        )
        for payload in payloads:
            self.ask("/api/nodes/front", "PUT", payload)
            whole = {**node(), **payload} if isinstance(payload, dict) else payload
            self.ask("/api/nodes", "POST", whole)
        self.ask("/api/nodes/front", "PUT", {"auth": AUTH}, **{"If-Match": '"0"'})
        self.ask("/api/nodes/nobody", "PUT", {"auth": AUTH})
        self.ask("/api/nodes", "POST", f"token={CANARY}".encode(), **FORM)

    def test_in_good_times_and_in_bad(self) -> None:
        """
        In no reply, no log line and no metric.
        """
        for outcome in (
            READY,
            NOT_READY,
            Unauthorized("/health", 401),
            Unreachable("timeout", "the node did not answer in time"),
            InvalidResponse("not_json", "that is no JSON", "/health"),
        ):
            self.daemon.nodes.outcomes["front"] = outcome
            self.daemon.advance(2)
            self.walk()
        self.daemon.ask("/api/nodes/front", "DELETE")
        self.assertLessEqual({200, 400, 401, 404, 412, 415, 502, 503}, self.statuses)
        self.assertIn("Node front is unreachable", self.log.getvalue())
        self.assertNotIn(CANARY, self.log.getvalue())

    def test_bugs(self) -> None:
        """
        Not even in the traceback of a bug that has the token in its words.
        """
        spilled = Spilled(CANARY)
        self.daemon.nodes.outcomes["front"] = spilled
        self.daemon.nodes.reply = self.daemon.nodes.picture = spilled
        self.daemon.advance(2)
        self.walk()
        assert isinstance(self.daemon.registry, SpillingRegistry)
        self.daemon.registry.is_spilling = True
        self.daemon.advance(2)
        self.walk()
        self.assertLessEqual({500, 503}, self.statuses)
        log = self.log.getvalue()
        self.assertIn("Traceback", log)
        self.assertIn("Spilled", log)
        self.assertNotIn(CANARY, log)
        self.assertGreater(len(self.flushLoggedErrors(Spilled)), 5)

    def test_no_traceback_quotes_anything(self) -> None:
        """
        Nobody adds one that does: tokens are at hand everywhere here.
        """
        for path in Path(management.__file__).parent.rglob("*.py"):
            for call in re.findall(r"_log\.failure\([^)]*\)", path.read_text("utf-8")):
                self.assertIn("without_words(", call, path.name)

    def test_bugs_after_the_client_has_left(self) -> None:
        """
        Nobody sees the reply, but somebody may read the log.
        """
        waiting: Deferred[Any] = Deferred()
        self.daemon.nodes.reply = waiting
        client = self.daemon.client()
        client.send(b"POST /api/nodes/front/actions/restart HTTP/1.1\r\nHost: a\r\n\r\n")
        client.leave()
        waiting.errback(Spilled(CANARY))
        self.assertIn("Spilled", self.log.getvalue())
        self.assertNotIn(CANARY, self.log.getvalue())
        self.assertEqual(len(self.flushLoggedErrors(Spilled)), 1)
