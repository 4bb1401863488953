"""
Where nodes are, and what every request to them says.

"""

from functools import lru_cache
from urllib.parse import quote, urlsplit

from attrs import field, frozen
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from motion_in_ocean import __version__

MOST_DESTINATIONS = 4096
"""So many are remembered."""

_PORTS = {"http": 80, "https": 443}


@frozen
class Origin:
    """
    Where a node listens.

    """

    scheme: str
    host: str
    """In ASCII; an IPv6 address without its brackets."""

    port: int


@frozen
class Destination:
    """
    A node, as one must know it to send it a request.

    """

    origin: Origin
    prefix: bytes
    """What comes before ``/health`` in the path, in ASCII."""

    headers: Headers = field(repr=False)
    """Of every request to it; they hold the token."""

    questions: dict[bytes, Request] = field(init=False, factory=dict, repr=False, eq=False)
    """The requests that it gets again and again, by path."""


@lru_cache(maxsize=MOST_DESTINATIONS)
def destination_of(base_url: str, token: str | None) -> Destination:
    """
    :param base_url: As a valid node has it.
    :raises ValueError: If its host cannot be written in ASCII.
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = parts.port or _PORTS[parts.scheme]
    bracketed = f"[{host}]" if ":" in host else host
    is_usual = port == _PORTS[parts.scheme]
    headers = Headers(
        {
            "Host": [bracketed if is_usual else f"{bracketed}:{port}"],
            "User-Agent": [f"motion-in-ocean/{__version__}"],
            "Accept": ["application/json"],
            "Accept-Encoding": ["identity"],
        }
    )
    if token is not None:
        headers.setRawHeaders("Authorization", [f"Bearer {token}"])
    prefix = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~").encode("ascii")
    return Destination(Origin(parts.scheme, host, port), prefix, headers)
