"""
What is measured of each server, one server at a time.

"""

import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from benchmarks import frames
from benchmarks.churn import churn
from benchmarks.contenders import Contender, Job
from benchmarks.kernel import SocketMemory, Strace
from benchmarks.load import MIB, HealthProbe, Repeated, figures, watch
from benchmarks.mjpeg_load import Audience
from benchmarks.network import ethernet_like, missing_for_ethernet, program, shout
from benchmarks.plan import Plan
from benchmarks.record import Record
from benchmarks.server import Server, free_port, running

Measurement = Callable[[Server], Mapping[str, float]]

FAILURES = (ArithmeticError, OSError, RuntimeError, ValueError, subprocess.SubprocessError)
"""
What a server can bring about: it ends, hangs, is not understood, or gives nothing to reckon with.

"""

STALLED_SHARE = 10
"""One viewer of this many does not read."""

THROTTLED_VIEWERS = 5
THROTTLED_BYTES_PER_SECOND = 300_000
SYSCALL_VIEWERS = 50
PROBE_EVERY_SECONDS = 0.02
SAMPLE_EVERY_SECONDS = 1.0


@define
class Bench:
    """
    Run experiments and keep what they give.

    """

    plan: Plan
    folder: Path
    keys: Collection[str]
    """The servers that are wanted."""
    records: list[Record] = field(factory=list)
    skipped: dict[str, str] = field(factory=dict)
    """What was not measured, and why."""

    def measure(
        self,
        experiment: str,
        contender: Contender,
        measurement: Measurement,
        viewers: int = 0,
        number: int = 1,
    ) -> None:
        """
        Run one server for one measurement; a failure is noted and does not end the others.

        """
        if contender.key not in self.keys:
            return
        reason = contender.missing()
        if reason is not None:
            if contender.key not in self.skipped:
                shout(f"{contender.label()} is left out: {reason}")
            self.skipped[contender.key] = reason
            return
        values: Mapping[str, float] = {}
        failure = None
        begun = time.monotonic()
        job = Job(free_port(), self.folder, self.plan.picture_size)
        try:
            with running(contender, job) as server:
                values = measurement(server)
        except FAILURES as error:
            failure = f"{type(error).__name__}: {error}"
            shout(f"{experiment}: {contender.label()} with {viewers} viewers failed: {failure}")
        took = time.monotonic() - begun
        self.records.append(Record(experiment, number, contender.key, viewers, values, failure))
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        print(
            f"{took:5.1f} s  {experiment} {number}  {contender.key} x{viewers}  {shown}", flush=True
        )

    def skip(self, what: str, reason: str) -> None:
        """
        Say that something is not measured.

        """
        self.skipped[what] = reason
        shout(f"{what} is left out: {reason}")


def rotated(contenders: Sequence[Contender], number: int) -> Sequence[Contender]:
    """
    :returns: Them all, another one first in each round.
    """
    at = number % len(contenders) if contenders else 0
    return (*contenders[at:], *contenders[:at])


def _fan_out(
    bench: Bench, experiment: str, contenders: Sequence[Contender], counts: Sequence[int]
) -> None:
    plan = bench.plan

    def measurement(count: int) -> Measurement:
        audience = Audience(viewers=count, seconds=plan.seconds, warmup_seconds=plan.warmup_seconds)
        return lambda server: figures(watch(server, audience, bench.folder))

    for number in range(1, plan.rounds + 1):
        for count in counts:
            for contender in rotated(contenders, number):
                if count <= contender.most_viewers:
                    bench.measure(experiment, contender, measurement(count), count, number)


def fan_out(bench: Bench) -> None:
    """
    The same frames to more and more viewers.

    """
    _fan_out(bench, "fan_out", bench.plan.fan_out, bench.plan.viewers)


def ethernet(bench: Bench) -> None:
    """
    The same on a path that costs the kernel what an Ethernet without offloading costs it.

    """
    if not bench.plan.ethernet_viewers:
        return
    reason = missing_for_ethernet()
    if reason is not None:
        bench.skip("ethernet", reason)
        return
    with ethernet_like():
        _fan_out(bench, "ethernet", bench.plan.ethernet, bench.plan.ethernet_viewers)


def idle(bench: Bench) -> None:
    """
    What a server costs that nobody watches.

    """
    nobody = Audience(viewers=0, seconds=bench.plan.idle_seconds)
    for number in range(1, bench.plan.rounds + 1):
        for contender in rotated(bench.plan.idle, number):
            bench.measure(
                "idle", contender, lambda server: figures(watch(server, nobody)), 0, number
            )


def health(bench: Bench) -> None:
    """
    How long a monitoring system waits while many watch.

    """
    audience = Audience(viewers=bench.plan.health_viewers, seconds=bench.plan.health_seconds)

    def measurement(server: Server) -> Mapping[str, float]:
        probe = HealthProbe(server)
        probing = Repeated(probe, PROBE_EVERY_SECONDS)
        watch(server, audience, started=probing.start, stopped=probing.stop)
        times = sorted(probe.seconds)
        return {
            "p50_ms": 1000 * statistics.median(times),
            "p99_ms": 1000 * times[round(0.99 * (len(times) - 1))],
            "asked": len(times) + probe.failures,
            "failed": probe.failures,
        }

    for contender in bench.plan.health:
        bench.measure("health", contender, measurement, bench.plan.health_viewers)


def throttled(bench: Bench) -> None:
    """
    How old what a viewer sees is whose connection is too slow.

    """
    audience = Audience(
        viewers=THROTTLED_VIEWERS + 1,
        seconds=bench.plan.throttled_seconds,
        warmup_seconds=bench.plan.throttled_warmup_seconds,
        throttled=THROTTLED_VIEWERS,
        throttled_bytes_per_second=THROTTLED_BYTES_PER_SECOND,
    )

    def measurement(server: Server) -> Mapping[str, float]:
        wanted = ("age_p50_s", "age_p99_s", "throttled_fps", "fps")
        values = figures(watch(server, audience))
        return {name: values[name] for name in wanted if name in values}

    for contender in bench.plan.throttled:
        bench.measure("throttled", contender, measurement, THROTTLED_VIEWERS)


def stalled(bench: Bench) -> None:
    """
    What viewers cost who have stopped reading, and what the others notice of it.

    """
    viewers = bench.plan.stalled_viewers
    audience = Audience(
        viewers=viewers,
        seconds=bench.plan.stalled_seconds,
        warmup_seconds=0.2,
        stalled=viewers // STALLED_SHARE,
    )

    def measurement(server: Server) -> Mapping[str, float]:
        memory = SocketMemory(server)
        sampling = Repeated(memory, SAMPLE_EVERY_SECONDS)
        values = figures(watch(server, audience, started=sampling.start, stopped=sampling.stop))
        kept = {name: values[name] for name in ("fps", "gap_p99_ms", "us_per_frame", "rss_mib")}
        if memory.rss:
            kept["rss_before_mib"] = memory.rss[0] / MIB
            kept["rss_growth_mib"] = (max(memory.rss) - memory.rss[0]) / MIB
            kept["kernel_mib"] = max(memory.queued) / MIB
            kept["kernel_mib_at_end"] = memory.queued[-1] / MIB
            kept["connections_at_end"] = memory.connections
        return kept

    if program("ss") is None:
        bench.skip("the kernel's memory for stalled viewers", "missing: apt install iproute2")
    for contender in bench.plan.stalled:
        if viewers <= contender.most_viewers:
            bench.measure("stalled", contender, measurement, viewers)


def syscalls(bench: Bench) -> None:
    """
    System calls per delivered frame: a figure that no other load on the machine can change.

    """
    if program("strace") is None:
        bench.skip("syscalls", "missing: apt install strace")
        return
    seconds = bench.plan.syscalls_seconds
    # It attaches after the first and leaves before the last viewers: what it costs to come and go
    # is not counted.
    audience = Audience(viewers=SYSCALL_VIEWERS, seconds=seconds * 1.1)

    def measurement(server: Server) -> Mapping[str, float]:
        strace = Strace(server, seconds)
        seen = watch(server, audience, started=strace.start).seen
        return {"per_frame": strace.calls_per_second() * seen.window_s / seen.frames}

    for contender in bench.plan.syscalls:
        bench.measure("syscalls", contender, measurement, SYSCALL_VIEWERS)


def come_and_go(bench: Bench) -> None:
    """
    What viewers leave behind who come and go.

    """
    plan = bench.plan
    for contender in plan.churn:
        bench.measure(
            "churn",
            contender,
            lambda server: churn(server, plan.churn_rounds, plan.churn_viewers),
            plan.churn_viewers,
        )


EXPERIMENTS: Mapping[str, Callable[[Bench], None]] = {
    "fan_out": fan_out,
    "ethernet": ethernet,
    "idle": idle,
    "syscalls": syscalls,
    "health": health,
    "throttled": throttled,
    "stalled": stalled,
    "churn": come_and_go,
}


def make_bench(plan: Plan, keys: Collection[str]) -> Bench:
    return Bench(plan, frames.folder(plan.picture_size), keys)
