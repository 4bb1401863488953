"""
What a camera is to the rest of the house.

"""

from collections.abc import Callable
from typing import Protocol

from attrs import frozen


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


class Camera(Protocol):
    """
    One life of one camera: opened once, closed once, then thrown away.

    ``open`` and ``close`` may block and are called in a worker thread, never at the same time.
    Opening again takes a new instance.

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

    def close(self) -> None:
        """
        Stop capturing and let go of the camera; ``deliver`` is not called after this returns.

        Does nothing to a camera that was not opened.

        """
        ...


CameraFactory = Callable[[], Camera]
"""Makes a camera that has not been opened; cheap, does not block, does not raise."""
