"""
The figures as people read them.

"""

from collections.abc import Mapping, Sequence

from attrs import frozen

from benchmarks.contenders import ALL, FLOOR, OURS, USTREAMER, Contender
from benchmarks.record import Record, median, ratio
from benchmarks.tables import NOTHING, shown, simple_table, titled

LABELS = {contender.key: contender for contender in ALL}


@frozen
class Figures:
    """
    All that was measured in one run.

    """

    machine: Mapping[str, str]
    records: Sequence[Record]
    skipped: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        return {
            "machine": dict(self.machine),
            "skipped": dict(self.skipped),
            "records": [record.as_json() for record in self.records],
        }

    def contenders(self, experiment: str) -> list[Contender]:
        """
        :returns: Who took part or should have.
        """
        keys = {record.contender for record in self.records if record.experiment == experiment}
        return [one for one in ALL if one.key in keys or one.key in self.skipped]

    def viewers(self, experiment: str) -> list[int]:
        return sorted({one.viewers for one in self.records if one.experiment == experiment})


def by_viewers(figures: Figures, experiment: str, key: str) -> str:
    """
    :returns: A table with a row for each server and a column for each number of viewers.
    """
    counts = figures.viewers(experiment)
    rows = []
    for contender in figures.contenders(experiment):
        name = contender.key
        if name in figures.skipped:
            rows.append(
                [f"{contender.label()} ({figures.skipped[name]})", *(NOTHING for _ in counts)]
            )
            continue
        medians = [median(figures.records, experiment, name, count, key) for count in counts]
        rows.append([contender.label(), *map(shown, medians)])
    return simple_table(["viewers", *map(str, counts)], rows)


def ratios(figures: Figures, experiment: str, key: str) -> str:
    """
    :returns: What we need, divided by what each of the others needs.
    """
    counts = figures.viewers(experiment)
    rows = [
        [
            f"ours / {other.label()}",
            *(
                shown(ratio(figures.records, experiment, (OURS.key, other.key), count, key))
                for count in counts
            ),
        ]
        for other in figures.contenders(experiment)
        if other is not OURS and other.key not in figures.skipped
    ]
    return simple_table(["viewers", *map(str, counts)], rows)


def by_figure(figures: Figures, experiment: str, columns: Mapping[str, str]) -> str:
    """
    :param columns: Headings by the names of the figures.
    :returns: A table with a row for each server and a column for each figure.
    """
    rows = []
    for contender in figures.contenders(experiment):
        name = contender.key
        if name in figures.skipped:
            rows.append(
                [f"{contender.label()} ({figures.skipped[name]})", *(NOTHING for _ in columns)]
            )
            continue
        (count,) = figures.viewers(experiment)
        medians = [median(figures.records, experiment, name, count, key) for key in columns]
        rows.append([contender.label(), *map(shown, medians)])
    return simple_table(["server", *columns.values()], rows)


def _machine(figures: Figures) -> str:
    return "\n".join(f":{name}: {value}" for name, value in figures.machine.items())


def _shortcomings(figures: Figures) -> str:
    lines = [f"* {what} was left out: {why}" for what, why in figures.skipped.items()]
    lines += [
        f"* {record.experiment}, round {record.round}: {LABELS[record.contender].label()} "
        f"with {record.viewers} viewers failed"
        for record in figures.records
        if record.failure is not None
    ]
    wrong = [record for record in figures.records if record.values.get("unknown_pictures")]
    lines += [
        f"* {LABELS[record.contender].label()} with {record.viewers} viewers sent "
        f"{record.values['unknown_pictures']:.0f} pictures that nobody took"
        for record in wrong
    ]
    verified = sum(int(record.values.get("verified", 0)) for record in figures.records)
    lines.append(f"* {verified} frames were read and compared with the pictures, byte by byte.")
    return "\n".join(lines)


def _fan_out(figures: Figures, experiment: str, title: str) -> list[str]:
    if not figures.contenders(experiment):
        return []
    tables = [
        ("Server CPU per delivered frame, µs", "us_per_frame"),
        ("Frames a second that a viewer gets (median viewer)", "fps"),
        ("Time between two frames, p99, ms", "gap_p99_ms"),
        ("Age of a frame on arrival, p50, ms", "latency_p50_ms"),
        ("Age of a frame on arrival, p99, ms", "latency_p99_ms"),
        ("Memory of the server's processes, MiB", "rss_mib"),
        ("The load generator's own CPU, % of a core", "load_cpu_percent"),
    ]
    parts: list[str] = []
    for caption, key in tables:
        parts += [f"**{caption}**", by_viewers(figures, experiment, key)]
        if key in {"us_per_frame", "gap_p99_ms"}:
            parts += ["The same as ratios within a round:", ratios(figures, experiment, key)]
    return [titled(title, *parts)]


SECTIONS: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("syscalls", "System calls per delivered frame, 50 viewers", {"per_frame": "calls"}),
    ("idle", "Without viewers", {"cpu_percent": "% of a core", "rss_mib": "MiB"}),
    (
        "health",
        "A health request while 200 viewers watch",
        {"p50_ms": "p50 ms", "p99_ms": "p99 ms", "asked": "requests", "failed": "failed"},
    ),
    (
        "throttled",
        "A viewer whose connection takes 300 kB/s",
        {"age_p50_s": "age p50 s", "age_p99_s": "age p99 s", "throttled_fps": "fps"},
    ),
    (
        "stalled",
        "One viewer of ten has stopped reading",
        {
            "fps": "fps of the others",
            "gap_p99_ms": "gap p99 ms",
            "us_per_frame": "µs/frame",
            "rss_before_mib": "RSS MiB",
            "rss_growth_mib": "growth MiB",
            "kernel_mib": "kernel MiB, most",
            "kernel_mib_at_end": "at end",
            "connections_at_end": "connections",
        },
    ),
    (
        "churn",
        "200 viewers come and go",
        {"descriptors_left": "descriptors left", "rss_growth_mib": "growth MiB"},
    ),
)

NOTES = {
    "throttled": f"{USTREAMER.key} stamps frames when it sends them: its age is a lower bound.",
    "health": f"{USTREAMER.key} is asked for /state. {FLOOR.label()} has nothing to ask for.",
}


def as_text(figures: Figures) -> str:
    """
    :returns: Everything, as reStructuredText.
    """
    parts = ["Benchmark\n=========", _machine(figures)]
    parts += _fan_out(figures, "fan_out", "Many viewers")
    parts += _fan_out(figures, "ethernet", "Many viewers on an Ethernet-like path")
    for experiment, title, columns in SECTIONS:
        if figures.contenders(experiment) and figures.viewers(experiment):
            table = by_figure(figures, experiment, columns)
            note = [NOTES[experiment]] if experiment in NOTES else []
            parts.append(titled(title, table, *note))
    parts.append(titled("Left out, failed, verified", _shortcomings(figures)))
    return "\n\n".join(parts) + "\n"
