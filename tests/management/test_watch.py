"""
Tests for looking after the fleet when nobody asks.

"""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_management import TIMEOUT, MemoryManagement, decoded


class WatchTests(SynchronousTestCase):
    """
    Sweeps in the background.

    """

    def make_daemon(self, interval: str, *ids: str) -> MemoryManagement:
        """
        :returns: A daemon that watches over these nodes.
        """
        path = self.mktemp()
        before = MemoryManagement(path)
        before.register(*ids)
        before.stop()
        daemon = MemoryManagement(path, PROBE_INTERVAL_SECONDS=interval)
        self.addCleanup(daemon.stop)
        return daemon

    def sweep(self, daemon: MemoryManagement) -> Any:
        """
        :returns: What is told of sweeps.
        """
        return decoded(daemon.ask("/metrics"))["sweep"]

    def test_first_comes_at_once(self) -> None:
        """
        Whoever opens the dashboard after a restart does not look at an empty page.
        """
        daemon = self.make_daemon("10", "a", "b")
        daemon.advance(1)
        self.assertEqual(daemon.nodes.probed, ["a", "b"])

    def test_comes_again(self) -> None:
        """
        That is what the interval is for.
        """
        daemon = self.make_daemon("2", "a")
        daemon.advance(9)
        self.assertIn(len(daemon.nodes.probed), (4, 5))
        self.assertLessEqual(self.sweep(daemon)["age_seconds"], 2.0)

    def test_waits_for_the_last_one(self) -> None:
        """
        A fleet that takes its time is not asked twice at once.
        """
        daemon = self.make_daemon("2", "a")
        daemon.nodes.hanging["a"] = []
        daemon.advance(20)
        # The first was through before it hung.
        self.assertEqual(len(daemon.nodes.hanging["a"]), 1)
        asked = len(daemon.nodes.probed)
        daemon.nodes.answer("a")
        daemon.advance(3)
        self.assertEqual(len(daemon.nodes.probed), asked + 1)

    def test_can_be_switched_off(self) -> None:
        """
        Nodes that pay for their traffic are only asked when somebody wants to know.
        """
        daemon = self.make_daemon("0", "a")
        daemon.advance(60)
        self.assertEqual(daemon.nodes.probed, [])
        self.assertEqual(
            self.sweep(daemon), {"count": 0, "age_seconds": None, "duration_seconds": None}
        )

    def test_overview_of_the_last_sweep(self) -> None:
        """
        Dashboards get what is known, however many there are, and the nodes have their peace.
        """
        daemon = self.make_daemon("10", "a")
        daemon.advance(5)
        asked = len(daemon.nodes.probed)
        for _ in range(5):
            overview = decoded(daemon.ask("/api/management/overview?max_age=20"))
            self.assertEqual(overview["nodes"][0]["status"], "ready")
        self.assertEqual(len(daemon.nodes.probed), asked)

    def test_changes_are_noticed(self) -> None:
        """
        Nobody has to look for it to be in the events.
        """
        daemon = self.make_daemon("1", "a")
        daemon.advance(3)
        daemon.nodes.outcomes["a"] = TIMEOUT
        daemon.advance(3)
        events = decoded(daemon.ask("/api/management/events"))["events"]
        self.assertEqual([each["state"] for each in events], ["ready", "unreachable"])

    def test_goes_on_after_a_bug(self) -> None:
        """
        One mishap does not end the watch for months.
        """
        daemon = self.make_daemon("1", "a")
        daemon.advance(1)

        def fail() -> Any:
            raise ZeroDivisionError

        daemon.registry.list_nodes, right = fail, daemon.registry.list_nodes  # type: ignore[method-assign]
        daemon.advance(3)
        self.assertGreater(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        daemon.registry.list_nodes = right  # type: ignore[method-assign]
        asked = len(daemon.nodes.probed)
        daemon.advance(3)
        self.assertGreater(len(daemon.nodes.probed), asked)

    def test_stops(self) -> None:
        """
        Nothing is left that could keep the process, also in the middle of a sweep.
        """
        for hanging in (False, True):
            daemon = self.make_daemon("1", "a")
            daemon.advance(0.5)
            if hanging:
                daemon.nodes.hanging["a"] = []
                daemon.advance(2)
            self.assertEqual(len(daemon.stop()), 1)
            self.assertEqual(daemon.reactor.getDelayedCalls(), [])
            self.assertFalse(daemon.worker.waiting)
