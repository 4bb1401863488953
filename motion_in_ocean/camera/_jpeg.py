"""
Pictures to JPEG, without holding up the other threads.

"""

import os
from collections.abc import Callable

from PIL import Image


def jpeg_encoder(quality: int) -> Callable[[Image.Image], bytes]:
    """
    :param quality: 1 to 100.
    :returns: Turns a picture into a JPEG file. For one thread at a time.
    """
    # Pillow gives up the interpreter lock only while it writes to a real file; into a BytesIO, a
    # large picture stops the reactor for as long as it takes.
    memory = os.fdopen(os.memfd_create("jpeg"), "w+b", buffering=0)

    def encode(picture: Image.Image) -> bytes:
        memory.seek(0)
        memory.truncate()
        picture.save(memory, "JPEG", quality=quality)
        size = memory.seek(0, os.SEEK_END)
        return os.pread(memory.fileno(), size, 0)

    return encode
