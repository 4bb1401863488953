"""
One picture.

"""

from attrs import field, frozen


@frozen(kw_only=True)
class Frame:
    """
    One picture as the camera gave it, and when.

    """

    jpeg: bytes = field(repr=lambda jpeg: f"<{len(jpeg)} bytes>")

    number: int
    """Counts every frame that was captured since the start, from 1; a gap is a lost frame."""

    captured_at: float
    """Monotonic seconds: for ages and rates."""

    timestamp: float
    """Seconds since the epoch: for people and for ``X-Timestamp``."""
