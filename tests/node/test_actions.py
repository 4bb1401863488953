"""
Tests for what can be done to the camera from outside.

"""

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import CameraUnavailable
from tests.fakes import FakeCamera
from tests.memory_node import MemoryNode, Reply, streaming_node


def error_of(reply: Reply) -> dict[str, Any]:
    """
    :returns: The error in a reply.
    """
    error: dict[str, Any] = json.loads(reply.body)["error"]
    return error


class ControlsTests(SynchronousTestCase):
    """
    ``POST /api/actions/controls``.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def test_sets_controls(self) -> None:
        """
        The reply tells what was made of the request.
        """
        reply = self.node.act("controls", b'{"brightness": 1, "awb_mode": "Daylight"}')
        self.assertEqual(reply.status, 200)
        applied = {"brightness": 1.0, "awb_mode": "daylight"}
        self.assertEqual(json.loads(reply.body), {"action": "controls", "applied": applied})
        self.assertEqual(self.node.camera.values, applied)

    def test_nothing_to_set(self) -> None:
        """
        Nothing is nothing wrong.
        """
        reply = self.node.act("controls", b"{}")
        self.assertEqual((reply.status, json.loads(reply.body)["applied"]), (200, {}))

    def test_names_every_control_that_is_wrong(self) -> None:
        """
        Nothing is set, and one look is enough to write the next request right.
        """
        given = b'{"brightness": 2, "zoom": 3, "sharpness": 1, "awb_mode": "auto"}'
        reply = self.node.act("controls", given)
        error = error_of(reply)
        self.assertEqual((reply.status, error["code"]), (400, "VALIDATION_ERROR"))
        self.assertEqual(
            error["details"]["problems"],
            {
                "brightness": "should be from -1 to 1",
                "zoom": "is no control",
                "sharpness": "is a control that this camera does not have",
            },
        )
        self.assertEqual(error["details"]["available"]["brightness"], "from -1 to 1")
        self.assertEqual(len(error["details"]["available"]), 3)
        self.assertIn("zoom is no control", error["message"])
        self.assertEqual(self.node.camera.values, {})

    def test_bodies_that_are_none(self) -> None:
        """
        Whatever comes in, it is the client's fault and not ours.
        """
        for body in (
            b"",
            b" ",
            b"null",
            b"[]",
            b'"brightness"',
            b"{",
            b'{"brightness": NaN}',
            b'{"brightness": Infinity}',
            b'{"brightness": 1e400}',
            b'{"brightness": -1e400}',
            b'{"brightness": ' + b"9" * 5000 + b"}",
            b'{"brightness": null}',
            b'{"brightness": true}',
            b'{"brightness": "0.1"}',
            b'{"brightness": {"a": 1}}',
            b'{"exposure_time_microseconds": 0.5}',
            b'{"\\ud800": 1}',
            b'{"\xff": 1}',
            '{"brightness\N{ZERO WIDTH NO-BREAK SPACE}": 1}'.encode(),
            b'{"a": ' * 9_000 + b"1" + b"}" * 9_000,
            b"[" * 60_000,
        ):
            reply = self.node.act("controls", body)
            self.assertEqual(reply.status, 400, body[:40])
            self.assertEqual(error_of(reply)["code"], "VALIDATION_ERROR", body[:40])
        self.assertEqual(self.node.camera.values, {})

    def test_camera_that_is_not_recording(self) -> None:
        """
        The client learns that it may try again, and why it has to.
        """
        node = MemoryNode()
        self.addCleanup(node.stop)
        reply = node.act("controls", b'{"brightness": 0}')
        error = error_of(reply)
        self.assertEqual((reply.status, error["code"]), (503, "CAMERA_NOT_READY"))
        self.assertEqual(error["details"], {"reason": "camera_not_started"})
        self.assertIsNotNone(reply.headers["Retry-After"])

    def test_camera_that_does_not_answer(self) -> None:
        """
        The client is not kept waiting for ever.
        """
        client = self.node.client()
        headers = {"Content-Type": "application/json"}
        client.send_request("/api/actions/controls", "POST", headers, b"{}")
        self.assertEqual(client.received(), b"")
        self.node.reactor.advance(5.0)
        reply = Reply.parse(client.received())
        self.assertEqual((reply.status, error_of(reply)["code"]), (503, "CAMERA_NOT_READY"))

    def test_client_that_leaves(self) -> None:
        """
        What was asked for happens; nobody is told, and nothing is logged.
        """
        client = self.node.client()
        headers = {"Content-Type": "application/json"}
        body = b'{"brightness": 0.5}'
        client.send_request("/api/actions/controls", "POST", headers, body)
        client.leave()
        self.node.worker.step()
        self.assertEqual(self.node.camera.values, {"brightness": 0.5})
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_bug_in_the_camera(self) -> None:
        """
        It is no fault of the client.
        """
        self.node.camera.control_names = ("no such control",)
        reply = self.node.act("controls", b"{}")
        self.assertEqual((reply.status, error_of(reply)["code"]), (500, "INTERNAL_ERROR"))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)


class RememberedTests(SynchronousTestCase):
    """
    Controls outlive the camera that they were set on.

    """

    def test_after_a_restart(self) -> None:
        """
        A camera that has recovered by itself at night looks as it did in the evening.
        """
        node = streaming_node(self.addCleanup, BRIGHTNESS="-0.5", AWB_MODE="cloudy")
        self.assertEqual(node.controls_at_start, {"brightness": -0.5, "awb_mode": "cloudy"})
        node.act("controls", b'{"brightness": 0.5, "exposure_time_microseconds": 100}')
        node.act("controls", b'{"brightness": 5, "awb_mode": "auto"}')
        node.act("restart")
        while node.worker.waiting:
            node.worker.step()
            node.reactor.advance(0.0)
        self.assertEqual(
            node.controls_at_start,
            {"brightness": 0.5, "awb_mode": "cloudy", "exposure_time_microseconds": 100},
        )


class RestartTests(SynchronousTestCase):
    """
    ``POST /api/actions/restart``.

    """

    def test_accepted_at_once(self) -> None:
        """
        The reply does not wait for the camera, and readiness tells how it goes.
        """
        node = streaming_node(self.addCleanup)
        headers = {"Content-Type": "application/json"}
        for body in (b"", b"{}", b'{"because": "it rains"}'):
            client = node.client()
            client.send_request("/api/actions/restart", "POST", headers if body else None, body)
            reply = Reply.parse(client.received())
            self.assertEqual((reply.status, json.loads(reply.body)["status"]), (202, "accepted"))
        self.assertEqual(node.get("/ready").status, 503)
        self.assertEqual(len(node.worker.waiting), 1)

    def test_body_that_is_none(self) -> None:
        """
        A request that is broken is not half understood.
        """
        node = streaming_node(self.addCleanup)
        for body in (b"{", b"[]", b"1"):
            self.assertEqual(node.act("restart", body).status, 400)
        self.assertEqual(node.get("/ready").status, 200)


class UnknownActionTests(SynchronousTestCase):
    """
    Any other action.

    """

    def test_lists_those_that_there_are(self) -> None:
        """
        Whoever guesses is told.
        """
        node = streaming_node(self.addCleanup)
        for name in ("fly", "Restart", "__init__", "..", "a%0d%0ab"):
            reply = node.act(name, b"{}")
            self.assertEqual((reply.status, error_of(reply)["code"]), (404, "NOT_FOUND"), name)
            self.assertEqual(error_of(reply)["details"]["actions"], ["controls", "restart"])

    def test_other_methods(self) -> None:
        """
        A link in a page, or a browser that guesses what comes next, restarts nothing.
        """
        node = streaming_node(self.addCleanup)
        for method in ("GET", "PUT", "DELETE"):
            reply = node.client().request("/api/actions/restart", method)
            self.assertEqual((reply.status, reply.headers["Allow"]), (405, "POST"))
        self.assertEqual(node.get("/ready").status, 200)

    def test_pages_of_other_origins(self) -> None:
        """
        Nor does a page on the internet.
        """
        node = streaming_node(self.addCleanup)
        reply = node.client().request(
            "/api/actions/restart", "POST", {"Origin": "http://evil.example"}
        )
        self.assertEqual((reply.status, error_of(reply)["code"]), (403, "FORBIDDEN"))
        reply = node.client().request("/api/actions/controls", "POST", body=b"{}")
        self.assertEqual(reply.status, 415)


class CameraTests(SynchronousTestCase):
    """
    ``GET /api/camera``.

    """

    def test_recording(self) -> None:
        """
        A page has all that it needs for its sliders.
        """
        node = streaming_node(self.addCleanup, RESOLUTION="800x600", FPS="30", IDLE_FPS="1")
        node.act("controls", b'{"brightness": 0.25}')
        report = json.loads(node.camera_report().body)
        controls = report.pop("controls")
        self.assertEqual(
            report,
            {
                "state": "streaming",
                "model": "fake",
                "id": None,
                "encoder": "none",
                "resolution": [64, 48],
                "wanted_resolution": [800, 600],
                "target_fps": 30.0,
                "wanted_fps": 30.0,
                "idle_fps": 1.0,
                "is_idling": False,
                "hflip": False,
                "vflip": False,
                "note": None,
                "sensor_modes": [],
            },
        )
        brightness = controls["brightness"]
        brightness.pop("help")
        self.assertEqual(
            brightness,
            {
                "kind": "number",
                "minimum": -1,
                "maximum": 1,
                "zero_is_automatic": False,
                "unit": None,
                "default": None,
                "value": 0.25,
                "measured": None,
            },
        )
        self.assertEqual(controls["exposure_time_microseconds"]["kind"], "integer")
        self.assertEqual(controls["awb_mode"]["choices"][:2], ["auto", "incandescent"])
        self.assertIsNone(controls["awb_mode"]["value"])

    def test_not_recording(self) -> None:
        """
        The question is answered all the same, with what is known.
        """
        node = MemoryNode(FakeCamera(problem=CameraUnavailable("the cable is loose")))
        self.addCleanup(node.stop)
        node.open_camera()
        reply = node.camera_report()
        report = json.loads(reply.body)
        self.assertEqual((reply.status, report["state"]), (200, "backoff"))
        self.assertEqual((report["model"], report["controls"]), (None, {}))
        self.assertEqual(report["note"], "the cable is loose")
        self.assertEqual(report["wanted_resolution"], [640, 480])

    def test_camera_that_does_not_answer(self) -> None:
        """
        What needs no answer is told.
        """
        node = streaming_node(self.addCleanup)
        client = node.client()
        client.send_request("/api/camera")
        node.reactor.advance(5.0)
        report = json.loads(Reply.parse(client.received()).body)
        self.assertEqual((report["model"], report["controls"]), ("fake", {}))
