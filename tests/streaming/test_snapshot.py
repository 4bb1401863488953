"""
Tests for single pictures.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import streaming_node


class SnapshotTests(SynchronousTestCase):
    """
    One picture.

    """

    def test_snapshot_is_the_newest_frame(self) -> None:
        """
        Timelapses and notifications need a whole picture and its time.
        """
        node = streaming_node(self.addCleanup)
        node.deliver(b"\xff\xd8newest\xff\xd9")
        reply = node.get("/snapshot.jpg")
        self.assertEqual(reply.body, b"\xff\xd8newest\xff\xd9")
        self.assertEqual(reply.headers["Content-Type"], "image/jpeg")
        self.assertEqual(reply.headers["Content-Length"], "10")
        self.assertRegex(reply.headers["X-Timestamp"], r"^\d{10}\.\d{6}$")
        self.assertRegex(reply.headers["Last-Modified"], r"^\w{3}, \d\d \w{3} \d{4} .* GMT$")

    def test_connection_stays_open(self) -> None:
        """
        Mainsail's adaptive mode asks many times over one connection.
        """
        node = streaming_node(self.addCleanup)
        client = node.client()
        for _ in range(3):
            self.assertEqual(client.request("/snapshot.jpg").status, 200)
        self.assertFalse(client.transport.disconnecting)

    def test_head(self) -> None:
        """
        The size can be asked for alone.
        """
        node = streaming_node(self.addCleanup)
        reply = node.client().request("/snapshot.jpg", method="HEAD")
        self.assertEqual((reply.body, int(reply.headers["Content-Length"]) > 0), (b"", True))
