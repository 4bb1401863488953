"""
What a server has cost until now.

"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from attrs import frozen

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@frozen
class Sample:
    """
    Of a process and all that descend from it.

    """

    at: float
    """On the monotonic clock."""

    cpu_seconds: float
    """Of all threads, by the kernel's clock in nanoseconds; also of those that have ended."""

    rss_bytes: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        at, cpu, rss = time.monotonic(), 0.0, 0
        for each in _family(pid):
            with suppress(OSError):
                cpu += time.clock_gettime(_cpu_clock(each))
                rss += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * PAGE_BYTES
        return cls(at, cpu, rss)


def _cpu_clock(pid: int) -> int:
    """
    :returns: What ``clock_getcpuclockid`` would.
    """
    return ((~pid) << 3) | 2


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))
