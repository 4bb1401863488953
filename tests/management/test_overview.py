"""
Tests for how all nodes are told to be.

"""

import json
from typing import Any

from tests.management.routes_case import ManagementTestCase
from tests.memory_management import TIMEOUT, decoded


class OverviewTests(ManagementTestCase):
    """
    How all nodes are.

    """

    def overview(self, query: str = "") -> Any:
        """
        :returns: What the overview says.
        """
        reply = self.daemon.ask(f"/api/management/overview{query}")
        self.assertEqual(reply.status, 200, reply.body)
        return decoded(reply)

    def test_no_nodes(self) -> None:
        """
        A new fleet has an overview too.
        """
        overview = self.overview()
        self.assertEqual(overview["nodes"], [])
        self.assertEqual(set(overview["summary"].values()), {0})

    def test_one_of_each(self) -> None:
        """
        Always 200, one entry for each node, in the order of the registry.
        """
        self.daemon.register_one_of_each("z")
        overview = self.overview()
        self.assertEqual(
            overview["summary"],
            {"total_nodes": 6, "unavailable_nodes": 3, "stream_available_nodes": 1},
        )
        self.assertEqual(
            [(each["node_id"], each["status"], each["ready"]) for each in overview["nodes"]],
            [
                ("z", "ready", True),
                ("b", "not_ready", False),
                ("lost", "error", False),
                ("closed", "error", False),
                ("odd", "error", False),
                ("box", "unknown", False),
            ],
        )
        lost = overview["nodes"][2]
        self.assertEqual((lost["name"], lost["stream_available"]), ("The lost camera", False))
        self.assertEqual(
            lost["error"],
            {
                "code": "NODE_UNREACHABLE",
                "message": "the node did not answer in time",
                "details": {"reason": "timeout"},
            },
        )

    def test_bug(self) -> None:
        """
        A mishap of ours with one node is told as that, and the others are as they are.
        """
        self.daemon.register("a", "b")
        self.daemon.nodes.outcomes["a"] = ZeroDivisionError()
        entries = self.overview()["nodes"]
        self.assertEqual([each["status"] for each in entries], ["error", "ready"])
        self.assertEqual(entries[0]["error"]["details"], {"reason": "internal"})
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_is_fresh(self) -> None:
        """
        Whoever asks wants to know how it is now.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.nodes.outcomes["a"] = TIMEOUT
        self.daemon.advance(0.5)
        self.assertEqual(self.overview()["nodes"][0]["status"], "error")

    def test_max_age(self) -> None:
        """
        Whoever can live with what is known already gets it at once.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.advance(3)
        overview = self.overview("?max_age=3.5")
        self.assertEqual(self.daemon.nodes.probed, ["a"])
        self.assertEqual(round(overview["sweep"]["age_seconds"], 2), 3.0)
        self.overview("?max_age=2")
        self.assertEqual(self.daemon.nodes.probed, ["a", "a"])

    def test_max_age_is_checked(self) -> None:
        """
        A slip is not taken for zero, nor for ever.
        """
        for text in ("x", "-1", "nan", "inf", "1e999", ""):
            reply = self.daemon.ask(f"/api/management/overview?max_age={text}")
            self.assertEqual(
                (reply.status, list(decoded(reply)["error"]["details"])), (400, ["max_age"])
            )

    def test_new_node_is_there_at_once(self) -> None:
        """
        An answer that is new enough but does not have all nodes will not do.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.register("b")
        nodes = self.overview("?max_age=60")["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["a", "b"])

    def test_changed_node_is_asked_anew(self) -> None:
        """
        What was found at the old address says nothing of the new one.
        """
        self.daemon.register("a")
        self.daemon.nodes.outcomes["a"] = TIMEOUT
        self.overview()
        self.daemon.ask("/api/nodes/a", "PUT", {"base_url": "http://10.0.0.1"})
        del self.daemon.nodes.outcomes["a"]
        self.assertEqual(self.overview("?max_age=60")["nodes"][0]["status"], "ready")

    def test_other_changes_do_not_cost_a_probe(self) -> None:
        """
        A node under a new name is still the same node.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.ask("/api/nodes/a", "PUT", {"name": "Door"})
        self.assertEqual(self.overview("?max_age=60")["nodes"][0]["name"], "Door")
        self.assertEqual(self.daemon.nodes.probed, ["a"])

    def test_simultaneous_callers_share_a_sweep(self) -> None:
        """
        Ten open dashboards are no burden to the nodes.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        clients = [self.daemon.client() for _ in range(10)]
        for client in clients:
            client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        self.assertEqual(self.daemon.nodes.probed, ["a"])
        for client in clients:
            self.assertIn(b'"status":"ready"', client.received())

    def test_client_that_leaves_takes_nothing_away_from_the_others(self) -> None:
        """
        The sweep goes on for those who stay.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        leaving, staying = self.daemon.client(), self.daemon.client()
        for client in (leaving, staying):
            client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        leaving.leave()
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        self.assertIn(b'"status":"ready"', staying.received())

    def test_node_registered_during_a_sweep(self) -> None:
        """
        Whoever has registered a node and asks then sees it, even if a sweep is under way.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.register("b")
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        while self.daemon.nodes.hanging["a"]:
            self.daemon.nodes.answer("a")
            self.daemon.settle()
        nodes = json.loads(client.received().partition(b"\r\n\r\n")[2])["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["a", "b"])

    def test_node_deleted_during_a_sweep(self) -> None:
        """
        It is not told of what is gone.
        """
        self.daemon.register("a", "b")
        self.daemon.nodes.hanging["a"] = []
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.ask("/api/nodes/a", "DELETE")
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        nodes = json.loads(client.received().partition(b"\r\n\r\n")[2])["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["b"])
