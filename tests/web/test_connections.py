"""
Tests of how many connections there may be.

"""

from twisted.internet.address import UNIXAddress
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._connections import (
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_OF_ADDRESS,
    RESERVED_SHARE,
    Connections,
)
from motion_in_ocean.web._peers import address_of, network_of
from tests.memory_node import Client, Reply, streaming_node
from tests.service.listening import LogEvents

RESERVED = MAX_CONNECTIONS // RESERVED_SHARE
ELSEWHERE = "192.0.2.250"


class ConnectionsTestCase(SynchronousTestCase):
    """
    A test case with a node, whose log it reads.

    """

    def setUp(self) -> None:
        self.log = LogEvents()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.node = streaming_node(self.addCleanup)

    def crowd(self, count: int) -> list[Client]:
        """
        :returns: As many connections from as many other machines, none of which says anything.
        """
        return [self.node.client(f"198.51.{at // 250}.{at % 250}") for at in range(count)]

    def assert_served(self, client: Client) -> None:
        """
        See that it is answered.

        """
        self.assertEqual(client.request("/health").status, 200)

    def assert_refused(self, client: Client) -> None:
        """
        See that it has been told that there is no place, without being asked what it wants.

        """
        reply = Reply.parse(client.received())
        self.assertEqual((reply.status, reply.body), (503, b"all connections are taken\n"))
        self.assertEqual(
            (reply.headers["Retry-After"], reply.headers["Connection"]), ("5", "close")
        )
        self.assertFalse(client.is_open)
        client.send_request("/health")
        self.assertEqual(client.received(), b"")

    def figure(self, name: str) -> float:
        """
        :returns: A figure of the node, not counting who asks for it.
        """
        client = self.node.client(ELSEWHERE)
        reply = client.request("/metrics", headers={"Accept": "text/plain"})
        client.leave()
        lines = reply.body.decode().splitlines()
        prefix = f"motion_in_ocean_{name} "
        value = float(next(line for line in lines if line.startswith(prefix))[len(prefix) :])
        return value - (name == "connections")


class AddressTests(ConnectionsTestCase):
    """
    One client does not take everybody's place.

    """

    def test_limit(self) -> None:
        """
        Who has enough connections gets no more; others do.
        """
        clients = [self.node.client() for _ in range(MAX_CONNECTIONS_OF_ADDRESS)]
        self.assert_refused(self.node.client())
        self.assert_served(self.node.client(ELSEWHERE))
        clients[0].leave()
        self.assert_served(self.node.client())

    def test_wrapped_address(self) -> None:
        """
        An IPv4 address is the same through a socket for both kinds.
        """
        for _ in range(MAX_CONNECTIONS_OF_ADDRESS):
            self.node.client("::ffff:192.0.2.7")
        self.assert_refused(self.node.client("192.0.2.7"))

    def test_this_machine(self) -> None:
        """
        All clients of a reverse proxy come from one address.
        """
        for host in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            for _ in range(2 * MAX_CONNECTIONS_OF_ADDRESS):
                self.assert_served(self.node.client(host))
        for _ in range(2 * MAX_CONNECTIONS_OF_ADDRESS - 1):
            self.assert_served(self.node.client_of_unix_socket())

    def test_viewers_do_not_count(self) -> None:
        """
        A wall of screens behind one router watches, and has room for other requests.
        """
        viewers = [self.node.watch() for _ in range(2 * MAX_CONNECTIONS_OF_ADDRESS)]
        self.assert_served(self.node.client())
        self.assertTrue(all(viewer.is_open for viewer in viewers))
        self.assertEqual(self.figure("connections"), 1)
        viewers[0].leave()
        self.assertEqual(self.figure("connections"), 1)

    def test_who_only_asks_about_the_stream_counts(self) -> None:
        """
        HEAD does not watch.
        """
        self.node.client().request("/stream.mjpg", "HEAD")
        self.assertEqual(self.figure("connections"), 1)

    def test_idle_connection_makes_room(self) -> None:
        """
        A client that forgets connections harms itself only: the oldest that is idle ends, and none
        that is at work.
        """
        clients = [self.node.client() for _ in range(MAX_CONNECTIONS_OF_ADDRESS)]
        other = self.node.client(ELSEWHERE)
        self.assert_served(other)
        for number in (5, 3, 4):
            self.assert_served(clients[number])
        self.assert_served(clients[5])
        clients[3].send(b"GET /hea")
        self.assert_served(self.node.client())
        self.assertEqual([at for at, each in enumerate(clients) if not each.is_open], [4])
        self.assertTrue(other.is_open)


class TotalTests(ConnectionsTestCase):
    """
    All clients together do not take everything.

    """

    def test_limit(self) -> None:
        """
        There is an end to it, and one who leaves makes room.
        """
        crowd = self.crowd(MAX_CONNECTIONS - RESERVED)
        self.assertTrue(all(client.is_open for client in crowd))
        self.assert_refused(self.node.client())
        crowd[7].leave()
        self.assert_served(self.node.client())

    def test_health_checks_get_in(self) -> None:
        """
        A container's health check does not have the daemon restarted because it is busy.
        """
        self.crowd(MAX_CONNECTIONS)
        for _ in range(RESERVED):
            self.assert_served(self.node.client("127.0.0.1"))

    def test_this_machine_has_a_limit_too(self) -> None:
        """
        A proxy that goes wild does not use up everything.
        """
        clients = [self.node.client("127.0.0.1") for _ in range(MAX_CONNECTIONS)]
        self.assert_refused(self.node.client("127.0.0.1"))
        self.assert_served(clients[0])
        self.assert_served(self.node.client("127.0.0.1"))
        self.assertFalse(clients[0].is_open)

    def test_strangers_do_not_push_out_this_machine(self) -> None:
        """
        The connections that a proxy keeps are its clients'.
        """
        proxy = [self.node.client("127.0.0.1") for _ in range(100)]
        for client in proxy:
            self.assert_served(client)
        crowd = self.crowd(MAX_CONNECTIONS - RESERVED - 100)
        self.assert_refused(self.node.client())
        self.assert_served(crowd[3])
        self.assert_served(self.node.client())
        self.assertFalse(crowd[3].is_open)
        self.assertTrue(all(client.is_open for client in proxy))

    def test_those_refused_are_few(self) -> None:
        """
        To tell a flood why it is refused would be a flood as well.
        """
        self.crowd(MAX_CONNECTIONS - RESERVED)
        refused = self.crowd(2 * RESERVED)
        for client in refused[:RESERVED]:
            self.assert_refused(client)
        for client in refused[RESERVED:]:
            self.assertTrue(client.transport.disconnected)
            self.assertEqual(client.received(), b"")
        refused[0].leave()
        self.assert_refused(self.node.client())

    def test_those_refused_do_not_stay(self) -> None:
        """
        They have two seconds to read why.
        """
        self.crowd(MAX_CONNECTIONS - RESERVED)
        client = self.node.client()
        self.node.reactor.advance(1.9)
        self.assertFalse(client.transport.disconnected)
        self.node.reactor.advance(0.1)
        self.assertTrue(client.transport.disconnected)

    def test_log_and_figures(self) -> None:
        """
        The operator learns of it, with one line a minute.
        """
        clients = [self.node.client() for _ in range(MAX_CONNECTIONS_OF_ADDRESS + 5)]
        self.node.reactor.advance(5)
        self.node.client()
        self.assertEqual(self.figure("connections_refused_total"), 6)
        (warning,) = self.warnings()
        self.assertIn("192.0.2.7", warning)
        self.assertIn("32 of 256 are taken, 32 by it", warning)
        for client in clients:
            client.leave()
        self.node.reactor.advance(60)
        for _ in range(MAX_CONNECTIONS_OF_ADDRESS + 5):
            self.node.client()
        self.assertEqual(len(self.warnings()), 2)

    def warnings(self) -> list[str]:
        """
        :returns: What was logged of it.
        """
        return [
            formatEvent(event)
            for event in self.log
            if event.get("log_level") is LogLevel.warn and "No place" in formatEvent(event)
        ]


class DescriptorTests(SynchronousTestCase):
    """
    A process that may have few files open has fewer connections.

    """

    def test_few(self) -> None:
        """
        Half of them are left for other things.
        """
        self.assertEqual(Connections.within(64, lambda: 0.0).capacity, 32)

    def test_many(self) -> None:
        """
        There is nothing to gain above the usual limit.
        """
        self.assertEqual(Connections.within(65536, lambda: 0.0).capacity, MAX_CONNECTIONS)


class PeerTests(SynchronousTestCase):
    """
    Who counts as the same.

    """

    def test_network(self) -> None:
        """
        Who has an IPv6 network has no end of addresses.
        """
        node = streaming_node(self.addCleanup)
        for host, network in (
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
        ):
            self.assertEqual(network_of(node.client(host).transport.getPeer()), network)

    def test_unix_socket(self) -> None:
        """
        A socket file has no addresses.
        """
        peer = UNIXAddress(None)
        self.assertEqual((address_of(peer), network_of(peer)), ("a Unix socket", "a Unix socket"))
