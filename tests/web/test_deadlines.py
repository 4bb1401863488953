"""
Tests of how long clients may take for what they do.

"""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.web._channel import IDLE_SECONDS, REQUEST_SECONDS, TAKING_SECONDS
from tests.memory_management import MemoryManagement
from tests.memory_node import Client, Reply, streaming_node

REQUEST = b"GET /health HTTP/1.1\r\nHost: n\r\n\r\n"
CLOSING_REQUEST = b"GET /health HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n"


class DeadlineTestCase(SynchronousTestCase):
    """
    A test case with a node.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def drip(self, client: Client, wire: bytes, seconds: float) -> None:
        """
        Send a byte each second.

        """
        for at in range(int(seconds)):
            client.send(wire[at : at + 1])
            self.node.reactor.advance(1)


class RequestTests(DeadlineTestCase):
    """
    A request arrives within ten seconds, or not at all.

    """

    def test_nothing_comes(self) -> None:
        """
        A connection without a request is closed; there is nothing to answer.
        """
        client = self.node.client()
        self.node.reactor.advance(REQUEST_SECONDS - 0.1)
        self.assertTrue(client.is_open)
        self.node.reactor.advance(0.1)
        self.assertFalse(client.is_open)
        self.assertEqual(client.received(), b"")

    def test_dripping_headers(self) -> None:
        """
        Another byte now and then buys no time.
        """
        client = self.node.client()
        self.drip(client, REQUEST, REQUEST_SECONDS - 1)
        self.assertTrue(client.is_open)
        self.drip(client, REQUEST, 1)
        self.assertFalse(client.is_open)
        self.assertEqual(Reply.parse(client.received()).status, 408)

    def test_dripping_body(self) -> None:
        """
        Nor does it in the body.
        """
        client = self.node.client()
        self.node.reactor.advance(5)
        client.send(b"POST /api/actions/restart HTTP/1.1\r\nHost: n\r\nContent-Length: 99\r\n\r\n")
        self.drip(client, b"{" * 99, 4)
        self.assertTrue(client.is_open)
        self.drip(client, b"{" * 99, 1)
        self.assertFalse(client.is_open)
        self.assertEqual(Reply.parse(client.received()).status, 408)
        self.assertEqual(self.node.camera.is_closed, False)

    def test_what_comes_too_late_is_ignored(self) -> None:
        """
        A request that has been refused is not carried out.
        """
        client = self.node.client()
        client.send(REQUEST[:-2])
        self.node.reactor.advance(REQUEST_SECONDS)
        client.received()
        client.send(REQUEST[-2:] + REQUEST)
        self.assertEqual(client.received(), b"")

    def test_slow_answer(self) -> None:
        """
        The client is not to blame for a node that takes its time.
        """
        daemon = MemoryManagement(self.mktemp())
        self.addCleanup(daemon.stop)
        daemon.register("front")
        answer: Deferred[RelayedAction] = Deferred()
        daemon.nodes.reply = answer
        client = daemon.client()
        client.send_request("/api/nodes/front/actions/restart", "POST")
        daemon.reactor.advance(10 * REQUEST_SECONDS)
        answer.callback(RelayedAction(200, {}))
        self.assertTrue(client.is_open)
        self.assertEqual(Reply.parse(client.received()).status, 200)

    def test_next_request(self) -> None:
        """
        On a connection that is used again each request has its ten seconds from its own beginning.
        """
        client = self.node.client()
        for _ in range(3):
            self.node.reactor.advance(REQUEST_SECONDS - 1)
            client.send(REQUEST)
            self.assertEqual(Reply.parse(client.received()).status, 200)
        self.node.reactor.advance(REQUEST_SECONDS + 1)
        self.drip(client, REQUEST, REQUEST_SECONDS - 1)
        self.assertTrue(client.is_open)
        self.drip(client, REQUEST, 1)
        self.assertFalse(client.is_open)


class EndTests(DeadlineTestCase):
    """
    Connections that nobody needs end.

    """

    def test_idle(self) -> None:
        """
        A client that keeps a connection does not keep it for ever.
        """
        client = self.node.client()
        client.send(REQUEST)
        self.node.reactor.advance(IDLE_SECONDS - 0.1)
        self.assertTrue(client.is_open)
        self.node.reactor.advance(0.1)
        self.assertFalse(client.is_open)

    def test_no_goodbye(self) -> None:
        """
        With TLS the other side has to close as well, and may have vanished.
        """
        client = self.node.client()
        client.send(REQUEST)
        self.node.reactor.advance(IDLE_SECONDS)
        self.assertFalse(client.transport.disconnected)
        self.node.reactor.pump([1.0] * int(TAKING_SECONDS))
        self.assertTrue(client.transport.disconnected)

    def test_answer_that_is_not_taken(self) -> None:
        """
        A client that does not read what it asked for is not waited for.
        """
        client = self.node.client()
        client.send(CLOSING_REQUEST)
        self.node.reactor.advance(TAKING_SECONDS - 0.1)
        self.assertFalse(client.transport.disconnected)
        self.node.reactor.advance(0.1)
        self.assertTrue(client.transport.disconnected)

    def test_stream_is_not_cut(self) -> None:
        """
        Who watches may watch for as long as he likes.
        """
        viewer = self.node.watch()
        self.node.run_camera(seconds=200, fps=1)
        self.assertTrue(viewer.is_open)
        self.assertGreater(viewer.received().count(b"--frame"), 200)

    def test_nothing_is_left_behind(self) -> None:
        """
        A connection that has ended has no timer any more, whatever it was doing.
        """
        before = len(self.node.reactor.getDelayedCalls())
        for wire in (b"", b"GET", REQUEST, CLOSING_REQUEST, b"nonsense\r\n", REQUEST + b"GET"):
            client = self.node.client()
            client.send(wire)
            client.leave()
            self.assertEqual(len(self.node.reactor.getDelayedCalls()), before, wire)


class HeadTests(DeadlineTestCase):
    """
    The head of a request is 16 KiB at most.

    """

    def status_of(self, *lines: bytes) -> int:
        """
        :returns: The status of the reply, after which the connection ends.
        """
        client = self.node.client()
        for line in lines:
            client.send(line)
        self.assertFalse(client.is_open)
        reply = Reply.parse(client.received())
        self.assertEqual(int(reply.headers["Content-Length"]), len(reply.body))
        self.assertEqual(reply.headers["Connection"], "close")
        self.assertIsNone(reply.headers["Server"])
        return reply.status

    def test_large_enough(self) -> None:
        """
        Cookies of other programs on the same host fit.
        """
        for lines in (1, 40):
            client = self.node.client()
            cookies = b"".join(b"Cookie: %s\r\n" % (b"x" * (16000 // lines)) for _ in range(lines))
            client.send(REQUEST[:-2] + (cookies if lines == 1 else cookies[:16000]) + b"\r\n\r\n")
            self.assertEqual(Reply.parse(client.received()).status, 200)

    def test_too_large(self) -> None:
        """
        Nobody fills the memory with headers.
        """
        many = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 500) for number in range(40))
        for wire in (
            REQUEST[:-2] + many,
            REQUEST[:-2] + b"X: " + b"x" * 20000,
            REQUEST[:-2] + b"X: " + b"x" * 20000 + b"\r\n\r\n",
            b"GET /" + b"x" * 20000,
        ):
            self.assertEqual(self.status_of(wire), 431, wire[-50:])

    def test_too_many(self) -> None:
        """
        Nor with many small ones.
        """
        self.assertEqual(self.status_of(REQUEST[:-2], b"X: y\r\n" * 600), 400)

    def test_nonsense(self) -> None:
        """
        What is no HTTP is told so, and is no bug of ours.
        """
        for wire in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
            b"nonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost n\r\n\r\n",
            b"GET / HTTP/1.1\r\nHo st: n\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\nHost: n\r\n\r\n",
        ):
            self.assertEqual(self.status_of(wire + REQUEST), 400, wire[:60])
