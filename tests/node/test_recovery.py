"""
What clients see of a camera that is brought back, and what becomes of one that cannot be.

"""

import json
from typing import Any

from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CLOSE_SECONDS
from motion_in_ocean.tap import EXIT_HUNG_CAMERA
from tests.memory_node import MemoryNode, streaming_node


class RecoveryTests(SynchronousTestCase):
    """
    A camera falls silent and is opened anew.

    """

    def camera(self, node: MemoryNode) -> dict[str, Any]:
        """
        :returns: What ``/metrics`` says of it.
        """
        report: dict[str, Any] = json.loads(node.get("/metrics").body)["camera"]
        return report

    def test_metrics_tell_what_happened(self) -> None:
        """
        The operator sees next morning that the camera was gone at night, and for how long.
        """
        node = streaming_node(self.addCleanup)
        node.reactor.pump([10.1, 2.0])
        node.worker.step()
        node.reactor.advance(0.0)
        node.worker.step()
        node.deliver()
        camera = self.camera(node)
        self.assertEqual(camera["state"], "streaming")
        self.assertEqual(camera["restarts"], {"stall": 1, "failure": 0, "request": 0})
        states = ("stale", "restarting", "backoff", "opening", "streaming")
        moments = [camera["transitions"][state] for state in states]
        self.assertEqual(moments, sorted(moments))
        self.assertNotIn("closing", camera["transitions"])

    def test_viewer_sees_live_pictures_again(self) -> None:
        """
        Whoever left the page open need not do anything.
        """
        node = streaming_node(self.addCleanup)
        viewer = node.watch()
        node.reactor.pump([10.1, 2.0])
        node.worker.step()
        node.reactor.advance(0.0)
        node.worker.step()
        viewer.received()
        node.deliver(b"\xff\xd8 live again \xff\xd9")
        self.assertIn(b"live again", viewer.received())


class HangTests(SynchronousTestCase):
    """
    A camera cannot be closed any more.

    """

    def hung(self, **environ: str) -> MemoryNode:
        """
        :returns: A node whose camera was to be restarted.
        """
        node = streaming_node(self.addCleanup, **environ)
        self.assertEqual(node.client().request("/api/actions/restart", "POST").status, 202)
        with capturedLogs() as events:
            node.reactor.advance(CLOSE_SECONDS + 0.1)
        self.told = [e["why"] for e in events if e["log_level"] is LogLevel.critical]
        return node

    def test_leaves(self) -> None:
        """
        Docker or systemd can start a fresh process, and the port is free for it.
        """
        node = self.hung()
        self.assertEqual(len(self.told), 1)
        self.assertIn("closing the camera has not ended", self.told[0])
        self.assertTrue(node.reactor.hasStopped)
        self.assertEqual(len(node.at_exit), 1)
        self.assertEqual(EXIT_HUNG_CAMERA, 75)

    def test_stays_if_told_to(self) -> None:
        """
        Who has nobody to start a fresh process still gets the truth from this one.
        """
        node = self.hung(EXIT_ON_HUNG_CAMERA="false")
        self.assertEqual(len(self.told), 1)
        self.assertFalse(node.reactor.hasStopped)
        self.assertEqual(node.at_exit, [])
        reply = node.get("/ready")
        self.assertEqual(reply.status, 503)
        self.assertIn(b"closing the camera has not ended", reply.body)
