"""
What schemathesis has to know beyond the API documents; it imports this by itself.

"""

import itertools
import os
import re
from ipaddress import ip_address
from typing import Any

import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.generation.meta import TestPhase
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

EXAMPLE = "garden"
"""The id of the node in the document's examples."""

_numbers = itertools.count(1)

_NAMED_URL = re.compile(
    r"\s*https?://(?P<host>[a-z0-9_.-]+)(:[0-9]+)?(?P<path>/[!-~]*)?\s*", re.IGNORECASE
)


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """
    Have credentials demanded, which the documents leave to the settings.

    """
    if "FUZZ_AUTHORIZATION" in os.environ:
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
    Have the node of the examples where it is needed, and nodes here instead of anywhere: no name is
    looked up, and nothing leaves this machine.

    """
    is_example = (case.path_parameters or {}).get("node_id") == EXAMPLE
    # A sequence of requests is about the nodes that it registers itself.
    if is_example and (case.meta is None or case.meta.phase.name is not TestPhase.STATEFUL):
        _register_example()
    if isinstance(case.body, dict):
        case.body = _at_home(case.body)


def _register_example() -> None:
    node: dict[str, Any] = {
        "id": EXAMPLE,
        "name": "The garden",
        "base_url": PLACES[0],
        "auth": {"type": "none"},
        "labels": {},
        "last_seen": "2026-01-01T00:00:00Z",
        "capabilities": [],
        "transport": "http",
    }
    authorization = os.environ.get("FUZZ_AUTHORIZATION")
    headers = {"Authorization": authorization} if authorization else {}
    url = f"{os.environ['FUZZ_URL']}api/nodes"
    # It may be there already.
    requests.post(url, json=node, headers=headers, timeout=10)


def _at_home(body: dict[str, Any]) -> dict[str, Any]:
    """
    :returns: What registers or changes a node, with an address that does no harm, and without the
        id of the examples, which is taken: that alone would be refused.
    """
    changes = {}
    if isinstance(body.get("base_url"), str):
        url = _NAMED_URL.fullmatch(body["base_url"])
        if url is not None and not _is_address(url["host"]):
            place = PLACES[len(url["host"]) % len(PLACES)]
            changes["base_url"] = place + (url["path"] or "")
    if body.get("id") == EXAMPLE:
        changes["id"] = f"{EXAMPLE}-{next(_numbers)}"
    return {**body, **changes}


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """
    :returns: Whether it is one.
    """
    operation = case.operation.label
    if isinstance(failure, ServerError | RejectedPositiveData | AcceptedNegativeData) and (
        is_foreseen(operation, response.status_code, response.content)
    ):
        return False
    if isinstance(failure, AcceptedNegativeData) and operation in IGNORED_PARAMETERS:
        return IGNORED_PARAMETERS[operation] not in (case.query or {})
    return True


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
