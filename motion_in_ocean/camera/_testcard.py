"""
A moving picture that shows at a glance whether a stream is live, whole and in order.

"""

import math
import time

from PIL import Image, ImageDraw, ImageFont

from motion_in_ocean.camera._jpeg import jpeg_encoder
from motion_in_ocean.camera._look import Look

# Colour bars at three quarters of full brightness, as television has used them.
BARS = ("#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf")
NIGHT, DEEP, FOAM, SUN = "#06182b", "#0b3a5e", "#e8f4fa", "#ffb347"

SWEEP_SECONDS = 4.0
SMALLEST_TEXT = 8


class TestCard:
    """
    Colour bars, a sweep, a clock hand, and in words the time, the frame's number and its size.

    What stands still is drawn once. For one thread at a time.

    """

    def __init__(self, resolution: tuple[int, int], jpeg_quality: int) -> None:
        """
        :param resolution: Width and height in pixels, each at least 1.
        :param jpeg_quality: 1 to 100.
        """
        self.resolution = resolution
        self.look = Look(hflip=False, vflip=False, values={})
        """May be replaced in any thread."""
        self._encode = jpeg_encoder(jpeg_quality)
        width, height = resolution
        self._bars_height = max(height * 5 // 8, 1)
        self._font = ImageFont.load_default(max(height // 16, 1))
        self._has_text = height // 16 >= SMALLEST_TEXT
        self._line_height = height // 12
        self._text_at = (width // 32, self._bars_height + height // 12)
        self._radius = min(width // 8, (height - self._bars_height) * 3 // 8)
        self._centre = (width - self._radius * 3 // 2, (height + self._bars_height) // 2)
        self._background = self._draw_background()
        self._canvas = self._background.copy()
        self._draw = ImageDraw.Draw(self._canvas)
        self._wipe: tuple[tuple[int, int, int, int], ...] = ()

    def next_picture(self, number: int) -> bytes:
        """
        :param number: Counts the pictures; written on the card.
        :returns: A JPEG of the card at this moment.
        """
        now = time.time()
        for box in self._wipe:
            self._canvas.paste(self._background.crop(box), box)
        sweep = self._draw_sweep(now)
        hand = self._draw_hand(now)
        text = self._draw_text(now, number)
        self._wipe = (sweep, hand, text)
        return self._encode(self.look.of(self._canvas))

    def _draw_background(self) -> Image.Image:
        width, height = self.resolution
        picture = Image.new("RGB", self.resolution, NIGHT)
        draw = ImageDraw.Draw(picture)
        for index, colour in enumerate(BARS):
            left, right = (width * i // len(BARS) for i in (index, index + 1))
            draw.rectangle((left, 0, right, self._bars_height), fill=colour)
        # A ramp from black to white shows whether the range is kept.
        ramp_top, ramp_bottom = self._bars_height, self._bars_height + height // 16
        for x in range(width):
            grey = x * 255 // max(width - 1, 1)
            draw.line((x, ramp_top, x, ramp_bottom), fill=(grey, grey, grey))
        waves = [
            (x, height * 15 / 16 + math.sin(x * 14 / width) * height / 40)
            for x in range(0, width + 1, max(width // 200, 1))
        ]
        draw.polygon([(0, height), *waves, (width, height)], fill=DEEP)
        x, y = self._centre
        r = self._radius
        draw.ellipse((x - r, y - r, x + r, y + r), outline=FOAM, width=max(r // 16, 1))
        if self._has_text:
            left, top = self._text_at
            size = f"{width} x {height}"
            draw.text((left, top + 2 * self._line_height), size, fill=FOAM, font=self._font)
        return picture

    # Each of these draws one moving part and returns the box that it lies in.

    def _draw_sweep(self, now: float) -> tuple[int, int, int, int]:
        width, _ = self.resolution
        x = int(now % SWEEP_SECONDS / SWEEP_SECONDS * width)
        right = min(x + max(width // 80, 1), width)
        self._draw.rectangle((x, 0, right - 1, self._bars_height - 1), fill=FOAM)
        return x, 0, right, self._bars_height

    def _draw_hand(self, now: float) -> tuple[int, int, int, int]:
        x, y = self._centre
        r = self._radius
        turn = now % 1 * math.tau
        tip = (x + math.sin(turn) * r * 0.8, y - math.cos(turn) * r * 0.8)
        self._draw.line((x, y, *tip), fill=SUN, width=max(r // 10, 1))
        return x - r, y - r, x + r + 1, y + r + 1

    def _draw_text(self, now: float, number: int) -> tuple[int, int, int, int]:
        left, top = self._text_at
        if not self._has_text:
            return left, top, left, top
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        second = top + self._line_height
        self._draw.text((left, top), f"{clock}.{int(now % 1 * 10)}", fill=FOAM, font=self._font)
        self._draw.text((left, second), f"frame {number}", fill=FOAM, font=self._font)
        return left, top, self._centre[0] - self._radius, second + self._line_height
