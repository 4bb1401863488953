"""
Tests of what may be connected to.

"""

from ipaddress import ip_network

from twisted.internet.defer import Deferred
from twisted.internet.ssl import CertificateOptions
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._addresses import AddressPolicy, AddressRefused
from motion_in_ocean.management.outbound._connections import Connection, Connections
from motion_in_ocean.management.outbound._destinations import destination_of
from motion_in_ocean.management.outbound._names import NodeNames
from tests.fakes import HandWorker

ALWAYS_REFUSED = {
    "link-local": ("169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1"),
    "link-local in disguise": (
        *("::ffff:169.254.1.1", "::ffff:a9fe:101", "64:ff9b::169.254.1.1"),
        *("2002:a9fe:0101::1", "2001:0:1234::5601:5601"),
    ),
    "metadata": (
        *("169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
        *("fd00:ec2::254", "fd00:ec2::254%eth0", "fd20:ce::254", "100.100.100.200"),
        *("::ffff:100.100.100.200", "168.63.129.16", "192.0.0.192"),
    ),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "::ffff:224.0.0.1"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "64:ff9b::0.0.0.0"),
    "reserved": ("240.0.0.1", "255.255.255.255", "::7f00:1", "::ffff:0:127.0.0.1", "4000::1"),
    "no address": (
        *("", "127.1", "0x7f.1", "localhost", "1.2.3.4.5", "[::1]"),
        "\uff11\uff12\uff17.0.0.1",
    ),
}
ALLOWED = {
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.178.20", "::ffff:10.0.0.1"),
    "unique local": ("fc00::1", "fd12:3456:789a::1"),
    "carrier-grade NAT": ("100.64.0.1", "100.100.100.199", "100.127.255.254"),
    "loopback": ("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"),
    "global": ("8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1"),
}
SPELLINGS = {
    "127.0.0.1": (
        *("127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001"),
        "\u2460\u2461\u2466.0.0.1",
    ),
    "169.254.169.254": ("0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518"),
    "0.0.0.0": ("0", "0x0", "0.0"),
}


class PolicyTests(SynchronousTestCase):
    """
    Addresses, judged one by one.

    """

    def test_always_refused(self) -> None:
        """
        Nobody who may register a node gets at what only this machine should reach, in whatever way
        the address is written.
        """
        everything = AddressPolicy([ip_network("0.0.0.0/0"), ip_network("::/0")])
        for policy in (AddressPolicy(), everything):
            for kind, addresses in ALWAYS_REFUSED.items():
                for address in addresses:
                    self.assertFalse(policy.permits(address), (kind, address))

    def test_allowed(self) -> None:
        """
        Nodes are where homes and workshops have them.
        """
        for kind, addresses in ALLOWED.items():
            for address in addresses:
                self.assertTrue(AddressPolicy().permits(address), (kind, address))

    def test_narrowed(self) -> None:
        """
        Who has named the networks of the nodes is sure of no others.
        """
        policy = AddressPolicy([ip_network("192.168.178.0/24"), ip_network("fd12::/16")])
        for address in ("192.168.178.20", "::ffff:192.168.178.20", "fd12::7", "64:ff9b::c0a8:b214"):
            self.assertTrue(policy.permits(address), address)
        for address in ("192.168.179.20", "127.0.0.1", "::1", "fd13::7", "8.8.8.8", "10.0.0.1"):
            self.assertFalse(policy.permits(address), address)

    def test_narrowed_to_nothing(self) -> None:
        """
        A list that cannot be used closes the daemon, rather than opening it.
        """
        for addresses in ALLOWED.values():
            for address in addresses:
                self.assertFalse(AddressPolicy(()).permits(address), address)

    def test_reason(self) -> None:
        """
        The operator is told which rule it was.
        """
        for address, networks, why in (
            ("169.254.1.2", None, "169.254.1.2 is link-local"),
            ("::ffff:224.0.0.1", None, "::ffff:224.0.0.1 is multicast"),
            ("10.1.1.1", (), "10.1.1.1 is not in NODE_ALLOWED_NETWORKS"),
        ):
            error = self.assertRaises(AddressRefused, AddressPolicy(networks).check, address)
            self.assertEqual(str(error).replace("::ffff:e000:1", "::ffff:224.0.0.1"), why)


class ConnectingTests(SynchronousTestCase):
    """
    What is really connected to.

    """

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()

    def connect(self, url: str, policy: AddressPolicy) -> Deferred[Connection]:
        """
        Connect as for a probe. Names are looked up as the system does it.
        """
        worker = HandWorker()
        names = NodeNames(worker, policy, self.reactor)
        connections = Connections(self.reactor, names, policy, CertificateOptions(), 1)
        connecting = connections.connect(destination_of(url, None).origin)
        while worker.waiting:
            worker.step()
        return connecting

    def test_spellings(self) -> None:
        """
        It is the address that counts, not how it is spelt.
        """
        for address, spellings in SPELLINGS.items():
            for spelling in spellings:
                connecting = self.connect(f"http://{spelling}:8000", AddressPolicy())
                self.reactor.advance(1)
                if address == "127.0.0.1":
                    self.assertNoResult(connecting)
                    self.assertEqual(self.reactor.tcpClients.pop()[:2], (address, 8000))
                    connecting.cancel()
                    self.failureResultOf(connecting)
                else:
                    self.failureResultOf(connecting, AddressRefused)
                    self.assertEqual(self.reactor.tcpClients, [])

    def test_literals(self) -> None:
        """
        Literals are judged without a detour.
        """
        for url, host in (
            ("http://192.168.1.20:8000", "192.168.1.20"),
            ("http://[fd00::20]:8000", "fd00::20"),
        ):
            connecting = self.connect(url, AddressPolicy())
            self.assertEqual(self.reactor.tcpClients.pop()[:2], (host, 8000))
            connecting.cancel()
            self.failureResultOf(connecting)
            self.failureResultOf(self.connect(url, AddressPolicy(())), AddressRefused)
            self.assertEqual(self.reactor.tcpClients, [])
