"""
How much the hardware JPEG encoder of a Pi 4 or older is asked for.

It thinks in bits a second rather than in quality. Picamera2 suggests these rates for its five
qualities (``MJPEGEncoder``), which it takes for 25, 35, 50, 65 and 80 of 100 (``JpegEncoder``).

"""

FRAME_BYTES = 512 * 1024
"""What the encoder has room for (``V4L2Encoder``); a larger frame is lost."""

MBITS_BY_QUALITY = ((25, 16), (35, 20), (50, 30), (65, 40), (100, 50))
"""Up to which quality how many million bits a second, for 1920x1080."""

REFERENCE_PIXELS = 1920 * 1080
NOMINAL_FPS = 30
"""What the encoder reckons with, whatever the camera's rate is."""

LARGEST_SHARE = 0.75
"""Of the room that there is, on average: some frames are larger than others."""


def bitrate(jpeg_quality: int, size: tuple[int, int]) -> int:
    """
    :param jpeg_quality: 1 to 100.
    :param size: Width and height of the frames.
    :returns: Bits a second, as the encoder takes them.
    """
    mbits = next(mbits for highest, mbits in MBITS_BY_QUALITY if jpeg_quality <= highest)
    width, height = size
    wanted = mbits * 1_000_000 * width * height // REFERENCE_PIXELS
    return min(wanted, int(FRAME_BYTES * LARGEST_SHARE) * 8 * NOMINAL_FPS)
