"""
The camera of a Raspberry Pi, by way of Picamera2.

Picamera2 belongs to the machine rather than to this package: it must match the system's libcamera,
and a computer without a camera does not have it. So it is imported when a camera is opened, and
only here.

"""

import errno
import io
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from attrs import define, field, frozen
from twisted.logger import Logger

from motion_in_ocean.camera._interface import CameraDescription
from motion_in_ocean.errors import CameraUnavailable

_ENCODER = "JpegEncoder (software)"


@frozen
class Library:
    """
    What is used of Picamera2, which has no type annotations worth checking against.

    """

    camera: Any
    """``picamera2.Picamera2``."""

    encoder: Any
    """``picamera2.encoders.JpegEncoder``: unlike ``MJPEGEncoder`` it runs on every Pi."""

    output: Any
    """``picamera2.outputs.FileOutput``."""


def _load() -> Library:
    from picamera2 import Picamera2  # noqa: PLC0415
    from picamera2.encoders import JpegEncoder  # noqa: PLC0415
    from picamera2.outputs import FileOutput  # noqa: PLC0415

    logging.getLogger("picamera2.picamera2").addFilter(_is_news)
    return Library(camera=Picamera2, encoder=JpegEncoder, output=FileOutput)


def _is_news(record: logging.LogRecord) -> bool:
    """
    :returns: Whether the exception does not tell the same; one is logged at each failed attempt.
    """
    return record.getMessage() != "Camera __init__ sequence did not complete."


class _FrameSink(io.BufferedIOBase):
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
        Deliver one frame; called in the encoder's output thread.

        ``JpegEncoder`` passes ``bytes`` that nobody else holds, so they are not copied. An
        exception would end the encoder's thread without a word, and with it the stream.

        """
        with self._lock:
            if self._deliver is not None:
                with self._log.failuresHandled("while delivering a frame"):
                    self._deliver(jpeg)
        return len(jpeg)

    def shut(self) -> None:
        """
        Deliver nothing from now on, not even what the encoder still has in the works.

        """
        with self._lock:
            self._deliver = None


@define(eq=False, kw_only=True)
class Picamera2Camera:
    """
    The first camera that libcamera finds, as JPEG.

    See ``Camera`` for the promises.

    """

    _log = Logger()

    resolution: tuple[int, int]
    """The width and height wished for, in pixels."""

    fps: float
    """The frame rate wished for; 0 is the camera's own choice."""

    jpeg_quality: int
    """From 1 to 100."""

    load: Callable[[], Library] = _load
    """Imports Picamera2."""

    description: CameraDescription = field(init=False)
    """The camera as it runs now; until it does, as it is wished for."""

    _picam2: Any = field(init=False, default=None)
    _sink: _FrameSink = field(init=False, factory=lambda: _FrameSink(None))

    @description.default
    def _wish(self) -> CameraDescription:
        return CameraDescription(
            model="unknown", encoder=_ENCODER, resolution=self.resolution, fps=self.fps or None
        )

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        library = self._import()
        model = _first_model(library.camera)
        try:
            self._picam2 = _construct(library.camera)
        except Exception as error:
            raise CameraUnavailable(_why_not_opened(error)) from error
        self._sink = _FrameSink(deliver)
        try:
            self._record(library, model)
        except BaseException as error:
            self._close_after(error)
            if not isinstance(error, Exception):
                raise
            raise CameraUnavailable(_why_not_opened(error)) from error

    def close(self) -> None:
        """
        See ``Camera.close``.

        """
        # First of all, so that the promise is kept even if the rest fails or takes its time.
        self._sink.shut()
        picam2, self._picam2 = self._picam2, None
        if picam2 is None:
            return
        # Not ``stop_recording``: it asks Picamera2's event loop to stop the camera, and waits for
        # ever if that has died. ``close`` ends the loop and then stops the camera itself, but
        # leaves the encoders alone. They go first, while the buffers that they read still exist.
        try:
            picam2.stop_encoder()
        finally:
            picam2.close()

    def _import(self) -> Library:
        try:
            return self.load()
        except Exception as error:
            # Whatever: besides being absent, the library runs into mismatched binary wheels,
            # missing shared objects and machines that it does not know.
            raise CameraUnavailable(
                f"Picamera2 cannot be imported ({type(error).__name__}: {error}): on Raspberry Pi"
                " OS install it with `apt install python3-picamera2` for the system's own Python,"
                " or set MOCK_CAMERA=true to run without a camera"
            ) from error

    def _record(self, library: Library, model: str) -> None:
        picam2 = self._picam2
        configuration = picam2.create_video_configuration(
            main={"size": self.resolution, "format": "BGR888"},
            controls={"FrameRate": self.fps} if self.fps else {},
        )
        picam2.configure(configuration)
        self.description = self._describe(model)
        # A new encoder each time: one that has failed, or has seen another format, is spoilt.
        encoder = library.encoder(q=self.jpeg_quality)
        picam2.start_recording(encoder, library.output(self._sink))

    def _describe(self, model: str) -> CameraDescription:
        """
        Say what has become of the wishes; libcamera adjusts them without complaint.

        """
        notes = []
        width, height = self._picam2.camera_configuration()["main"]["size"]
        if (width, height) != self.resolution:
            notes.append("the camera does not offer {}x{}".format(*self.resolution))
        fps = self._possible_fps()
        if fps != self.fps:
            notes.append(f"the camera does not offer {self.fps:g} fps")
        return CameraDescription(
            model=model,
            encoder=_ENCODER,
            resolution=(width, height),
            fps=fps or None,
            note="; ".join(notes) or None,
        )

    def _possible_fps(self) -> float:
        """
        :returns: The wish for a frame rate, brought within what the camera can do.
        """
        shortest, longest, _ = self._picam2.camera_controls.get("FrameDurationLimits", (0, 0, 0))
        if not self.fps or shortest <= 0 or longest < shortest:
            return self.fps
        microseconds = int(1_000_000 / self.fps)  # rounded as Picamera2 does
        if shortest <= microseconds <= longest:
            return self.fps
        return float(round(1_000_000 / min(max(shortest, microseconds), longest), 2))

    def _close_after(self, error: BaseException) -> None:
        """
        Close what was opened on the way to an error, which is more telling than what follows it.

        """
        try:
            self.close()
        except Exception as another:
            self._log.warn(
                "Camera could not be closed after {error}: {another}",
                error=_told(error),
                another=_told(another),
            )


def _first_model(picamera2: Any) -> str:
    """
    Look for a camera before opening one: it is the cheaper way to find that there is none.

    :raises CameraUnavailable: If there is none.
    """
    try:
        cameras = picamera2.global_camera_info()
    except Exception as error:
        raise CameraUnavailable(f"libcamera cannot look for cameras: {_told(error)}") from error
    if not cameras:
        # libcamera looks once and then waits for udev's word, which a container never hears.
        with suppress(AttributeError):
            picamera2._cm.reset()
        raise CameraUnavailable(
            "no camera found: check the cable and `rpicam-hello --list-cameras`; in a container"
            " also the mappings of the devices /dev/media*, /dev/video*, /dev/v4l-subdev* and"
            " /dev/dma_heap, and the mount of /run/udev"
        )
    return str(cameras[0].get("Model", "unknown"))


def _construct(picamera2: Any) -> Any:
    """
    :returns: A new ``Picamera2`` for the first camera.
    """
    picam2 = picamera2.__new__(picamera2)
    try:
        picam2.__init__()
    except BaseException:
        # It leaves a pipe behind, and a camera that stays busy over night is tried so often that
        # the process would run out of descriptors; or even the camera, if it got that far.
        with suppress(Exception):
            picam2.notifymeread.close()
            os.close(picam2.notifyme_w)
            if picam2.is_open:
                picam2.camera.release()
        raise
    return picam2


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _told(error: BaseException) -> str:
    """
    :returns: The error with its causes; Picamera2's own words alone say little.
    """
    return ": ".join(str(each).rstrip(".") or type(each).__name__ for each in _chain(error))


def _why_not_opened(error: BaseException) -> str:
    for each in _chain(error):
        if getattr(each, "errno", None) == errno.EBUSY or os.strerror(errno.EBUSY) in str(each):
            return (
                "another program has the camera: stop it first; `sudo fuser -v /dev/media*"
                " /dev/video*` names it"
            )
    if any(isinstance(each, IndexError) for each in _chain(error)):
        # How Picamera2 put it before it found words for it.
        return "no camera found: it has gone between looking for it and opening it"
    return f"the camera could not be opened: {_told(error)}"
