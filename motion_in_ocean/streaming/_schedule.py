"""
Which frames a viewer gets who asked for fewer.

"""

from attrs import define, field

TOLERANCE = 0.25
"""How early a frame may be taken, as a share of the interval; cameras are not punctual."""


@define(eq=False)
class FrameSchedule:
    """
    Choose frames by the times at which they are due.

    Going by the time since the last frame instead, 24 of 30 frames would become 15.

    """

    interval: float
    """Seconds from one frame to the next; 0 takes every frame."""

    _due: float = field(init=False, default=float("-inf"))

    def take(self, now: float) -> bool:
        """
        Decide about a frame that is there at ``now``, in monotonic seconds.

        :returns: Whether it is to be sent.
        """
        if now < self._due - self.interval * TOLERANCE:
            return False
        # After a gap the schedule starts anew: what was missed is not made up for.
        due = self._due if now - self._due < self.interval else now
        self._due = due + self.interval
        return True
