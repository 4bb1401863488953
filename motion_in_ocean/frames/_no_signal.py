"""
The picture that viewers see instead of an old one.

"""

import time
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from motion_in_ocean.frames._frame import Frame

FALLBACK_SIZE = (640, 480)
BRIGHTNESS = 0.35
QUALITY = 80


def no_signal_picture(last: Frame) -> bytes:
    """
    Draw the last picture there was, dark and without colour, and since when there is no other.

    Takes as long as decoding and encoding a picture do: not for the reactor thread.

    :returns: A JPEG of the same size.
    """
    picture = _decoded(last.jpeg)
    picture = ImageEnhance.Brightness(ImageOps.grayscale(picture)).enhance(BRIGHTNESS)
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(last.timestamp))
    draw.multiline_text(
        (width / 2, height / 2),
        f"no signal\nsince {since}",
        fill=255,
        font=ImageFont.load_default(max(min(width // 16, height // 8), 1)),
        anchor="mm",
        align="center",
    )
    output = BytesIO()
    picture.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()


def _decoded(jpeg: bytes) -> Image.Image:
    try:
        picture = Image.open(BytesIO(jpeg), formats=("JPEG",))
        picture.load()
    except OSError:
        # A camera on its way out may leave a torn picture behind.
        return Image.new("RGB", FALLBACK_SIZE)
    return picture
