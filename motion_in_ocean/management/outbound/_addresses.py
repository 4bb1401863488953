"""
Which addresses this process may connect to.

A name can lead anywhere, and the same address has many spellings (``0x7f.1``, ``2130706433``,
``::ffff:127.0.0.1``), so it is the address itself that is judged, at the moment of connecting.

"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from attrs import frozen

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052, section 2.1

# Where clouds tell a machine its secrets; all but these are link-local.
_METADATA = {
    IPv4Address("100.100.100.200"),  # Alibaba Cloud
    IPv4Address("168.63.129.16"),  # Azure
    IPv4Address("192.0.0.192"),  # Oracle Cloud
    IPv6Address("fd00:ec2::254"),  # Amazon EC2
    IPv6Address("fd20:ce::254"),  # Google Cloud
}

_THIS_NETWORK = IPv4Network("0.0.0.0/8")


class AddressRefused(Exception):
    """
    Nobody may make us connect to that address.

    """


@frozen
class AddressPolicy:
    """
    Refuse what is no node's address; let the operator narrow the rest.

    Loopback and private networks are allowed: that is where nodes are.

    """

    networks: Sequence[Network] | None = None
    """The only networks to connect to; none if it is empty; ``None`` does not narrow."""

    def permits(self, address: str) -> bool:
        """
        :returns: Whether ``check`` would let it pass.
        """
        try:
            self.check(address)
        except AddressRefused:
            return False
        return True

    def check(self, address: str) -> None:
        """
        :param address: An address literal, as given to ``connect``.
        :raises AddressRefused: With the reason, for a person.
        """
        try:
            outer = ip_address(address)
        except ValueError:
            raise AddressRefused("this is no address") from None
        meant = [outer, *_embedded(outer)]
        # What an IPv6 address stands for is judged in its place.
        reason = _forbidden(meant[-1])
        if reason is not None:
            raise AddressRefused(f"{outer} is {reason}")
        if self.networks is not None and not any(
            one in network for network in self.networks for one in meant
        ):
            raise AddressRefused(f"{outer} is not in NODE_ALLOWED_NETWORKS")


def _embedded(address: Address) -> Iterator[IPv4Address]:
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield address.teredo[1]
    elif address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _forbidden(address: Address) -> str | None:
    if address.is_loopback:
        # To Python it is reserved, too.
        return None
    if address.is_unspecified or address in _THIS_NETWORK:
        return "unspecified"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if isinstance(address, IPv6Address):
        # ``fe80::1%eth0`` and the like: a scope must not hide the address.
        address = IPv6Address(int(address))
    if address in _METADATA:
        return "where a cloud keeps its secrets"
    return "reserved" if address.is_reserved else None
