"""
Have many watch an MJPEG stream, and tell what they saw::

    python -m benchmarks.mjpeg_load --url http://127.0.0.1:8000/stream.mjpg --clients 50 --pid PID

"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import asdict

from benchmarks.mjpeg_load import ENGINES, Audience, Run, Target, run

MIB = 1024 * 1024


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mjpeg_load", description="Many viewers, and what they see."
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=6.0, help="how long it is measured")
    parser.add_argument("--warmup", type=float, default=1.5, help="seconds before that")
    parser.add_argument("--ramp-timeout", type=float, default=25.0, help="seconds for connecting")
    parser.add_argument("--pid", type=int, help="of the server: its children are counted, too")
    parser.add_argument("--slow", type=int, default=0, help="so many stop after one picture")
    parser.add_argument("--throttle", default="0:0", help="so many, bytes a second", metavar="N:B")
    parser.add_argument("--verify", type=int, default=1, help="so many read every byte")
    parser.add_argument("--frames", type=Path, help="the JPEG files that are shown, to compare")
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--json", action="store_true", help="tell it to a program")
    return parser


def chosen_audience(chosen: argparse.Namespace) -> Audience:
    throttled, _, rate = chosen.throttle.partition(":")
    return Audience(
        viewers=chosen.clients,
        seconds=chosen.seconds,
        warmup_seconds=chosen.warmup,
        ramp_seconds=chosen.ramp_timeout,
        verifying=chosen.verify,
        stalled=chosen.slow,
        throttled=int(throttled),
        throttled_bytes_per_second=float(rate),
    )


def told(run: Run) -> Iterator[str]:
    """
    :returns: Lines for a person.
    """
    seen, cost = run.seen, run.cost
    yield (
        f"clients {seen.clients}  connected {seen.connected}  dead {seen.dead}  "
        f"starved {seen.starved}  frames {seen.frames}  "
        f"{seen.payload_bytes / 1e6 / seen.window_s:.1f} MB/s"
    )
    for name in ("fps", "gap_s", "latency_s", "throttled_fps", "throttled_latency_s"):
        figures = getattr(seen, name)
        if figures.n:
            quantiles = ("p50", "p90", "p99", "max")
            values = (f"{each} {getattr(figures, each):.4f}" for each in quantiles)
            yield f"{name:20} " + "  ".join(values)
    if cost is not None:
        each = f"{1e6 * cost.cpu_seconds / seen.frames:.1f}" if seen.frames else "-"
        size = cost.rss_bytes / MIB
        yield f"server cpu {cost.cpu_percent:.1f}%  {each} us/frame  rss {size:.0f} MiB"
    yield (
        f"load generator cpu {100 * seen.load_cpu_s / seen.window_s:.1f}%  bad {seen.bad}  "
        f"verified {len(seen.hashes)}  known {'-' if run.known is None else run.known}"
    )


def main() -> int:
    """
    :returns: The exit status.
    """
    chosen = options().parse_args()
    target = Target.at(chosen.url, chosen.pid, chosen.frames)
    try:
        done = run(target, chosen_audience(chosen), chosen.engine)
    except (OSError, RuntimeError) as error:
        sys.exit(str(error))
    print(json.dumps(asdict(done)) if chosen.json else "\n".join(told(done)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
