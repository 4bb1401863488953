"""
Tests of the table of controls.

"""

import math

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.controls import CONTROLS, ControlValue
from motion_in_ocean.settings import Settings, setting_of

BRIGHTNESS, EXPOSURE, GAIN, AWB = (
    CONTROLS[name]
    for name in ("brightness", "exposure_time_microseconds", "analogue_gain", "awb_mode")
)


class ControlTests(SynchronousTestCase):
    """
    What a control takes, and how it says so.

    """

    def refusal(self, name: str, given: object) -> str:
        """
        :returns: Why a value is refused.
        """
        return str(self.assertRaises(ValueError, CONTROLS[name].parse, given))

    def test_each_is_a_setting(self) -> None:
        """
        What can be changed while the camera runs can be set once and for all.
        """
        for name, control in CONTROLS.items():
            self.assertIs(setting_of(name).control, control)
            self.assertIsNone(Settings.model_fields[name].default)
        settings = [n for n in Settings.model_fields if n != "locked" and setting_of(n).control]
        self.assertEqual(settings, list(CONTROLS))

    def test_numbers(self) -> None:
        """
        The ends of the range belong to it, and whole numbers will do.
        """
        for given, value in ((-1, -1.0), (0.25, 0.25), (1, 1.0)):
            self.assertEqual(BRIGHTNESS.parse(given), value)
            self.assertIs(type(BRIGHTNESS.parse(given)), float)

    def test_refusals_name_the_range(self) -> None:
        """
        Whoever guessed wrong need not guess again.
        """
        for given in (-1.01, 1.01, math.inf, math.nan, 10**400):
            self.assertEqual(self.refusal("brightness", given), "should be from -1 to 1")
        others: tuple[object, ...] = (True, "0.5", None, [], {})
        for other in others:
            self.assertEqual(self.refusal("brightness", other), "should be a number from -1 to 1")
        self.assertEqual(
            self.refusal("autofocus_mode", "tracking"), "should be manual, auto or continuous"
        )
        self.assertIn("manual", self.refusal("autofocus_mode", 0))

    def test_whole_numbers(self) -> None:
        """
        Half a microsecond, which libcamera would refuse, does not get that far.
        """
        self.assertEqual(EXPOSURE.parse(20_000.0), 20_000)
        self.assertIs(type(EXPOSURE.parse(20_000.0)), int)
        self.assertIn("whole number", self.refusal("exposure_time_microseconds", 1.5))

    def test_automatic(self) -> None:
        """
        Who has tried a fixed exposure finds the way back.
        """
        self.assertEqual((EXPOSURE.parse(0), GAIN.parse(0)), (0, 0.0))
        self.assertEqual(
            self.refusal("analogue_gain", 0.5), "should be from 1 to 100, or 0 for automatic"
        )

    def test_choices_in_capitals(self) -> None:
        """
        People copy Daylight from the documents of libcamera.
        """
        self.assertEqual(AWB.parse(" Daylight "), "daylight")

    def test_narrowed_numbers(self) -> None:
        """
        A camera's own range counts, in numbers that people write.
        """
        gain = GAIN.narrowed(1.1228070259094238, 22.260868072509766)
        self.assertEqual(gain.values, "from 1.1229 to 22.2608, or 0 for automatic")
        self.assertEqual(gain.parse(22.2608), 22.2608)
        self.assertRaises(ValueError, gain.parse, 22.27)
        self.assertEqual(gain.parse(0), 0.0)

    def test_narrowed_choices(self) -> None:
        """
        What a camera does not offer is not offered.
        """
        autofocus = CONTROLS["autofocus_mode"].narrowed(0, 1)
        self.assertEqual(autofocus.values, "manual or auto")
        self.assertRaises(ValueError, autofocus.parse, "continuous")
        self.assertEqual(autofocus.narrowed(0, 0).values, "manual")

    def test_limits_that_make_no_sense(self) -> None:
        """
        A driver that advertises nonsense does not take the control away.
        """
        for control in (BRIGHTNESS, AWB):
            for low, high in ((None, None), (5, 4), (math.nan, 1), ("a", "b"), (9e9, None)):
                self.assertEqual(control.narrowed(low, high).values, control.values)

    def test_to_libcamera_and_back(self) -> None:
        """
        What is shown as the value is what was set.
        """
        cases: tuple[tuple[str, ControlValue, float], ...] = (
            ("brightness", 0.1, 0.1),
            ("exposure_time_microseconds", 20_000, 20_000),
            ("awb_mode", "cloudy", 6),
        )
        for name, value, raw in cases:
            control = CONTROLS[name]
            self.assertEqual(control.to_libcamera(value), raw)
            self.assertEqual(control.from_libcamera(raw), value)

    def test_what_libcamera_says(self) -> None:
        """
        Its short numbers become those that people know; nonsense becomes nothing.
        """
        self.assertEqual(BRIGHTNESS.from_libcamera(0.10000000149011612), 0.1)
        for raw in (None, "much", math.nan, ()):
            self.assertIsNone(BRIGHTNESS.from_libcamera(raw))
        self.assertIsNone(AWB.from_libcamera(99))
