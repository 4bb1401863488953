"""
Something nicer to look at than a test card: the sea in the evening, with a boat.

"""

import math
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = WIDTH, HEIGHT = (1280, 720)
HORIZON = 400
FRAMES = 20

Colour = tuple[int, int, int]

ZENITH, GLOW = (24, 52, 92), (250, 190, 130)
NEAR, FAR = (6, 40, 66), (52, 104, 132)
SUN, FOAM, HULL, SAIL = (255, 236, 190), (150, 190, 205), (60, 24, 30), (246, 240, 226)


def _between(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _draw(phase: float) -> Image.Image:
    picture = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(picture)
    for y in range(HORIZON):
        draw.line((0, y, WIDTH, y), _between(ZENITH, GLOW, (y / HORIZON) ** 2))
    draw.ellipse((890, 270, 990, 370), SUN)
    for y in range(HORIZON, HEIGHT):
        depth = (y - HORIZON) / (HEIGHT - HORIZON)
        draw.line((0, y, WIDTH, y), _between(FAR, NEAR, depth**0.6))
    for row in range(28):
        depth = (row / 27) ** 1.6
        y = HORIZON + 6 + depth * (HEIGHT - HORIZON)
        length = 14 + 90 * depth
        for column in range(-1, round(WIDTH / length) + 1):
            seed = math.sin(row * 12.9898 + column * 78.233) * 43758.5453
            offset = (seed - math.floor(seed)) * length
            x = column * length + offset + 20 * math.sin(phase + row) * (0.3 + depth)
            sparkle = 0.5 + 0.5 * math.sin(phase * 2 + seed)
            near_sun = math.exp(-(((x - 940) / (60 + 260 * depth)) ** 2))
            colour = _between(_between(FAR, NEAR, depth), FOAM, 0.25 * sparkle)
            colour = _between(colour, SUN, 0.8 * near_sun * sparkle)
            draw.line((x, y, x + length * 0.5, y), colour, width=1 + round(3 * depth))
    _draw_boat(draw, 380 + 6 * math.sin(phase), 470 + 4 * math.sin(phase))
    return picture


def _draw_boat(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    draw.polygon(((x - 70, y), (x + 80, y), (x + 55, y + 26), (x - 50, y + 26)), HULL)
    draw.line((x, y, x, y - 150), HULL, width=4)
    draw.polygon(((x + 6, y - 146), (x + 6, y - 12), (x + 76, y - 12)), SAIL)
    draw.polygon(((x - 6, y - 128), (x - 6, y - 12), (x - 56, y - 12)), _between(SAIL, GLOW, 0.4))


def write_scene(folder: Path) -> Path:
    """
    Write pictures that can be played over and over.

    :returns: A folder for ``MOCK_FRAMES``.
    """
    frames = folder / "frames"
    frames.mkdir(parents=True)
    for number in range(FRAMES):
        picture = _draw(2 * math.pi * number / FRAMES)
        picture.save(frames / f"{number:02}.jpg", "JPEG", quality=85)
    return frames
