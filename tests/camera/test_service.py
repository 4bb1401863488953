"""
Tests for the life of a camera.

"""

from collections.abc import Sequence

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import Camera, CameraService, CameraState, ControlState, RestartCause
from motion_in_ocean.camera._life import (
    CLOSE_SECONDS,
    FIRST_FRAME_SECONDS,
    OPEN_SECONDS,
    PATIENCE_SECONDS,
    SETTLED_SECONDS,
)
from motion_in_ocean.camera._service import USE_SECONDS
from motion_in_ocean.errors import CameraNotReady, CameraUnavailable
from motion_in_ocean.frames import FrameProducer
from tests.fakes import DESCRIPTION, FakeCamera, HandWorker, make_frame

MAX_FRAME_AGE = 10.0


class CameraServiceTestCase(SynchronousTestCase):
    """
    A camera service on a clock, with a worker and cameras that do as they are told.

    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.worker = HandWorker()
        self.producer = FrameProducer(self.clock.seconds)
        self.cameras: list[FakeCamera] = []
        self.problem: Exception | None = None
        self.delivered: list[bytes] = []
        self.hung: list[str] = []
        self.service = self.make_service(MAX_FRAME_AGE)
        self.addCleanup(self.finish)

    def make_service(self, max_frame_age: float) -> CameraService:
        """
        Make a service that has not been started.

        """
        return CameraService(
            self.make_camera,
            self.delivered.append,
            self.producer,
            self.worker,
            self.clock,
            max_frame_age=max_frame_age,
            delay_before_attempt=lambda n: 2.0**n,
            hung=self.hung.append,
        )

    def finish(self) -> None:
        """
        Stop, and make sure that nothing is left behind.

        """
        self.service.stopService()
        while self.worker.waiting:
            self.worker.step()
        self.assertEqual(self.service.state, CameraState.STOPPED)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def make_camera(self) -> FakeCamera:
        """
        Make a camera that opens, unless there is a problem.

        """
        self.cameras.append(FakeCamera(problem=self.problem))
        return self.cameras[-1]

    def open(self, problem: Exception | None = None) -> None:
        """
        Start, and let the opening come to its end.

        """
        self.problem = problem
        self.service.startService()
        self.worker.step()

    def frame(self) -> None:
        """
        Let a frame come.

        """
        self.producer.publish(make_frame(self.producer.frames_captured + 1, self.clock.seconds()))

    def stream(self) -> None:
        """
        Open the camera and let it give a frame.

        """
        self.open()
        self.frame()

    def stall(self) -> None:
        """
        Let no frame come until the service has lost its patience with the camera.

        """
        self.clock.advance(MAX_FRAME_AGE + 0.01)
        self.assertEqual(self.service.state, CameraState.STALE)
        self.clock.advance(PATIENCE_SECONDS)
        self.assertEqual(self.service.state, CameraState.RESTARTING)


class LifeTests(CameraServiceTestCase):
    """
    The camera is opened, tried again, and let go of, whatever happens on the way.

    """

    def test_opening_happens_in_the_worker(self) -> None:
        """
        A camera that takes seconds to open does not hold up ``/health``.
        """
        self.service.startService()
        self.assertEqual(self.service.state, CameraState.OPENING)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_frames_of_an_open_camera_are_delivered(self) -> None:
        """
        The camera gets the mailbox, and nothing stands between them.
        """
        self.open()
        deliver = self.cameras[0].deliver
        assert deliver is not None
        deliver(b"frame")
        self.assertEqual(self.delivered, [b"frame"])

    def test_description_is_that_of_the_open_camera(self) -> None:
        """
        What is reported is what runs, not what was wished for.
        """
        self.assertIsNone(self.service.description)
        self.open()
        self.assertEqual(self.service.description, self.cameras[0].description)

    def test_failure_says_why(self) -> None:
        """
        The operator reads in ``/ready`` what to do.
        """
        self.open(CameraUnavailable("the cable is loose"))
        self.assertEqual(self.service.state, CameraState.BACKOFF)
        self.assertEqual(self.service.problem, "the cable is loose")
        self.service.stopService()

    def test_tries_again_with_another_camera_after_a_growing_delay(self) -> None:
        """
        A camera that is plugged in later is found without anyone restarting anything.
        """
        self.open(CameraUnavailable("not there"))
        self.clock.advance(2.0)
        self.worker.step()
        self.clock.advance(3.9)
        self.assertEqual(len(self.cameras), 2)
        self.problem = None
        self.clock.advance(0.1)
        self.worker.step()
        self.assertEqual(len(self.cameras), 3)
        self.assertEqual((self.service.state, self.service.problem), (CameraState.STREAMING, None))

    def test_the_problem_is_known_until_it_is_over(self) -> None:
        """
        What ``/ready`` says does not flicker at each attempt.
        """
        self.open(CameraUnavailable("not there"))
        self.clock.advance(2.0)
        self.assertEqual(self.service.state, CameraState.OPENING)
        self.assertEqual(self.service.problem, "not there")

    def test_the_same_failure_is_logged_once(self) -> None:
        """
        A node without a camera does not fill the disk in a month.
        """
        with capturedLogs() as events:
            self.open(CameraUnavailable("not there"))
            for attempt in range(1, 6):
                self.clock.advance(2.0**attempt)
                self.worker.step()
        warnings = [event for event in events if event["log_level"] >= LogLevel.warn]
        self.assertEqual(len(warnings), 1)
        self.service.stopService()

    def test_another_failure_is_logged(self) -> None:
        """
        If the camera is there at last but busy, that is news.
        """
        with capturedLogs() as events:
            self.open(CameraUnavailable("not there"))
            self.problem = CameraUnavailable("busy")
            self.clock.advance(2.0)
            self.worker.step()
        problems = [e["problem"] for e in events if e["log_level"] == LogLevel.warn]
        self.assertEqual(problems, ["not there", "busy"])
        self.service.stopService()

    def test_an_unforeseen_failure_is_logged_with_its_traceback_and_tried_again(self) -> None:
        """
        A bug in a camera library is no reason to stay dark.
        """
        self.open(ZeroDivisionError("surprise"))
        self.assertEqual(self.service.state, CameraState.BACKOFF)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.problem = None
        self.clock.advance(2.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_stop_waits_until_the_camera_is_closed(self) -> None:
        """
        The next process finds the camera free.
        """
        self.open()
        stopped = self.service.stopService()
        self.assertNoResult(stopped)
        self.assertEqual(self.service.state, CameraState.CLOSING)
        self.worker.step()
        self.successResultOf(stopped)
        self.assertTrue(self.cameras[0].is_closed)
        self.assertEqual(self.service.state, CameraState.STOPPED)

    def test_stop_during_opening_closes_what_was_opened(self) -> None:
        """
        Ctrl-C at the wrong moment does not leave the camera locked.
        """
        self.service.startService()
        stopped = self.service.stopService()
        self.worker.step()
        self.assertNoResult(stopped)
        self.worker.step()
        self.successResultOf(stopped)
        self.assertTrue(self.cameras[0].is_closed)

    def test_stop_during_an_opening_that_fails(self) -> None:
        """
        No new attempt is planned once the daemon is stopping.
        """
        self.problem = CameraUnavailable("not there")
        self.service.startService()
        stopped = self.service.stopService()
        self.worker.step()
        self.worker.step()
        self.successResultOf(stopped)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_while_waiting_for_the_next_attempt(self) -> None:
        """
        A node without a camera stops at once.
        """
        self.open(CameraUnavailable("not there"))
        self.successResultOf(self.service.stopService())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_twice_is_one_close(self) -> None:
        """
        An impatient second Ctrl-C does no harm.
        """
        self.open()
        stops: list[Deferred[None]] = [self.service.stopService() for _ in range(2)]
        self.worker.step()
        for stop in stops:
            self.successResultOf(stop)
        self.assertEqual(self.worker.waiting, [])

    def test_a_close_that_fails_is_logged_and_ends_the_stop(self) -> None:
        """
        A broken camera does not keep the daemon from ending.
        """
        self.open()
        self.cameras[0].problem = ZeroDivisionError()
        stopped = self.service.stopService()
        self.worker.step()
        self.successResultOf(stopped)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_service_that_was_never_started_stops(self) -> None:
        """
        A daemon whose port is taken gets no further than this.
        """
        self.successResultOf(self.service.stopService())

    def test_starts_again_after_a_stop(self) -> None:
        """
        A service can be started again, as Twisted promises of services.
        """
        self.open()
        self.service.stopService()
        self.worker.step()
        self.open()
        self.assertEqual(self.service.state, CameraState.STREAMING)


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


class RestartTests(CameraServiceTestCase):
    """
    Somebody presses the button.

    """

    def test_restart(self) -> None:
        """
        The camera is closed and opened anew.
        """
        self.stream()
        self.service.restart()
        self.assertEqual(self.service.state, CameraState.RESTARTING)
        self.worker.step()
        self.clock.advance(0.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(self.service.restarts[RestartCause.REQUEST], 1)

    def test_restarts_join(self) -> None:
        """
        Pressing it ten times is pressing it once.
        """
        self.stream()
        for _ in range(5):
            self.service.restart()
        self.worker.step()
        self.service.restart()
        self.clock.advance(0.0)
        for _ in range(5):
            self.service.restart()
        self.worker.step()
        self.assertEqual(self.worker.waiting, [])
        self.assertEqual(len(self.cameras), 2)

    def test_restart_of_a_failed_camera_tries_at_once(self) -> None:
        """
        Whoever has just put the cable back need not wait a minute.
        """
        self.open(CameraUnavailable("not there"))
        self.problem = None
        self.service.restart()
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(self.service.restarts[RestartCause.REQUEST], 1)
        self.assertEqual(self.service.restarts[RestartCause.FAILURE], 0)

    def test_wish_while_a_stalled_camera_is_closed(self) -> None:
        """
        Whoever has just changed the cable does not wait for a back-off.
        """
        self.stream()
        for _ in range(4):
            self.stall()
            self.worker.step()
            self.clock.advance(60.0)
            self.worker.step()
            self.frame()
        self.stall()
        self.service.restart()
        self.worker.step()
        self.clock.advance(0.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertEqual(self.service.restarts[RestartCause.REQUEST], 1)

    def test_restart_of_a_stopped_service_does_nothing(self) -> None:
        """
        A request that comes in while the daemon ends opens no camera.
        """
        self.stream()
        self.service.stopService()
        self.service.restart()
        self.worker.step()
        self.service.restart()
        self.assertEqual(self.worker.waiting, [])


class HangTests(CameraServiceTestCase):
    """
    A call that never returns is told, once, to whoever can end the process.

    """

    def test_close_that_hangs(self) -> None:
        """
        Docker or systemd can start a fresh process.
        """
        self.stream()
        self.stall()
        self.clock.advance(CLOSE_SECONDS)
        self.clock.advance(3600.0)
        self.assertEqual(len(self.hung), 1)
        self.assertIn("closing the camera has not ended", self.hung[0])
        self.assertTrue(self.service.is_hung)
        self.assertEqual(self.service.problem, self.hung[0])

    def test_opening_that_hangs(self) -> None:
        """
        So does an opening.
        """
        self.service.startService()
        self.clock.advance(OPEN_SECONDS)
        self.assertIn("opening the camera has not ended", self.hung[0])

    def test_stop_does_not_wait_for_what_hangs(self) -> None:
        """
        The process that takes over can begin.
        """
        self.stream()
        self.stall()
        self.clock.advance(CLOSE_SECONDS)
        for _ in range(2):
            self.successResultOf(self.service.stopService())

    def test_close_that_ends_late(self) -> None:
        """
        Where nobody has ended the process, the camera goes on as if nothing had been.
        """
        self.stream()
        self.stall()
        self.clock.advance(CLOSE_SECONDS + 100.0)
        self.worker.step()
        self.assertFalse(self.service.is_hung)
        self.clock.advance(0.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)

    def test_opening_that_ends_late(self) -> None:
        """
        A very slow machine gets its picture in the end.
        """
        self.service.startService()
        self.clock.advance(OPEN_SECONDS + 100.0)
        self.worker.step()
        self.assertEqual(self.service.state, CameraState.STREAMING)
        self.assertIsNone(self.service.problem)

    def test_what_ends_in_time_is_not_called_hung(self) -> None:
        """
        Nobody leaves without need.
        """
        self.stream()
        self.stall()
        self.clock.advance(CLOSE_SECONDS - 0.1)
        self.worker.step()
        self.clock.advance(0.0)
        self.clock.advance(OPEN_SECONDS - 0.1)
        self.worker.step()
        self.clock.advance(FIRST_FRAME_SECONDS)
        self.assertEqual(self.hung, [])


class UseTests(CameraServiceTestCase):
    """
    Others may ask something of the open camera, in the thread where that may block.

    """

    def model(self, camera: Camera) -> str:
        """
        Ask for something.

        """
        return camera.description.model

    def test_use(self) -> None:
        """
        The answer comes back to the reactor.
        """
        self.stream()
        asked = self.service.use(self.model)
        self.assertNoResult(asked)
        self.worker.step()
        self.assertEqual(self.successResultOf(asked), "fake")

    def test_errors_come_back_too(self) -> None:
        """
        What the camera refuses is told to whoever asked.
        """
        self.stream()
        asked = self.service.use(lambda _: 1 / 0)
        self.worker.step()
        self.failureResultOf(asked, ZeroDivisionError)

    def test_without_a_camera(self) -> None:
        """
        Nothing is asked of a camera that is not open, and why is told as in ``/ready``.
        """
        asked = self.failureResultOf(self.service.use(self.model), CameraNotReady)
        self.assertEqual(asked.value.reason, "camera_not_started")
        self.open(CameraUnavailable("the cable is loose"))
        asked = self.failureResultOf(self.service.use(self.model), CameraNotReady)
        self.assertEqual(asked.value.reason, "camera_failed")
        self.assertIn("the cable is loose", str(asked.value))

    def test_camera_that_does_not_answer(self) -> None:
        """
        A request does not wait for ever, and an answer that comes too late harms nobody.
        """
        self.stream()
        asked = self.service.use(self.model)
        self.clock.advance(USE_SECONDS)
        self.failureResultOf(asked, CameraNotReady)
        self.worker.step()

    def test_what_comes_too_late_is_not_done(self) -> None:
        """
        Requests that pile up on a slow camera do not keep it from being closed in time.
        """
        self.stream()
        done: list[Camera] = []
        for _ in range(3):
            self.service.use(done.append).addErrback(lambda failure: failure.trap(CameraNotReady))
        self.service.restart()
        while self.worker.waiting:
            self.worker.step()
        self.assertEqual(done, [])

    def test_reads_at_the_same_time_are_one(self) -> None:
        """
        Ten open pages ask a slow camera once, and each gets the answer.
        """
        self.stream()
        reads = [self.service.read_controls() for _ in range(10)]
        self.assertEqual(len(self.worker.waiting), 1)
        self.worker.step()
        answers: list[Sequence[ControlState]] = []
        for read in reads:
            read.addCallback(answers.append)
        self.assertEqual(answers, [self.cameras[0].read_controls()] * 10)

    def test_reader_who_leaves(self) -> None:
        """
        The others still get theirs.
        """
        self.stream()
        first, second = self.service.read_controls(), self.service.read_controls()
        first.addErrback(lambda failure: failure.trap(CancelledError))
        first.cancel()
        self.worker.step()
        self.successResultOf(second)

    def test_reads_of_a_camera_that_is_not_there(self) -> None:
        """
        Each is told so, and the next one asks again.
        """
        self.failureResultOf(self.service.read_controls(), CameraNotReady)
        self.stream()
        read = self.service.read_controls()
        self.worker.step()
        self.successResultOf(read)
