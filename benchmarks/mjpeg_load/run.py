"""
Have an audience watch, and see what it costs.

"""

import time
from collections.abc import Callable, Mapping

from attrs import frozen

from benchmarks.mjpeg_load import c_engine, python_engine
from benchmarks.mjpeg_load.audience import Audience, Target
from benchmarks.mjpeg_load.pictures import hashes
from benchmarks.mjpeg_load.sampler import Sample
from benchmarks.mjpeg_load.seen import Seen

Engine = Callable[[Target, Audience, Callable[[], object], Callable[[], object]], Seen]

ENGINES: Mapping[str, Engine] = {"c": c_engine.watch, "py": python_engine.watch}


@frozen
class Cost:
    """
    What the server took while the figures were taken.

    """

    cpu_seconds: float
    seconds: float
    rss_bytes: int
    """At the end."""

    @property
    def cpu_percent(self) -> float:
        """
        Of one core.

        """
        return 100 * self.cpu_seconds / self.seconds


@frozen
class Run:
    """
    What was seen, and what it cost.

    """

    seen: Seen
    cost: Cost | None
    """If the process was known."""

    known: int | None
    """So many of the pictures that were verified are those that were to be shown, if it is known
    which."""


def run(
    target: Target,
    audience: Audience,
    engine: str | None = None,
    started: Callable[[], object] = lambda: None,
    stopped: Callable[[], object] = lambda: None,
) -> Run:
    """
    :param engine: One of ``ENGINES``; the one in C, if that can be had.
    :param started: Called when the measured time begins.
    :param stopped: Called when it is over.
    :raises RuntimeError: If the engine fails.
    """
    samples: list[Sample] = []

    def take_sample() -> None:
        if target.pid is not None:
            samples.append(Sample.of(target.pid))

    def begin() -> None:
        take_sample()
        started()

    def end() -> None:
        take_sample()
        stopped()

    if audience.viewers:
        chosen = engine or ("c" if c_engine.program() else "py")
        seen = ENGINES[chosen](target, audience, begin, end)
    else:
        begin()
        time.sleep(audience.seconds)
        end()
        seen = Seen(window_s=audience.seconds)
    known = None
    if target.pictures is not None and seen.hashes:
        shown = hashes(target.pictures)
        known = sum(one in shown for one in seen.hashes)
    return Run(seen, _cost(*samples) if samples else None, known)


def _cost(before: Sample, after: Sample) -> Cost:
    return Cost(after.cpu_seconds - before.cpu_seconds, after.at - before.at, after.rss_bytes)
