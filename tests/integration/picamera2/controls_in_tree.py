"""
The controls, rates and choices of ``Picamera2Camera`` with the real Picamera2. Runs inside the
tree; ``test_adapter`` sees to that.

"""

import time

from motion_in_ocean.camera._picamera2 import SOFTWARE
from motion_in_ocean.errors import CameraUnavailable, ControlsRefused
from tests.integration.picamera2.camera_case import CameraTestCase
from tests.integration.picamera2.pictures import BARS, bars, decode, lines_rise
from tests.integration.picamera2.virtual_camera import sim

FULL_US, REST_US = 33_333, 1_000_000


class ControlsTests(CameraTestCase):
    """
    Controls reach the sensor.

    """

    def test_from_the_start(self) -> None:
        """
        Before the first frame, by libcamera's names and numbers.
        """
        self.opened(
            controls={
                "autofocus_mode": "auto",
                "awb_mode": "cloudy",
                "brightness": 0.5,
                "exposure_time_microseconds": 10_000,
            }
        )
        self.frames.wait(1)
        expected = {"AfMode": 1, "AfTrigger": 0, "AwbMode": 6, "Brightness": 0.5}
        self.assertLessEqual(expected.items(), sim.controls.items())
        # Without this mode, which Picamera2 adds, libcamera would ignore the time.
        self.assertEqual(
            (sim.controls["ExposureTime"], sim.controls["ExposureTimeMode"]), (10_000, 1)
        )

    def test_while_it_runs(self) -> None:
        """
        They act some frames later, and are told as they were set.
        """
        camera = self.opened(controls={"contrast": 2.0})
        self.frames.wait(1)
        camera.set_controls({"brightness": -0.25, "exposure_time_microseconds": 0})
        self.frames.wait(10)
        self.assertEqual((sim.controls["Brightness"], sim.controls["Contrast"]), (-0.25, 2.0))
        self.assertEqual(sim.controls["ExposureTimeMode"], 0)
        states = {state.control.name: state for state in camera.read_controls()}
        self.assertEqual(states["brightness"].value, -0.25)
        self.assertEqual(states["exposure_time_microseconds"].measured, 20_000)
        self.assertIsNone(states["saturation"].value)

    def test_outside_of_the_range(self) -> None:
        """
        Nothing is set, and the range is that of this camera.
        """
        sim.advertise["Contrast"] = (0.0, 4.0, 1.0)
        camera = self.opened()
        self.frames.wait(1)
        wrong = {"contrast": 4.5, "brightness": 0.5}
        error = self.assertRaises(ControlsRefused, camera.set_controls, wrong)
        self.assertEqual(error.problems, {"contrast": "should be from 0 to 4"})
        self.frames.wait(10)
        self.assertNotIn("Brightness", sim.controls)

    def test_camera_without_autofocus(self) -> None:
        """
        It starts all the same, and says what it lacks.
        """
        for name in ("AfMode", "LensPosition"):
            del sim.advertise[name]
        camera = self.opened(controls={"lens_position": 2.0, "brightness": 0.5, "contrast": 40.0})
        self.frames.wait(1)
        self.assertEqual(sim.controls["Brightness"], 0.5)
        self.assertEqual(
            camera.description.note,
            "LENS_POSITION is a control that this camera does not have; "
            "CONTRAST should be from 0 to 32",
        )
        names = [state.control.name for state in camera.read_controls()]
        self.assertNotIn("lens_position", names)

    def test_reading_from_a_silent_camera(self) -> None:
        """
        It takes a second at most, and the camera can be closed afterwards.
        """
        camera = self.opened()
        self.frames.wait(1)
        camera.read_controls()
        sim.stall()
        begun = time.monotonic()
        for _ in range(3):
            camera.read_controls()
        self.assertLess(time.monotonic() - begun, 5)
        camera.close()


class RateTests(CameraTestCase):
    """
    The rate while nobody watches.

    """

    def rate(self, frames: int) -> float:
        """
        :returns: The frames a second while so many come.
        """
        self.frames.wait(1)
        begun = time.monotonic()
        self.frames.wait(frames)
        return frames / (time.monotonic() - begun)

    def test_slows_the_sensor_and_wakes_it(self) -> None:
        """
        The full rate is there within a second, though the frames at the low one take longer; and
        what was set is still set.
        """
        camera = self.opened(controls={"brightness": 0.5})
        usual = self.rate(30)
        camera.set_fps(1)
        # Not before the requests that were under way have been filled.
        while sim.controls.get("FrameDurationLimits") != (REST_US, REST_US):
            self.frames.wait(1)
        self.assertLess(self.rate(1), 1.5)
        sim.controls.clear()
        begun = time.monotonic()
        camera.set_fps(0)
        self.frames.wait(5)
        self.assertLess(time.monotonic() - begun, 1.0)
        self.assertGreater(self.rate(30), 0.7 * usual)
        self.assertEqual(sim.controls["FrameDurationLimits"], (FULL_US, FULL_US))
        self.assertEqual(sim.controls["Brightness"], 0.5)

    def test_moderate_rate(self) -> None:
        """
        One that can be left soon enough is left without a restart.
        """
        camera = self.opened(fps=30)
        self.frames.wait(5)
        camera.set_fps(15)
        self.frames.wait(10)
        self.assertEqual(sim.controls["FrameDurationLimits"], (66_666, 66_666))
        camera.set_fps(0)
        begun = time.monotonic()
        self.frames.wait(10)
        self.assertLess(time.monotonic() - begun, 1.5)
        self.assertEqual(sim.controls["FrameDurationLimits"], (FULL_US, FULL_US))

    def test_again_and_again(self) -> None:
        """
        Viewers come and go, and every time the picture is there.
        """
        camera = self.opened()
        for _ in range(5):
            self.frames.wait(1)
            camera.set_fps(1)
            camera.set_fps(0)
            self.assertGreater(self.rate(5), 10)

    def test_silent_camera(self) -> None:
        """
        It does not wake up, says so after a while, and can be closed and opened.
        """
        camera = self.opened()
        self.frames.wait(1)
        camera.set_fps(1)
        sim.set(stop_delay=60)
        error = self.assertRaises(CameraUnavailable, camera.set_fps, 0)
        self.assertIn("does not wake up", str(error))
        sim.reset()
        camera.close()
        self.opened()
        self.frames.wait(1)


class ChoiceTests(CameraTestCase):
    """
    Which camera, which way up, and which encoder.

    """

    def test_second_camera(self) -> None:
        """
        By its index or its id.
        """
        for choice in ({"camera_index": 1}, {"camera_id": "Virtual0"}):
            camera = self.opened(**choice)
            self.assertEqual(camera.description.model, "Virtual Camera A")
            self.assertEqual(camera.description.camera_id, "Virtual0")
            self.assertTrue(lines_rise(self.frames.wait(3)))
            camera.close()

    def test_camera_that_is_not_there(self) -> None:
        """
        The message lists those that are.
        """
        for choice, named in (
            ({"camera_index": 2}, "CAMERA_INDEX 2"),
            ({"camera_id": "imx708"}, "CAMERA_ID imx708"),
        ):
            self.assertEqual(
                self.why_not(**choice),
                f"there is no camera with {named}: 0 is Virtual Camera B, Virtual1, "
                "1 is Virtual Camera A, Virtual0",
            )
        self.opened()
        self.frames.wait(1)

    def test_left_and_right(self) -> None:
        """
        Swapped in the picture itself.
        """
        camera = self.opened(hflip=True)
        white, *others = BARS
        self.assertEqual(bars(self.frames.wait(3)), [white, *reversed(others)])
        self.assertTrue(camera.description.hflip)

    def test_top_and_bottom(self) -> None:
        """
        So are these.
        """
        self.opened(vflip=True, camera_index=1)
        self.assertFalse(lines_rise(self.frames.wait(3)))

    def test_half_a_turn(self) -> None:
        """
        Both at once: lines rise as before, and left is right.
        """
        camera = self.opened(rotation=180, camera_index=1)
        self.assertTrue(lines_rise(self.frames.wait(3)))
        camera.close()
        self.opened(rotation=180)
        self.assertEqual(bars(self.frames.wait(3))[1], BARS[-1])

    def test_odd_size(self) -> None:
        """
        The nearest size that the platform likes, and a note.
        """
        camera = self.opened(resolution=(321, 241))
        self.assertEqual(decode(self.frames.wait(1)).size, (320, 240))
        self.assertIn("does not offer 321x241", camera.description.note or "")

    def test_no_hardware_encoder(self) -> None:
        """
        A Pi 5 has none.
        """
        description = self.opened(use_hardware=True).description
        self.frames.wait(1)
        self.assertEqual(description.encoder, SOFTWARE)
        self.assertEqual(description.note, "this machine has no hardware JPEG encoder")
