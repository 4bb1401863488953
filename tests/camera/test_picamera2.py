"""
Tests of the way to Picamera2, with a library that is a fake.

``tests.integration.picamera2`` has the same conversation with the real one.

"""

import errno
import os
from importlib.util import find_spec

from twisted.trial.unittest import SkipTest

from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.camera._picamera2_library import Library
from motion_in_ocean.errors import CameraUnavailable
from tests.camera.fake_picamera2 import JPEG, Picamera2TestCase, make_camera


def caused(error: Exception, cause: Exception) -> Exception:
    """
    :returns: The error as if it had been raised from the cause.
    """
    error.__cause__ = cause
    return error


BUSY = caused(
    RuntimeError("Camera __init__ sequence did not complete."),
    RuntimeError("Failed to acquire camera: Device or resource busy"),
)


class Picamera2CameraTests(Picamera2TestCase):
    """
    What the daemon asks of Picamera2, and what it makes of the answers.

    """

    def test_frames_are_delivered(self) -> None:
        """
        What the encoder makes arrives as it is, and is not copied on the way.
        """
        self.opened()
        self.machine.encoders[0].encoded(JPEG)
        self.assertEqual(self.frames, [JPEG])
        self.assertIs(self.frames[0], JPEG)

    def test_colours_are_in_the_order_that_the_encoder_takes(self) -> None:
        """
        The camera is asked for BGR, so that red things are red in the picture.
        """
        self.opened()
        self.assertEqual(self.machine.configurations[0]["main"]["format"], "BGR888")

    def test_resolution_is_asked_for(self) -> None:
        """
        RESOLUTION reaches the camera.
        """
        camera = self.opened(resolution=(320, 240))
        self.assertEqual(self.machine.configurations[0]["main"]["size"], (320, 240))
        self.assertEqual(camera.description.resolution, (320, 240))
        self.assertIsNone(camera.description.note)

    def test_resolution_that_the_camera_adjusts(self) -> None:
        """
        The operator learns why the picture is not of the size that was set.
        """
        camera = self.opened(resolution=(4000, 3000))
        self.assertEqual(camera.description.resolution, (1920, 1080))
        self.assertIn("does not offer 4000x3000", camera.description.note or "")

    def test_frame_rate_is_asked_for(self) -> None:
        """
        FPS limits the sensor itself, so that no work is done for frames that nobody wants.
        """
        camera = self.opened(fps=12.5)
        self.assertEqual(self.machine.configurations[0]["controls"], {"FrameRate": 12.5})
        self.assertEqual(camera.description.fps, 12.5)

    def test_no_frame_rate_leaves_the_choice_to_the_camera(self) -> None:
        """
        FPS=0 means the default of the camera, not a camera that stands still.
        """
        camera = self.opened(fps=0)
        self.assertEqual(self.machine.configurations[0]["controls"], {})
        self.assertIsNone(camera.description.fps)

    def test_frame_rate_beyond_the_camera(self) -> None:
        """
        Who sets 120 fps on a camera of 60 is told, and does not look for the fault elsewhere.
        """
        camera = self.opened(fps=120)
        self.assertEqual(camera.description.fps, 60.0)
        self.assertIn("does not offer 120 fps", camera.description.note or "")

    def test_frame_rate_below_the_camera(self) -> None:
        """
        A camera that cannot be as slow as was asked for says how slow it is.
        """
        camera = self.opened(fps=0.5)
        self.assertEqual(camera.description.fps, 1.0)
        self.assertIn("does not offer 0.5 fps", camera.description.note or "")

    def test_unknown_frame_rates_are_believed(self) -> None:
        """
        A camera that does not tell its limits is not said to miss them.
        """
        self.machine.frame_durations = (0, 0)
        camera = self.opened(fps=90)
        self.assertEqual((camera.description.fps, camera.description.note), (90, None))

    def test_quality(self) -> None:
        """
        JPEG_QUALITY reaches the encoder.
        """
        self.opened(jpeg_quality=42)
        self.assertEqual(self.machine.encoders[0].q, 42)

    def test_description(self) -> None:
        """
        The log names the camera as the vendor does.
        """
        description = self.opened().description
        self.assertEqual(description.model, "imx708")
        self.assertIn("JpegEncoder", description.encoder)

    def test_description_before_opening(self) -> None:
        """
        Whoever asks too early is told the wishes, and does not crash.
        """
        description = make_camera(self.machine.library, fps=5).description
        self.assertEqual((description.resolution, description.fps), ((640, 480), 5))

    def test_encoder_goes_before_the_camera(self) -> None:
        """
        No encoder reads from a picture's memory after the camera has taken it away.
        """
        self.opened().close()
        steps = ["cancel_all_and_flush", "stop_encoder", "close"]
        self.assertEqual(self.machine.calls[-3:], steps)

    def test_nothing_is_delivered_after_closing(self) -> None:
        """
        A late frame does not make a stopped camera look alive.
        """
        self.opened().close()
        self.machine.encoders[0].encoded(JPEG)
        self.assertEqual(self.frames, [])

    def test_nothing_is_delivered_after_closing_failed(self) -> None:
        """
        The same if the encoder refuses to stop, and then the camera is closed all the same.
        """
        self.machine.faults["stop_encoder"] = RuntimeError("Encoder already stopped")
        camera = make_camera(self.machine.library)
        camera.open(self.frames.append)
        self.assertRaises(RuntimeError, camera.close)
        self.machine.encoders[0].encoded(JPEG)
        self.assertEqual(self.frames, [])
        self.assertEqual(self.machine.calls[-1], "close")

    def test_closing_twice(self) -> None:
        """
        Closing what is closed does nothing.
        """
        camera = self.opened()
        camera.close()
        camera.close()
        self.assertEqual(self.machine.calls.count("close"), 1)

    def test_closing_without_opening(self) -> None:
        """
        A daemon that is stopped before its camera was opened does not need the library.
        """
        make_camera(self.machine.library).close()
        self.assertEqual(self.machine.calls, [])

    def test_failure_to_deliver(self) -> None:
        """
        A bug behind the camera is reported and does not end the encoder's thread in silence.
        """
        camera = make_camera(self.machine.library)

        def deliver(jpeg: bytes) -> None:
            raise IndexError(len(jpeg))

        camera.open(deliver)
        self.machine.encoders[0].encoded(JPEG)
        self.assertEqual(len(self.flushLoggedErrors(IndexError)), 1)
        camera.close()

    def test_no_library(self) -> None:
        """
        On a machine without Picamera2 the message says how to get it, and how to do without.
        """

        def load() -> Library:
            raise ModuleNotFoundError("No module named 'picamera2'")

        message = self.why_not(load)
        self.assertIn("No module named 'picamera2'", message)
        self.assertIn("apt install python3-picamera2", message)
        self.assertIn("MOCK_CAMERA=true", message)

    def test_real_library_is_the_default(self) -> None:
        """
        Without a word from anyone it is Picamera2 that is imported, and only on opening.
        """
        if find_spec("picamera2") is not None:
            raise SkipTest("this machine has Picamera2")
        camera = Picamera2Camera(resolution=(640, 480), fps=0, jpeg_quality=90)
        message = str(self.assertRaises(CameraUnavailable, camera.open, self.frames.append))
        self.assertIn("Picamera2 cannot be imported (ModuleNotFoundError", message)

    def test_broken_library(self) -> None:
        """
        A library that is there but does not work is named as what it is.
        """

        def load() -> Library:
            raise ValueError("numpy.dtype size changed, may indicate binary incompatibility")

        self.assertIn("ValueError: numpy.dtype size changed", self.why_not(load))

    def test_no_camera(self) -> None:
        """
        The message names what is usually wrong, and Picamera2 is not made to fail.
        """
        self.machine.cameras.clear()
        message = self.why_not()
        for hint in ("no camera found", "cable", "/dev/media*", "/run/udev"):
            self.assertIn(hint, message)
        self.assertNotIn("Picamera2", self.machine.calls)

    def test_camera_that_comes_late(self) -> None:
        """
        A daemon that was up before the camera's driver finds the camera at a later attempt.
        """
        self.machine.late_cameras, self.machine.cameras = self.machine.cameras, []
        self.why_not()
        self.opened()
        self.machine.encoders[0].encoded(JPEG)
        self.assertEqual(self.frames, [JPEG])

    def test_cameras_cannot_be_looked_for(self) -> None:
        """
        A libcamera that fails to start is a camera that is not available.
        """
        self.machine.faults["global_camera_info"] = RuntimeError("Failed to start CameraManager")
        self.assertIn("Failed to start CameraManager", self.why_not())

    def test_camera_goes_before_it_is_opened(self) -> None:
        """
        Old versions of Picamera2 have an IndexError for a missing camera; people get a sentence.
        """
        self.machine.faults["Picamera2"] = IndexError("list index out of range")
        self.assertIn("no camera found", self.why_not())

    def test_busy_camera(self) -> None:
        """
        Another program that has the camera is named as the cause, and how to find it.
        """
        self.machine.faults["Picamera2"] = BUSY
        message = self.why_not()
        self.assertIn("another program has the camera", message)
        self.assertIn("fuser", message)

    def test_busy_device(self) -> None:
        """
        The same when a device says so later on.
        """
        self.machine.faults["configure"] = OSError(errno.EBUSY, "whatever the locale says")
        self.assertIn("another program has the camera", self.why_not())

    def test_failure_with_a_cause(self) -> None:
        """
        Picamera2 hides the reason behind its own words; the operator is told both.
        """
        self.machine.faults["Picamera2"] = caused(
            RuntimeError("Camera __init__ sequence did not complete."),
            RuntimeError("Failed to acquire camera: Permission denied"),
        )
        message = self.why_not()
        self.assertIn("sequence did not complete: Failed to acquire camera: Permission", message)

    def test_failure_to_construct_leaks_nothing(self) -> None:
        """
        A camera that is busy all night long does not use up the descriptors of the process.
        """
        self.machine.faults["Picamera2"] = BUSY
        self.why_not()
        for descriptor in self.machine.pipes[0]:
            self.assertRaises(OSError, os.fstat, descriptor)

    def test_failure_to_configure(self) -> None:
        """
        A camera that refuses its configuration is let go, for the next attempt or for others.
        """
        self.machine.faults["configure"] = RuntimeError("Invalid camera configuration")
        self.assertIn("Invalid camera configuration", self.why_not())
        self.assertEqual(self.machine.calls[-1], "close")

    def test_failure_to_record(self) -> None:
        """
        An encoder that does not start is a camera that is not available, and it is let go.
        """
        self.machine.faults["start_encoder"] = FileNotFoundError(2, "No such file", "/dev/video11")
        self.assertIn("/dev/video11", self.why_not())
        steps = ["cancel_all_and_flush", "stop_encoder", "close"]
        self.assertEqual(self.machine.calls[-3:], steps)

    def test_failure_to_clean_up_after_a_failure(self) -> None:
        """
        The first error is the one that is told.
        """
        self.machine.faults["start_encoder"] = RuntimeError("first")
        self.machine.faults["close"] = RuntimeError("second")
        self.assertIn("first", self.why_not())
