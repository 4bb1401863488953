"""
Tests for the truth about the camera.

"""

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CameraService, ReadinessMonitor
from motion_in_ocean.errors import CameraNotReady, CameraUnavailable
from motion_in_ocean.frames import FrameProducer
from tests.fakes import FakeCamera, HandWorker, ThreadedMemoryReactor, make_frame


class ReadinessMonitorTests(SynchronousTestCase):
    """
    One answer for ``/ready``, for viewers and for the log.

    """

    def setUp(self) -> None:
        self.reactor = ThreadedMemoryReactor()
        self.worker = HandWorker()
        self.camera = FakeCamera()
        self.reactor.advance(1000.0)
        self.producer = FrameProducer(self.reactor.seconds)
        self.service = CameraService(
            lambda: self.camera,
            lambda _: None,
            self.producer,
            self.worker,
            self.reactor,
            max_frame_age=10.0,
            delay_before_attempt=lambda _: 1.0,
            hung=lambda _: None,
        )
        self.monitor = ReadinessMonitor(self.service, self.producer, 10.0, self.reactor)
        self.monitor.startService()
        self.addCleanup(self.finish)

    def finish(self) -> None:
        """
        Stop all, and make sure that nothing is left behind.

        """
        self.monitor.stopService()
        self.service.stopService()
        while self.worker.waiting:
            self.worker.step()
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def frame(self, number: int = 1) -> None:
        """
        Let a frame come.

        """
        self.producer.publish(make_frame(number, self.reactor.seconds()))

    def record(self) -> None:
        """
        Open the camera.

        """
        self.service.startService()
        self.worker.step()

    def test_not_started(self) -> None:
        """
        Until the camera records there is no picture, whatever is known of earlier ones.
        """
        self.assertEqual(self.monitor.current().reason, "camera_not_started")
        self.service.startService()
        self.frame()
        self.assertEqual(self.monitor.current().reason, "camera_not_started")

    def test_failed(self) -> None:
        """
        The message is what the operator needs.
        """
        self.camera.problem = CameraUnavailable("the cable is loose")
        self.record()
        now = self.monitor.current()
        self.assertEqual(now.reason, "camera_failed")
        self.assertIn("the cable is loose", now.message)

    def test_no_frames_yet(self) -> None:
        """
        A camera that opens and stays silent is not ready.
        """
        self.record()
        self.assertEqual(self.monitor.current().reason, "no_frames_yet")

    def test_ready_until_the_allowed_age_has_passed(self) -> None:
        """
        Exactly as old as allowed is still fresh.
        """
        self.record()
        self.frame()
        self.reactor.advance(10.0)
        self.assertTrue(self.monitor.current().ready)
        self.reactor.advance(0.1)
        self.assertEqual(self.monitor.current().reason, "stale_stream")

    def test_while_the_camera_is_brought_back(self) -> None:
        """
        From the last picture to the next the reason stays the same.
        """
        self.record()
        self.frame()
        self.reactor.advance(10.1)
        reasons = [self.monitor.current().reason]
        self.reactor.advance(2.0)
        reasons.append(self.monitor.current().reason)
        self.worker.step()
        reasons.append(self.monitor.current().reason)
        self.reactor.advance(0.0)
        reasons.append(self.monitor.current().reason)
        self.worker.step()
        reasons.append(self.monitor.current().reason)
        self.assertEqual(set(reasons), {"stale_stream"})
        self.frame(2)
        self.assertTrue(self.monitor.current().ready)

    def test_restart_that_was_wished(self) -> None:
        """
        Whoever pressed the button reads that it works.
        """
        self.record()
        self.frame()
        self.service.restart()
        now = self.monitor.current()
        self.assertEqual(now.reason, "stale_stream")
        self.assertIn("somebody wished", now.message)

    def test_still_failed_while_it_is_tried_again(self) -> None:
        """
        The reason does not flicker at each attempt.
        """
        self.camera.problem = CameraUnavailable("the cable is loose")
        self.record()
        self.reactor.advance(1.0)
        self.assertEqual(self.monitor.current().reason, "camera_failed")

    def test_hung(self) -> None:
        """
        The operator is told what even a restart of the camera cannot cure.
        """
        self.record()
        self.frame()
        self.service.restart()
        self.reactor.advance(60.0)
        now = self.monitor.current()
        self.assertEqual(now.reason, "stale_stream")
        self.assertIn("closing the camera has not ended", now.message)

    def test_silent_from_the_start(self) -> None:
        """
        A camera that never gave anything is called stale once it should have.
        """
        self.record()
        self.reactor.advance(10.1)
        self.assertEqual(self.monitor.current().reason, "stale_stream")

    def test_stopping(self) -> None:
        """
        A daemon on its way out has no pictures.
        """
        self.record()
        self.frame()
        self.service.stopService()
        self.assertEqual(self.monitor.current().reason, "camera_not_started")

    def test_require_ready_raises_with_the_reason(self) -> None:
        """
        The stream refuses with the same words.
        """
        error = self.assertRaises(CameraNotReady, self.monitor.require_ready)
        self.assertEqual(error.reason, "camera_not_started")
        self.record()
        self.frame()
        self.monitor.require_ready()

    def test_each_transition_is_logged_once_and_unasked(self) -> None:
        """
        The log tells afterwards when the camera was gone, even if nobody was watching.
        """
        self.record()
        with capturedLogs() as events:
            for number in range(1, 50):
                self.frame(number)
                self.reactor.advance(0.1)
            self.reactor.pump([1.0] * 11)
            self.frame(51)
            self.frame(52)
        told = [str(event["log_format"]).split(":")[0] for event in events]
        about_readiness = [line for line in told if "eady" in line]
        self.assertEqual(about_readiness, ["Ready", "Not ready", "Ready"])
