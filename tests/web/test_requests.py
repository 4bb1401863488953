"""
Tests for requests that are too large, or odd.

"""

import itertools

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web import MAX_BODY_BYTES
from motion_in_ocean.web._channel import LINGER_SECONDS
from motion_in_ocean.web._site import MAX_DISCARDED_BYTES
from tests.memory_node import Reply, streaming_node


class BodyLimitTests(SynchronousTestCase):
    """
    Nobody fills the memory or the disk.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def head(self, *headers: str) -> bytes:
        """
        :returns: The beginning of a POST.
        """
        lines = ("POST /metrics HTTP/1.1", "Host: n", "Content-Type: application/json", *headers)
        return "\r\n".join((*lines, "", "")).encode()

    def test_as_large_as_allowed_passes(self) -> None:
        """
        The limit is what it says.
        """
        client = self.node.client()
        client.send(self.head(f"Content-Length: {MAX_BODY_BYTES}") + b"x" * MAX_BODY_BYTES)
        self.assertEqual(Reply.parse(client.received()).status, 405)

    def test_one_byte_more_is_refused(self) -> None:
        """
        With an answer that a client can read.
        """
        client = self.node.client()
        size = MAX_BODY_BYTES + 1
        client.send(self.head(f"Content-Length: {size}") + b"x" * size)
        reply = Reply.parse(client.received())
        self.assertEqual(reply.status, 413)
        self.assertIn(b'"code":"PAYLOAD_TOO_LARGE"', reply.body)

    def test_chunked_body_is_counted(self) -> None:
        """
        Not to say how much is coming does not help.
        """
        client = self.node.client()
        client.send(self.head("Transfer-Encoding: chunked"))
        for _ in range(5):
            client.send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        client.send(b"0\r\n\r\n")
        self.assertEqual(Reply.parse(client.received()).status, 413)

    def test_endless_body_is_cut_off(self) -> None:
        """
        It is not read for ever, and what was read is not kept.
        """
        client = self.node.client()
        client.send(self.head("Content-Length: 1000000000000"))
        for _ in range(80):
            client.send(b"x" * 16384)
        self.assertTrue(client.transport.disconnecting)
        self.assertEqual(Reply.parse(client.received()).status, 413)

    def test_body_that_ends_where_it_is_cut_off(self) -> None:
        """
        It is answered once, and its connection ends like that of any other.
        """
        size = MAX_BODY_BYTES + MAX_DISCARDED_BYTES + 1
        whole = self.head(f"Content-Length: {size}") + b"x" * size
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        chunks = self.head("Transfer-Encoding: chunked") + chunk * 40
        for wire in (whole, chunks, chunks + b"0\r\n\r\n", chunks + b"nonsense\r\n"):
            client = self.node.client()
            client.send(wire)
            replies = client.received()
            self.assertEqual(replies.count(b"HTTP/1.1 "), 1, replies)
            self.assertEqual(Reply.parse(replies).status, 413)
            self.node.reactor.advance(LINGER_SECONDS)
            self.assertTrue(client.transport.disconnected)


class RequestLineTests(SynchronousTestCase):
    """
    Odd requests get an ordinary answer.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def test_url_that_is_no_text(self) -> None:
        """
        Scanners send such things all day.
        """
        for wire in (
            b"GET /%ff HTTP/1.1\r\nHost: n\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\nHost: n\r\n\r\n",
        ):
            client = self.node.client()
            client.send(wire)
            self.assertEqual(Reply.parse(client.received()).status, 400, wire)

    def test_host_that_is_none(self) -> None:
        """
        Neither a strange name nor a missing one is a bug of ours, through a Unix socket either.
        """
        node = self.node
        for client, host in itertools.product(
            (node.client, node.client_of_unix_socket),
            ("", "Host:\r\n", "Host: a..b\r\n", f"Host: {'x' * 70}.y\r\n", "Host: [::1\r\n"),
        ):
            connection = client()
            connection.send(f"GET /metrics HTTP/1.0\r\n{host}\r\n".encode())
            self.assertIn(Reply.parse(connection.received()).status, (200, 400), host)

    def test_errors_of_the_door_look_like_all_others(self) -> None:
        """
        Programs parse one kind of error.
        """
        reply = self.node.get("/%ff")
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        self.assertIn(b'"code":"VALIDATION_ERROR"', reply.body)

    def test_unknown_path_and_method(self) -> None:
        """
        Errors look the same everywhere, and 405 says what would be right.
        """
        missing = self.node.get("/nope")
        self.assertEqual(
            (missing.status, missing.headers["Content-Type"]), (404, "application/json")
        )
        self.assertIn(b'"code":"NOT_FOUND"', missing.body)
        for method in ("POST", "PUT", "DELETE", "TRACE", "PATCH", "OPTIONS", "BREW"):
            reply = self.node.client().request("/health", method=method)
            self.assertEqual(reply.status, 405, method)
            self.assertEqual(sorted(reply.headers["Allow"].split(", ")), ["GET", "HEAD"])

    def test_no_redirects_that_repeat_the_host_header(self) -> None:
        """
        A cache in front cannot be made to send people elsewhere.
        """
        for path in ("/health/", "//health", "/webcam?action=snapshot", "/ui//viewer.css"):
            self.assertNotIn(self.node.get(path).status, range(300, 400), path)

    def test_server_does_not_name_its_version(self) -> None:
        """
        A scanner need not know it.
        """
        for path in ("/health", "/nope", "/stream.mjpg"):
            self.assertIsNone(self.node.get(path).headers["Server"])
