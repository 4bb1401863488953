"""
A frame rate that the machine can keep.

"""

from attrs import define, field

MAX_LOAD = 0.5
"""The share of the time between two frames that making one may take."""
SMOOTHING = 0.1
MAX_PERIOD = 3600.0


@define(eq=False)
class Pace:
    """
    When the next frame is due, given how long the last ones took to make.

    """

    wanted_fps: float
    """Frames a second, above 0."""

    _cost: float = field(init=False, default=0.0)
    _due: float | None = field(init=False, default=None)

    @property
    def period(self) -> float:
        """
        Seconds from one frame to the next.

        """
        return min(max(1 / self.wanted_fps, self._cost / MAX_LOAD), MAX_PERIOD)

    @property
    def is_lowered(self) -> bool:
        """
        Whether the wanted rate is too much for this machine.

        """
        return self._cost / MAX_LOAD > 1 / self.wanted_fps

    def aim_at(self, fps: float) -> None:
        """
        Change the rate; the next frame is due at once.

        """
        if fps != self.wanted_fps:
            self.wanted_fps, self._due = fps, None

    def frame_made(self, begun: float, ended: float) -> float:
        """
        Note how long a frame took.

        :param begun: Monotonic seconds when making it began.
        :param ended: And when it was done.
        :returns: How many seconds from ``ended`` the next one is due; at least 0.
        """
        spent = ended - begun
        # From nothing upwards: the first frame of all takes far longer than the others.
        self._cost += SMOOTHING * (spent - self._cost)
        # On a schedule, so that the rate is exact; but what was missed is not made up for.
        due = (begun if self._due is None else self._due) + self.period
        self._due = max(due, ended)
        return self._due - ended
