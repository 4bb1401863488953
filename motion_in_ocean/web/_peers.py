"""
Who is at the other end of a connection.

"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from twisted.internet.interfaces import IAddress

THIS_MACHINE = ("127.0.0.1", "::1")
"""The addresses of reverse proxies and health checks beside the daemon."""

UNIX_SOCKET = "a Unix socket"


def address_of(peer: IAddress) -> str:
    """
    :returns: The peer's address; an IPv4 address as such, also where a socket for both kinds
        wraps it in IPv6.
    """
    host = getattr(peer, "host", None)
    return UNIX_SOCKET if host is None else str(_unwrapped(host))


def is_on_this_machine(address: str) -> bool:
    """
    :param address: As ``address_of`` returns it.
    """
    return address == UNIX_SOCKET or address in THIS_MACHINE


def network_of(peer: IAddress) -> str:
    """
    :returns: The smallest network that one customer of a provider has for certain: an IPv4
        address, or the 64 bits of an IPv6 address that he cannot choose.
    """
    address = address_of(peer)
    if ":" not in address:
        return address
    return str(IPv6Network((address.partition("%")[0], 64), strict=False))


def _unwrapped(host: str) -> IPv4Address | IPv6Address:
    address = ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address
