"""
Where Picamera2's encoders write to.

"""

import io
import threading
from collections.abc import Callable
from typing import Any

from twisted.logger import Logger


class FrameSink(io.BufferedIOBase):
    """
    Looks like a file to Picamera2 and hands on what is written to it, one JPEG at a time.

    """

    _log = Logger()

    def __init__(self, deliver: Callable[[bytes], None] | None) -> None:
        """
        :param deliver: Takes the frames; ``None`` makes a sink that is shut already.
        """
        self._deliver = deliver
        self._lock = threading.Lock()

    def writable(self) -> bool:
        """
        See ``io.IOBase.writable``.

        """
        return True

    def write(self, jpeg: Any) -> int:
        """
        Deliver one frame; called in a thread of the encoder's.

        Our encoders pass ``bytes`` that nobody else holds, so they are not copied; others might
        pass memory of the camera that soon holds another picture. An exception would end the
        encoder's thread without a word, and with it the stream.

        """
        with self._lock:
            if self._deliver is not None:
                with self._log.failuresHandled("while delivering a frame"):
                    self._deliver(jpeg if type(jpeg) is bytes else bytes(jpeg))
        return len(jpeg)

    def shut(self) -> None:
        """
        Deliver nothing from now on, not even what the encoder still has in the works.

        """
        with self._lock:
            self._deliver = None
