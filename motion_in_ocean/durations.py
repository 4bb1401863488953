"""
How long things take, counted cheaply.

"""

from bisect import bisect_left

from attrs import define, field

BOUNDS = (
    *(0.0001, 0.00025, 0.0005),
    *(0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0),
)
"""Seconds: from one viewer's share of a frame to a daemon that stands still."""


@define(eq=False)
class Durations:
    """
    A histogram of durations. Use in one thread only.

    """

    total: float = field(init=False, default=0.0)
    """The sum of all of them, in seconds."""

    _counts: list[int] = field(init=False, factory=lambda: [0] * (len(BOUNDS) + 1))

    def observe(self, seconds: float) -> None:
        """
        Count one; costs less than a microsecond.

        """
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[float, int]]:
        """
        :returns: For each bound in ascending order how many did not exceed it; the last bound is
            infinity.
        """
        counted, result = 0, []
        for bound, count in zip((*BOUNDS, float("inf")), self._counts, strict=True):
            counted += count
            result.append((bound, counted))
        return result
