"""
Tests for restarts that somebody wished, and for cameras that hang.

"""

from motion_in_ocean.camera import CameraState, RestartCause
from motion_in_ocean.camera._core import CLOSE_SECONDS, FIRST_FRAME_SECONDS, OPEN_SECONDS
from motion_in_ocean.errors import CameraUnavailable
from tests.camera.service_case import CameraServiceTestCase


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
