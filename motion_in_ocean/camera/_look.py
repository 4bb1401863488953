"""
What the test card's pictures look like.

"""

from collections.abc import Mapping

from attrs import field, frozen
from PIL import Image, ImageEnhance

from motion_in_ocean.controls import ControlValue

MIDDLE, WHITE = 128, 255

DEFAULTS: Mapping[str, float] = {"brightness": 0.0, "contrast": 1.0, "saturation": 1.0}
"""The controls that act on a test card, and what changes nothing."""


@frozen
class Look:
    """
    Mirrors, and controls as a camera has them. What changes nothing costs nothing.

    """

    hflip: bool
    vflip: bool
    values: Mapping[str, ControlValue]
    """By name; what is missing has its default."""

    _curve: list[int] | None = field(init=False)
    """For each brightness of a colour the one that it becomes."""

    @_curve.default
    def _drawn(self) -> list[int] | None:
        contrast, brightness = self._value("contrast"), self._value("brightness")
        if (contrast, brightness) == (DEFAULTS["contrast"], DEFAULTS["brightness"]):
            return None
        shift = MIDDLE + brightness * WHITE
        curve = ((level - MIDDLE) * contrast + shift for level in range(WHITE + 1))
        return [min(max(round(level), 0), WHITE) for level in curve] * 3

    def of(self, picture: Image.Image) -> Image.Image:
        """
        :param picture: In RGB; it is not changed.
        :returns: The picture with this look, maybe the same.
        """
        if self.hflip:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if self.vflip:
            picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        saturation = self._value("saturation")
        if saturation != DEFAULTS["saturation"]:
            picture = ImageEnhance.Color(picture).enhance(saturation)
        return picture if self._curve is None else picture.point(self._curve)

    def _value(self, name: str) -> float:
        value = self.values.get(name, DEFAULTS[name])
        assert not isinstance(value, str)
        return value
