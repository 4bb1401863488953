"""
Viewers, and what they saw.

"""

import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.mjpeg_load import Audience, Run, Target, run
from benchmarks.server import Server, get

MIB = 1024 * 1024


def watch(
    server: Server,
    audience: Audience,
    pictures: Path | None = None,
    *,
    started: Callable[[], object] = lambda: None,
    stopped: Callable[[], object] = lambda: None,
) -> Run:
    """
    Have viewers watch, and count.

    :param pictures: What the server is to show, if it is to be compared.
    :param started: Called when the measured time begins.
    :param stopped: Called when it is over.
    """
    target = Target.at(server.url, server.pid, pictures)
    return run(target, audience, started=started, stopped=stopped)


def figures(run: Run) -> dict[str, float]:
    """
    :returns: What is told of a run, in the units of the tables.
    """
    seen, cost = run.seen, run.cost
    assert cost is not None
    values: dict[str, float] = {
        "cpu_percent": cost.cpu_percent,
        "rss_mib": cost.rss_bytes / MIB,
        "load_cpu_percent": 100 * seen.load_cpu_s / seen.window_s,
    }
    if seen.frames:
        values |= {
            "us_per_frame": 1e6 * cost.cpu_seconds / seen.frames,
            "frames": seen.frames,
            "fps": seen.fps.p50,
            "fps_mean": seen.fps.mean,
            "gap_p99_ms": 1000 * seen.gap_s.p99,
            "dead": seen.dead,
            "bad": seen.bad,
        }
    if seen.latency_s.n:
        values["latency_p50_ms"] = 1000 * seen.latency_s.p50
        values["latency_p99_ms"] = 1000 * seen.latency_s.p99
    if seen.throttled_latency_s.n:
        values["age_p50_s"] = seen.throttled_latency_s.p50
        values["age_p99_s"] = seen.throttled_latency_s.p99
        values["throttled_fps"] = seen.throttled_fps.p50
    if run.known is not None:
        values["verified"] = len(seen.hashes)
        values["unknown_pictures"] = len(seen.hashes) - run.known
    return values


class Repeated:
    """
    Do something again and again in a thread.

    """

    def __init__(self, action: Callable[[], object], pause: float) -> None:
        self._action = action
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        self._action()
        while not self._over.wait(self._pause):
            self._action()


class HealthProbe:
    """
    Ask for the health, as a monitoring system does, and note how long it takes.

    """

    def __init__(self, server: Server) -> None:
        self.path = server.contender.health
        self.server = server
        self.seconds: list[float] = []
        self.failures = 0

    def __call__(self) -> None:
        assert self.path is not None
        begun = time.perf_counter()
        try:
            answered = get(self.server.port, self.path) == 200
        except (OSError, http.client.HTTPException):
            answered = False
        if answered:
            self.seconds.append(time.perf_counter() - begun)
        else:
            self.failures += 1
