"""
Which of several kinds of reply a client prefers (RFC 9110, section 12.5.1).

"""

import re
from collections.abc import Collection

WILDCARDS = ("*/*", "application/*")
_QUALITY = re.compile(r"(?:0(?:\.[0-9]*)?|1(?:\.0*)?)")


def preferred(accept: str, default: str, others: Collection[str]) -> str:
    """
    :param accept: The value of an ``Accept`` header, or nothing.
    :param default: The media type under ``application/`` that wildcards stand for, and that a
        client gets who names none.
    :param others: Media types that a client gets only who names them.
    :returns: The one with the highest quality; of several, the one that is named first.
    """
    ranges = [_parse(element) for element in accept.lower().split(",")]
    wildcards = () if any(name == default for name, _ in ranges) else WILDCARDS
    best, best_quality = default, 0.0
    for name, quality in ranges:
        offer = default if name in wildcards else name
        if quality > best_quality and (offer == default or offer in others):
            best, best_quality = offer, quality
    return best


def _parse(element: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in element.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            value = value.strip()
            # What is no quality is no wish.
            return name, float(value) if _QUALITY.fullmatch(value) else 0.0
    return name, 1.0
