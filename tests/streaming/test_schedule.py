"""
Tests for viewers who want fewer frames.

"""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.streaming._schedule import FrameSchedule
from tests.fuzz import fuzzed


def taken(schedule: FrameSchedule, camera_fps: float, seconds: float) -> int:
    """
    :returns: How many frames of a camera are taken.
    """
    return sum(schedule.take(n / camera_fps) for n in range(int(camera_fps * seconds)))


class FrameScheduleTests(SynchronousTestCase):
    """
    The rate asked for is the rate one gets.

    """

    def test_all_frames(self) -> None:
        """
        Without ``?fps=`` nothing is left out.
        """
        self.assertEqual(taken(FrameSchedule(0.0), 30.0, 10.0), 300)

    def test_24_of_30_is_24(self) -> None:
        """
        Not 15, as leaving out every frame that comes too early would give.
        """
        self.assertApproximates(taken(FrameSchedule(1 / 24), 30.0, 10.0), 240, 1)

    def test_the_rate_of_an_unsteady_camera_is_kept(self) -> None:
        """
        A real camera comes a little early, a little late; 30 of 30 stays 30.
        """
        schedule = FrameSchedule(1 / 30)
        jitter = (0.0, 0.004, -0.004, 0.002, -0.003)
        count = sum(schedule.take(n / 30 + jitter[n % 5]) for n in range(300))
        self.assertGreater(count, 297)

    def test_more_than_the_camera_gives_is_all(self) -> None:
        """
        Nothing is sent twice to reach a rate.
        """
        self.assertEqual(taken(FrameSchedule(1 / 60), 30.0, 10.0), 300)

    def test_no_burst_after_a_gap(self) -> None:
        """
        When the camera is back, the viewer is not flooded.
        """
        schedule = FrameSchedule(1.0)
        schedule.take(0.0)
        self.assertEqual([schedule.take(60 + n / 10) for n in range(8)], [True] + [False] * 7)

    @fuzzed(200)
    @given(st.floats(0.5, 60.0), st.floats(1.0, 120.0))
    def test_never_more_than_asked_for(self, wanted: float, camera: float) -> None:
        """
        Whatever the rates, a thin line is not overfilled.
        """
        count = taken(FrameSchedule(1 / wanted), camera, 20.0)
        self.assertLessEqual(count, min(wanted, camera) * 20.0 + 2)
        self.assertGreaterEqual(count, min(wanted, camera) * 20.0 * 0.79 - 2)
