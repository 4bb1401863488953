"""
What is counted of viewers.

"""

from collections.abc import Iterable

from attrs import define, fields


@define
class ViewerCounts:
    """
    What one viewer got, or several together.

    """

    sent: int = 0
    """Parts that were handed to the network, repeats aside."""

    repeated: int = 0
    """Parts that were sent once more."""

    skipped_slow: int = 0
    """Parts that a viewer was due, but too slow for."""

    skipped_rate: int = 0
    """Parts that a viewer did not want because of its ``fps``."""

    bytes_sent: int = 0
    """Bytes of parts that were handed to the network."""

    @classmethod
    def total(cls, counts: Iterable["ViewerCounts"]) -> "ViewerCounts":
        """
        :returns: The sum of each count.
        """
        everyone = list(counts)
        names = [field.name for field in fields(cls)]
        return cls(*(sum(getattr(each, name) for each in everyone) for name in names))
