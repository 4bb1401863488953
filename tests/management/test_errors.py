"""
Tests for what management mode answers when something is wrong.

"""

import json
from datetime import datetime, timedelta
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.web import MAX_BODY_BYTES
from tests.management.paths import PUBLIC, routes
from tests.memory_management import MemoryManagement, node
from tests.memory_node import Reply


class ErrorTestCase(SynchronousTestCase):
    """
    Tests with a daemon of their own.

    """

    def make_daemon(self, path: str | None = None, **environ: str) -> MemoryManagement:
        """
        :returns: A daemon.
        """
        daemon = MemoryManagement(path or self.mktemp(), **environ)
        self.addCleanup(daemon.stop)
        return daemon

    def check(self, reply: Reply, status: int, code: str, node_id: str | None = None) -> Any:
        """
        See that it is an error as all of them are.

        :returns: The error.
        """
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        self.assertEqual(int(reply.headers["Content-Length"]), len(reply.body))
        document = json.loads(reply.body)
        self.assertEqual(list(document), ["error"])
        error = document["error"]
        names = {"code", "message", "details", "timestamp"} | ({"node_id"} if node_id else set())
        self.assertEqual(set(error), names)
        self.assertEqual((error["code"], error.get("node_id")), (code, node_id))
        self.assertGreater(len(error["message"]), 5)
        self.assertIsInstance(error["details"], dict)
        self.assertTrue(error["timestamp"].endswith("Z"))
        self.assertEqual(datetime.fromisoformat(error["timestamp"]).utcoffset(), timedelta())
        return error


class EnvelopeTests(ErrorTestCase):
    """
    Programs that use the API need one way to read what went wrong.

    """

    def setUp(self) -> None:
        self.daemon = self.make_daemon()

    def test_unknown_paths(self) -> None:
        """
        What does not exist is told in the same words as everything else.
        """
        for path in ("/api", "/api/", "/api/nope", "/api/nodes/a/b", "/api/management", "/nope"):
            node_id = "a" if path == "/api/nodes/a/b" else None
            self.check(self.daemon.ask(path), 404, "NOT_FOUND", node_id)

    def test_ids_that_cannot_be(self) -> None:
        """
        An odd id finds nothing, and the daemon does not stumble.
        """
        for node_id in (
            "..",
            "%2e%2e",
            "a%20b",
            "a%0d%0aX-Evil:1",
            "%00",
            "a" * 65,
            "%F0%9F%90%9F",
        ):
            for suffix in ("", "/status", "/snapshot.jpg"):
                reply = self.daemon.ask(f"/api/nodes/{node_id}{suffix}")
                self.check(reply, 404, "NODE_NOT_FOUND", None)
                self.assertIsNone(reply.headers["X-Evil"])

    def test_other_methods(self) -> None:
        """
        Each path says what it takes.
        """
        for path, allowed in (
            ("/api/nodes", {"GET", "HEAD", "POST"}),
            ("/api/nodes/front", {"GET", "HEAD", "PUT", "DELETE"}),
            ("/api/nodes/front/status", {"GET", "HEAD"}),
            ("/api/nodes/front/actions/restart", {"POST"}),
            ("/api/nodes/front/snapshot.jpg", {"GET", "HEAD"}),
            ("/api/management/overview", {"GET", "HEAD"}),
            ("/api/management/events", {"GET", "HEAD"}),
            ("/api/config", {"GET", "HEAD"}),
        ):
            for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"} - allowed:
                reply = self.daemon.ask(path, method)
                node_id = "front" if "front" in path else None
                self.check(reply, 405, "METHOD_NOT_ALLOWED", node_id)
                self.assertEqual(set(reply.headers["Allow"].split(", ")), allowed, path)

    def test_path_that_is_no_text(self) -> None:
        """
        What the router does not even look at.
        """
        for path in ("/api/nodes/%ff", "/api/%c3%28"):
            self.check(self.daemon.ask(path), 400, "VALIDATION_ERROR")

    def test_bodies(self) -> None:
        """
        Too large, of the wrong kind, missing, or no JSON object.
        """
        self.daemon.register("front")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        large = b"x" * (MAX_BODY_BYTES + 1)
        for method, path, node_id in (
            ("POST", "/api/nodes", None),
            ("PUT", "/api/nodes/front", "front"),
        ):
            for payload, headers, status, code in (
                (large, {}, 413, "PAYLOAD_TOO_LARGE"),
                (b"a=b", form, 415, "UNSUPPORTED_MEDIA_TYPE"),
                (None, {}, 400, "VALIDATION_ERROR"),
                (b"[]", {}, 400, "VALIDATION_ERROR"),
                (b"[" * 20_000, {}, 400, "VALIDATION_ERROR"),
                (b'{"name": "\\ud800"}', {}, 400, "VALIDATION_ERROR"),
            ):
                reply = self.daemon.ask(path, method, payload, headers)
                error = self.check(reply, status, code, node_id)
                if status == 400:
                    self.assertIn(list(error["details"]), (["body"], ["name"]))

    def test_other_sites(self) -> None:
        """
        Pages of other origins change nothing, and the API answers under no borrowed name.
        """
        origin = {"Origin": "http://evil.example"}
        self.check(self.daemon.ask("/api/nodes", "POST", node(), origin), 403, "FORBIDDEN")
        host = {"Host": "evil.example"}
        self.check(self.daemon.ask("/api/nodes", headers=host), 421, "MISDIRECTED_REQUEST")
        self.assertEqual(json.loads(self.daemon.ask("/api/nodes").body), {"nodes": []})

    def test_credentials(self) -> None:
        """
        Every path but the public two asks for them, also where nothing is.
        """
        daemon = self.make_daemon(AUTH_TOKEN="correct horse")
        self.assertGreater(len(routes()), 20)
        for method, path in (*routes(), ("GET", "/api/nope"), ("PATCH", "/api/nodes")):
            reply = daemon.ask(path, method)
            if path in PUBLIC:
                self.assertEqual(reply.status, 200)
            elif method != "HEAD":
                node_id = "front" if path.startswith("/api/nodes/front") else None
                self.check(reply, 401, "UNAUTHORIZED", node_id)
                self.assertEqual(len(reply.headers.get_all("WWW-Authenticate", [])), 2)
            else:
                self.assertEqual(reply.status, 401, path)
        reply = daemon.ask("/api/nodes", headers={"Authorization": "Bearer correct horse"})
        self.assertEqual(reply.status, 200)

    def test_too_many_at_once(self) -> None:
        """
        Whoever comes later is told when to try again, and whether it is because of the node.
        """
        self.daemon.register("front")
        self.daemon.nodes.picture = Busy(4)
        self.daemon.nodes.reply = Busy(3, is_of_node=True)
        for method, path, code, why in (
            ("GET", "snapshot.jpg", "SNAPSHOTS_BUSY", "4 snapshots are under way"),
            ("POST", "actions/restart", "ACTIONS_BUSY", "3 actions of this node are under way"),
        ):
            reply = self.daemon.ask(f"/api/nodes/front/{path}", method)
            error = self.check(reply, 503, code, "front")
            self.assertIn(why, error["message"])
            self.assertGreater(int(reply.headers["Retry-After"]), 0)


class RegistryTests(ErrorTestCase):
    """
    A registry that cannot be used.

    """

    def setUp(self) -> None:
        self.daemon = self.make_daemon("/proc/nonexistent/nodes.json")

    def test_daemon_is_up_but_not_ready(self) -> None:
        """
        Whoever has started it on a bare machine reads what to do.
        """
        self.assertEqual(self.daemon.ask("/health").status, 200)
        self.assertEqual(self.daemon.ask("/").status, 200)
        reply = self.daemon.ask("/ready")
        report = json.loads(reply.body)
        self.assertEqual((reply.status, report["status"]), (503, "not_ready"))
        self.assertEqual(report["reason"], "registry_unavailable")
        self.assertIn("NODE_REGISTRY_PATH", report["message"])

    def test_requests_fail_as_a_whole(self) -> None:
        """
        With the reason and the remedy.
        """
        for method, path, payload, node_id in (
            ("GET", "/api/nodes", None, None),
            ("POST", "/api/nodes", node(), None),
            ("GET", "/api/nodes/a", None, "a"),
            ("PUT", "/api/nodes/a", {}, "a"),
            ("DELETE", "/api/nodes/a", None, "a"),
            ("GET", "/api/nodes/a/status", None, "a"),
            ("POST", "/api/nodes/a/actions/restart", None, "a"),
            ("GET", "/api/nodes/a/snapshot.jpg", None, "a"),
            ("GET", "/api/management/overview", None, None),
        ):
            reply = self.daemon.ask(path, method, payload)
            error = self.check(reply, 503, "REGISTRY_UNAVAILABLE", node_id)
            self.assertGreater(len(error["message"]), 20)

    def test_figures_can_be_had(self) -> None:
        """
        A monitor sees what is wrong instead of a failing scrape.
        """
        report = json.loads(self.daemon.ask("/metrics").body)
        self.assertEqual((report["registry_available"], report["nodes"]["total"]), (False, 0))
        figures = self.daemon.ask("/metrics", headers={"Accept": "text/plain"}).body
        self.assertIn(b"\nmotion_in_ocean_ready 0.0\n", figures)
        self.assertEqual(self.daemon.ask("/api/management/events").status, 200)
