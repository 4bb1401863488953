"""
What clients send.

"""

from typing import Any

from pydantic_core import from_json
from twisted.web.http import Request

from motion_in_ocean.errors import InvalidRequest


def json_object(request: Request) -> dict[str, Any] | None:
    """
    :returns: The JSON object in the request's body; ``None`` if there is no body. Numbers such as
        ``1e400`` come out as infinite.
    :raises InvalidRequest: If the body is anything else.
    """
    content = request.content.read() if request.content is not None else b""
    if not content:
        return None
    try:
        value = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest("body", f"is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidRequest("body", "should be a JSON object")
    return value
