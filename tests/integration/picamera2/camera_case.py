"""
What the tests of the adapter with the real Picamera2 share. Used inside the tree.

"""

import threading
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.errors import CameraUnavailable
from tests.integration.picamera2.virtual_camera import sim


class Frames:
    """
    Takes frames and lets a test wait for them.

    """

    def __init__(self) -> None:
        self.jpegs: list[Any] = []
        self._arrived = threading.Condition()

    def deliver(self, jpeg: bytes) -> None:
        """
        See ``Camera.open``.

        """
        with self._arrived:
            self.jpegs.append(jpeg)
            self._arrived.notify_all()

    def wait(self, count: int) -> bytes:
        """
        :returns: The newest frame, after so many more have come.
        """
        with self._arrived:
            wanted = len(self.jpegs) + count
            if not self._arrived.wait_for(lambda: len(self.jpegs) >= wanted, timeout=5):
                raise AssertionError(f"only {len(self.jpegs)} frames of {wanted}")
            newest: bytes = self.jpegs[-1]
            return newest


class CameraTestCase(SynchronousTestCase):
    """
    A test case whose cameras have no faults to begin with.

    """

    def setUp(self) -> None:
        """
        Clear what the test before has done.

        """
        sim.reset()
        self.addCleanup(sim.reset)
        self.frames = Frames()

    def camera(self, **settings: Any) -> Picamera2Camera:
        """
        :returns: A camera that has not been opened.
        """
        usual = {"resolution": (640, 480), "fps": 0, "jpeg_quality": 90}
        return Picamera2Camera(**{**usual, **settings})

    def opened(self, **settings: Any) -> Picamera2Camera:
        """
        :returns: A camera that records.
        """
        camera = self.camera(**settings)
        camera.open(self.frames.deliver)
        self.addCleanup(camera.close)
        return camera

    def why_not(self, **settings: Any) -> str:
        """
        :returns: Why a camera could not be opened.
        """
        camera = self.camera(**settings)
        return str(self.assertRaises(CameraUnavailable, camera.open, self.frames.deliver))
