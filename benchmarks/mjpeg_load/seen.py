"""
What viewers have seen.

"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import fields, frozen


@frozen
class Quantiles:
    """
    Of how many figures, and how they are distributed; -1 where there are none.

    """

    n: int = 0
    mean: float = -1
    p50: float = -1
    p90: float = -1
    p99: float = -1
    max: float = -1

    @classmethod
    def of(cls, figures: Collection[float]) -> "Quantiles":
        if not figures:
            return cls()
        rising = sorted(figures)
        last = len(rising) - 1
        p50, p90, p99 = (rising[int(share * last + 0.5)] for share in (0.5, 0.9, 0.99))
        return cls(len(rising), sum(rising) / len(rising), p50, p90, p99, rising[-1])


@frozen(kw_only=True)
class Seen:
    """
    What an engine says, of the time that was measured if nothing else is said.

    """

    window_s: float
    """How long that was."""

    clients: int = 0
    connected: int = 0
    """So many have ever had a picture."""

    dead: int = 0
    """So many have lost their connection, or did not understand what came."""

    starved: int = 0
    """So many were ready to read and had no picture."""

    frames: int = 0
    """Pictures that have come whole."""

    payload_bytes: int = 0
    """Theirs."""

    bad: int = 0
    """Pictures that do not begin and end as a JPEG does, of those who read every byte, ever."""

    hashes: Sequence[str] = ()
    """Of the others, FNV-1a."""

    chunked: bool = False
    has_content_length: bool = False
    """Both of what the first viewer got."""

    load_cpu_s: float = 0.0
    """CPU that the load generator took itself."""

    fps: Quantiles = Quantiles()
    """Of each viewer who reads."""

    gap_s: Quantiles = Quantiles()
    """From one picture's last byte to the next one's."""

    latency_s: Quantiles = Quantiles()
    """From ``X-Timestamp`` to the last byte."""

    throttled_fps: Quantiles = Quantiles()
    throttled_latency_s: Quantiles = Quantiles()

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Seen":
        """
        :param said: What the engine in C says, which is more.
        """
        names = {each.name for each in fields(cls)}
        values: dict[str, Any] = {
            name: Quantiles(**value) if isinstance(value, dict) else value
            for name, value in said.items()
            if name in names
        }
        for name in ("chunked", "has_content_length"):
            values[name] = bool(values[name])
        return cls(**values)
