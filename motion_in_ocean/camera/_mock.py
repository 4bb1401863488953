"""
A camera for machines that have none.

"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from twisted.logger import Logger

from motion_in_ocean.camera._interface import CameraDescription
from motion_in_ocean.camera._pace import Pace
from motion_in_ocean.camera._playback import Playback
from motion_in_ocean.camera._testcard import TestCard

DEFAULT_FPS = 30.0


class PictureSource(Protocol):
    """
    Gives one picture after the other.

    """

    resolution: tuple[int, int]

    def next_picture(self, number: int) -> bytes:
        """
        :param number: Counts the pictures, from 1.
        :returns: A JPEG file.
        """
        ...


class MockCamera:
    """
    A test card, or the JPEG files of a folder, at the wished rate from a thread of its own.

    Where the machine cannot keep that rate at this size, it lowers it and says so.

    """

    _log = Logger()

    def __init__(
        self,
        *,
        resolution: tuple[int, int],
        fps: float,
        jpeg_quality: int,
        frames_folder: Path | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        :param fps: Frames a second; 0 means 30.
        :param frames_folder: Play the JPEG files in it; they have their own size and quality.
        :param seconds: The monotonic clock, safe to read in any thread.
        """
        self._resolution = resolution
        self._fps = fps or DEFAULT_FPS
        self._jpeg_quality = jpeg_quality
        self._frames_folder = frames_folder
        self._seconds = seconds
        self._pace = Pace(self._fps)
        # Taken while the camera runs. To wait for a lock costs half of what an Event costs.
        self._running = threading.Lock()
        self._running.acquire()
        self._thread: threading.Thread | None = None

    @property
    def description(self) -> CameraDescription:
        """
        See ``Camera.description``.

        """
        lowered = self._pace.is_lowered
        fps = 1 / self._pace.period
        return CameraDescription(
            model="mock",
            encoder="files" if self._frames_folder else "Pillow",
            resolution=self._resolution,
            fps=round(fps, 1) if lowered else self._fps,
            note=f"this machine cannot draw {self._fps:g} of these a second" if lowered else None,
        )

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        source: PictureSource
        if self._frames_folder is not None:
            source = Playback(self._frames_folder)
            self._resolution = source.resolution
        else:
            source = TestCard(self._resolution, self._jpeg_quality)
        self._thread = threading.Thread(
            target=self._run, args=(source, deliver), name="mock camera", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """
        See ``Camera.close``.

        """
        if self._running.locked():
            self._running.release()
        if self._thread is not None:
            self._thread.join()

    def _run(self, source: PictureSource, deliver: Callable[[bytes], None]) -> None:
        number, pause = 0, 0.0
        with self._log.failuresHandled("while drawing picture {number}", number=number):
            while not self._running.acquire(timeout=pause):
                number += 1
                begun = self._seconds()
                deliver(source.next_picture(number))
                pause = self._pace.frame_made(begun, self._seconds())
