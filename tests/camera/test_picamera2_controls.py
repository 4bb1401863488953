"""
Tests of the controls of a real camera, and of its rate.

"""

from typing import Any

from twisted.logger import LogLevel, capturedLogs

from motion_in_ocean.camera import ControlState
from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.errors import CameraUnavailable, ControlsRefused
from tests.camera.fake_picamera2 import Picamera2TestCase


class StartTests(Picamera2TestCase):
    """
    Controls that are set from the start.

    """

    def test_set_before_the_first_frame(self) -> None:
        """
        No picture is made with other values; names and choices are libcamera's.
        """
        self.opened(controls={"brightness": 0.2, "awb_mode": "cloudy"})
        self.assertEqual(self.machine.controls, [{"Brightness": 0.2, "AwbMode": 6}])
        self.assertEqual(self.machine.calls[-2:], ["start_encoder", "start"])

    def test_control_that_the_camera_lacks(self) -> None:
        """
        A setting that was right for the last camera does not keep this one from starting.
        """
        with capturedLogs() as events:
            camera = self.opened(controls={"sharpness": 2.0, "contrast": 1.5})
        self.assertEqual(self.machine.controls, [{"Contrast": 1.5}])
        expected = "SHARPNESS is a control that this camera does not have"
        self.assertEqual(camera.description.note, expected)
        warnings = [event for event in events if event["log_level"] is LogLevel.warn]
        self.assertEqual([event["note"] for event in warnings], [expected])

    def test_value_outside_of_the_range(self) -> None:
        """
        It is not set, and the range is named.
        """
        camera = self.opened(controls={"contrast": 8.5, "analogue_gain": 1.0})
        self.assertEqual(self.machine.controls, [{}])
        self.assertEqual(
            camera.description.note,
            "CONTRAST should be from 0 to 8; ANALOGUE_GAIN should be from 1.1229 to 16, "
            "or 0 for automatic",
        )

    def test_focusing_once(self) -> None:
        """
        The mode alone would wait for a trigger that nobody pulls.
        """
        self.opened(controls={"autofocus_mode": "auto"})
        self.opened(controls={"autofocus_mode": "continuous"})
        self.assertEqual(self.machine.controls, [{"AfMode": 1, "AfTrigger": 0}, {"AfMode": 2}])

    def test_camera_without_a_frame_rate(self) -> None:
        """
        A wish for one does not keep it from starting either.
        """
        self.machine.frame_durations = None
        camera = self.opened(fps=10)
        self.assertEqual(self.machine.configurations[0]["controls"], {})
        self.assertEqual(camera.description.note, "the camera does not offer 10 fps")
        camera.set_fps(1)
        self.assertEqual(self.machine.controls, [{}])


class ControlsTests(Picamera2TestCase):
    """
    Controls that are read and changed while the camera runs.

    """

    def state(self, camera: Picamera2Camera, name: str) -> ControlState:
        """
        :returns: How a control is now.
        """
        (state,) = (each for each in camera.read_controls() if each.control.name == name)
        return state

    def test_those_of_the_camera(self) -> None:
        """
        A page shows just what can be moved, as far as it can be moved.
        """
        states = self.opened().read_controls()
        self.assertEqual(
            {state.control.name: (state.control.values, state.default) for state in states},
            {
                "autofocus_mode": ("manual, auto or continuous", "manual"),
                "brightness": ("from -1 to 1", 0.0),
                "contrast": ("from 0 to 8", 1.0),
                "exposure_time_microseconds": ("from 26 to 112015096, or 0 for automatic", 0),
                "analogue_gain": ("from 1.1229 to 16, or 0 for automatic", 0.0),
                "awb_mode": (
                    "auto, incandescent, tungsten, fluorescent, indoor, daylight or cloudy",
                    "auto",
                ),
            },
        )

    def test_changed(self) -> None:
        """
        What was set is told from what is left to the camera.
        """
        camera = self.opened(controls={"contrast": 2.0})
        applied = camera.set_controls({"brightness": 1, "awb_mode": "Daylight"})
        self.assertEqual(applied, {"brightness": 1.0, "awb_mode": "daylight"})
        self.assertEqual(self.machine.controls[-1], {"Brightness": 1.0, "AwbMode": 5})
        values = {each.control.name: each.value for each in camera.read_controls()}
        self.assertEqual((values["contrast"], values["awb_mode"]), (2.0, "daylight"))
        self.assertIsNone(values["exposure_time_microseconds"])

    def test_all_or_none(self) -> None:
        """
        A request that is half wrong changes nothing, and every fault is named at once.
        """
        camera = self.opened()
        wrong = {"brightness": 2, "sharpness": 1, "zoom": 3, "contrast": 1}
        error = self.assertRaises(ControlsRefused, camera.set_controls, wrong)
        self.assertEqual(
            error.problems,
            {
                "brightness": "should be from -1 to 1",
                "sharpness": "is a control that this camera does not have",
                "zoom": "is no control",
            },
        )
        self.assertEqual(self.machine.controls, [{}])

    def test_measured(self) -> None:
        """
        How the camera exposes by itself can be read, which helps to choose a fixed time.
        """
        self.machine.metadata = {"ExposureTime": 19_987, "AnalogueGain": 2.0000001, "Lux": 3}
        camera = self.opened()
        self.assertEqual(self.state(camera, "exposure_time_microseconds").measured, 19_987)
        self.assertEqual(self.state(camera, "analogue_gain").measured, 2.0)
        self.assertIsNone(self.state(camera, "brightness").measured)

    def test_metadata_that_does_not_come(self) -> None:
        """
        A silent camera is not waited for, nor does the question get in the way of closing it; the
        last answer stands.
        """
        self.machine.metadata = {"ExposureTime": 19_987}
        camera = self.opened()
        camera.read_controls()
        self.machine.faults["capture_metadata"] = TimeoutError()
        self.assertEqual(self.state(camera, "exposure_time_microseconds").measured, 19_987)
        self.assertEqual(self.machine.calls[-1], "cancel_all_and_flush")
        self.assertLessEqual(max(self.machine.waits), 1.0)


class RateTests(Picamera2TestCase):
    """
    The rate while nobody watches.

    """

    def assert_rate(self, camera: Picamera2Camera, fps: float | None, *, idling: bool) -> None:
        """
        What is told is what the camera was told.
        """
        self.assertEqual((camera.description.fps, camera.description.is_idling), (fps, idling))

    def controls(self) -> dict[str, Any]:
        """
        :returns: What the camera was told last.
        """
        return self.machine.controls[-1]

    def test_slower(self) -> None:
        """
        The sensor slows down without a hitch.
        """
        camera = self.opened(fps=30)
        camera.set_fps(2)
        self.assertEqual(self.controls(), {"FrameRate": 2})
        self.assertNotIn("dispatch", self.machine.calls)
        self.assert_rate(camera, 2, idling=True)

    def test_back_from_a_moderate_rate(self) -> None:
        """
        The requests that are under way are filled soon enough.
        """
        camera = self.opened(fps=30)
        camera.set_fps(15)
        camera.set_fps(0)
        self.assertEqual(self.controls(), {"FrameRate": 30})
        self.assertNotIn("dispatch", self.machine.calls)
        self.assert_rate(camera, 30, idling=False)

    def test_back_from_a_low_rate(self) -> None:
        """
        At one frame a second the new rate would take ten seconds to act; a new start does not, and
        keeps what was set.
        """
        camera = self.opened(fps=30, controls={"brightness": 0.5})
        camera.set_controls({"exposure_time_microseconds": 0, "autofocus_mode": "auto"})
        camera.set_fps(1)
        camera.set_fps(0)
        self.assertEqual(self.machine.calls[-3:], ["dispatch", "stop_", "start_"])
        self.assertEqual(self.controls(), {"Brightness": 0.5, "AfMode": 1, "FrameRate": 30})
        self.assert_rate(camera, 30, idling=False)

    def test_zero_is_kept_where_it_means_something(self) -> None:
        """
        What was turned down to nothing is so after a rest as well.
        """
        camera = self.opened(fps=30, controls={"contrast": 0.0})
        camera.set_fps(1)
        camera.set_fps(0)
        self.assertEqual(self.controls(), {"Contrast": 0.0, "FrameRate": 30})

    def test_back_to_its_own_choice(self) -> None:
        """
        Where no rate is set, the camera's own comes back.
        """
        camera = self.opened()
        camera.set_fps(1)
        camera.set_fps(0)
        self.assertEqual(self.controls(), {"FrameDurationLimits": (33_333, 33_333)})
        self.assert_rate(camera, None, idling=False)

    def test_within_what_the_camera_can_do(self) -> None:
        """
        No slower than it can, and never faster than usual.
        """
        for fps, usual, expected in ((0.5, 30, 1.0), (20, 10, 10), (60, 0, 30.0)):
            camera = self.opened(fps=usual)
            camera.set_fps(fps)
            assert camera.description.fps is not None
            self.assertApproximates(camera.description.fps, expected, 0.01)

    def test_camera_that_does_not_wake_up(self) -> None:
        """
        It is given up after a while, in words that lead to the cause.
        """
        camera = self.opened()
        camera.set_fps(1)
        self.machine.faults["dispatch"] = TimeoutError()
        error = self.assertRaises(CameraUnavailable, camera.set_fps, 0)
        self.assertEqual(str(error), "the camera does not wake up: TimeoutError")
        self.assertLessEqual(max(self.machine.waits), 3.0)
