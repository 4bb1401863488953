"""
Answers without the token that came with the question.

A node that repeats what it was sent does so to whoever may read how it is, and that need not be
someone who may command it. What a node hides from us on purpose is beyond this.

"""

import json
import re
from typing import Any

MASK = "********"

MOST_LAYERS = 4
"""So often text is taken for JSON that was put into JSON as text, as log lines are."""

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


def may_repeat(body: bytes, token: str | None) -> bool:
    """
    :returns: Whether the token can stand in what a node sent. It cannot where nothing is escaped
        and it does not stand there as it is, which is seen much faster than by looking at all.
    """
    return token is not None and (
        b"\\" in body or any(form.encode() in body for form in _forms(token))
    )


def without_token(value: Any, token: str) -> Any:
    """
    :param value: Of the kinds that JSON has, of bounded depth.
    :returns: The same, with a mask wherever a text has the token in it, however it is escaped, or
        a number is the token.
    """
    forms = _forms(token)

    def masked(one: Any) -> Any:
        match one:
            case str():
                return _without(one, forms)
            case list():
                return [masked(each) for each in one]
            case dict():
                return {_without(key, forms): masked(each) for key, each in one.items()}
            case bool():
                return one
            case int() | float():
                return MASK if json.dumps(one) == token else one
        return one

    return masked(value)


def _forms(token: str) -> set[str]:
    # Many servers take the bytes of headers for Latin-1.
    return {token, token.encode().decode("latin-1")}


def _without(text: str, forms: set[str]) -> str:
    for form in forms:
        text = text.replace(form, MASK)
    plain = text
    for _ in range(MOST_LAYERS):
        if "\\" not in plain:
            break
        plain = _unescaped(plain)
        if any(form in plain for form in forms):
            return MASK
    return text


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code, plain = match.groups()
        if code is not None:
            return chr(int(code, 16))
        # The others are control characters, and no token has one.
        return " " if plain in "bfnrt" else plain

    halves = _ESCAPED.sub(character, text)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
