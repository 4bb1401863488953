"""
Tests for how a node is told to be.

"""

from typing import Any

from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized
from tests.management.routes_case import ManagementTestCase
from tests.memory_management import NOT_READY, TIMEOUT, ManagementClient, decoded


class StatusTests(ManagementTestCase):
    """
    How one node is.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")

    def status(self, outcome: Any = None) -> Any:
        """
        :returns: The reply's status and JSON.
        """
        if outcome is not None:
            self.daemon.nodes.outcomes["front"] = outcome
        reply = self.daemon.ask("/api/nodes/front/status")
        return reply.status, decoded(reply)

    def test_ready(self) -> None:
        """
        What the node said stands there as it said it.
        """
        status, report = self.status()
        self.assertRegex(report.pop("checked_at"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(status, 200)
        self.assertEqual(
            report,
            {
                "node_id": "front",
                "transport": "http",
                "status": "ready",
                "ready": True,
                "stream_available": True,
                "duration_seconds": 0.125,
                "health": {"status_code": 200, "payload": {"status": "healthy"}},
                "ready_probe": {
                    "status_code": 200,
                    "payload": {"status": "ready", "current_fps": 24.5},
                },
                "metrics": {"status_code": 200, "payload": {"app_mode": "webcam"}},
            },
        )

    def test_not_ready(self) -> None:
        """
        A node that says so is not an error; metrics that fail change nothing else.
        """
        status, report = self.status(NOT_READY)
        self.assertEqual((status, report["status"], report["ready"]), (200, "not_ready", False))
        self.assertFalse(report["stream_available"])
        self.assertEqual(report["metrics"], {"error": "the node did not answer in time"})

    def test_failures(self) -> None:
        """
        Each has its status, its code, and says why.
        """
        for outcome, status, code, details in (
            (
                *(Unauthorized("/ready", 403), 401, "NODE_UNAUTHORIZED"),
                {"path": "/ready", "status_code": 403},
            ),
            (TIMEOUT, 503, "NODE_UNREACHABLE", {"reason": "timeout"}),
            (
                *(InvalidResponse("redirect", "it redirects", "/health"), 502),
                *("NODE_INVALID_RESPONSE", {"reason": "redirect", "path": "/health"}),
            ),
        ):
            answered, report = self.status(outcome)
            error = report["error"]
            self.assertEqual((answered, error["code"]), (status, code))
            self.assertEqual((error["node_id"], error["details"]), ("front", details))

    def test_unsupported_transport(self) -> None:
        """
        Known to be unknown is an answer.
        """
        self.daemon.register("box", transport="docker")
        reply = self.daemon.ask("/api/nodes/box/status")
        report = decoded(reply)
        self.assertEqual((reply.status, report["status"]), (200, "unknown"))
        self.assertEqual((report["ready"], report["stream_available"]), (False, False))
        self.assertEqual(report["error"]["code"], "TRANSPORT_UNSUPPORTED")

    def test_last_seen_follows_answers(self) -> None:
        """
        It tells when the node was there last; the ETag does not care.
        """
        before = self.daemon.ask("/api/nodes/front")
        self.status(TIMEOUT)
        self.assertEqual(self.daemon.ask("/api/nodes/front").body, before.body)
        self.status(NOT_READY)
        after = self.daemon.ask("/api/nodes/front")
        self.assertTrue(decoded(after)["last_seen"].startswith("2027-01-15T"))
        self.assertEqual(after.headers["ETag"], before.headers["ETag"])


class SharingTests(ManagementTestCase):
    """
    Several who ask for the same node at the same time.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")
        self.daemon.nodes.hanging["front"] = []

    def client(self) -> ManagementClient:
        """
        :returns: Somebody who waits for the node's answer.
        """
        client = self.daemon.client()
        client.send(b"GET /api/nodes/front/status HTTP/1.1\r\nHost: a\r\n\r\n")
        return client

    def test_one_probe(self) -> None:
        """
        However many want to know, the node is asked once.
        """
        clients = [self.client() for _ in range(10)]
        self.daemon.nodes.answer("front")
        self.daemon.settle()
        self.assertEqual(self.daemon.nodes.probed, ["front"])
        for client in clients:
            self.assertIn(b'"status":"ready"', client.received())

    def test_next_one(self) -> None:
        """
        Whoever comes when the answer is there gets a new one.
        """
        self.client()
        self.daemon.nodes.answer("front")
        self.client()
        self.assertEqual(self.daemon.nodes.probed, ["front"] * 2)

    def test_some_leave(self) -> None:
        """
        The others get the answer.
        """
        leaving, staying = self.client(), self.client()
        leaving.leave()
        self.daemon.nodes.answer("front")
        self.daemon.settle()
        self.assertIn(b'"status":"ready"', staying.received())

    def test_all_leave(self) -> None:
        """
        Then nobody is asked: clients who come and leave do not pile up connections to a node that
        hangs.
        """
        for client in (self.client(), self.client()):
            client.leave()
        (probing,) = self.daemon.nodes.hanging["front"]
        self.assertTrue(probing.called)
        self.client()
        self.assertEqual(self.daemon.nodes.probed, ["front"] * 2)

    def test_another_address(self) -> None:
        """
        Whoever has changed where a node is does not get the answer of the old place.
        """
        self.client()
        self.daemon.ask("/api/nodes/front", "PUT", {"base_url": "http://10.0.0.1"})
        self.client()
        self.assertEqual(self.daemon.nodes.probed, ["front"] * 2)
