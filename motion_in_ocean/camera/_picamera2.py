"""
The camera of a Raspberry Pi, by way of Picamera2.

"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from attrs import define, evolve, field
from twisted.logger import Logger

from motion_in_ocean.camera._controls import ControlState
from motion_in_ocean.camera._hardware import bitrate
from motion_in_ocean.camera._interface import CameraDescription, SensorMode
from motion_in_ocean.camera._picamera2_controls import Picamera2Controls
from motion_in_ocean.camera._picamera2_faults import told, why_not_opened
from motion_in_ocean.camera._picamera2_library import Library, construct, find_camera, load
from motion_in_ocean.camera._sink import FrameSink
from motion_in_ocean.controls import ControlValue
from motion_in_ocean.errors import CameraUnavailable

SOFTWARE, HARDWARE = "JpegEncoder (software)", "MJPEGEncoder (hardware)"

OWN_DURATIONS = (33_333, 33_333)
"""Microseconds between two frames where no rate is set: Picamera2's own choice for videos."""

FRAMES_UNTIL_CONTROLS_ACT = 9
"""Six requests are on their way to the sensor, which takes up to three frames to follow."""

WAKE_SECONDS = 0.7
RESTART_SECONDS = 3.0


@define(eq=False, kw_only=True)
class Picamera2Camera:
    """
    A camera that libcamera finds, as JPEG.

    See ``Camera`` for the promises.

    """

    _log = Logger()

    resolution: tuple[int, int]
    """The width and height wished for, in pixels."""

    fps: float
    """The frame rate wished for; 0 is the camera's own choice."""

    jpeg_quality: int
    """From 1 to 100."""

    camera_index: int = 0
    """Which camera, where there are several."""

    camera_id: str | None = None
    """Which camera, by libcamera's name of it; wins over the index."""

    rotation: int = 0
    """0 or 180 degrees."""

    hflip: bool = False
    """Whether to swap left and right, besides the rotation."""

    vflip: bool = False
    """The same for top and bottom."""

    use_hardware: bool = False
    """Whether to let the hardware make the JPEGs, where it can."""

    controls: Mapping[str, ControlValue] = field(factory=dict)
    """What to start with, by the names of ``motion_in_ocean.controls``."""

    load: Callable[[], Library] = load
    """Imports Picamera2."""

    description: CameraDescription = field(init=False)
    """The camera as it runs now; until it does, as it is wished for."""

    _picam2: Any = field(init=False, default=None)
    _sink: FrameSink = field(init=False, factory=lambda: FrameSink(None))
    _controls: Picamera2Controls = field(init=False)

    @description.default
    def _wish(self) -> CameraDescription:
        return CameraDescription(
            model="unknown", encoder=SOFTWARE, resolution=self.resolution, fps=self.fps or None
        )

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        library = self._import()
        index, found = find_camera(library.camera, self.camera_index, self.camera_id)
        try:
            self._picam2 = construct(library.camera, index)
        except Exception as error:
            raise CameraUnavailable(why_not_opened(error)) from error
        self._sink = FrameSink(deliver)
        try:
            self._record(library, found)
        except BaseException as error:
            self._close_after(error)
            if not isinstance(error, Exception):
                raise
            raise CameraUnavailable(why_not_opened(error)) from error

    def read_controls(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        return self._controls.read()

    def set_controls(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        See ``Camera.set_controls``.

        """
        return self._controls.set_all(values)

    def set_fps(self, fps: float) -> None:
        """
        See ``Camera.set_fps``.

        """
        usual = self._possible_fps(self.fps)
        target = min(self._possible_fps(fps), usual or _fps(OWN_DURATIONS)) if fps else usual
        now = self.description.fps or _fps(OWN_DURATIONS)
        if "FrameDurationLimits" in self._picam2.camera_controls:
            rate = {"FrameRate": target} if target else {"FrameDurationLimits": OWN_DURATIONS}
            if not fps and FRAMES_UNTIL_CONTROLS_ACT / now > WAKE_SECONDS:
                self._restart_sensor(rate)
            else:
                self._picam2.set_controls(rate)
        self.description = evolve(self.description, fps=target or None, is_idling=bool(fps))

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
        # Each step is taken, whatever comes of the one before.
        with ExitStack() as steps:
            steps.callback(picam2.close)
            steps.callback(picam2.stop_encoder)
            # Lets go whoever still waits for a picture.
            picam2.cancel_all_and_flush()

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

    def _record(self, library: Library, found: Mapping[str, Any]) -> None:
        self._configure(library)
        self._controls = Picamera2Controls(self._picam2)
        problems = self._controls.set_usable(self.controls)
        encoder, trouble = self._start_encoder(library)
        refused = [f"{name.upper()} {why}" for name, why in problems.items()]
        notes = [*self._adjustments(), *refused, *trouble]
        self.description = self._describe(found, encoder, notes)
        if notes:
            self._log.warn(
                "The camera is not all that was asked for: {note}", note=self.description.note
            )
        self._picam2.start()

    def _configure(self, library: Library) -> None:
        width, height = (max(side - side % 2, 2) for side in self.resolution)
        is_paced = "FrameDurationLimits" in self._picam2.camera_controls
        configuration = self._picam2.create_video_configuration(
            main={"size": (width, height), "format": "BGR888"},
            transform=library.transform(hflip=self._flips[0], vflip=self._flips[1]),
            controls={"FrameRate": self.fps} if self.fps and is_paced else {},
        )
        self._picam2.align_configuration(configuration)
        if 0 in configuration["main"]["size"]:
            # Narrower than what the hardware likes to deal with. It still can.
            configuration["main"]["size"] = (width, height)
        self._picam2.configure(configuration)

    @property
    def _flips(self) -> tuple[bool, bool]:
        # Half a turn is both at once.
        is_turned = self.rotation == 180
        return self.hflip != is_turned, self.vflip != is_turned

    def _start_encoder(self, library: Library) -> tuple[str, list[str]]:
        """
        :returns: Which one it is, and why it is not the one wished for.
        """
        trouble = []
        if self.use_hardware and library.hardware_encoder is None:
            trouble.append("this machine has no hardware JPEG encoder")
        elif self.use_hardware:
            size = self._picam2.camera_configuration()["main"]["size"]
            encoder = library.hardware_encoder(bitrate=bitrate(self.jpeg_quality, size))
            try:
                self._picam2.start_encoder(encoder, library.output(self._sink))
            except Exception as error:
                trouble.append(f"the hardware JPEG encoder does not start: {told(error)}")
            else:
                return HARDWARE, []
        # A new encoder each time: one that has failed, or has seen another format, is spoilt.
        encoder = library.encoder(q=self.jpeg_quality)
        self._picam2.start_encoder(encoder, library.output(self._sink))
        return SOFTWARE, trouble

    def _adjustments(self) -> list[str]:
        """
        :returns: What has become of the wishes; libcamera adjusts them without complaint.
        """
        notes = []
        configuration = self._picam2.camera_configuration()
        if tuple(configuration["main"]["size"]) != self.resolution:
            notes.append("the camera does not offer {}x{}".format(*self.resolution))
        if self._possible_fps(self.fps) != self.fps:
            notes.append(f"the camera does not offer {self.fps:g} fps")
        if self._flips_of(configuration) != self._flips:
            notes.append("the camera cannot flip pictures that way")
        return notes

    def _describe(
        self, found: Mapping[str, Any], encoder: str, notes: Sequence[str]
    ) -> CameraDescription:
        configuration = self._picam2.camera_configuration()
        width, height = configuration["main"]["size"]
        hflip, vflip = self._flips_of(configuration)
        # ``sensor_modes`` would tell more, but configures the camera once for each of them.
        modes = getattr(self._picam2, "_raw_modes", ())
        return CameraDescription(
            model=str(found.get("Model", "unknown")),
            camera_id=str(found["Id"]),
            encoder=encoder,
            resolution=(width, height),
            fps=self._possible_fps(self.fps) or None,
            hflip=hflip,
            vflip=vflip,
            sensor_modes=tuple(SensorMode(str(m["format"]), tuple(m["size"])) for m in modes),
            note="; ".join(notes) or None,
        )

    def _flips_of(self, configuration: Mapping[str, Any]) -> tuple[bool, bool]:
        transform = configuration["transform"]
        return bool(transform.hflip), bool(transform.vflip)

    def _possible_fps(self, fps: float) -> float:
        """
        :returns: A frame rate, brought within what the camera can do.
        """
        advertised = self._picam2.camera_controls
        if "FrameDurationLimits" not in advertised:
            return 0.0
        shortest, longest, _ = advertised["FrameDurationLimits"]
        if not fps or shortest <= 0 or longest < shortest:
            return fps
        microseconds = int(1_000_000 / fps)  # rounded as Picamera2 does
        if shortest <= microseconds <= longest:
            return fps
        return float(round(1_000_000 / min(max(shortest, microseconds), longest), 2))

    def _restart_sensor(self, rate: Mapping[str, Any]) -> None:
        """
        Change the rate now, and not when all requests have been filled at the old one.

        """
        picam2 = self._picam2

        def restart() -> tuple[bool, None]:
            picam2.stop_()
            picam2.set_controls({**self._controls.for_restart(), **rate})
            picam2.start_()
            return True, None

        try:
            picam2.dispatch_functions([restart], wait=RESTART_SECONDS, immediate=True)
        except Exception as error:
            raise CameraUnavailable(f"the camera does not wake up: {told(error)}") from error

    def _close_after(self, error: BaseException) -> None:
        """
        Close what was opened on the way to an error, which is more telling than what follows it.

        """
        try:
            self.close()
        except Exception as another:
            self._log.warn(
                "Camera could not be closed after {error}: {another}",
                error=told(error),
                another=told(another),
            )


def _fps(durations: tuple[int, int]) -> float:
    return 1_000_000 / durations[0]
