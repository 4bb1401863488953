"""
Tables of what was measured.

"""

from collections.abc import Mapping, Sequence

from benchmarks.fleet.contenders import OURS, Contender
from benchmarks.record import Record, median, ratio
from benchmarks.tables import shown, simple_table, titled

_HEALTHY = (
    ("CPU per probe, µs", "us_per_probe"),
    ("Time of a sweep, s", "sweep_seconds"),
    ("The longest the event loop was busy with one thing, ms", "gap_ms"),
    ("Memory at its peak, compared with before, MB", "grown_mb"),
)
_HANGING = (
    ("Time of the first sweep, s", "first_sweep_seconds"),
    ("Time of the next one, s", "sweep_seconds"),
    ("Nodes told wrong, in both", "wrong"),
    ("The longest the event loop was busy with one thing, ms", "gap_ms"),
    ("Memory at its peak, compared with before, MB", "grown_mb"),
    ("Connections left open at the end", "sockets_left"),
)


def as_text(
    about: Mapping[str, str],
    records: Sequence[Record],
    contenders: Sequence[Contender],
    skipped: Mapping[str, str | None],
) -> str:
    """
    :returns: All of it, as reStructuredText.
    """
    head = "\n".join(f":{key}: {value}" for key, value in about.items())
    title = "Sweeps of a fleet"
    parts = [f"{title}\n{'=' * len(title)}", head]
    parts += [f"{label} is left out ({why})." for label, why in skipped.items()]
    parts.append(_section("All nodes are well", "healthy", _HEALTHY, records, contenders))
    parts.append(_section("One node of ten hangs", "hanging", _HANGING, records, contenders))
    parts += [
        f"{record.experiment}, round {record.round}: {record.contender} with {record.viewers} "
        f"nodes failed: {record.failure}"
        for record in records
        if record.failure
    ]
    return "\n\n".join(parts) + "\n"


def _section(
    title: str,
    experiment: str,
    tables: Sequence[tuple[str, str]],
    records: Sequence[Record],
    contenders: Sequence[Contender],
) -> str:
    sizes = sorted({record.viewers for record in records if record.experiment == experiment})
    header = ["nodes", *map(str, sizes)]
    paragraphs = []
    for name, key in tables:
        rows = [
            [one.label, *(shown(median(records, experiment, one.key, n, key)) for n in sizes)]
            for one in contenders
        ]
        paragraphs += [f"**{name}**", simple_table(header, rows)]
        if key == "us_per_probe" and OURS in contenders:
            others = [one for one in contenders if one is not OURS]
            ratios = [
                [
                    f"ours / {one.label}",
                    *(
                        shown(ratio(records, experiment, (OURS.key, one.key), n, key))
                        for n in sizes
                    ),
                ]
                for one in others
            ]
            paragraphs += ["The same as ratios within a round:", simple_table(header, ratios)]
    return titled(title, *paragraphs)
