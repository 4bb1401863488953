"""
``python -m benchmarks``: measure, print tables, and write them to ``results/``.

"""

import argparse
import json
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from benchmarks import contenders, frames, machine, network, plan, plot
from benchmarks.experiments import EXPERIMENTS, Bench, make_bench
from benchmarks.load_selftest import main as selftest
from benchmarks.network import shout
from benchmarks.report import Figures, as_text

RESULTS = Path(__file__).parent / "results"


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--plan", choices=plan.PLANS, default="short")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS))
    keys = [one.key for one in contenders.ALL]
    parser.add_argument("--servers", nargs="+", choices=keys, default=keys)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--viewers", nargs="+", type=int, help="instead of the plan's")
    parser.add_argument("--seconds", type=float, help="how long each number of viewers is measured")
    parser.add_argument("--size", default="640x480", help="of the pictures, WxH")
    parser.add_argument("--name", help="what the results are called; the plan's name")
    return parser


def chosen_plan(options: argparse.Namespace) -> plan.Plan:
    chosen = plan.PLANS[options.plan]
    width, _, height = options.size.partition("x")
    changes: dict[str, Any] = {
        "picture_size": (int(width), int(height)),
        "rounds": options.rounds or chosen.rounds,
        "viewers": tuple(options.viewers or chosen.viewers),
        "seconds": options.seconds or chosen.seconds,
    }
    if options.viewers and chosen.ethernet_viewers:
        changes["ethernet_viewers"] = changes["viewers"]
    return evolve(chosen, **changes)


def allow_many_connections() -> None:
    """
    Take as many descriptors as the system gives; the servers inherit it.

    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class OutOfTime(Exception):
    """
    The whole run has to end, unlike one measurement that has waited in vain.

    """


def give_up(*_: object) -> None:
    raise OutOfTime("the benchmarks took too long; what was measured until now follows")


def run(bench: Bench, experiments: Sequence[str]) -> None:
    """
    Run the experiments until they or the time are over.

    """
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(bench.plan.deadline_seconds)
    try:
        for name in EXPERIMENTS:
            if name in experiments:
                EXPERIMENTS[name](bench)
    except (KeyboardInterrupt, OutOfTime) as error:
        bench.skip("the rest", str(error) or "interrupted")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> int:
    """
    :returns: The exit status.
    """
    arguments = sys.argv[1:]
    chosen = options().parse_args(arguments)
    network.enter_private_network(arguments)
    allow_many_connections()
    bench = make_bench(chosen_plan(chosen), chosen.servers)
    pictures = f"{frames.median_bytes(bench.folder) / 1000:.0f} kB, {contenders.FPS} a second"
    about = machine.describe(("Twisted", "klein"), pictures=pictures)
    if bench.plan.name == "full" and selftest():
        shout("the load generator does not read what it should; nothing is measured")
        return 1
    run(bench, chosen.only)
    figures = Figures(about, bench.records, bench.skipped)
    text = as_text(figures)
    print("\n" + text)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / (chosen.name or bench.plan.name)
    path.with_suffix(".json").write_text(json.dumps(figures.as_json(), indent=1) + "\n")
    path.with_suffix(".rst").write_text(text)
    if figures.viewers("fan_out"):
        plot.draw(figures, path.with_suffix(".png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
