"""
``Picamera2Camera`` with the real Picamera2. Runs inside the tree; ``test_adapter`` sees to that.

"""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

from motion_in_ocean.errors import CameraUnavailable
from tests.integration.picamera2.camera_case import CameraTestCase
from tests.integration.picamera2.pictures import BARS, bars, decode
from tests.integration.picamera2.virtual_camera import sim

# Imported after virtual_camera, which must come first.
from picamera2 import Picamera2  # isort: skip


def returns(call: Callable[[], object]) -> bool:
    """
    :returns: Whether a call that might hang comes back.
    """
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(5)
    return not thread.is_alive()


def descriptors() -> int:
    """
    :returns: How many descriptors this process has open.
    """
    return len(list(Path("/proc/self/fd").iterdir()))


class Picamera2CameraTests(CameraTestCase):
    """
    What the adapter promises, kept by the real library.

    """

    def test_pictures(self) -> None:
        """
        Red is red, in pictures of the size that was asked for, in memory that may be kept.
        """
        camera = self.opened()
        jpeg = self.frames.wait(3)
        self.assertIs(type(jpeg), bytes)
        self.assertEqual(decode(jpeg).size, (640, 480))
        self.assertEqual(bars(jpeg), BARS)
        description = camera.description
        self.assertEqual(description.model, "Virtual Camera B")
        self.assertEqual((description.resolution, description.note), ((640, 480), None))

    def test_adjusted_resolution(self) -> None:
        """
        The real size is told where the camera has another one than was asked for.
        """
        camera = self.opened(resolution=(1281, 721))
        self.assertEqual(decode(self.frames.wait(1)).size, (640, 480))
        self.assertEqual(camera.description.resolution, (640, 480))
        self.assertIn("does not offer 1281x721", camera.description.note or "")

    def test_tiny_resolution(self) -> None:
        """
        The smallest resolution that the settings allow makes a picture or a sentence, no crash.
        """
        camera = self.camera(resolution=(1, 1))
        try:
            camera.open(self.frames.deliver)
        except CameraUnavailable as error:
            self.assertIn("could not be opened", str(error))
        else:
            self.assertEqual(decode(self.frames.wait(1)).size, camera.description.resolution)
        camera.close()
        self.opened()
        self.frames.wait(1)

    def test_quality(self) -> None:
        """
        The quality is the one of the JPEG standard's example tables.
        """
        self.opened(jpeg_quality=20)
        picture = decode(self.frames.wait(1))
        self.assertEqual(picture.quantization[0][0], 40)  # type: ignore[attr-defined]

    def test_frame_rate(self) -> None:
        """
        The sensor itself is slowed down.
        """
        camera = self.opened(fps=12.5)
        self.frames.wait(1)
        self.assertEqual(sim.controls["FrameDurationLimits"], (80_000, 80_000))
        self.assertEqual((camera.description.fps, camera.description.note), (12.5, None))

    def test_frame_rate_beyond_the_camera(self) -> None:
        """
        A rate that no frame duration allows is brought down and told.
        """
        camera = self.opened(fps=120)
        self.frames.wait(1)
        assert camera.description.fps is not None
        self.assertApproximates(camera.description.fps, 60, 0.1)
        self.assertIn("does not offer 120 fps", camera.description.note or "")

    def test_nothing_after_close(self) -> None:
        """
        When ``close`` has returned there are no more frames.
        """
        camera = self.opened()
        self.frames.wait(1)
        camera.close()
        count = len(self.frames.jpegs)
        time.sleep(0.3)
        self.assertEqual(len(self.frames.jpegs), count)

    def test_opening_again_and_again(self) -> None:
        """
        A camera that is restarted every hour costs nothing in the long run.
        """
        used = set()
        for _ in range(6):
            camera = self.opened()
            self.frames.wait(1)
            camera.close()
            gc.collect()  # Picamera2's selectors go with their reference cycles
            used.add(descriptors())
        self.assertEqual(len(used), 1)

    def test_failing_deliveries(self) -> None:
        """
        A bug behind the camera does not stop the camera.
        """

        def deliver(jpeg: bytes) -> None:
            self.frames.deliver(jpeg)
            if len(self.frames.jpegs) == 1:
                raise OSError(28, "No space left on device")

        camera = self.camera()
        camera.open(deliver)
        self.addCleanup(camera.close)
        self.frames.wait(3)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_busy(self) -> None:
        """
        A busy camera is named as such, and costs no descriptors however often it is tried.
        """
        other = self.opened()
        self.frames.wait(1)  # or its threads might still be opening descriptors of their own
        before = descriptors()
        # The daemon says it once, and that is enough.
        with self.assertNoLogs("picamera2", "WARNING"):
            for _ in range(10):
                self.assertIn("another program has the camera", self.why_not())
        self.assertEqual(descriptors(), before)
        other.close()
        self.opened()
        self.frames.wait(1)

    def test_no_camera(self) -> None:
        """
        An absent camera costs nothing either, and is found when it comes.
        """
        Picamera2.global_camera_info()
        before = descriptors()
        sim.no_camera()
        for _ in range(10):
            self.assertIn("no camera found", self.why_not())
        self.assertEqual(descriptors(), before)
        sim.no_camera(absent=False)
        self.opened()
        self.frames.wait(1)

    def test_encoder_that_does_not_start(self) -> None:
        """
        The camera is free again after an encoder has failed.
        """
        sim.encoder_error = FileNotFoundError(2, "No such file or directory", "/dev/video11")
        self.assertIn("/dev/video11", self.why_not())
        sim.reset()
        self.opened()
        self.frames.wait(1)

    def test_close_after_a_stall(self) -> None:
        """
        A camera whose cable has come off can be closed, and opened when it is back.
        """
        camera = self.opened()
        self.frames.wait(1)
        sim.stall()
        self.assertTrue(returns(camera.close))
        sim.resume()
        self.opened()
        self.frames.wait(1)

    def test_close_after_the_event_loop_has_died(self) -> None:
        """
        An error in Picamera2's own thread, which would hang ``stop_recording``, is got over.
        """
        camera = self.opened()
        self.frames.wait(1)

        def fail(request: object) -> None:
            raise RuntimeError(f"as after an error in process_requests: {request}")

        loop = camera._picam2._preview.thread
        camera._picam2.pre_callback = fail
        loop.join(5)
        self.assertFalse(loop.is_alive())
        self.assertTrue(returns(camera.close))
        self.opened()
        self.frames.wait(1)
