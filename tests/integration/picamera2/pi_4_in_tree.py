"""
``Picamera2Camera`` with a Picamera2 that takes the machine for a Pi 4. Runs inside the tree;
``test_adapter`` sees to that.

"""

from pathlib import Path

from motion_in_ocean.camera._picamera2 import SOFTWARE
from tests.integration.picamera2.camera_case import CameraTestCase
from tests.integration.picamera2.pictures import BARS, bars


class HardwareTests(CameraTestCase):
    """
    The hardware encoder, whose device is not there.

    """

    def test_falls_back(self) -> None:
        """
        There are pictures, from an encoder that has nothing to do with the one that failed.
        """
        self.assertFalse(Path("/dev/video11").exists(), "this machine has the device")
        camera = self.opened(use_hardware=True)
        self.assertEqual(bars(self.frames.wait(3)), BARS)
        self.assertEqual(camera.description.encoder, SOFTWARE)
        self.assertIn("does not start", camera.description.note or "")
        self.assertIn("/dev/video11", camera.description.note or "")
        camera.close()
        self.opened(use_hardware=True)
        self.frames.wait(3)
