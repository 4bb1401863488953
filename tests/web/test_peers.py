"""
Tests of who counts as the same client.

"""

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._peers import address_of, is_on_this_machine, network_of


class PeerTests(SynchronousTestCase):
    """
    Addresses as they come from sockets.

    """

    def test_network(self) -> None:
        """
        Who has an IPv6 network has no end of addresses.
        """
        for host, network in (
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
        ):
            kind = IPv6Address if ":" in host else IPv4Address
            self.assertEqual(network_of(kind("TCP", host, 4711)), network)

    def test_unix_socket(self) -> None:
        """
        A socket file has no addresses.
        """
        peer = UNIXAddress(None)
        self.assertEqual((address_of(peer), network_of(peer)), ("a Unix socket", "a Unix socket"))

    def test_this_machine(self) -> None:
        """
        Only those addresses that a program gets that does not choose another on purpose.
        """
        for address in ("127.0.0.1", "::1", "a Unix socket"):
            self.assertTrue(is_on_this_machine(address))
        for address in ("127.0.0.2", "192.0.2.7", "::2"):
            self.assertFalse(is_on_this_machine(address))
