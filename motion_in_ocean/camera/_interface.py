"""
What a camera is to the rest of the house.

"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import define, frozen

from motion_in_ocean.camera._controls import ControlState
from motion_in_ocean.controls import ControlValue


@frozen
class SensorMode:
    """
    One way in which the sensor can be read out.

    """

    format: str
    """libcamera's name of the pixel format."""

    size: tuple[int, int]
    """Width and height in pixels."""


@frozen(kw_only=True)
class CameraDescription:
    """
    A camera as it runs now, which may differ from what the settings wish for.

    """

    model: str
    """What kind of camera delivers the frames, such as ``imx708`` or ``mock``."""

    encoder: str
    """What turns its pictures into JPEG."""

    resolution: tuple[int, int]
    """Width and height of the frames in pixels."""

    fps: float | None
    """The rate that the camera now aims at, in frames a second; ``None`` is its own choice."""

    note: str | None = None
    """Why it differs from what was asked for, for a person; ``None`` where it does not."""

    camera_id: str | None = None
    """Its name among the cameras of this machine, as ``CAMERA_ID`` takes it."""

    is_idling: bool = False
    """Whether it is slower than usual because nobody watches: ``set_fps``."""

    hflip: bool = False
    """Whether left and right are swapped, a rotation included."""

    vflip: bool = False
    """The same for top and bottom."""

    sensor_modes: tuple[SensorMode, ...] = ()
    """How the sensor can be read out, where that is known."""


class Camera(Protocol):
    """
    One life of one camera: opened once, closed once, then thrown away.

    All methods may block. They are called in a worker thread, one at a time, and those between
    ``open`` and ``close`` only while it is open. Opening again takes a new instance.

    """

    @property
    def description(self) -> CameraDescription:
        """
        The camera as it runs now. May be read in any thread once ``open`` has returned.

        """
        ...

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        Start to capture; return when the camera is recording.

        :param deliver: Called with each JPEG as soon as it is encoded, in a thread of the
            camera's own. It returns at once, never raises, and keeps the ``bytes``.
        :raises CameraUnavailable: If the camera cannot be opened. What was opened on the way is
            closed again.
        """
        ...

    def read_controls(self) -> Sequence[ControlState]:
        """
        :returns: The controls that this camera has, and how they are now; takes a second at most.
        """
        ...

    def set_controls(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        Set all of them, or none if any is wrong. They act some frames later.

        :param values: By the names of ``motion_in_ocean.controls``.
        :returns: What has been set.
        :raises ControlsRefused: If the camera lacks one of them, or does not take its value.
        """
        ...

    def set_fps(self, fps: float) -> None:
        """
        Slow down while nobody watches, or go back to the usual rate.

        The usual rate is there within a second, however slow the camera was.

        :param fps: Frames a second; brought within what the camera can do, and never above the
            usual rate. 0 is the usual rate.
        :raises CameraUnavailable: If the camera does not go on; it has to be opened anew.
        """
        ...

    def close(self) -> None:
        """
        Stop capturing and let go of the camera; ``deliver`` is not called after this returns.

        Does nothing to a camera that was not opened.

        """
        ...


CameraFactory = Callable[[], Camera]
"""Makes a camera that has not been opened; cheap, does not block, does not raise."""


@define(eq=False)
class RememberedControls:
    """
    What the controls are set to, from one camera to the next as it is opened anew.

    """

    values: Mapping[str, ControlValue]
    """By name; replaced as a whole, in any thread."""

    def set_on(self, camera: Camera, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        Set controls, and remember them; see ``Camera.set_controls``.

        """
        applied = camera.set_controls(values)
        self.values = {**self.values, **applied}
        return applied
