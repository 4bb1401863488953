"""
Tests of how many connections there may be.

"""

from attrs import define
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._connections import (
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_OF_ADDRESS,
    RESERVED_SHARE,
    Connections,
)
from tests.memory_node import SOMEONE, Client, Reply, streaming_node
from tests.service.listening import LogEvents

RESERVED = MAX_CONNECTIONS // RESERVED_SHARE
HERE, ELSEWHERE = SOMEONE.host, "192.0.2.250"


class ConnectionsTestCase(SynchronousTestCase):
    """
    A test case with a node, whose log it reads.

    """

    def setUp(self) -> None:
        self.log = LogEvents()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.node = streaming_node(self.addCleanup)

    def busy(self, count: int, host: str | None = None) -> list[Client]:
        """
        :param host: Where they come from; ``None`` for as many other machines.
        :returns: Connections that wait for an answer, which takes a while.
        """
        clients = [
            self.node.client(host or f"198.51.{at // 250}.{at % 250}") for at in range(count)
        ]
        for client in clients:
            client.send_request("/api/camera")
        return clients

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
        clients = self.busy(MAX_CONNECTIONS_OF_ADDRESS, HERE)
        self.assert_refused(self.node.client(HERE))
        self.assert_served(self.node.client(ELSEWHERE))
        clients[0].leave()
        self.assert_served(self.node.client(HERE))

    def test_wrapped_address(self) -> None:
        """
        An IPv4 address is the same through a socket for both kinds.
        """
        self.busy(MAX_CONNECTIONS_OF_ADDRESS, f"::ffff:{HERE}")
        self.assert_refused(self.node.client(HERE))

    def test_this_machine(self) -> None:
        """
        All clients of a reverse proxy come from one address.
        """
        for host in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            clients = self.busy(2 * MAX_CONNECTIONS_OF_ADDRESS, host)
            self.assertTrue(all(client.is_open for client in clients))
        for _ in range(2 * MAX_CONNECTIONS_OF_ADDRESS):
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

    def test_who_asks_for_nothing_makes_room(self) -> None:
        """
        A client that forgets connections, or has requests trickle in, harms itself only: the one
        that has done so longest ends, and none that waits for us.
        """
        others = [self.node.client(ELSEWHERE) for _ in range(3)]
        clients = [self.node.client(HERE) for _ in range(MAX_CONNECTIONS_OF_ADDRESS)]
        clients[0].send_request("/api/camera")
        self.assert_served(clients[1])
        clients[2].send(b"GET /hea")
        self.assert_ended(clients)
        for ended in ((2,), (2, 3), (2, 3, 4)):
            self.assert_served(self.node.client(HERE))
            self.assert_ended(clients, *ended)
        self.assert_ended(others)

    def test_who_does_not_take_the_answer_makes_room(self) -> None:
        """
        Nor does it help to leave answers lying about.
        """
        for _ in range(2 * MAX_CONNECTIONS_OF_ADDRESS):
            client = self.node.client(HERE)
            client.request("/snapshot.jpg", headers={"Connection": "close"})
        self.assert_served(self.node.client(HERE))

    def assert_ended(self, clients: list[Client], *numbers: int) -> None:
        """
        See that exactly these have been ended, without further ado.

        """
        ended = [at for at, each in enumerate(clients) if each.transport.disconnected]
        self.assertEqual(ended, list(numbers))


class TotalTests(ConnectionsTestCase):
    """
    All clients together do not take everything.

    """

    def test_limit(self) -> None:
        """
        There is an end to it, and one who leaves makes room.
        """
        crowd = self.busy(MAX_CONNECTIONS - RESERVED)
        self.assertTrue(all(client.is_open for client in crowd))
        self.assert_refused(self.node.client(HERE))
        crowd[7].leave()
        self.assert_served(self.node.client(HERE))

    def test_dripping(self) -> None:
        """
        Nobody is kept out by connections on which nothing is asked for.
        """
        crowd = [self.node.client(f"198.51.0.{at}") for at in range(MAX_CONNECTIONS - RESERVED)]
        for _ in range(3):
            self.assert_served(self.node.client(HERE))
        self.assertEqual([at for at, each in enumerate(crowd) if not each.is_open], [0, 1, 2])

    def test_health_checks_get_in(self) -> None:
        """
        A container's health check does not have the daemon restarted because it is busy.
        """
        self.busy(MAX_CONNECTIONS)
        for client in [self.node.client("127.0.0.1") for _ in range(RESERVED)]:
            self.assert_served(client)

    def test_this_machine_has_a_limit_too(self) -> None:
        """
        A proxy that goes wild does not use up everything.
        """
        clients = self.busy(MAX_CONNECTIONS, "127.0.0.1")
        self.assert_refused(self.node.client("127.0.0.1"))
        clients[0].leave()
        self.assert_served(self.node.client("127.0.0.1"))

    def test_strangers_do_not_push_out_this_machine(self) -> None:
        """
        The connections that a proxy keeps are its clients'.
        """
        proxy = [self.node.client("127.0.0.1") for _ in range(100)]
        crowd = self.busy(MAX_CONNECTIONS - RESERVED - 100)
        self.assert_refused(self.node.client(HERE))
        self.assertTrue(all(client.is_open for client in (*proxy, *crowd)))

    def test_those_refused_are_few(self) -> None:
        """
        To tell a flood why it is refused would be a flood as well.
        """
        self.busy(MAX_CONNECTIONS - RESERVED)
        refused = [self.node.client(HERE) for _ in range(2 * RESERVED)]
        for client in refused[:RESERVED]:
            self.assert_refused(client)
        for client in refused[RESERVED:]:
            self.assertTrue(client.transport.disconnected)
            self.assertEqual(client.received(), b"")
        refused[0].leave()
        self.assert_refused(self.node.client(HERE))

    def test_those_refused_do_not_stay(self) -> None:
        """
        They have two seconds to read why.
        """
        self.busy(MAX_CONNECTIONS - RESERVED)
        client = self.node.client(HERE)
        self.node.reactor.advance(1.9)
        self.assertFalse(client.transport.disconnected)
        self.node.reactor.advance(0.1)
        self.assertTrue(client.transport.disconnected)

    def test_log_and_figures(self) -> None:
        """
        The operator learns of it.
        """
        self.busy(MAX_CONNECTIONS_OF_ADDRESS, HERE)
        for _ in range(6):
            self.node.client(HERE)
        self.assertEqual(self.figure("connections_refused_total"), 6)
        (warning,) = warnings(self.log)
        self.assertIn(HERE, warning)
        self.assertIn("32 of 256 are taken, 32 by it", warning)

    def test_one_line_a_minute(self) -> None:
        """
        However many are refused.
        """
        clock = Clock()
        connections = Connections(clock.seconds, capacity=0)
        for _ in range(70):
            connections.admit(Stranger())
            clock.advance(1)
        self.assertEqual(len(warnings(self.log)), 2)

    def test_who_takes_an_answer_makes_room_last(self) -> None:
        """
        Before one that is still taking its answer goes one that has taken nothing for longer, and
        before that whoever asks for nothing.
        """
        connections = Connections(Clock().seconds, capacity=4)
        first, second, third, idle = crowd = [Stranger(is_sending=at < 3) for at in range(4)]
        for each in crowd:
            self.assertTrue(connections.admit(each))
        connections.has_moved(first)
        for leaver in (idle, second, third, first):
            self.assertFalse(leaver.has_ended)
            self.assertTrue(connections.admit(Stranger(is_sending=True)))
            self.assertTrue(leaver.has_ended)


@define(eq=False)
class Stranger:
    """
    A connection from another machine.

    """

    is_sending: bool = False
    has_ended: bool = False

    def getPeer(self) -> IPv4Address:
        """
        See ``Connection.getPeer``.

        """
        return SOMEONE

    def abort(self) -> None:
        """
        See ``Connection.abort``.

        """
        self.has_ended = True


def warnings(log: LogEvents) -> list[str]:
    """
    :returns: What was logged of those who were refused.
    """
    lines = [formatEvent(event) for event in log if event.get("log_level") is LogLevel.warn]
    return [line for line in lines if "No place" in line]


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
