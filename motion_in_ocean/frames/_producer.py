"""
The newest frame, and all who want it.

"""

from collections.abc import Callable

from attrs import define, field
from twisted.logger import Logger

from motion_in_ocean.frames._frame import Frame
from motion_in_ocean.frames._rate import FrameRate

Subscriber = Callable[[Frame], None]
"""Takes each new frame in the reactor thread; quick, and must not raise."""


@define(eq=False)
class FrameProducer:
    """
    Hold the newest frame and pass each new one to every subscriber.

    Use in the reactor thread only.

    """

    seconds: Callable[[], float]
    """The monotonic clock that ``Frame.captured_at`` was read from."""

    _newest: Frame | None = field(init=False, default=None)
    _published: int = field(init=False, default=0)
    _rate: FrameRate = field(init=False, factory=FrameRate)
    _subscribers: list[Subscriber] = field(init=False, factory=list)
    _log = Logger()

    @property
    def newest(self) -> Frame | None:
        """
        The newest frame; ``None`` before the first.

        """
        return self._newest

    @property
    def frames_captured(self) -> int:
        """
        How many frames the camera gave since the start, with those that nobody had time for.

        """
        return self._newest.number if self._newest else 0

    @property
    def frames_missed(self) -> int:
        """
        How many of these were replaced by a newer one before the reactor had time for them.

        """
        return self.frames_captured - self._published

    @property
    def frame_age(self) -> float | None:
        """
        Seconds since the newest frame was captured; ``None`` before the first.

        """
        return self.seconds() - self._newest.captured_at if self._newest else None

    @property
    def current_fps(self) -> float:
        """
        Frames a second over the last few seconds; falls towards zero when frames stop.

        """
        return self._rate.at(self.seconds())

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """
        Pass every frame from now on to ``subscriber``.

        :returns: Ends the subscription; may be called while a frame is being passed on, and twice.
        """
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def publish(self, frame: Frame) -> None:
        """
        Make ``frame`` the newest one and pass it on.

        """
        self._newest = frame
        self._published += 1
        self._rate.sample(frame.captured_at, frame.number)
        for subscriber in tuple(self._subscribers):
            # One subscriber's bug must not cost the others their picture. Not with
            # failuresHandled, which is a good part of what a frame costs.
            try:
                subscriber(frame)
            except Exception:
                self._log.failure("while passing on {frame}", frame=frame)
