"""
Where a node is.

"""

import re
from ipaddress import IPv4Address, IPv6Address

from attrs import frozen

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(?i:(https?))://([^/]*)(/.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([^:]*))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# What RFC 3986 allows in a path.
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


@frozen
class BaseURL:
    """
    ``scheme://host[:port][/path]``, normalised: scheme and host in lower case, no slash at the
    end.

    """

    scheme: str
    host: str
    """A name, an IPv4 literal, or an IPv6 literal in brackets."""
    port: int | None
    """As it was given; ``None`` is the scheme's own."""
    path: str
    """Empty, or with a slash in front."""

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """
        Scheme, host and port: who gets to see what is sent there.

        """
        return self.scheme, self.host, self.port or _DEFAULT_PORTS[self.scheme]


def parse_base_url(text: str) -> BaseURL:
    """
    :raises ValueError: If it is no such URL; the message never repeats the text, which may hold
        a password.
    """
    if "?" in text or "#" in text:
        raise ValueError("must have no query (?) and no fragment (#)")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise ValueError("must look like http://host[:port][/path] or https://…")
    scheme, authority, path = parts[1].lower(), parts[2], (parts[3] or "").rstrip("/")
    if "@" in authority:
        raise ValueError("must hold no user name or password; a token goes into auth")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise ValueError("has a host that is none; an IPv6 address goes into brackets: [::1]")
    if not _PATH.fullmatch(path):
        raise ValueError("has a path with characters that must be percent-encoded")
    return BaseURL(scheme, _host(match[1].lower()), _port(match[2]), path)


def _port(digits: str | None) -> int | None:
    if digits is None:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", digits) or not 1 <= int(digits) <= 65535:
        raise ValueError("must have a port from 1 to 65535, or none")
    return int(digits)


def _host(text: str) -> str:
    if not text:
        raise ValueError("must name a host")
    if text.startswith("["):
        return _ipv6(text[1:-1])
    labels = text.removesuffix(".").split(".")
    # As browsers and resolvers do: what ends in a number is an address or nothing.
    if _NUMERIC.fullmatch(labels[-1]):
        return _ipv4(text)
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            "must have a host of ASCII letters, digits, hyphens and dots (xn--… for other scripts)"
        )
    return text


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise ValueError("has a host that is no IPv4 address, such as 192.168.1.20") from None


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError:
        address = None
    if address is None or address.scope_id is not None:
        raise ValueError("has a host that is no IPv6 address, such as [fd00::20]")
    return f"[{address.compressed}]"
