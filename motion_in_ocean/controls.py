"""
The controls that cameras have: one table for the settings, the API and the camera.

Which of them a camera really has, and how far each goes, only the camera knows; see ``narrowed``.

"""

import math
from collections.abc import Mapping
from typing import Protocol

from attrs import evolve, field, frozen

ControlValue = float | str
"""A number, or one of the choices by name."""

_DECIMALS = 4


class Control(Protocol):
    """
    One row of the table.

    """

    @property
    def name(self) -> str:
        """
        What we call it: in capitals it is a setting.

        """
        ...

    @property
    def libcamera(self) -> str:
        """
        What libcamera calls it.

        """
        ...

    @property
    def help(self) -> str:
        """
        What it does, in one line.

        """
        ...

    @property
    def values(self) -> str:
        """
        What may be given, such as ``from -1 to 1``.

        """
        ...

    def parse(self, given: object) -> ControlValue:
        """
        :param given: A value as JSON or YAML holds it.
        :returns: The value that it stands for.
        :raises ValueError: If it is none; the message says what would be.
        """
        ...

    def narrowed(self, low: object, high: object) -> "Control":
        """
        :param low: The lowest value, as libcamera has it.
        :param high: The highest.
        :returns: The control as it is with one camera.
        """
        ...

    def to_libcamera(self, value: ControlValue) -> float:
        """
        :param value: One that ``parse`` returned.
        :returns: The same as libcamera takes it.
        """
        ...

    def from_libcamera(self, raw: object) -> ControlValue | None:
        """
        :param raw: A value that libcamera gave.
        :returns: The same as we say it; ``None`` if it makes no sense here.
        """
        ...

    def default(self, raw: object) -> ControlValue | None:
        """
        :param raw: The default as libcamera has it.
        :returns: What to set for what the camera does by itself; ``None`` if that is not known.
        """
        ...


@frozen(kw_only=True)
class NumberControl:
    """
    A control that is a number.

    """

    name: str
    libcamera: str
    help: str
    low: float
    high: float
    unit: str | None = None
    is_whole: bool = False
    zero_is_automatic: bool = False
    """0, which is outside the range, leaves the choice to the camera."""

    @property
    def values(self) -> str:
        """
        See ``Control.values``.

        """
        automatic = ", or 0 for automatic" if self.zero_is_automatic else ""
        return f"from {_short(self.low)} to {_short(self.high)}{automatic}"

    def parse(self, given: object) -> float:
        """
        See ``Control.parse``.

        """
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise ValueError(f"should be a number {self.values}")
        is_automatic = self.zero_is_automatic and given == 0
        if not (is_automatic or self.low <= given <= self.high):
            raise ValueError(f"should be {self.values}")
        if not self.is_whole:
            return float(given)
        if given != int(given):
            raise ValueError(f"should be a whole number {self.values}")
        return int(given)

    def narrowed(self, low: object, high: object) -> "NumberControl":
        """
        See ``Control.narrowed``; limits that make no sense are not taken over.

        """
        lowest, highest = _number(low), _number(high)
        if lowest is None or highest is None or lowest > highest:
            return self
        # libcamera's numbers are short: what is 22.26 to people is 22.260000228881836 to it.
        return evolve(
            self,
            low=math.ceil(lowest * 10**_DECIMALS) / 10**_DECIMALS,
            high=math.floor(highest * 10**_DECIMALS) / 10**_DECIMALS,
        )

    def to_libcamera(self, value: ControlValue) -> float:
        """
        See ``Control.to_libcamera``.

        """
        assert not isinstance(value, str)
        return value

    def from_libcamera(self, raw: object) -> float | None:
        """
        See ``Control.from_libcamera``.

        """
        number = _number(raw)
        if number is None:
            return None
        return int(number) if self.is_whole else round(number, _DECIMALS)

    def default(self, raw: object) -> float | None:
        """
        See ``Control.default``.

        """
        return self.parse(0) if self.zero_is_automatic else self.from_libcamera(raw)


@frozen(kw_only=True)
class ChoiceControl:
    """
    A control that is one of several things.

    """

    name: str
    libcamera: str
    help: str
    choices: Mapping[str, int] = field(hash=False)
    """What libcamera's enumeration has for each."""

    @property
    def values(self) -> str:
        """
        See ``Control.values``.

        """
        *others, last = self.choices
        return f"{', '.join(others)} or {last}" if others else last

    def parse(self, given: object) -> str:
        """
        See ``Control.parse``; capitals do not matter.

        """
        name = given.strip().lower() if isinstance(given, str) else None
        if name is None or name not in self.choices:
            raise ValueError(f"should be {self.values}")
        return name

    def narrowed(self, low: object, high: object) -> "ChoiceControl":
        """
        See ``Control.narrowed``; limits that leave nothing to choose are not taken over.

        """
        lowest, highest = _number(low), _number(high)
        if lowest is None or highest is None:
            return self
        left = {name: raw for name, raw in self.choices.items() if lowest <= raw <= highest}
        return evolve(self, choices=left) if left else self

    def to_libcamera(self, value: ControlValue) -> int:
        """
        See ``Control.to_libcamera``.

        """
        assert isinstance(value, str)
        return self.choices[value]

    def from_libcamera(self, raw: object) -> str | None:
        """
        See ``Control.from_libcamera``.

        """
        return next((name for name, each in self.choices.items() if each == raw), None)

    def default(self, raw: object) -> str | None:
        """
        See ``Control.default``.

        """
        return self.from_libcamera(raw)


def _number(raw: object) -> float | None:
    return raw if isinstance(raw, int | float) and math.isfinite(raw) else None


def _short(number: float) -> str:
    return f"{number:.10g}"


def _table(*controls: Control) -> Mapping[str, Control]:
    return {control.name: control for control in controls}


CONTROLS = _table(
    ChoiceControl(
        name="autofocus_mode",
        libcamera="AfMode",
        help="manual keeps LENS_POSITION, auto focuses once, each time it is set",
        choices={"manual": 0, "auto": 1, "continuous": 2},
    ),
    NumberControl(
        name="lens_position",
        libcamera="LensPosition",
        help="focus by hand, in dioptres: 0 is infinity, 2 is half a metre",
        low=0,
        high=32,
        unit="dioptres",
    ),
    NumberControl(
        name="brightness",
        libcamera="Brightness",
        help="added to the picture; 0 changes nothing",
        low=-1,
        high=1,
    ),
    NumberControl(
        name="contrast",
        libcamera="Contrast",
        help="1 is normal, 0 is all grey",
        low=0,
        high=32,
    ),
    NumberControl(
        name="saturation",
        libcamera="Saturation",
        help="1 is normal, 0 is black and white",
        low=0,
        high=32,
    ),
    NumberControl(
        name="sharpness",
        libcamera="Sharpness",
        help="1 is normal, 0 sharpens nothing",
        low=0,
        high=16,
    ),
    NumberControl(
        name="exposure_value",
        libcamera="ExposureValue",
        help="how much brighter than usual the automatic exposure aims, in stops",
        low=-8,
        high=8,
        unit="stops",
    ),
    ChoiceControl(
        name="exposure_mode",
        libcamera="AeExposureMode",
        help="what the automatic exposure prefers: short times against blur, or long ones",
        choices={"normal": 0, "short": 1, "long": 2},
    ),
    ChoiceControl(
        name="metering_mode",
        libcamera="AeMeteringMode",
        help="what part of the picture the automatic exposure looks at",
        choices={"centre": 0, "spot": 1, "matrix": 2},
    ),
    NumberControl(
        name="exposure_time_microseconds",
        libcamera="ExposureTime",
        help="a fixed exposure time, no longer than a frame lasts",
        low=1,
        high=300_000_000,
        unit="microseconds",
        is_whole=True,
        zero_is_automatic=True,
    ),
    NumberControl(
        name="analogue_gain",
        libcamera="AnalogueGain",
        help="a fixed amplification by the sensor",
        low=1,
        high=100,
        zero_is_automatic=True,
    ),
    ChoiceControl(
        name="awb_mode",
        libcamera="AwbMode",
        help="the white balance",
        choices={
            "auto": 0,
            "incandescent": 1,
            "tungsten": 2,
            "fluorescent": 3,
            "indoor": 4,
            "daylight": 5,
            "cloudy": 6,
        },
    ),
)
"""All controls that we know, by name."""
