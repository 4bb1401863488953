"""
Under which names the API may be called.

A page that an attacker serves can make its own name point to an address in the visitor's network
("DNS rebinding"); to the browser the daemon is then that page's own origin. What gives it away is
the ``Host`` header. Names that nobody outside can own, and addresses, are safe.

"""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from attrs import field, frozen

LOCAL_SUFFIXES = (".local", ".lan", ".home.arpa")
"""Not in the public DNS: RFC 6762 (multicast DNS), custom, RFC 8375."""

_HOST = re.compile(r"(?P<name>\[[^][]+\]|[^][:/?#@\\\s]+)(:[0-9]*)?")


def _normal(name: str) -> str:
    return name.strip("[]").removesuffix(".").lower()


def _all_normal(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_normal(name) for name in names)


@frozen
class HostPolicy:
    """
    What ``ALLOWED_HOSTS`` means for a request.

    """

    own_name: str = field(converter=_normal)
    """The name of this machine."""

    listed: Sequence[str] = field(converter=_all_normal)
    """Further names; ``*.example`` stands for all below ``example``, but not for it."""

    def allows(self, hosts: Sequence[bytes]) -> bool:
        """
        :param hosts: The values of the request's ``Host`` headers. No browser sends none.
        """
        return all(self._allows(host.decode("ascii", "replace")) for host in hosts)

    def _allows(self, host: str) -> bool:
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = _normal(match["name"])
        return (
            _is_address(name)
            or "." not in name
            or name.endswith(LOCAL_SUFFIXES)
            or name == self.own_name
            or any(_covers(listed, name) for listed in self.listed)
        )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _covers(listed: str, name: str) -> bool:
    return name.endswith(listed[1:]) if listed.startswith("*.") else name == listed
