"""
Tests of all the ways to write an address: whatever passes is judged once more where it is connected
to.

"""

import socket
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.ssl import CertificateOptions
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.management.outbound._connections import Connections
from motion_in_ocean.management.outbound._destinations import destination_of
from motion_in_ocean.management.outbound._names import NodeNames
from motion_in_ocean.management.registry._base_url import parse_base_url
from tests.fakes import HandWorker

METADATA = "169.254.169.254"

REFUSED: Mapping[str, Sequence[str]] = {
    "as it is": (METADATA, f"{METADATA}.", f"[::ffff:{METADATA}]", "169.254.0.1", "[fe80::1]"),
    "decimal": ("2852039166", "169.16689662", "169.254.43518", "02852039166"),
    "hexadecimal": ("0xa9fea9fe", "0xA9FEA9FE", "0xa9.0xfe.0xa9.0xfe", "0xa9.254.43518"),
    "octal": ("0251.0376.0251.0376", "025177524776", "0251.254.169.254", "00000251.0376.43518"),
    "digits of other kinds": (
        *("\uff11\uff16\uff19.254.169.254", "\u2460\u2465\u2468.254.169.254"),
        *(
            "169\u3002254\u3002169\u3002254",
            "169\uff0e254.169.254",
            "\u0661\u0666\u0669.254.169.254",
        ),
    ),
    "within version 6": (
        *("[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::a9fe:a9fe]"),
        *(
            f"[::{METADATA}]",
            "[64:ff9b::a9fe:a9fe]",
            f"[64:ff9b::{METADATA}]",
            "[2002:a9fe:a9fe::1]",
        ),
        *("[2001:0:1234::5601:5601]", "[::ffff:0:a9fe:a9fe]", "[fd00:ec2::254]", "[FD00:EC2::254]"),
    ),
    "with a zone": (
        f"[::ffff:{METADATA}%25eth0]",
        "[fe80::1%eth0]",
        "[fe80::1%25lo]",
        "fe80::1%lo",
    ),
    "percent-encoded": ("169%2e254%2e169%2e254", "%31%36%39.254.169.254", "[%3a%3a1]"),
    "behind something else": (
        *(f"192.168.1.20@{METADATA}", f"a:b@{METADATA}", f"{METADATA}#@192.168.1.20"),
        *(f"{METADATA}?@192.168.1.20", f"192.168.1.20\\@{METADATA}", f"192.168.1.20 {METADATA}"),
        *(f"{METADATA}\t", f"{METADATA}:80:80", f"[{METADATA}]"),
    ),
    "nowhere": ("0", "0.0.0.0", "0x0", "00", "[::]", "[::ffff:0:0]", "0.0.0.0.", "0.1.2.3"),
    "everybody": ("255.255.255.255", "4294967295", "224.0.0.1", "[ff02::1]", "0xe0000001"),
}
LOOPBACK = (
    *("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.255.255.254"),
    *("127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1."),
    *("\u2460\u2461\u2466.0.0.1", "[64:ff9b::7f00:1]", "[0:0:0:0:0:0:0:1]", "127\uff0e0.0.1"),
)
POLICIES = {
    "open": AddressPolicy(),
    "everything": AddressPolicy([ip_network("0.0.0.0/0"), ip_network("::/0")]),
    "home": AddressPolicy([ip_network("192.168.0.0/16"), ip_network("fd00::/16")]),
    "closed": AddressPolicy(()),
}

GetAddrInfo = Callable[..., Sequence[Any]]


def answering(*addresses: str) -> GetAddrInfo:
    """
    :returns: A resolver that has these for every name.
    """
    return lambda *_: [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM,
            6,
            "",
            (address, 0),
        )
        for address in addresses
    ]


class Network:
    """
    What is connected to, where nobody answers.

    """

    def __init__(
        self, policy: AddressPolicy, getaddrinfo: GetAddrInfo = socket.getaddrinfo
    ) -> None:
        self.reactor = MemoryReactorClock()
        self.worker = HandWorker()
        names = NodeNames(self.worker, policy, self.reactor, getaddrinfo)
        self.connections = Connections(self.reactor, names, policy, CertificateOptions(), 1)

    def connected_to(self, host: str) -> set[str]:
        """
        :returns: All addresses that are tried for a node at that host.
        """
        try:
            origin = destination_of(f"http://{host}:8000", None).origin
        except ValueError:
            return set()
        ended: list[Failure] = []
        self.connections.connect(origin).addErrback(ended.append)
        while self.worker.waiting:
            self.worker.step()
        for _ in range(20):
            self.reactor.advance(0.5)
        tried = {client[0] for client in self.reactor.tcpClients}
        for client in self.reactor.tcpClients:
            factory: Any = client[2]
            factory.clientConnectionFailed(None, Failure(Refused()))
        self.reactor.advance(60)
        assert ended, "somebody still waits"
        return tried


def is_registered(host: str) -> bool:
    """
    :returns: Whether a node may say that it is there.
    """
    try:
        parse_base_url(f"http://{host}:8000")
    except ValueError:
        return False
    return True


class SpellingTests(SynchronousTestCase):
    """
    Two doors: what may be written into a node, and what may be connected to.

    """

    def test_refused(self) -> None:
        """
        Nothing that leads to a cloud's secrets, to nowhere or to everybody is ever connected to,
        whatever the policy, also where the first door would stand open.
        """
        for kind, hosts in REFUSED.items():
            for host in hosts:
                for name, policy in POLICIES.items():
                    self.assertEqual(Network(policy).connected_to(host), set(), (kind, host, name))

    def test_loopback(self) -> None:
        """
        The machine itself is reached where that is allowed, in any spelling, and else in none.
        """
        for host in LOOPBACK:
            for name, policy in POLICIES.items():
                tried = Network(policy).connected_to(host)
                if name in ("home", "closed"):
                    self.assertEqual(tried, set(), (host, name))
                for address in tried:
                    meant = ip_address(address)
                    if isinstance(meant, IPv6Address) and meant != IPv6Address("::1"):
                        meant = IPv4Address(int(meant) & 0xFFFFFFFF)
                    self.assertTrue(meant.is_loopback, (host, address))
        self.assertEqual(Network(POLICIES["open"]).connected_to("127.1"), {"127.0.0.1"})

    def test_first_door(self) -> None:
        """
        What is no plain address is not even registered.
        """
        plain = {METADATA, "169.254.0.1", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1"}
        for kind, hosts in REFUSED.items():
            for host in hosts:
                is_version_6 = kind != "with a zone" and host.startswith("[") and "%" not in host
                if not is_version_6 and host not in plain:
                    self.assertFalse(is_registered(host), (kind, host))


class ResolverTests(SynchronousTestCase):
    """
    Names can lead anywhere, and somewhere else each time.

    """

    def test_some_refused(self) -> None:
        """
        Of the addresses of a name, those that are refused are not tried when the others fail.
        """
        for addresses in (
            ("93.184.216.34", METADATA),
            (METADATA, "93.184.216.34"),
            ("93.184.216.34", "fe80::1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "0.0.0.0"),
        ):
            network = Network(POLICIES["open"], answering(*addresses))
            self.assertEqual(network.connected_to("camera.example"), {"93.184.216.34"})

    def test_changes_its_mind(self) -> None:
        """
        A name that was good once is judged anew the next time.
        """
        answers = [("93.184.216.34",), (METADATA,), ("::ffff:169.254.169.254",)]

        def getaddrinfo(*given: object) -> Sequence[Any]:
            return answering(*answers.pop(0))(*given)

        network = Network(POLICIES["open"], getaddrinfo)
        tried = [network.connected_to("camera.example")]
        for _ in range(2):
            network.reactor.tcpClients.clear()
            tried.append(network.connected_to("camera.example"))
        self.assertEqual(tried, [{"93.184.216.34"}, set(), set()])

    def test_narrowed(self) -> None:
        """
        Who has named the networks of the nodes is not led out of them by a name.
        """
        network = Network(POLICIES["home"], answering("93.184.216.34", "10.0.0.1", "192.168.1.20"))
        self.assertEqual(network.connected_to("camera.example"), {"192.168.1.20"})
