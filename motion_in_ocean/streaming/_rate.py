"""
How fast one viewer gets frames.

"""

from collections import deque

from attrs import define, field

SAMPLES = 5
"""Taken each second: long enough to be steady, short enough to show a change."""

SHORTEST_SECONDS = 1.0
"""The first frame would make an enormous rate of the first millisecond."""


@define(eq=False)
class SentRate:
    """
    Frames a second over the last few seconds, from a count that is looked at now and then.

    To count costs the way of a frame nothing more than the count itself.

    """

    _since: float
    """When the count was 0, in monotonic seconds."""

    _samples: deque[tuple[float, int]] = field(init=False)

    @_samples.default
    def _first_sample(self) -> deque[tuple[float, int]]:
        return deque([(self._since, 0)], maxlen=SAMPLES)

    def sample(self, now: float, sent: int) -> None:
        """
        Note that the count is ``sent`` at ``now``.

        """
        self._samples.append((now, sent))

    def at(self, now: float, sent: int) -> float:
        """
        :returns: The rate up to ``now``, when the count is ``sent``.
        """
        since, before = self._samples[0]
        return (sent - before) / max(now - since, SHORTEST_SECONDS)
