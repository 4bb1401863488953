"""
A camera for machines that have none.

"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import evolve
from twisted.logger import Logger

from motion_in_ocean.camera._controls import ControlState, checked, usable
from motion_in_ocean.camera._interface import CameraDescription
from motion_in_ocean.camera._look import DEFAULTS, Look
from motion_in_ocean.camera._pace import Pace
from motion_in_ocean.camera._playback import Playback
from motion_in_ocean.camera._testcard import TestCard
from motion_in_ocean.controls import CONTROLS, Control, ControlValue

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

    Where the machine cannot keep that rate at this size, it lowers it and says so. The test card
    can be mirrored and has some of the controls that cameras have; files are shown as they are.

    """

    _log = Logger()

    def __init__(
        self,
        *,
        resolution: tuple[int, int],
        fps: float,
        jpeg_quality: int,
        frames_folder: Path | None = None,
        rotation: int = 0,
        hflip: bool = False,
        vflip: bool = False,
        controls: Mapping[str, ControlValue] | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        :param fps: Frames a second; 0 means 30.
        :param frames_folder: Play the JPEG files in it; they have their own size and quality.
        :param rotation: 0 or 180 degrees.
        :param hflip: Swap left and right, besides the rotation.
        :param vflip: The same for top and bottom.
        :param controls: What to start with.
        :param seconds: The monotonic clock, safe to read in any thread.
        """
        self._resolution = resolution
        self._fps = self._target = fps or DEFAULT_FPS
        self._jpeg_quality = jpeg_quality
        self._frames_folder = frames_folder
        # Half a turn is both at once.
        is_turned = rotation == 180
        self._look = Look(hflip != is_turned, vflip != is_turned, {})
        self._wishes = controls or {}
        self._refused: Mapping[str, str] = {}
        self._seconds = seconds
        self._pace = Pace(self._fps)
        # Taken while the camera runs; given back to wake its thread. To wait for a lock costs half
        # of what an Event costs.
        self._nap = threading.Lock()
        self._nap.acquire()
        self._closing = False
        self._card: TestCard | None = None
        self._thread: threading.Thread | None = None

    @property
    def description(self) -> CameraDescription:
        """
        See ``Camera.description``.

        """
        lowered = self._pace.is_lowered
        fps = 1 / self._pace.period
        notes = [f"{name.upper()} {why}" for name, why in self._refused.items()]
        if self._frames_folder is not None and (self._look.hflip or self._look.vflip):
            notes.append("files are not mirrored")
        if lowered:
            notes.insert(0, f"this machine cannot draw {self._target:g} of these a second")
        return CameraDescription(
            model="mock",
            camera_id="mock",
            encoder="files" if self._frames_folder else "Pillow",
            resolution=self._resolution,
            fps=round(fps, 1) if lowered else self._target,
            is_idling=self._target < self._fps,
            hflip=self._look.hflip and self._frames_folder is None,
            vflip=self._look.vflip and self._frames_folder is None,
            note="; ".join(notes) or None,
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
            source = self._card = TestCard(self._resolution, self._jpeg_quality)
        accepted, self._refused = usable(self._wishes, self._there)
        self._show(accepted)
        self._thread = threading.Thread(
            target=self._run, args=(source, deliver), name="mock camera", daemon=True
        )
        self._thread.start()

    def read_controls(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        return [
            ControlState(control=control, default=DEFAULTS[name], value=self._look.values.get(name))
            for name, control in self._there.items()
        ]

    def set_controls(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        See ``Camera.set_controls``.

        """
        accepted = checked(values, self._there)
        self._show(accepted)
        return accepted

    def set_fps(self, fps: float) -> None:
        """
        See ``Camera.set_fps``.

        """
        self._target = min(fps or self._fps, self._fps)
        self._wake()

    def close(self) -> None:
        """
        See ``Camera.close``.

        """
        self._closing = True
        self._wake()
        if self._thread is not None:
            self._thread.join()

    @property
    def _there(self) -> Mapping[str, Control]:
        return {} if self._card is None else {name: CONTROLS[name] for name in DEFAULTS}

    def _show(self, values: Mapping[str, ControlValue]) -> None:
        self._look = evolve(self._look, values={**self._look.values, **values})
        if self._card is not None:
            self._card.look = self._look

    def _wake(self) -> None:
        if self._nap.locked():
            self._nap.release()

    def _run(self, source: PictureSource, deliver: Callable[[bytes], None]) -> None:
        number, pause = 0, 0.0
        try:
            while True:
                self._nap.acquire(timeout=pause)
                if self._closing:
                    return
                self._pace.aim_at(self._target)
                number += 1
                begun = self._seconds()
                deliver(source.next_picture(number))
                pause = self._pace.frame_made(begun, self._seconds())
        except Exception:
            # failuresHandled would tell the number that it was given at the start.
            self._log.failure("while drawing picture {number}", number=number)
