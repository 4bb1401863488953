"""
Tests for the histogram.

"""

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.durations import BOUNDS, Durations


class DurationsTests(SynchronousTestCase):
    """
    Counted as Prometheus counts: "not more than".

    """

    def test_empty(self) -> None:
        """
        Nothing was measured, and every bound is there already.
        """
        durations = Durations()
        self.assertEqual(durations.cumulative(), [(b, 0) for b in (*BOUNDS, float("inf"))])
        self.assertEqual(durations.total, 0.0)

    def test_bounds_are_inclusive(self) -> None:
        """
        A second is not more than a second.
        """
        durations = Durations()
        durations.observe(1.0)
        counts = dict(durations.cumulative())
        self.assertEqual((counts[0.5], counts[1.0], counts[2.5]), (0, 1, 1))

    def test_cumulative(self) -> None:
        """
        Each bound counts what the ones below it do; the last one all, however long they took.
        """
        durations = Durations()
        for seconds in (0.0, 0.00025, 0.2, 3600.0):
            durations.observe(seconds)
        counts = dict(durations.cumulative())
        self.assertEqual(
            [counts[bound] for bound in (0.0001, 0.00025, 0.1, 0.25, 10.0, float("inf"))],
            [1, 2, 2, 3, 3, 4],
        )
        self.assertEqual(durations.total, 3600.20025)
