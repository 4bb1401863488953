"""
The acceptance criteria of the product's requirements, one test each.

"""

import json
from io import BytesIO

from PIL import Image
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.tap import Options, makeService
from tests.fakes import FakeCamera, WaitingReactor
from tests.memory_node import Client, MemoryNode, Reply, streaming_node
from tests.streaming.parts import read_parts


class AcceptanceTests(SynchronousTestCase):
    """
    What the user asked for, in the user's words.

    """

    def test_health_always_returns_200_with_status_healthy(self) -> None:
        """
        ``GET /health`` always returns 200 with a ``status`` field set to ``healthy``.
        """
        node = MemoryNode(FakeCamera(problem=CameraUnavailable("not there")))
        self.addCleanup(node.stop)
        replies = [node.get("/health")]
        node.open_camera()
        replies.append(node.get("/health"))
        for reply in replies:
            report = json.loads(reply.body)
            self.assertEqual((reply.status, report["status"]), (200, "healthy"))
            self.assertEqual(report["app_mode"], "webcam")
            self.assertRegex(report["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_ready_returns_200_only_when_frames_are_recent_and_streaming_is_active(self) -> None:
        """
        ``GET /ready`` returns 200 only when frames are recent and streaming is active.
        """
        node = MemoryNode()
        self.addCleanup(node.stop)
        statuses = [node.get("/ready").status]
        node.open_camera()
        statuses.append(node.get("/ready").status)
        node.deliver()
        statuses.append(node.get("/ready").status)
        node.reactor.advance(10.1)
        statuses.append(node.get("/ready").status)
        node.deliver()
        statuses.append(node.get("/ready").status)
        self.assertEqual(statuses, [503, 503, 200, 503, 200])

    def test_ready_otherwise_returns_503_with_a_reason(self) -> None:
        """
        ``GET /ready`` otherwise returns 503 with a ``reason`` field.
        """
        node = MemoryNode(MAX_FRAME_AGE_SECONDS="2.5")
        self.addCleanup(node.stop)
        reasons = [json.loads(node.get("/ready").body)["reason"]]
        node.open_camera()
        reasons.append(json.loads(node.get("/ready").body)["reason"])
        node.deliver()
        self.assertNotIn("reason", json.loads(node.get("/ready").body))
        node.reactor.advance(2.6)
        stale = json.loads(node.get("/ready").body)
        reasons.append(stale["reason"])
        self.assertEqual(reasons, ["camera_not_started", "no_frames_yet", "stale_stream"])
        self.assertEqual(stale["status"], "not_ready")
        self.assertEqual(stale["last_frame_age_seconds"], 2.6)

    def test_ready_says_why_the_camera_failed(self) -> None:
        """
        The fourth reason, with the words of whoever tried to open it.
        """
        node = MemoryNode(FakeCamera(problem=CameraUnavailable("the cable is loose")))
        self.addCleanup(node.stop)
        node.open_camera()
        report = json.loads(node.get("/ready").body)
        self.assertEqual(report["reason"], "camera_failed")
        self.assertIn("the cable is loose", report["message"])

    def test_ready_has_its_diagnostic_fields_in_every_state(self) -> None:
        """
        Dashboards need not ask whether a field is there.
        """
        fields = {
            "timestamp",
            "app_mode",
            "uptime_seconds",
            "frames_captured",
            "current_fps",
            "last_frame_age_seconds",
            "max_frame_age_seconds",
            "resolution",
        }
        node = MemoryNode()
        self.addCleanup(node.stop)
        before = json.loads(node.get("/ready").body)
        node.open_camera()
        node.deliver()
        after = json.loads(node.get("/ready").body)
        self.assertLessEqual(fields, before.keys())
        self.assertLessEqual(fields, after.keys())
        self.assertIsNone(before["last_frame_age_seconds"])
        self.assertEqual((before["resolution"], after["resolution"]), ([640, 480], [64, 48]))

    def test_stream_has_the_correct_type_and_boundary_or_503(self) -> None:
        """
        ``GET /stream.mjpg`` streams with correct MIME type and boundary, or 503 if not ready.
        """
        node = MemoryNode()
        self.addCleanup(node.stop)
        self.assertEqual(node.get("/stream.mjpg").status, 503)
        node.open_camera()
        node.deliver()
        reply = node.get("/stream.mjpg")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"], "multipart/x-mixed-replace; boundary=frame")
        self.assertTrue(reply.body.startswith(b"--frame\r\n"))

    def test_metrics_include_uptime_counts_fps_and_configuration(self) -> None:
        """
        ``GET /metrics`` returns JSON including uptime, frame counts, FPS and configuration.
        """
        node = streaming_node(
            self.addCleanup, RESOLUTION="800x600", FPS="12.5", JPEG_QUALITY="85", MOCK_CAMERA="yes"
        )
        node.reactor.advance(0.5)
        node.deliver()
        viewer = node.client()
        viewer.request("/stream.mjpg")
        reply = node.get("/metrics")
        report = json.loads(reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        expected = {
            "app_mode": "webcam",
            "camera_active": True,
            "uptime_seconds": 0.5,
            "frames_captured": 2,
            "current_fps": 2.0,
            "last_frame_age_seconds": 0.0,
            "max_frame_age_seconds": 10.0,
            "resolution": [64, 48],
            "stream_connections": {"current": 1, "max": 100},
        }
        self.assertEqual({name: report[name] for name in expected}, expected)
        configuration = {"resolution": "800x600", "fps": 12.5, "jpeg_quality": 85}
        self.assertLessEqual(configuration.items(), report["configuration"].items())
        self.assertIs(report["configuration"]["mock_camera"], True)

    def test_invalid_variables_fall_back_to_defaults(self) -> None:
        """
        Environment variables enforce validation rules and fall back to defaults when invalid.
        """
        node = streaming_node(
            self.addCleanup,
            RESOLUTION="9999x1",
            FPS="500",
            JPEG_QUALITY="0",
            MOCK_CAMERA="maybe",
            MAX_FRAME_AGE_SECONDS="nan",
        )
        report = json.loads(node.get("/metrics").body)
        expected = {
            "resolution": "640x480",
            "fps": 0.0,
            "jpeg_quality": 100,
            "mock_camera": False,
            "max_frame_age_seconds": 10.0,
        }
        self.assertLessEqual(expected.items(), report["configuration"].items())
        self.assertEqual(len(node.warnings), 5)

    def test_mock_camera_runs_without_hardware(self) -> None:
        """
        ``MOCK_CAMERA=true`` runs without CSI hardware while still returning valid endpoints.
        """
        options = Options({"MOCK_CAMERA": "true", "RESOLUTION": "320x240", "FPS": "120"})
        options.parseOptions([])
        reactor = WaitingReactor()
        service = makeService(options, reactor)
        service.privilegedStartService()
        service.startService()

        def stop() -> None:
            stopped = service.stopService()
            assert isinstance(stopped, Deferred)
            reactor.run_until(lambda: stopped.called)

        self.addCleanup(stop)

        def get(path: str) -> Reply:
            client = Client(reactor.tcpServers[0][1])
            reply = client.request(path)
            client.leave()
            return reply

        reactor.run_until(lambda: get("/ready").status == 200)
        for path in ("/", "/health", "/metrics", "/api/config", "/api/viewers"):
            self.assertEqual(get(path).status, 200, path)
        viewer = Client(reactor.tcpServers[0][1])
        viewer.send_request("/stream.mjpg")
        reactor.run_until(lambda: viewer.transport.value().count(b"--frame\r\n") > 5)
        stream = Reply.parse(viewer.received())
        parts = read_parts(stream.body.removeprefix(b"--frame\r\n"))
        for jpeg in (get("/snapshot.jpg").body, *(part.jpeg for part in parts)):
            with Image.open(BytesIO(jpeg)) as picture:
                self.assertEqual((picture.format, picture.size), ("JPEG", (320, 240)))

    def test_cors_respects_configured_origins_and_defaults_to_any(self) -> None:
        """
        CORS respects configured origins and defaults to ``*`` when not explicitly set.
        """
        header = "Access-Control-Allow-Origin"
        default = streaming_node(self.addCleanup)
        self.assertEqual(default.get("/ready", Origin="http://a.example").headers[header], "*")
        listed = streaming_node(self.addCleanup, CORS_ORIGINS="http://a.example")
        self.assertEqual(
            listed.get("/ready", Origin="http://a.example").headers[header], "http://a.example"
        )
        self.assertIsNone(listed.get("/ready", Origin="http://b.example").headers[header])
