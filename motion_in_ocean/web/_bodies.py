"""
What clients send.

"""

from typing import Any

from twisted.web.http import Request

from motion_in_ocean.errors import InvalidRequest
from motion_in_ocean.strict_json import strict_object


def json_object(request: Request) -> dict[str, Any] | None:
    """
    :returns: The JSON object in the request's body; ``None`` if there is no body.
    :raises InvalidRequest: If the body is anything else.
    """
    content = content_of(request)
    if not content:
        return None
    try:
        return strict_object(content)
    except ValueError as error:
        raise InvalidRequest("body", str(error)) from None


def content_of(request: Request) -> bytes:
    """
    :returns: The body as it came, however often it is asked for.
    """
    assert request.content is not None
    request.content.seek(0)
    content: bytes = request.content.read()
    return content
