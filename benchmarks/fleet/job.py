"""
What every client is to do, and what is noted of it.

"""

import contextlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field, frozen

from benchmarks.fleet.nodes import PATHS, address, hangs

BUDGET_SECONDS = 2.5
AT_ONCE = 128
TICK_SECONDS = 0.01


@frozen
class Job:
    """
    Sweep a fleet several times; the first time does not count, but is told.

    """

    port: int
    nodes: int
    hanging: int
    sweeps: int

    @classmethod
    def from_command_line(cls) -> "Job":
        return cls(*map(int, sys.argv[1:5]))

    @property
    def urls(self) -> list[str]:
        """
        One for each node.

        """
        return [f"http://{address(number)}:{self.port}" for number in range(self.nodes)]


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@define
class Notes:
    """
    Takes the time, and says at the end what it was.

    """

    job: Job
    gaps: list[float] = field(factory=list)
    """How much later than planned the event loop came back each time, in seconds."""

    _sweeps: list[tuple[float, float]] = field(factory=list)
    _wrong: int = 0
    _resident_before: int = field(factory=resident_bytes)
    _begun: tuple[float, float] = (0.0, 0.0)
    _last_tick: float = 0.0

    def begin(self) -> None:
        """
        A sweep begins.

        """
        self._begun = time.monotonic(), time.process_time()

    def end(self, ready: Mapping[str, bool]) -> None:
        """
        A sweep is over.

        :param ready: What was made of each node, by URL.
        """
        begun, used = self._begun
        self._sweeps.append((time.monotonic() - begun, time.process_time() - used))
        job = self.job
        right = {
            url: not hangs(number, job.nodes, job.hanging) for number, url in enumerate(job.urls)
        }
        self._wrong += sum(ready.get(url) is not well for url, well in right.items())

    def tick(self) -> None:
        """
        The event loop has come round, ``TICK_SECONDS`` after the last time if it was punctual.

        """
        now = time.monotonic()
        if self._last_tick:
            self.gaps.append(now - self._last_tick - TICK_SECONDS)
        self._last_tick = now

    def tell(self) -> None:
        """
        Everything is closed; print what was noted.

        """
        first, *rest = self._sweeps
        probes = self.job.nodes * len(PATHS)
        values = {
            "us_per_probe": statistics.median(used for _, used in rest) / probes * 1e6,
            "sweep_seconds": statistics.median(seconds for seconds, _ in rest),
            "first_us_per_probe": first[1] / probes * 1e6,
            "first_sweep_seconds": first[0],
            "wrong": float(self._wrong),
            "grown_mb": (_peak_bytes() - self._resident_before) / 1e6,
            "sockets_left": float(_sockets()),
        }
        if self.gaps:
            values["gap_ms"] = max(self.gaps) * 1000
        print(json.dumps(values))


def allow_many_sockets() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _sockets() -> int:
    """
    Connections that are open; not what an event loop has for itself.

    """
    ours = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            ours.add(str(descriptor.readlink()))
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    return sum(f"socket:[{line.split()[9]}]" in ours for line in lines)
