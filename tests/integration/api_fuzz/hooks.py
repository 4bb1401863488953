"""
What schemathesis has to know beyond the API documents; it imports this by itself.

"""

import os
import re
from ipaddress import ip_address
from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.openapi.checks import RejectedPositiveData

from tests.integration.api_fuzz.foreseen import IGNORED_PARAMETERS, is_foreseen

NODES = os.environ.get("FUZZ_NODES", "").split()
"""Where there are nodes."""

PLACES = (
    *NODES,
    *("http://127.0.0.1:1", "https://127.0.0.1:1", "http://[::1]:1", "HTTP://LOCALHOST:1"),
    # Never connected to.
    *("http://10.255.255.1", "http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0"),
)

_URL = re.compile(
    r"\s*https?://(?P<host>\[[^]]*\]|[^\s/?#@:]+)(:[0-9]+)?(?P<path>/[^\s?#]*)?\s*", re.IGNORECASE
)


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """
    Have credentials demanded, which the documents leave to the settings.

    """
    if "FUZZ_LOCKED" in os.environ:
        raw_schema["security"].remove({})


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """
    Ask for no stream: it never ends.

    """
    action = (case.query or {}).get("action")
    return not (isinstance(action, str) and action.partition("?")[0] == "stream")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """
    Have nodes be here instead of anywhere, so that no name is looked up and nothing leaves this
    machine.

    """
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("base_url"), str):
        url = _URL.fullmatch(body["base_url"])
        if url is not None and not _is_address(url["host"]):
            place = PLACES[len(url["host"]) % len(PLACES)]
            case.body = {**body, "base_url": place + (url["path"] or "")}


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """
    :returns: Whether it is one.
    """
    operation, status = case.operation.label, response.status_code
    if isinstance(failure, ServerError | RejectedPositiveData):
        return not is_foreseen(operation, status, response.content)
    if isinstance(failure, AcceptedNegativeData) and operation in IGNORED_PARAMETERS:
        return IGNORED_PARAMETERS[operation] not in (case.query or {})
    return True


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
