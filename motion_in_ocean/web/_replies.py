"""
The shapes of our replies.

Each function sets status and headers on the request and returns the body, as Klein's routes do.
Every reply has its ``Content-Length``, or twisted.web would send it in chunks.

"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from twisted.web.http import Request

from motion_in_ocean.web._paths import node_in


def iso_time(seconds: float) -> str:
    """
    :param seconds: Since the epoch.
    :returns: The same in ISO 8601, in UTC, to the millisecond.
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body(
    request: Request,
    content: bytes,
    content_type: str,
    status: int = 200,
    caching: str = "no-store",
) -> bytes:
    """
    :param caching: What caches may do with it.
    :returns: ``content``, with the headers that describe it set.
    """
    request.setResponseCode(status, _phrase(status))
    request.setHeader(b"Content-Type", content_type.encode())
    request.setHeader(b"Content-Length", b"%d" % len(content))
    request.setHeader(b"Cache-Control", caching.encode())
    return content


def _phrase(status: int) -> bytes:
    # Twisted does not know the names of all, and what a node answers may have none.
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b"Unknown"


def vary(request: Request, header: str) -> None:
    """
    Let caches know that the reply depends on a header of the request, besides others.

    """
    names = [*request.responseHeaders.getRawHeaders("Vary", []), header]
    request.setHeader("Vary", ", ".join(dict.fromkeys(names)))


def text_body(request: Request, line: str, status: int) -> bytes:
    """
    :param line: One short line without its end.
    """
    return body(request, f"{line}\n".encode(), "text/plain; charset=utf-8", status)


def json_body(request: Request, payload: Mapping[str, Any], status: int = 200) -> bytes:
    """
    :param payload: Anything that JSON can hold; non-finite numbers are a bug.
    """
    return body(request, json_text(payload) + b"\n", "application/json", status)


def json_text(payload: Any) -> bytes:
    """
    :param payload: As for ``json_body``.
    """
    text = json.dumps(payload, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def error_body(
    request: Request,
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
) -> bytes:
    """
    :param code: The stable name of the error, such as ``NOT_FOUND``.
    :param message: For a person.
    :param details: What a program may want to know besides.
    :returns: The error envelope that all errors of the API share.
    """
    error = {
        "code": code,
        "message": message,
        **_node(request),
        "details": dict(details or {}),
        "timestamp": iso_time(time.time()),
    }
    return json_body(request, {"error": error}, status)


def _node(request: Request) -> dict[str, str]:
    # Seen from the path, the door's refusals and those of the router name the node as well.
    node_id = node_in(request.path.decode("ascii", "replace"))
    return {} if node_id is None else {"node_id": node_id}
