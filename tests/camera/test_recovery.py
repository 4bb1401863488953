"""
Tests for cameras that go silent.

"""

from attrs import evolve
from twisted.logger import capturedLogs

from motion_in_ocean.camera import CameraState, RestartCause
from motion_in_ocean.camera._core import (
    FIRST_FRAME_SECONDS,
    OPEN_SECONDS,
    PATIENCE_SECONDS,
    SETTLED_SECONDS,
)
from motion_in_ocean.errors import CameraUnavailable
from tests.camera.service_case import MAX_FRAME_AGE, CameraServiceTestCase
from tests.fakes import DESCRIPTION


class RecoveryTests(CameraServiceTestCase):
    """
    A camera that goes silent comes back by itself.

    """

    def test_frames_keep_it_streaming(self) -> None:
        """
        A healthy camera is left alone, for months.
        """
        self.stream()
        for _ in range(100):
            self.clock.advance(MAX_FRAME_AGE)
            self.frame()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(len(self.cameras), 1)

    def test_exactly_as_old_as_allowed_is_not_stale(self) -> None:
        """
        The service and ``/ready`` draw the line at the same place.
        """
        self.stream()
        self.clock.advance(MAX_FRAME_AGE)
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_comes_back_by_itself(self) -> None:
        """
        A process that was held up for a while does not restart a camera that is well.
        """
        self.stream()
        self.clock.advance(3600.0)
        self.assertEqual(self.service.state, CameraState.STALE)
        self.frame()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.clock.advance(PATIENCE_SECONDS)
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_stalled_camera_is_closed_and_another_opened_at_once(self) -> None:
        """
        The picture is back within seconds, without anyone noticing at night.
        """
        self.stream()
        self.stall()
        self.worker.step()
        self.clock.advance(0.0)
        self.worker.step()
        self.assertTrue(self.cameras[0].is_closed)
        self.assertEqual(len(self.cameras), 2)
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(self.service.restarts[RestartCause.STALL], 1)

    def test_frame_from_before_does_not_age_the_new_camera(self) -> None:
        """
        A camera that has just been opened gets its time, however long the outage was.
        """
        self.stream()
        self.stall()
        self.worker.step()
        self.clock.advance(0.0)
        self.clock.advance(OPEN_SECONDS - 1)
        self.worker.step()
        self.clock.advance(FIRST_FRAME_SECONDS)
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_camera_that_never_gives_a_frame_is_restarted(self) -> None:
        """
        One that opens and stays silent is no better than one that stalls.
        """
        self.open()
        self.stall()

    def test_stall_soon_after_the_first_frame(self) -> None:
        """
        The time that a camera has for its first frame is not given to the second.
        """
        self.service = self.make_service(max_frame_age=1.0)
        self.open()
        self.clock.advance(0.5)
        self.frame()
        self.clock.advance(1.01)
        self.assertEqual(self.service.state, CameraState.STALE)

    def test_slow_start_with_a_small_age(self) -> None:
        """
        However fresh pictures have to be, a camera that takes seconds to start can start.
        """
        self.service = self.make_service(max_frame_age=0.5)
        self.open()
        self.clock.advance(FIRST_FRAME_SECONDS)
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.clock.advance(0.1)
        self.assertEqual(self.service.state, CameraState.STALE)

    def test_camera_that_is_meant_to_be_slow(self) -> None:
        """
        One picture in twenty seconds is what was asked for: it is stale between, but well.
        """
        self.open()
        self.cameras[0].description = evolve(DESCRIPTION, fps=0.05)
        for _ in range(5):
            self.frame()
            self.clock.advance(20.0)
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.clock.advance(41.0)
        self.assertNotEqual(self.service.state, CameraState.STREAMING)

    def test_stalling_again_and_again_waits_longer_each_time(self) -> None:
        """
        A broken cable does not wear out the rest.
        """
        self.stream()
        waits = []
        for _ in range(4):
            self.stall()
            self.worker.step()
            (retry,) = self.clock.getDelayedCalls()
            waits.append(retry.getTime() - self.clock.seconds())
            self.clock.advance(waits[-1])
            self.worker.step()
            self.frame()
        self.assertEqual(waits, [0.0, 2.0, 4.0, 8.0])

    def test_a_minute_of_frames_makes_up_for_earlier_troubles(self) -> None:
        """
        What happened last week does not slow down today's recovery.
        """
        self.stream()
        for _ in range(3):
            self.stall()
            self.worker.step()
            self.clock.advance(100.0)
            self.worker.step()
            self.frame()
            for _ in range(int(SETTLED_SECONDS)):
                self.clock.advance(1.0)
                self.frame()
        self.stall()
        self.worker.step()
        (retry,) = self.clock.getDelayedCalls()
        self.assertEqual(retry.getTime(), self.clock.seconds())

    def test_failing_to_open_after_a_stall(self) -> None:
        """
        A cable that has come off is a failure with its own words, and tried again.
        """
        self.stream()
        self.stall()
        self.problem = CameraUnavailable("no camera found")
        self.worker.step()
        self.clock.advance(0.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.BACKOFF)
        self.assertEqual(self.service.problem, "no camera found")

    def test_stall_after_failures(self) -> None:
        """
        What is blamed on the cable was the cable.
        """
        self.open(CameraUnavailable("busy"))
        for _ in range(3):
            self.clock.advance(60.0)
            self.worker.step()
        self.problem = None
        self.clock.advance(60.0)
        self.worker.step()
        self.frame()
        self.stall()
        self.assertIsNone(self.service.problem)

    def test_failure_without_words(self) -> None:
        """
        There is always a reason to be read.
        """
        self.open(MemoryError())
        self.assertEqual(self.service.problem, "MemoryError")
        self.assertEqual(len(self.flushLoggedErrors(MemoryError)), 1)

    def test_a_close_that_fails_does_not_end_the_recovery(self) -> None:
        """
        A camera library in disorder gets another chance.
        """
        self.stream()
        self.cameras[0].problem = ZeroDivisionError()
        self.stall()
        self.worker.step()
        self.clock.advance(0.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_each_transition_is_one_line(self) -> None:
        """
        The log tells afterwards what happened, step by step.
        """
        with capturedLogs() as events:
            self.stream()
            self.stall()
            self.worker.step()
            self.clock.advance(0.0)
            self.worker.step()
        told = [event["state"] for event in events]
        self.assertEqual(
            told,
            ["opening", "streaming", "stale", "restarting", "backoff", "opening", "streaming"],
        )

    def test_ages_of_states(self) -> None:
        """
        Operators see when the camera was stale last.
        """
        self.stream()
        self.stall()
        ages = self.service.ages_of_states
        self.assertEqual(ages[CameraState.STALE], PATIENCE_SECONDS)
        self.assertEqual(ages[CameraState.RESTARTING], 0.0)
        self.assertNotIn(CameraState.BACKOFF, ages)
