"""
The kinds of value that a node has, as pydantic types.

Each refuses what it does not take with words that do not repeat it.

"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from motion_in_ocean.management.registry._base_url import parse_base_url

MOST_ENTRIES = 64
"""How many labels and how many capabilities a node has at most."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _at_most(length: int) -> BeforeValidator:
    # Spaces around it count, so that a schema can say the same.
    def check(value: object) -> object:
        if isinstance(value, str) and len(value) > length:
            raise ValueError(f"must have at most {length} characters")
        return value

    return BeforeValidator(check)


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ValueError("must not contain control characters or line breaks")
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(
            "must be 1 to 64 letters, digits, dots, hyphens and underscores, "
            "and begin with a letter or digit"
        )
    return text


def _base_url(text: str) -> str:
    return str(parse_base_url(text))


def _token(value: object) -> SecretStr:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        raise ValueError("must be text")
    token = _printable(value.strip())
    if not token or len(value) > 4096:
        raise ValueError("must have 1 to 4096 characters")
    return SecretStr(token)


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise ValueError("must be an ISO 8601 time such as 2026-01-31T12:00:00Z")
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("must be within the years 1 to 9999 in UTC") from None


def _labels(value: object, validate: Callable[[object], dict[str, str]]) -> Mapping[str, str]:
    given = dict(value) if isinstance(value, Mapping) else value
    labels = validate(given)
    if isinstance(given, dict) and len(labels) != len(given):
        raise ValueError("has the same name twice, but for spaces around it")
    return MappingProxyType(labels)


def _not_legacy(auth: object) -> object:
    if isinstance(auth, dict) and auth.get("type") == "basic":
        raise PydanticCustomError("legacy_auth", "basic")
    return auth


_Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_printable)
]

Identifier = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_id)]
Name = Annotated[_Text, _at_most(256)]
BaseURLText = Annotated[_Text, _at_most(2048), AfterValidator(_base_url)]
Token = Annotated[SecretStr, BeforeValidator(_token)]
NotLegacy = BeforeValidator(_not_legacy)
Labels = Annotated[
    Mapping[Name, Annotated[_Text, _at_most(1024)]],
    Field(max_length=MOST_ENTRIES),
    WrapValidator(_labels),
]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Capability = Annotated[_Text, _at_most(128)]
