"""
What tests of a camera's life share.

"""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CameraService, CameraState
from motion_in_ocean.camera._core import PATIENCE_SECONDS
from motion_in_ocean.frames import FrameProducer
from tests.fakes import FakeCamera, HandWorker, make_frame

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
