"""
Answers without the token that came with the question.

A node that repeats what it was sent does so to whoever may read how it is, and that need not be
someone who may command it. What a node hides from us on purpose is beyond this.

"""

import json
from typing import Any

MASK = "********"


def repeats(body: bytes, token: str | None) -> bool:
    """
    :returns: Whether the token stands in what a node sent, as it is or as JSON writes it.
    """
    if token is None:
        return False
    return token.encode() in body or json.dumps(token)[1:-1].encode() in body


def without_token(value: Any, token: str) -> Any:
    """
    :param value: Of the kinds that JSON has, of bounded depth.
    :returns: The same, with a mask wherever a text has the token in it.
    """
    if isinstance(value, str):
        return value.replace(token, MASK)
    if isinstance(value, list):
        return [without_token(each, token) for each in value]
    if isinstance(value, dict):
        return {key.replace(token, MASK): without_token(each, token) for key, each in value.items()}
    return value
