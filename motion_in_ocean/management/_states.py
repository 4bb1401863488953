"""
In what state a node is, in a word.

"""

from motion_in_ocean.management.outbound import (
    Answered,
    InvalidResponse,
    Outcome,
    Unauthorized,
    Unreachable,
    Unsupported,
)

UNKNOWN = "unknown"
"""Not asked yet."""

UNSUPPORTED = "unsupported"
"""Of a transport that has no probes."""

STATES = (
    "ready",
    "not_ready",
    "unreachable",
    "unauthorized",
    "invalid_response",
    UNSUPPORTED,
    UNKNOWN,
)

REASONS = ("camera_not_started", "camera_failed", "no_frames_yet", "stale_stream")
"""Those that nodes have for not being ready."""

FAILURES = frozenset(("unreachable", "unauthorized", "invalid_response"))
"""The states of nodes that do not say how they are."""


def state_of(outcome: Outcome) -> str:
    """
    :returns: One of ``STATES``, never the last.
    """
    match outcome:
        case Answered():
            return "ready" if outcome.ready else "not_ready"
        case Unreachable():
            return "unreachable"
        case Unauthorized():
            return "unauthorized"
        case InvalidResponse():
            return "invalid_response"
        case Unsupported():
            return UNSUPPORTED


def cause_of(outcome: Outcome) -> tuple[str | None, str | None]:
    """
    :returns: Why the node is in that state, in a word and for a person, where there is more to say.
    """
    match outcome:
        case Answered():
            return None if outcome.ready else _reason(outcome), None
        case Unreachable() | InvalidResponse():
            return outcome.reason, outcome.message
        case Unauthorized():
            return None, f"{outcome.path} answered {outcome.status_code}"
        case Unsupported():
            return None, None


def _reason(outcome: Answered) -> str | None:
    reason = outcome.ready_probe.payload.get("reason")
    # The log and the events repeat nothing that could be anything, such as a token.
    return reason if isinstance(reason, str) and reason in REASONS else None
