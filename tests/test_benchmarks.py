"""
How the benchmarks reckon, and go on when something fails; what they measure is theirs.

"""

import io
import signal
import statistics
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from benchmarks.__main__ import run
from benchmarks.contenders import ALL, OURS, USTREAMER, Contender, Job, Launch
from benchmarks.experiments import Bench
from benchmarks.fleet.contenders import ALL as CLIENTS
from benchmarks.fleet.nodes import address, hangs
from benchmarks.fleet.report import as_text as fleet_text
from benchmarks.plan import SHORT
from benchmarks.record import Record, median, ratio
from benchmarks.report import Figures, as_text
from benchmarks.tables import shown, simple_table


def fan_out(key: str, number: int, cost: float, viewers: int = 10) -> Record:
    """
    :returns: What a run in one round gave.
    """
    return Record("fan_out", number, key, viewers, {"us_per_frame": cost})


class ReckoningTests(SynchronousTestCase):
    """
    From runs to the figures of a table.

    """

    noisy = (
        *(fan_out(OURS.key, 1, 20), fan_out(USTREAMER.key, 1, 40)),
        *(fan_out(OURS.key, 2, 90), fan_out(USTREAMER.key, 2, 180)),
        *(fan_out(OURS.key, 3, 30), fan_out(USTREAMER.key, 3, 75)),
    )

    def test_median(self) -> None:
        """
        One disturbed round does not change what is told.
        """
        self.assertEqual(median(self.noisy, "fan_out", OURS.key, 10, "us_per_frame"), 30)

    def test_ratio_within_rounds(self) -> None:
        """
        What disturbs both at the same time does not change how they compare.
        """
        pair = (OURS.key, USTREAMER.key)
        self.assertEqual(ratio(self.noisy, "fan_out", pair, 10, "us_per_frame"), 0.5)

    def test_nothing_measured(self) -> None:
        """
        A server that failed has no figure, rather than a wrong one.
        """
        failed = Record("fan_out", 1, OURS.key, 10, {}, "OSError: gone")
        self.assertIsNone(median([failed], "fan_out", OURS.key, 10, "us_per_frame"))
        pair = (OURS.key, USTREAMER.key)
        self.assertIsNone(ratio([failed, self.noisy[1]], "fan_out", pair, 10, "us_per_frame"))


def contender(key: str, begin: Callable[[], object]) -> Contender:
    """
    :param begin: Is called when it is to be started.
    :returns: One that never runs.
    """

    def launch(job: Job) -> Launch:
        begin()
        return Launch(("false",))

    return Contender(key, lambda: key, launch)


def measured(*contenders: Contender, rounds: int = 1) -> Bench:
    """
    :returns: What is known when each was to be measured in each round.
    """
    plan = evolve(SHORT, rounds=rounds, idle=contenders)
    bench = Bench(plan, Path(), [one.key for one in contenders])
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        run(bench, ["idle"])
    return bench


class FailureTests(SynchronousTestCase):
    """
    Runs that do not go as planned.

    """

    def test_out_of_time(self) -> None:
        """
        A run that was promised to be over at some time is: what is left is not started any more.
        """
        before = signal.getsignal(signal.SIGALRM)
        starts: list[int] = []

        def begin() -> None:
            starts.append(1)
            signal.raise_signal(signal.SIGALRM)

        bench = measured(contender("slow", begin), rounds=3)
        self.assertEqual((len(starts), bench.records), (1, []))
        self.assertIn("took too long", bench.skipped["the rest"])
        self.assertEqual(signal.getsignal(signal.SIGALRM), before)

    def test_failures(self) -> None:
        """
        A server that answers nothing, of which no median can be taken, is noted as one that failed,
        and the others are measured.
        """
        bench = measured(
            contender("mute", lambda: statistics.median([])),
            contender("frozen", lambda: 1 / 0),
            contender("gone", lambda: None),
        )
        kinds = {one.contender: (one.failure or "").partition(":")[0] for one in bench.records}
        self.assertEqual(
            kinds,
            {"mute": "StatisticsError", "frozen": "ZeroDivisionError", "gone": "RuntimeError"},
        )
        self.assertEqual(bench.skipped, {})


class ReportTests(SynchronousTestCase):
    """
    What people read.

    """

    def test_missing_is_said(self) -> None:
        """
        Whoever has not installed a server sees in every table that it is not there, and why.
        """
        reason = "missing: apt install ustreamer"
        records = [fan_out(OURS.key, 1, 20)]
        text = as_text(Figures({"date": "today"}, records, {USTREAMER.key: reason}))
        self.assertGreater(text.count(f" ({reason})"), 3)
        self.assertIn("motion-in-ocean", text)

    def test_failure_is_said(self) -> None:
        """
        A run that went wrong is not left out silently.
        """
        records = [fan_out(OURS.key, 1, 20), Record("fan_out", 2, OURS.key, 10, {}, "OSError: x")]
        text = as_text(Figures({"date": "today"}, records, {}))
        self.assertIn("fan_out, round 2: motion-in-ocean with 10 viewers failed", text)

    def test_table(self) -> None:
        """
        Tables can be read as they are and by Sphinx, too.
        """
        self.assertEqual(
            simple_table(["viewers", "1", "10"], [["C floor", "120", "20.2"]]),
            "=======  ===  ====\n"
            "viewers    1    10\n"
            "=======  ===  ====\n"
            "C floor  120  20.2\n"
            "=======  ===  ====",
        )

    def test_numbers(self) -> None:
        """
        No more digits than are worth reading.
        """
        self.assertEqual(
            [shown(value) for value in (1234.5, 99.94, 1.0449, 0.0, None)],
            ["1234", "99.9", "1.04", "0", "-"],
        )

    def test_keys(self) -> None:
        """
        A server can be chosen on the command line by a name of its own.
        """
        self.assertEqual(len({contender.key for contender in ALL}), len(ALL))


class FleetTests(SynchronousTestCase):
    """
    Sweeps of a fleet.

    """

    def test_hanging_nodes_are_spread(self) -> None:
        """
        Those that hang are among the others, as many as were asked for.
        """
        for nodes, hanging in ((10, 1), (100, 10), (1000, 100), (10, 0)):
            numbers = [number for number in range(nodes) if hangs(number, nodes, hanging)]
            self.assertEqual(len(numbers), hanging)
        self.assertEqual(len({address(number) for number in range(1000)}), 1000)

    def test_report(self) -> None:
        """
        People read who was compared, with what, and what went wrong.
        """
        records = [
            Record("healthy", 0, "motion-in-ocean", 100, {"us_per_probe": 120.0}),
            Record("healthy", 0, "aiohttp", 100, {"us_per_probe": 100.0}),
            Record("hanging", 0, "aiohttp", 100, {}, "TimeoutExpired"),
        ]
        skipped = {"requests": "missing: pip install requests"}
        text = fleet_text({"date": "today"}, records, CLIENTS[:2], skipped)
        self.assertIn("requests is left out (missing: pip install requests).", text)
        self.assertIn("1.2", text)
        self.assertIn("hanging, round 0: aiohttp with 100 nodes failed: TimeoutExpired", text)
