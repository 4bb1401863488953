"""
The one table that turns what went wrong into a reply.

"""

from collections.abc import Callable, Mapping
from typing import Any

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from werkzeug.exceptions import HTTPException

from motion_in_ocean.errors import (
    CameraNotReady,
    ControlsRefused,
    InvalidRequest,
    MotionInOceanError,
    NodeInvalid,
    NodeNotFound,
    RegistryUnavailable,
    RevisionMismatch,
    TooManyViewers,
    UnknownAction,
)
from motion_in_ocean.service import without_words
from motion_in_ocean.web._paths import is_api
from motion_in_ocean.web._replies import error_body, text_body

RETRY_AFTER_SECONDS = 2

ROUTING_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}

_log = Logger(namespace="motion_in_ocean.web")


def _unavailable(request: Request, error: MotionInOceanError) -> bytes:
    # One short line: whoever asks for a picture shows it to a person, if anything.
    request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_SECONDS)
    return text_body(request, str(error), 503)


def _camera_not_ready(request: Request, error: CameraNotReady) -> bytes:
    if not is_api(request.path.decode("ascii", "replace")):
        return _unavailable(request, error)
    request.setHeader(b"Retry-After", b"%d" % RETRY_AFTER_SECONDS)
    return error_body(request, 503, "CAMERA_NOT_READY", str(error), {"reason": error.reason})


def _controls_refused(request: Request, error: ControlsRefused) -> bytes:
    details = {"problems": error.problems, "available": error.available}
    message = f"Nothing was set: {error}."
    return error_body(request, 400, "VALIDATION_ERROR", message, details)


def _unknown_action(request: Request, error: UnknownAction) -> bytes:
    return error_body(request, 404, "NOT_FOUND", str(error), {"actions": list(error.actions)})


def _too_many_viewers(request: Request, error: TooManyViewers) -> bytes:
    return _unavailable(request, error)


def _invalid(request: Request, error: InvalidRequest | NodeInvalid) -> bytes:
    return error_body(request, 400, "VALIDATION_ERROR", str(error), error.problems)


def _node_not_found(request: Request, error: NodeNotFound) -> bytes:
    return error_body(request, 404, "NODE_NOT_FOUND", str(error))


def _revision_mismatch(request: Request, error: RevisionMismatch) -> bytes:
    return error_body(request, 412, "PRECONDITION_FAILED", str(error))


def _registry_unavailable(request: Request, error: RegistryUnavailable) -> bytes:
    return error_body(request, 503, "REGISTRY_UNAVAILABLE", str(error))


TABLE: Mapping[type[MotionInOceanError], Callable[[Request, Any], bytes]] = {
    CameraNotReady: _camera_not_ready,
    ControlsRefused: _controls_refused,
    UnknownAction: _unknown_action,
    TooManyViewers: _too_many_viewers,
    InvalidRequest: _invalid,
    NodeInvalid: _invalid,
    NodeNotFound: _node_not_found,
    RevisionMismatch: _revision_mismatch,
    RegistryUnavailable: _registry_unavailable,
}


def answer_errors(app: Klein, *, has_secrets: bool = False) -> None:
    """
    Have the errors of all routes of ``app`` answered by the table.

    Klein asks its handlers in order: without the second, the last would turn 404 into 500.

    :param has_secrets: Whether its routes have secrets at hand that the log must not quote.
    """

    @app.handle_errors(MotionInOceanError)
    def domain_error(self: Any, request: Any, failure: Failure) -> bytes:
        error = failure.value
        answer = next(a for kind, a in TABLE.items() if isinstance(error, kind))
        return answer(request, error)

    @app.handle_errors(HTTPException)
    def routing_error(self: Any, request: Any, failure: Failure) -> bytes:
        error = failure.value
        assert isinstance(error, HTTPException)
        for name, value in error.get_headers():
            if name in ("Allow", "Location"):
                request.setHeader(name.encode(), value.encode())
        status = error.code or 500
        code = ROUTING_CODES.get(status, "VALIDATION_ERROR")
        return error_body(request, status, code, error.name)

    @app.handle_errors(Exception)
    def bug(self: Any, request: Any, failure: Failure) -> bytes:
        # Not the traceback to the client: it is of no use to them, and may hold what is not theirs.
        _log.failure(
            "while answering {method} {path}",
            without_words(failure) if has_secrets else failure,
            method=request.method.decode("ascii", "replace"),
            path=request.path.decode("ascii", "replace"),
        )
        return error_body(request, 500, "INTERNAL_ERROR", "The daemon's log says more.")
