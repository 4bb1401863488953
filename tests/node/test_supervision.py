"""
Tests of what a node tells systemd about its camera.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import MemoryNode
from tests.notified import NotifiedSocket

MINUTE = 60


class SupervisionTests(SynchronousTestCase):
    """
    A node that systemd has started with a watchdog of ten seconds.

    """

    def node(self, **environ: str) -> MemoryNode:
        """
        :returns: A node whose camera gives pictures.
        """
        self.systemd = NotifiedSocket(self.addCleanup)
        node = MemoryNode(NOTIFY_SOCKET=self.systemd.address, WATCHDOG_USEC="10000000", **environ)
        self.addCleanup(node.stop)
        node.open_camera()
        for _ in range(50):
            node.reactor.advance(0.1)
            node.deliver()
            self.systemd.received()
        return node

    def told_in_silence(self, node: MemoryNode, seconds: int) -> list[str]:
        """
        :returns: What systemd is told while the camera gives nothing.
        """
        told: list[str] = []
        for _ in range(seconds):
            node.reactor.advance(1)
            told += self.systemd.received()
        return told

    def test_status(self) -> None:
        """
        ``systemctl status`` answers the first question of whoever finds no picture.
        """
        node = self.node()
        node.watch()
        told = self.told_in_silence(node, 11)
        first, *_, last = (line for line in told if line.startswith("STATUS="))
        self.assertRegex(first, r"^STATUS=ready: [0-9.]+ fps, newest picture 1\.0 s old, 1 viewer$")
        self.assertRegex(
            last, r"^STATUS=not ready: stale_stream: The newest picture is 11\.0 s old"
        )

    def test_stale_camera_is_fed(self) -> None:
        """
        Unless the operator wants it otherwise, the daemon deals with its camera itself.
        """
        told = self.told_in_silence(self.node(), 10 * MINUTE)
        self.assertEqual(10 * MINUTE / 5, told.count("WATCHDOG=1"))

    def test_stale_camera_is_not_fed_for_ever(self) -> None:
        """
        An operator who wants a fresh process for a dead camera gets it, after the daemon had a
        minute to bring it back.
        """
        told = self.told_in_silence(self.node(WATCHDOG_NEEDS_FRAMES="1"), 10 * MINUTE)
        # Ten seconds until the picture is stale come before the minute.
        self.assertIn(told.count("WATCHDOG=1"), (14, 15))

    def test_patience_grows_with_the_frame_age(self) -> None:
        """
        A camera that may be silent for long has longer to come back.
        """
        node = self.node(WATCHDOG_NEEDS_FRAMES="1", MAX_FRAME_AGE_SECONDS="100")
        told = self.told_in_silence(node, 10 * MINUTE)
        self.assertIn(told.count("WATCHDOG=1"), (80, 81))
