"""
How fast frames come.

"""

from collections import deque

from attrs import define, field

WINDOW_SECONDS = 5.0
"""Long enough to be steady, short enough to show a change while one looks at it."""


@define(eq=False)
class FrameRate:
    """
    Frames a second over the last few seconds, counting frames that only the camera saw.

    """

    _samples: deque[tuple[float, int]] = field(init=False, factory=deque)

    def sample(self, now: float, number: int) -> None:
        """
        Note that frame ``number`` was captured at ``now``, in monotonic seconds.

        """
        self._samples.append((now, number))
        # Two are kept however old they are, so that a rate below one in the window has a value.
        while len(self._samples) > 2 and self._first_is_outdated(now):
            self._samples.popleft()

    def _first_is_outdated(self, now: float) -> bool:
        (first_time, _), (second_time, _) = self._samples[0], self._samples[1]
        # After an outage the rate is that of the frames that came since.
        return second_time < now - WINDOW_SECONDS or second_time > first_time + WINDOW_SECONDS

    def at(self, now: float) -> float:
        """
        :returns: The rate at ``now``; 0.0 before the second frame. It falls when frames are
            overdue.
        """
        if len(self._samples) < 2:
            return 0.0
        (first_time, first_number), (last_time, last_number) = self._samples[0], self._samples[-1]
        frames, spread = last_number - first_number, last_time - first_time
        if spread <= 0:
            return 0.0
        overdue = now - last_time - spread / frames
        return frames / (spread + max(0.0, overdue))
