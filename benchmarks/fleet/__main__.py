"""
``python -m benchmarks.fleet``: sweep fleets of fake nodes, print tables, and write them to
``results/``.

"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen

from benchmarks import machine, network
from benchmarks.contenders import REPOSITORY
from benchmarks.fleet.contenders import ALL, Contender
from benchmarks.fleet.job import allow_many_sockets
from benchmarks.fleet.report import as_text
from benchmarks.record import Record
from benchmarks.server import ending_with_parent

RESULTS = Path(__file__).parents[1] / "results"
LONGEST_RUN_SECONDS = 120
HEALTHY, HANGING = "healthy", "hanging"


@frozen
class Plan:
    """
    How much is measured.

    """

    rounds: int
    hanging_rounds: int
    sweeps: int
    """Of each run, besides the first one."""

    nodes: tuple[int, ...] = (10, 100, 1000)
    hanging_nodes: tuple[int, ...] = (100, 1000)


PLANS = {
    "short": Plan(rounds=3, hanging_rounds=1, sweeps=2),
    "full": Plan(rounds=9, hanging_rounds=3, sweeps=9),
}


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default="short")
    keys = [one.key for one in ALL]
    parser.add_argument("--clients", nargs="+", choices=keys, default=keys)
    parser.add_argument("--nodes", nargs="+", type=int, help="instead of the plan's")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--name", default="fleet", help="what the results are called")
    return parser


def chosen_plan(options: argparse.Namespace) -> Plan:
    chosen = PLANS[options.plan]
    if options.nodes:
        nodes = tuple(options.nodes)
        chosen = evolve(chosen, nodes=nodes, hanging_nodes=nodes)
    return evolve(chosen, rounds=options.rounds) if options.rounds else chosen


def python(module: str, *arguments: object) -> list[str]:
    return ending_with_parent(sys.executable, "-m", module, *map(str, arguments))


@contextmanager
def fleet(nodes: int, hanging: int) -> Iterator[int]:
    """
    Be many nodes for a while.

    """
    command = python("benchmarks.fleet.nodes", nodes, hanging)
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def measure(
    experiment: str, number: int, contender: Contender, port: int, job: tuple[int, int, int]
) -> Record:
    """
    :param job: How many nodes, how many of them hang, and how often to sweep.
    """
    nodes = job[0]
    command = python(contender.module, port, *job, *contender.arguments)
    print(f"{experiment} {number}: {contender.key}, {nodes} nodes", file=sys.stderr, flush=True)
    try:
        run = subprocess.run(
            command,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST_RUN_SECONDS,
        )
        return Record(experiment, number, contender.key, nodes, json.loads(run.stdout))
    except (subprocess.SubprocessError, ValueError) as error:
        return Record(experiment, number, contender.key, nodes, {}, f"{type(error).__name__}")


def run(plan: Plan, contenders: Sequence[Contender]) -> Iterator[Record]:
    """
    Measure everything, the contenders in turn; another one is first in each round.

    """
    for experiment, rounds, sizes, share, sweeps in (
        (HEALTHY, plan.rounds, plan.nodes, 0.0, plan.sweeps),
        (HANGING, plan.hanging_rounds, plan.hanging_nodes, 0.1, 1),
    ):
        for nodes in sizes:
            hanging = round(nodes * share)
            with fleet(nodes, hanging) as port:
                for number in range(rounds):
                    first = number % len(contenders)
                    for contender in (*contenders[first:], *contenders[:first]):
                        job = (nodes, hanging, 1 + sweeps)
                        yield measure(experiment, number, contender, port, job)


def main() -> int:
    """
    :returns: The exit status.
    """
    arguments = sys.argv[1:]
    chosen = options().parse_args(arguments)
    network.enter_private_network(arguments, "benchmarks.fleet")
    allow_many_sockets()
    contenders = [one for one in ALL if one.key in chosen.clients and one.missing is None]
    skipped = {one.label: one.missing for one in ALL if one.missing is not None}
    begun = time.monotonic()
    about = machine.describe(("Twisted", "treq"))
    records = list(run(chosen_plan(chosen), contenders))
    about = {**about, "took": f"{time.monotonic() - begun:.0f} s"}
    text = as_text(about, records, contenders, skipped)
    print("\n" + text)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / chosen.name
    path.with_suffix(".rst").write_text(text)
    figures = {"about": about, "records": [record.as_json() for record in records]}
    path.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
