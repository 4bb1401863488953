"""
The pictures that every server sends: distinct, and as large as those of a camera.

"""

import io
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from benchmarks.native_code import BUILD

COUNT = 120
QUALITY = 85
NOISE = 8.5
"""How much of it is noise; this much makes 45 kB of 640x480, as a camera does indoors."""


def pictures(size: tuple[int, int], count: int = COUNT) -> Iterator[bytes]:
    """
    Draw gradients, noise, a moving box and a number, the same each time.

    """
    width, height = size
    random.seed(1)
    upright = Image.linear_gradient("L")
    bands = (upright, Image.radial_gradient("L"), upright.rotate(90))
    base = Image.merge("RGB", tuple(band.resize(size) for band in bands))
    for number in range(count):
        sigma = NOISE * (0.85 + 0.3 * (number * 37 % 100) / 100)
        noise = Image.effect_noise(size, sigma)
        picture = ImageChops.add(base, Image.merge("RGB", (noise, noise, noise)), scale=2)
        draw = ImageDraw.Draw(picture)
        left, top = number * 7 % (width - 80), height // 3
        draw.rectangle((left, top, left + 80, top + 80), fill=(255, 64, 0))
        draw.text((10, 10), f"frame {number:04d} {width}x{height}", fill=(255, 255, 255))
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=QUALITY)
        yield jpeg.getvalue()


def folder(size: tuple[int, int]) -> Path:
    """
    :returns: A folder with the pictures as files, made once.
    """
    path = BUILD / f"frames-{size[0]}x{size[1]}"
    if len(list(path.glob("*.jpg"))) != COUNT:
        path.mkdir(parents=True, exist_ok=True)
        for number, jpeg in enumerate(pictures(size)):
            (path / f"{number:04d}.jpg").write_bytes(jpeg)
    return path


def median_bytes(path: Path) -> int:
    sizes = sorted(file.stat().st_size for file in path.glob("*.jpg"))
    return sizes[len(sizes) // 2]
