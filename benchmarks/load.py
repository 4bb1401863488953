"""
Viewers, and what they saw.

"""

import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks import mjpeg_load
from benchmarks.server import Server, get

MIB = 1024 * 1024


def watch(
    server: Server,
    viewers: int,
    seconds: float,
    *options: str,
    started: Callable[[], object] = lambda: None,
    stopped: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """
    Have viewers watch, and count.

    :param options: Of the load generator.
    :param started: Called when the measured time begins.
    :param stopped: Called when it is over.
    :returns: What the load generator says.
    """
    arguments = ["--url", server.url, "--pid", str(server.pid), "--clients", str(viewers)]
    chosen = mjpeg_load.parser().parse_args([*arguments, "--seconds", str(seconds), *options])
    result: dict[str, Any] = mjpeg_load.run(chosen, started, stopped)
    return result


def figures(result: dict[str, Any]) -> dict[str, float]:
    """
    :returns: What is told of a run, in the units of the tables.
    """
    server = result["server"]
    values = {
        "cpu_percent": server["cpu_pct"],
        "rss_mib": server["rss_after"] / MIB,
        "load_cpu_percent": 100 * result["load_cpu_s"] / result["window_s"],
    }
    if result["frames"]:
        values |= {
            "us_per_frame": 1e6 * server["cpu_s"] / result["frames"],
            "frames": result["frames"],
            "fps": result["fps"]["p50"],
            "fps_mean": result["fps"]["mean"],
            "gap_p99_ms": 1000 * result["gap_s"]["p99"],
            "dead": result["dead"],
            "bad": result["bad"],
        }
    if result.get("latency_s", {}).get("n"):
        values["latency_p50_ms"] = 1000 * result["latency_s"]["p50"]
        values["latency_p99_ms"] = 1000 * result["latency_s"]["p99"]
    if result.get("throttled_latency_s", {}).get("n"):
        values["age_p50_s"] = result["throttled_latency_s"]["p50"]
        values["age_p99_s"] = result["throttled_latency_s"]["p99"]
        values["throttled_fps"] = result["throttled_fps"]["p50"]
    if "verified_known" in result:
        values["verified"] = result["verified"]
        values["unknown_pictures"] = result["verified"] - result["verified_known"]
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
        except OSError:
            answered = False
        if answered:
            self.seconds.append(time.perf_counter() - begun)
        else:
            self.failures += 1
