"""
Tests for pictures that are passed on from nodes to clients.

"""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

from motion_in_ocean.management.outbound._picture import Picture
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized, Unreachable
from tests.memory_management import ManagementClient, MemoryManagement, decoded
from tests.memory_node import JPEG, Reply

SIZE = len(JPEG)
PATH = "/api/nodes/front/snapshot.jpg"
STAMPS = {"X-Timestamp": "1700000000.250000", "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT"}


class NodeSide:
    """
    A node's answer, which a test lets in piece by piece.

    """

    code = 200
    path = "/snapshot.jpg"

    def __init__(self, length: Any = SIZE, headers: dict[str, str] | None = None) -> None:
        stamps = STAMPS if headers is None else headers
        self.length = length
        self.headers = Headers({"Content-Type": ["image/jpeg"]})
        for name, value in stamps.items():
            self.headers.setRawHeaders(name, [value])
        self.is_aborted = False
        self.transport = StringTransport()
        self.picture = Picture(self, self, lambda: None)  # type: ignore[arg-type]

    def deliverBody(self, protocol: Any) -> None:
        """
        See ``IResponse.deliverBody``.

        """
        self.protocol = protocol
        protocol.makeConnection(self.transport)

    def abort(self) -> None:
        """
        See ``Exchange.abort``.

        """
        self.is_aborted = True

    def explain(self, failure: Failure) -> Unreachable:
        """
        See ``Exchange.explain``.

        """
        return Unreachable("connection_reset", "the node has hung up")

    def send(self, data: bytes) -> None:
        """
        Let a piece in.

        """
        self.protocol.dataReceived(data)

    def end(self, reason: Exception | None = None) -> None:
        """
        Let it end.

        """
        self.protocol.connectionLost(Failure(reason or ResponseDone()))


class SnapshotTests(SynchronousTestCase):
    """
    The dashboard's browser needs neither the node's token nor a way to it.

    """

    def setUp(self) -> None:
        self.daemon = MemoryManagement(self.mktemp())
        self.addCleanup(self.daemon.stop)
        self.daemon.register("front")

    def ask(self, node: NodeSide, method: str = "GET") -> ManagementClient:
        """
        :returns: The connection of somebody who asks for a picture.
        """
        self.daemon.nodes.picture = node.picture
        client = self.daemon.client()
        client.send(f"{method} {PATH} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return client

    def test_picture_is_passed_on(self) -> None:
        """
        As it is, with what the node says of it.
        """
        node = NodeSide()
        client = self.ask(node)
        node.send(JPEG[:5])
        node.send(JPEG[5:])
        node.end()
        reply = Reply.parse(client.received())
        self.assertEqual((reply.status, reply.body), (200, JPEG))
        self.assertEqual(reply.headers["Content-Type"], "image/jpeg")
        self.assertEqual(reply.headers["Content-Length"], str(SIZE))
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        for name, value in STAMPS.items():
            self.assertEqual(reply.headers[name], value)
        self.assertEqual(client.request("/health").status, 200)

    def test_it_does_not_wait_for_the_end(self) -> None:
        """
        A large picture is never in memory as a whole.
        """
        node = NodeSide()
        client = self.ask(node)
        node.send(JPEG[:5])
        self.assertTrue(client.received().endswith(JPEG[:5]))

    def test_client_that_is_slow_slows_the_node(self) -> None:
        """
        Nor does it pile up here.
        """
        node = NodeSide()
        client = self.ask(node)
        client.stop_reading()
        self.assertEqual(node.transport.producerState, "paused")
        client.read_again()
        self.assertEqual(node.transport.producerState, "producing")

    def test_unknown_length_and_odd_headers(self) -> None:
        """
        What the node does not say, or says in an odd way, is left out.
        """
        node = NodeSide(UNKNOWN_LENGTH, {"X-Timestamp": "now", "Last-Modified": "x\r\nSet-Cookie"})
        client = self.ask(node)
        node.send(JPEG)
        node.end()
        reply = Reply.parse(client.received())
        self.assertEqual((reply.status, reply.headers["Transfer-Encoding"]), (200, "chunked"))
        for name in (*STAMPS, "Content-Length", "Set-Cookie"):
            self.assertIsNone(reply.headers[name])
        self.assertTrue(reply.body.endswith(b"\r\n0\r\n\r\n"))

    def test_head(self) -> None:
        """
        The headers alone; the node need not send the rest.
        """
        node = NodeSide()
        reply = Reply.parse(self.ask(node, "HEAD").received())
        self.assertEqual((reply.status, reply.body), (200, b""))
        self.assertEqual(reply.headers["Content-Length"], str(SIZE))
        self.assertTrue(node.is_aborted)

    def test_client_that_leaves(self) -> None:
        """
        The node is not kept busy for nobody.
        """
        node = NodeSide()
        client = self.ask(node)
        node.send(JPEG[:5])
        client.leave()
        self.assertTrue(node.is_aborted)

    def test_client_that_leaves_before_there_is_an_answer(self) -> None:
        """
        Nor is the attempt kept up.
        """
        cancelled: list[object] = []
        self.daemon.nodes.picture = Deferred(cancelled.append)
        client = self.daemon.client()
        client.send(f"GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        client.leave()
        self.assertEqual(len(cancelled), 1)

    def test_node_that_hangs_up_at_once(self) -> None:
        """
        As long as nothing has been sent, it can still be said what is wrong.
        """
        node = NodeSide()
        client = self.ask(node)
        node.end(ConnectionLost())
        reply = Reply.parse(client.received())
        error = decoded(reply)["error"]
        self.assertEqual((reply.status, error["code"]), (503, "NODE_UNREACHABLE"))
        self.assertEqual(int(reply.headers["Content-Length"]), len(reply.body))
        self.assertIsNone(reply.headers["X-Timestamp"])

    def test_node_that_hangs_up_in_the_middle(self) -> None:
        """
        Nobody takes half a picture for a whole one.
        """
        for length in (SIZE, UNKNOWN_LENGTH):
            node = NodeSide(length)
            client = self.ask(node)
            node.send(JPEG[:5])
            node.end(ConnectionLost())
            self.assertTrue(client.transport.disconnected)
            self.assertFalse(client.received().endswith(b"0\r\n\r\n"))

    def test_failures(self) -> None:
        """
        Each as everywhere.
        """
        for outcome, status, code in (
            (Unauthorized("/snapshot.jpg", 401), 401, "NODE_UNAUTHORIZED"),
            (Unreachable("timeout", "no answer in time"), 503, "NODE_UNREACHABLE"),
            (InvalidResponse("wrong_type", "no JPEG", "/x"), 502, "NODE_INVALID_RESPONSE"),
        ):
            self.daemon.nodes.picture = outcome
            reply = self.daemon.ask(PATH)
            self.assertEqual((reply.status, decoded(reply)["error"]["code"]), (status, code))

    def test_unsupported_transport(self) -> None:
        """
        What cannot be asked has no picture.
        """
        self.daemon.register("box", transport="docker")
        reply = self.daemon.ask("/api/nodes/box/snapshot.jpg")
        self.assertEqual(
            (reply.status, decoded(reply)["error"]["code"]), (400, "TRANSPORT_UNSUPPORTED")
        )
