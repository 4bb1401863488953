"""
Tests for the life of a camera.

"""

from collections.abc import Sequence

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogLevel, capturedLogs

from motion_in_ocean.camera import Camera, CameraState, ControlState
from motion_in_ocean.camera._service import USE_SECONDS
from motion_in_ocean.errors import CameraNotReady, CameraUnavailable
from tests.camera.service_case import CameraServiceTestCase


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
