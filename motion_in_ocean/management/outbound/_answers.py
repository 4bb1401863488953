"""
Whether what came back is what a node says.

"""

from math import isfinite
from typing import Any

from pydantic_core import from_json, to_json

from motion_in_ocean.management.outbound._failures import invalid, wrong_status
from motion_in_ocean.management.outbound._outbound import Reply
from motion_in_ocean.management.outbound._results import InvalidResponse, ProbeAnswer, Unauthorized

HEALTH = "/health"
READY = "/ready"
METRICS = "/metrics"

MOST_VALUES = 4096
"""In one answer. 64 KiB of ``[[],[],…`` would take megabytes once it is parsed."""

_STATUS_CODES = {HEALTH: (200, 503), READY: (200, 503), METRICS: (200,)}
_READINESS = ("ready", "not_ready")


def parse_json(body: bytes) -> Any:
    """
    :returns: What it says. Its depth and number of values are bounded, its numbers finite.
    :raises ValueError: If it is no such JSON.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise ValueError("too many values")
    value = from_json(body, allow_inf_nan=False)
    # It takes 1e400 for infinity, which no JSON can say when it is passed on.
    if b"Infinity" in to_json(value) and not _is_finite(value):
        raise ValueError("a number is too large")
    return value


def judge(path: str, reply: Reply) -> ProbeAnswer | Unauthorized | InvalidResponse:
    """
    :param path: What was asked for: ``HEALTH``, ``READY`` or ``METRICS``.
    """
    if reply.status_code in (401, 403):
        return Unauthorized(path, reply.status_code)
    if reply.status_code not in _STATUS_CODES[path]:
        return wrong_status(reply.status_code, path)
    try:
        payload = parse_json(reply.body)
    except ValueError:
        return invalid("not_json" if reply.is_complete else "truncated", path)
    if not isinstance(payload, dict) or not _has_shape(path, payload):
        return invalid("wrong_shape", path)
    return ProbeAnswer(reply.status_code, payload)


def _has_shape(path: str, payload: dict[str, Any]) -> bool:
    if path == METRICS:
        return True
    status = payload.get("status")
    return isinstance(status, str) and (path == HEALTH or status in _READINESS)


def _is_finite(value: Any) -> bool:
    values = [value]
    while values:
        one = values.pop()
        if isinstance(one, float):
            if not isfinite(one):
                return False
        elif isinstance(one, dict):
            values.extend(one.values())
        elif isinstance(one, list):
            values.extend(one)
    return True
