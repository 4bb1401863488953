"""
Figures, as they were measured and as they are told.

"""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from attrs import asdict, frozen


@frozen
class Record:
    """
    What one run of one server gave.

    """

    experiment: str
    round: int
    contender: str
    viewers: int
    values: Mapping[str, float]
    failure: str | None = None
    """Why there are no values."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def median(
    records: Iterable[Record], experiment: str, contender: str, viewers: int, key: str
) -> float | None:
    """
    :returns: The median over the rounds; ``None`` if there is no figure.
    """
    values = _by_round(records, experiment, contender, viewers, key).values()
    return statistics.median(values) if values else None


def ratio(
    records: Sequence[Record],
    experiment: str,
    contenders: tuple[str, str],
    viewers: int,
    key: str,
) -> float | None:
    """
    Compare within each round, because a noisy machine is noisy for all who run at that time.

    :param contenders: The first is divided by the second.
    :returns: The median over the rounds; ``None`` if no round has both.
    """
    ours, theirs = (
        _by_round(records, experiment, contender, viewers, key) for contender in contenders
    )
    ratios = [ours[number] / theirs[number] for number in ours if theirs.get(number)]
    return statistics.median(ratios) if ratios else None


def _by_round(
    records: Iterable[Record], experiment: str, contender: str, viewers: int, key: str
) -> dict[int, float]:
    wanted = (experiment, contender, viewers)
    return {
        record.round: record.values[key]
        for record in records
        if (record.experiment, record.contender, record.viewers) == wanted and key in record.values
    }
