"""
Tests for the figures of management mode.

"""

from typing import Any

from prometheus_client import openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text
from twisted.trial.unittest import SynchronousTestCase

from tests.memory_management import MemoryManagement, decoded
from tests.node.test_prometheus import samples


class MetricsTests(SynchronousTestCase):
    """
    What monitors see.

    """

    def setUp(self) -> None:
        self.daemon = MemoryManagement(self.mktemp())
        self.addCleanup(self.daemon.stop)

    def sweep(self) -> None:
        """
        Have a fleet with one node in each state, and ask all of them but one.
        """
        self.daemon.register_one_of_each()
        self.daemon.ask("/api/management/overview")
        self.daemon.register("new")

    def figures(self) -> dict[str, float]:
        """
        :returns: The values by name and labels.
        """
        reply = self.daemon.ask("/metrics", headers={"Accept": "text/plain"})
        return samples(parse_text(reply.body.decode()))

    def test_json_before_anything_happens(self) -> None:
        """
        Programs need not ask whether a field is there.
        """
        report: Any = decoded(self.daemon.ask("/metrics"))
        self.assertEqual((report["app_mode"], report["registry_available"]), ("management", True))
        self.assertEqual(set(report["nodes"].values()), {0})
        self.assertEqual(report["configuration"]["probe_timeout_seconds"], 2.5)

    def test_json(self) -> None:
        """
        How many nodes are how.
        """
        self.sweep()
        self.daemon.advance(5)
        report = decoded(self.daemon.ask("/metrics"))
        states = ("ready", "not_ready", "unreachable", "unauthorized", "invalid_response")
        for state in (*states, "unsupported", "unknown"):
            self.assertEqual(report["nodes"][state], 1, state)
        self.assertEqual((report["nodes"]["total"], report["probes"]["total"]), (7, 6))
        # That of the node that cannot be asked took no time.
        self.assertEqual(report["probes"]["seconds"], 5 * 0.125)
        self.assertEqual(report["sweep"]["count"], 1)
        self.assertEqual(round(report["sweep"]["age_seconds"], 2), 5.0)
        self.assertEqual(report["state_changes"], 6)

    def test_prometheus(self) -> None:
        """
        The same, for alarms.
        """
        self.sweep()
        figures = self.figures()
        self.assertEqual(figures["ready"], 1)
        self.assertEqual(figures['nodes{state="unreachable"}'], 1)
        self.assertEqual(figures['nodes{state="unknown"}'], 1)
        self.assertEqual(figures['probes_total{state="ready"}'], 1)
        self.assertEqual(figures['node_ready{node_id="a"}'], 1)
        self.assertEqual(figures['node_ready{node_id="lost"}'], 0)
        self.assertEqual(figures["probe_duration_seconds_count"], 5)
        self.assertEqual(figures['probe_duration_seconds_bucket{le="0.1"}'], 0)
        self.assertEqual(figures['probe_duration_seconds_bucket{le="0.25"}'], 5)
        self.assertEqual((figures["sweeps_total"], figures["sweep_age_seconds"]), (1, 0))
        self.assertEqual(figures["node_state_changes_total"], 6)

    def test_what_is_not_known_is_absent(self) -> None:
        """
        An age of zero would be a lie.
        """
        figures = self.figures()
        self.assertNotIn("sweep_age_seconds", figures)
        self.assertNotIn("sweep_duration_seconds", figures)
        self.assertEqual(figures['nodes{state="ready"}'], 0)

    def test_nodes_that_nobody_knows_of_are_not_called_broken(self) -> None:
        """
        There would be an alarm that never ends for a node that cannot be asked, and one at each
        start for those that were not asked yet.
        """
        self.sweep()
        told = {name for name in self.figures() if name.startswith("node_ready")}
        asked = ("a", "b", "lost", "closed", "odd")
        self.assertEqual(told, {f'node_ready{{node_id="{node_id}"}}' for node_id in asked})

    def test_deleted_nodes_are_gone(self) -> None:
        """
        Nobody is called out for a node that was given up.
        """
        self.sweep()
        self.daemon.ask("/api/nodes/lost", "DELETE")
        figures = self.figures()
        self.assertEqual(figures['nodes{state="unreachable"}'], 0)
        self.assertNotIn('node_ready{node_id="lost"}', figures)

    def test_both_formats_say_the_same(self) -> None:
        """
        Whatever is asked for.
        """
        self.sweep()
        accept = {"Accept": "application/openmetrics-text"}
        reply = self.daemon.ask("/metrics", headers=accept)
        self.assertIn(openmetrics.exposition.CONTENT_TYPE_LATEST.split(";")[0], str(reply.headers))
        self.assertEqual(set(samples(parse_open(reply.body.decode()))), set(self.figures()))
