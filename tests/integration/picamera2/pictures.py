"""
What is to be seen in the pictures of the virtual cameras.

"""

import io
from itertools import groupby

from PIL import Image

BARS = ["white", "yellow", "cyan", "green", "magenta", "red", "blue", "black"]
"""The colours of camera 0, from left to right; they wander, and leave on one side to enter on the
other."""

_RGB = {
    "white": (255, 255, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "black": (0, 0, 0),
}


def decode(jpeg: bytes) -> Image.Image:
    """
    :returns: The whole picture, decoded.
    """
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def bars(jpeg: bytes) -> list[str]:
    """
    :returns: The colours of the bars along the middle of a picture, from white on.
    """
    picture = decode(jpeg).convert("RGB")
    middle = picture.crop((0, picture.height // 2, picture.width, picture.height // 2 + 1))
    raw = middle.tobytes()
    pixels = [(raw[i], raw[i + 1], raw[i + 2]) for i in range(0, len(raw), 3)]
    # Narrow runs are the blur between two bars.
    runs = [(name, len(list(run))) for name, run in groupby(map(_nearest, pixels))]
    names = [name for name, width in runs if width > picture.width // 32]
    start = names.index("white") if "white" in names else 0
    turned = names[start:] + names[:start]
    return list(dict.fromkeys(turned))


def lines_rise(jpeg: bytes) -> bool:
    """
    :returns: Whether the lines of camera 1 rise to the right, as they do if nothing is flipped, and
        do not fall.
    """
    picture = decode(jpeg).convert("L")
    width, row, step = picture.width, picture.height // 2, 20
    upper, lower = (picture.crop((0, y, width, y + 1)).tobytes() for y in (row, row + step))

    def difference(shift: int) -> int:
        middle = range(step, width - step)
        return sum(abs(upper[x] - lower[x + shift]) for x in middle)

    return difference(-step) < difference(step)


def _nearest(pixel: tuple[int, int, int]) -> str:
    def distance(name: str) -> int:
        return sum(abs(a - b) for a, b in zip(pixel, _RGB[name], strict=True))

    return min(_RGB, key=distance)
