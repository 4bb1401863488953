"""
How large photographs become as JPEG: ``python -m benchmarks.jpeg_sizes FOLDER``.

The guide "Sizing" has what this prints for the photographs of Debian's package mate-backgrounds
(``/usr/share/backgrounds/mate/nature``).

"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from motion_in_ocean.camera._jpeg import jpeg_encoder
from PIL import Image, ImageOps

SIZES = ((640, 480), (1280, 720), (1920, 1080))
QUALITIES = (100, 95, 90, 85, 75, 60, 50)


def photographs(folder: Path, size: tuple[int, int]) -> Iterator[Image.Image]:
    """
    :returns: Those that are at least that large, cut and scaled down to it.
    """
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as picture:
            if all(have >= wanted for have, wanted in zip(picture.size, size, strict=True)):
                yield ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)


def kilobytes(pictures: list[Image.Image], quality: int) -> str:
    """
    :returns: The median, and in brackets the smallest and the largest.
    """
    encode = jpeg_encoder(quality)
    sizes = [len(encode(picture)) / 1000 for picture in pictures]
    return f"{median(sizes):.0f} ({min(sizes):.0f} - {max(sizes):.0f})"


def main() -> None:
    """
    Print a table.

    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for size in SIZES:
        pictures = list(photographs(folder, size))
        if not pictures:
            sys.exit(f"{folder} has no photographs of at least {size[0]}x{size[1]} (*.jpg)")
        sys.stdout.write(f"{size[0]}x{size[1]}, {len(pictures)} photographs, kB\n")
        for quality in QUALITIES:
            sys.stdout.write(f"{quality:5}  {kilobytes(pictures, quality)}\n")


if __name__ == "__main__":
    main()
