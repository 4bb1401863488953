"""
Tests for who may watch.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import MemoryNode, Reply, streaming_node


class AdmissionTests(SynchronousTestCase):
    """
    Who may watch.

    """

    def test_not_ready_is_one_short_line(self) -> None:
        """
        A client that shows the body shows something that makes sense, and knows when to return.
        """
        node = MemoryNode()
        self.addCleanup(node.stop)
        for path in ("/stream.mjpg", "/snapshot.jpg"):
            reply = node.get(path)
            self.assertEqual(reply.status, 503)
            self.assertEqual(reply.headers["Content-Type"], "text/plain; charset=utf-8")
            self.assertEqual(reply.body, b"The camera is being opened.\n")
            self.assertGreater(int(reply.headers["Retry-After"]), 0)

    def test_stale_camera_takes_no_new_viewers(self) -> None:
        """
        Nobody is shown an old picture as if it were live.
        """
        node = streaming_node(self.addCleanup)
        node.reactor.advance(10.1)
        self.assertEqual(node.get("/stream.mjpg").status, 503)
        node.deliver()
        self.assertEqual(node.get("/stream.mjpg").status, 200)

    def test_places_are_limited(self) -> None:
        """
        A page that reconnects in a loop cannot exhaust the Pi.
        """
        node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="2")
        first, second = node.client(), node.client()
        self.assertEqual(first.request("/stream.mjpg").status, 200)
        self.assertEqual(second.request("/stream.mjpg").status, 200)
        third = node.get("/stream.mjpg")
        self.assertEqual((third.status, third.body), (503, b"all 2 streams are taken\n"))
        self.assertIsNotNone(third.headers["Retry-After"])
        first.leave()
        self.assertEqual(node.get("/stream.mjpg").status, 200)

    def test_those_who_vanish_at_once_hold_no_place(self) -> None:
        """
        A scanner that hangs up in the middle of asking locks nobody out.
        """
        node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="1")
        request = b"GET /stream.mjpg HTTP/1.1\r\nHost: n\r\n\r\n"
        for length in range(0, len(request) + 1, 7):
            client = node.client()
            client.send(request[:length])
            client.leave()
        client = node.client()
        client.send(request)
        client.leave()
        self.assertEqual(node.get("/stream.mjpg").status, 200)

    def test_no_more_than_the_limit_however_they_come(self) -> None:
        """
        Many at the same moment get no more places than one after the other.
        """
        node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="3")
        clients = [node.client() for _ in range(10)]
        for client in clients:
            client.send(b"GET /stream.mjpg HTTP/1.1\r\nHost: n\r\n")
        statuses = []
        for client in clients:
            client.send(b"\r\n")
            statuses.append(Reply.parse(client.received()).status)
        self.assertEqual(statuses, [200] * 3 + [503] * 7)

    def test_head_takes_no_place(self) -> None:
        """
        Asking is not watching.
        """
        node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="1")
        node.client().request("/stream.mjpg", method="HEAD")
        self.assertEqual(node.get("/stream.mjpg").status, 200)

    def test_zero_is_no_limit(self) -> None:
        """
        Whoever has the machine for it may switch the limit off.
        """
        node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="0")
        replies = [node.client().request("/stream.mjpg").status for _ in range(150)]
        self.assertEqual(set(replies), {200})
