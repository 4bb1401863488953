"""
Requests that depend on what the client knows already (RFC 9110, section 13).

"""

import re
from collections.abc import Callable, Sequence

from twisted.web.http import NOT_MODIFIED, Request
from twisted.web.http_headers import Headers

from motion_in_ocean.errors import InvalidRequest

_LIST = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*')
_TAG = re.compile(r'(?:W/)?"[^"]*"')


def etag_of(revision: int) -> str:
    """
    :returns: The strong entity tag of a revision.
    """
    return f'"{revision}"'


def if_match(headers: Headers) -> Sequence[str] | None:
    """
    :returns: The entity tags of ``If-Match``; ``None`` where any will do: without the header, or
        with ``*``.
    :raises InvalidRequest: If they are not written as entity tags are.
    """
    value = _value(headers, b"If-Match")
    if value is None or value == "*":
        return None
    if not _LIST.fullmatch(value):
        raise InvalidRequest("If-Match", 'should be *, or an ETag as it was received, such as "7"')
    return _TAG.findall(value)


def is_known(headers: Headers, etag: str) -> bool:
    """
    :returns: Whether ``If-None-Match`` says that the client has what ``etag`` stands for.
    """
    value = _value(headers, b"If-None-Match") or ""
    # A proxy may have weakened the tag.
    return value == "*" or etag in [tag.removeprefix("W/") for tag in _TAG.findall(value)]


def tagged_body(request: Request, etag: str, make_body: Callable[[], bytes]) -> bytes:
    """
    :param make_body: Sets what describes the body, and returns it.
    :returns: A reply with that entity tag; without a body, and 304, if the client has it already.
    """
    request.setHeader(b"ETag", etag.encode())
    if is_known(request.requestHeaders, etag):
        request.setResponseCode(NOT_MODIFIED)
        return b""
    return make_body()


def _value(headers: Headers, name: bytes) -> str | None:
    # Any byte above 127 may stand in a tag (RFC 9110, section 8.8.3), UTF-8 or not.
    values = headers.getRawHeaders(name)
    return None if values is None else b",".join(values).decode("latin-1").strip()
