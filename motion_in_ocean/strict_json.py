"""
JSON as RFC 8259 has it, and nothing that later would be a surprise.

"""

import json
import math
from typing import Any

from pydantic_core import from_json

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def strict_json(text: bytes) -> Any:
    """
    :param text: UTF-8; a byte order mark, which some editors put in front, is ignored.
    :returns: What it says.
    :raises ValueError: If it is no JSON, holds a number that is not finite (``NaN``, ``1e400``),
        half a character (a lone surrogate), the same key twice in one object, or is nested more
        than about 200 deep. The message has the place where one is known, and no part of the text.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    # Refuses what json.loads lets through or falls over, but takes 1e400 for infinity.
    from_json(text, allow_inf_nan=False, cache_strings="none")
    return json.loads(text.decode(), parse_float=_finite, object_pairs_hook=_without_twins)


def strict_object(text: bytes) -> dict[str, Any]:
    """
    :returns: The JSON object that it says; see ``strict_json``.
    :raises ValueError: Also if it is no object. The message goes on where the name of what it was
        ends, and repeats no part of it.
    """
    try:
        value = strict_json(text)
    except ValueError as error:
        raise ValueError(f"is no valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has the same key twice")
    return members
