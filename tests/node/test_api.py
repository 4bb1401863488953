"""
Tests for what the node tells those who manage it.

"""

import json
from datetime import UTC, datetime
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.settings import Settings
from tests.memory_node import MemoryNode, streaming_node


class ConfigTests(SynchronousTestCase):
    """
    The effective settings.

    """

    def config(self, node: MemoryNode, **headers: str) -> dict[str, Any]:
        """
        :returns: What ``/api/config`` says.
        """
        report: dict[str, Any] = json.loads(node.get("/api/config", **headers).body)
        return report

    def test_every_setting_with_its_value_and_origin(self) -> None:
        """
        Whoever wonders why the picture is small finds out where that was set.
        """
        config = self.config(streaming_node(self.addCleanup, RESOLUTION="320x240", FPS="12.5"))
        names = {name.upper() for name in Settings.model_fields if name != "locked"}
        self.assertEqual(config["settings"].keys(), names)
        self.assertEqual(
            config["settings"]["RESOLUTION"], {"value": "320x240", "origin": "environment"}
        )
        self.assertEqual(config["settings"]["FPS"], {"value": 12.5, "origin": "environment"})
        self.assertEqual(config["settings"]["JPEG_QUALITY"], {"value": 100, "origin": "default"})
        self.assertEqual(config["warnings"], [])

    def test_values_that_could_not_be_used(self) -> None:
        """
        What the log said at the start can still be read months later.
        """
        config = self.config(streaming_node(self.addCleanup, FPS="many", CORS_ORIGINS="?"))
        self.assertEqual(
            config["settings"]["FPS"], {"value": 0.0, "origin": "invalid, default used"}
        )
        self.assertEqual(
            config["settings"]["CORS_ORIGINS"], {"value": [], "origin": "invalid, closed"}
        )
        self.assertEqual(len(config["warnings"]), 2)
        self.assertIn("FPS", config["warnings"][0])

    def test_secrets_are_masked(self) -> None:
        """
        Whoever may look at the settings has the token already, but their screen need not.
        """
        node = streaming_node(
            self.addCleanup, AUTH_TOKEN="canary1", AUTH_USERNAME="ann", AUTH_PASSWORD="canary2"
        )
        reply = node.get("/api/config", Authorization="Bearer canary1")
        self.assertEqual(reply.status, 200)
        self.assertNotIn(b"canary", reply.body)
        config = self.config(node, Authorization="Bearer canary1")
        self.assertEqual(
            config["settings"]["AUTH_TOKEN"], {"value": "********", "origin": "environment"}
        )


class ViewersTests(SynchronousTestCase):
    """
    Who watches, and what they get.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def viewers(self) -> list[dict[str, Any]]:
        """
        :returns: What ``/api/viewers`` says.
        """
        viewers: list[dict[str, Any]] = json.loads(self.node.get("/api/viewers").body)["viewers"]
        return viewers

    def test_nobody(self) -> None:
        """
        An empty list is a list.
        """
        self.assertEqual(self.viewers(), [])

    def test_one(self) -> None:
        """
        Whoever finds the network busy learns by whom.
        """
        client = self.node.watch()
        self.node.run_camera(8)
        (viewer,) = self.viewers()
        since = viewer.pop("connected_since")
        self.assertRegex(since, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        # All parts are equally long, and the first came with the headers.
        self.assertEqual(viewer.pop("bytes_sent"), len(client.received()) / 80 * 81)
        self.assertApproximates(viewer.pop("current_fps"), 10.0, 0.3)
        self.assertEqual(
            viewer,
            {
                "address": "192.0.2.7",
                "port": 4711,
                "seconds": 8.0,
                "wanted_fps": None,
                "sent": 81,
                "repeated": 0,
                "skipped_slow": 0,
                "skipped_rate": 0,
            },
        )

    def test_connected_since_is_wall_time(self) -> None:
        """
        People compare it with their clock.
        """
        self.node.watch()
        self.node.reactor.advance(3600.0)
        (viewer,) = self.viewers()
        since = datetime.fromisoformat(viewer["connected_since"])
        self.assertApproximates((datetime.now(UTC) - since).total_seconds(), 3600, 600)
        self.assertEqual(viewer["seconds"], 3600.0)

    def test_who_wants_less(self) -> None:
        """
        What was left out on request is told from what was lost.
        """
        self.node.watch("?fps=5")
        self.node.run_camera(8)
        (viewer,) = self.viewers()
        self.assertEqual(viewer["wanted_fps"], 5.0)
        self.assertApproximates(viewer["current_fps"], 5.0, 0.3)
        self.assertEqual(viewer["sent"] + viewer["skipped_rate"], 81)
        self.assertGreaterEqual(viewer["skipped_rate"], 40)

    def test_who_is_slow(self) -> None:
        """
        Bad Wi-Fi can be told from a bad camera; and the rate is that of now, not of all times.
        """
        slow, fast = self.node.watch(), self.node.watch()
        self.node.run_camera(8)
        slow.stop_reading()
        self.node.run_camera(8)
        fast.received()
        slowest, fastest = sorted(self.viewers(), key=lambda viewer: viewer["current_fps"])
        self.assertEqual((slowest["current_fps"], slowest["skipped_slow"]), (0.0, 79))
        self.assertEqual(fastest["skipped_slow"], 0)
        self.assertApproximates(fastest["current_fps"], 10.0, 0.3)

    def test_rate_does_not_start_with_a_jump(self) -> None:
        """
        One frame in the first millisecond is no rate of a thousand.
        """
        self.node.watch()
        self.node.reactor.advance(0.001)
        (viewer,) = self.viewers()
        self.assertEqual(viewer["current_fps"], 1.0)

    def test_through_a_unix_socket(self) -> None:
        """
        Behind a reverse proxy on the same machine there is no address.
        """
        self.node.client_of_unix_socket().request("/stream.mjpg")
        (viewer,) = self.viewers()
        self.assertEqual((viewer["address"], viewer["port"]), (None, None))

    def test_who_left_is_gone(self) -> None:
        """
        The list is of now.
        """
        client = self.node.watch()
        self.node.watch()
        client.leave()
        self.assertEqual(len(self.viewers()), 1)
