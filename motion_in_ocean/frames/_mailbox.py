"""
The way from the camera's thread to the reactor thread.

"""

import threading
from collections.abc import Callable

from attrs import define, field

from motion_in_ocean.frames._frame import Frame


@define(eq=False)
class FrameMailbox:
    """
    One slot for the newest frame; the only lock that the camera's thread shares with the reactor.

    A busy reactor costs frames, never memory: whatever the camera does, at most one frame and
    one call wait for the reactor.

    """

    call_from_thread: Callable[[Callable[[], None]], object]
    """Runs a callable in the reactor thread, soon: ``IReactorFromThreads.callFromThread``."""

    publish: Callable[[Frame], None]
    """Takes each frame, in the reactor thread."""

    seconds: Callable[[], float]
    """The monotonic clock, safe to read in any thread."""

    wall_time: Callable[[], float]
    """Seconds since the epoch, safe to read in any thread."""

    _lock: threading.Lock = field(init=False, factory=threading.Lock)
    _waiting: Frame | None = field(init=False, default=None)
    _captured: int = field(init=False, default=0)

    def put(self, jpeg: bytes) -> None:
        """
        Leave the newest picture, replacing one that was not fetched yet. For the camera's thread.

        :param jpeg: A whole JPEG file; kept, not copied.
        """
        captured_at, timestamp = self.seconds(), self.wall_time()
        with self._lock:
            self._captured += 1
            call_is_pending = self._waiting is not None
            self._waiting = Frame(
                jpeg=jpeg, number=self._captured, captured_at=captured_at, timestamp=timestamp
            )
        if not call_is_pending:
            self.call_from_thread(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            frame, self._waiting = self._waiting, None
        if frame is not None:
            self.publish(frame)
