"""
The one place where what asking a node has brought becomes a reply.

"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from twisted.web.http import Request

from motion_in_ocean.management._fleet import Known
from motion_in_ocean.management._states import FAILURES
from motion_in_ocean.management.outbound import (
    Answered,
    Busy,
    InvalidResponse,
    ProbeAnswer,
    ProbeResult,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from motion_in_ocean.management.registry import Node
from motion_in_ocean.web import body, error_body, iso_time, json_body, json_text


@frozen
class Trouble:
    """
    Why there is no answer of the node to pass on.

    """

    status_code: int
    code: str
    message: str
    details: Mapping[str, Any]
    retry_after_seconds: int | None = None
    """When it is worth asking again, if that is soon."""

    def body(self, request: Request) -> bytes:
        """
        :returns: It as an error of the API.
        """
        if self.retry_after_seconds is not None:
            request.setHeader(b"Retry-After", b"%d" % self.retry_after_seconds)
        return error_body(request, self.status_code, self.code, self.message, self.details)

    def fields(self) -> dict[str, Any]:
        """
        :returns: It as a part of a reply.
        """
        return {"code": self.code, "message": self.message, "details": dict(self.details)}


def unsupported(transport: str) -> Trouble:
    """
    :returns: That nodes of this transport cannot be asked.
    """
    return Trouble(
        400,
        "TRANSPORT_UNSUPPORTED",
        f"Nodes with the transport {transport} can be registered, but not asked anything yet.",
        {"transport": transport},
    )


def trouble_of(outcome: Unauthorized | Unreachable | InvalidResponse) -> Trouble:
    """
    :returns: What is told of a node that could not be asked, or answered what it should not.
    """
    match outcome:
        case Unauthorized():
            return Trouble(
                401,
                "NODE_UNAUTHORIZED",
                f"The node does not accept the credentials that are registered for it: "
                f"{outcome.path} answered {outcome.status_code}.",
                {"path": outcome.path, "status_code": outcome.status_code},
            )
        case Unreachable():
            return Trouble(503, "NODE_UNREACHABLE", outcome.message, {"reason": outcome.reason})
        case InvalidResponse():
            details = {"reason": outcome.reason, "path": outcome.path}
            return Trouble(502, "NODE_INVALID_RESPONSE", outcome.message, details)


def snapshots_busy(busy: Busy) -> Trouble:
    """
    :returns: That so many pictures are under way that there is no room for another.
    """
    return Trouble(503, "SNAPSHOTS_BUSY", _too_many("snapshots", busy), {}, retry_after_seconds=1)


def actions_busy(busy: Busy) -> Trouble:
    """
    :returns: The same of actions.
    """
    return Trouble(503, "ACTIONS_BUSY", _too_many("actions", busy), {}, retry_after_seconds=1)


def _too_many(what: str, busy: Busy) -> str:
    of_node = " of this node" if busy.is_of_node else ""
    return f"{busy.limit} {what}{of_node} are under way, which is as many as there may be."


def status_body(request: Request, node: Node, result: ProbeResult) -> bytes:
    """
    :returns: How one node is.
    """
    report = _report(node, result)
    return report.body(request) if isinstance(report, Trouble) else json_body(request, report)


def overview_report(node: Node, result: ProbeResult) -> bytes:
    """
    :returns: How one of many nodes is, but for its name, as a JSON object.
    """
    report = _report(node, result)
    if isinstance(report, Trouble):
        report = {
            **_head(node, result),
            "status": "error",
            "ready": False,
            "stream_available": False,
            "error": report.fields(),
        }
    return json_text(report)


def overview_body(request: Request, entries: Sequence[tuple[Node, Known]], **more: Any) -> bytes:
    """
    :param entries: How all nodes are.
    :param more: What else there is to say.
    """
    summary = {
        "total_nodes": len(entries),
        "unavailable_nodes": sum(known.state in FAILURES for _, known in entries),
        "stream_available_nodes": sum(known.stream_available for _, known in entries),
    }
    head = json_text({"summary": summary, **more}).removesuffix(b"}")
    nodes = b",".join(
        # The name may have been changed since.
        b'{"name":%b,%b' % (json_text(node.name), known.report.removeprefix(b"{"))
        for node, known in entries
    )
    return body(request, b'%b,"nodes":[%b]}\n' % (head, nodes), "application/json")


def _report(node: Node, result: ProbeResult) -> dict[str, Any] | Trouble:
    match result.outcome:
        case Answered() as answered:
            return {
                **_head(node, result),
                "status": "ready" if answered.ready else "not_ready",
                "ready": answered.ready,
                "stream_available": answered.stream_available,
                "health": _answer(answered.health),
                "ready_probe": _answer(answered.ready_probe),
                "metrics": _answer(answered.metrics),
            }
        case Unsupported(transport):
            return {
                **_head(node, result),
                "status": "unknown",
                "ready": False,
                "stream_available": False,
                "error": unsupported(transport).fields(),
            }
        case outcome:
            return trouble_of(outcome)


def _head(node: Node, result: ProbeResult) -> dict[str, Any]:
    return {
        "node_id": node.id,
        "transport": node.transport,
        "checked_at": iso_time(result.checked_at),
        "duration_seconds": round(result.duration_seconds, 4),
    }


def _answer(answer: ProbeAnswer | str) -> dict[str, Any]:
    if isinstance(answer, str):
        return {"error": answer}
    return {"status_code": answer.status_code, "payload": answer.payload}
