"""
Tests that the API document tells what the node does.

"""

import json
import re
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.node import ACTIONS, NodeRoutes
from tests.fakes import FakeCamera
from tests.memory_node import MemoryNode, Reply, streaming_node


class OpenAPITests(SynchronousTestCase):
    """
    Integrators generate clients from it.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)
        self.document: dict[str, Any] = yaml.safe_load(self.node.get("/openapi.yaml").body)

    def schema(self, path: str, reply: Reply, method: str = "get") -> dict[str, Any]:
        """
        :returns: What the document says of such a reply's body.
        """
        responses = self.document["paths"][path][method]["responses"]
        described = responses[str(reply.status)]
        if "$ref" in described:
            name = described["$ref"].rpartition("/")[2]
            described = self.document["components"]["responses"][name]
        schema: dict[str, Any] = described["content"][reply.headers["Content-Type"]]["schema"]
        return {**schema, "components": self.document["components"]}

    def test_document_is_valid(self) -> None:
        """
        Tools can read it.
        """
        validate(self.document)

    def test_it_is_the_packaged_document(self) -> None:
        """
        It can be read without a running node.
        """
        packaged = files("motion_in_ocean.web").joinpath("openapi-webcam.yaml").read_bytes()
        reply = self.node.get("/openapi.yaml")
        self.assertEqual(reply.body, packaged)
        self.assertEqual(reply.headers["Content-Type"], "application/yaml")

    def test_it_has_exactly_the_routes_there_are(self) -> None:
        """
        Nothing is hidden and nothing invented.
        """
        routes = {
            (re.sub("<(.*?)>", r"{\1}", rule.rule), method.lower())
            for rule in NodeRoutes.app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD"}
        }
        documented = {
            (path, method) for path, item in self.document["paths"].items() for method in item
        }
        self.assertEqual(documented, routes)

    def test_public_paths_are_those_without_security(self) -> None:
        """
        The document does not promise what the door refuses.
        """
        public = {
            path
            for path, item in self.document["paths"].items()
            for operation in item.values()
            if operation.get("security") == [{}]
        }
        self.assertEqual(public, {"/health", "/ready"})

    def test_replies_are_as_described(self) -> None:
        """
        Field by field, in good times and in bad.
        """
        closed = MemoryNode(FakeCamera(problem=CameraUnavailable("x")), AUTH_TOKEN="t")
        self.addCleanup(closed.stop)
        closed.open_camera()
        stale = streaming_node(self.addCleanup)
        stale.reactor.advance(60.0)
        odd = streaming_node(self.addCleanup, FPS="x", CORS_ORIGINS="x", ALLOWED_HOSTS="a,b")
        self.node.client().request("/stream.mjpg?fps=5")
        for node, path, query in (
            (self.node, "/health", ""),
            (self.node, "/ready", ""),
            (self.node, "/metrics", ""),
            (self.node, "/api/viewers", ""),
            (self.node, "/api/config", ""),
            (self.node, "/stream.mjpg", "?fps=x"),
            (self.node, "/ui/{name}", ""),
            (closed, "/ready", ""),
            (closed, "/metrics", ""),
            (closed, "/api/config", ""),
            (odd, "/api/config", ""),
            (stale, "/ready", ""),
            (stale, "/metrics", ""),
            (closed, "/api/camera", ""),
        ):
            reply = node.get(f"{path}{query}")
            schema = self.schema(path, reply)
            Draft202012Validator(schema).validate(json.loads(reply.body))

    def test_actions_are_as_described(self) -> None:
        """
        When they work, and each way in which they do not.
        """
        waiting = MemoryNode()
        self.addCleanup(waiting.stop)
        for node, action, body, status in (
            (self.node, "controls", b'{"awb_mode":"auto"}', 200),
            (self.node, "controls", b'{"awb_mode":1}', 400),
            (self.node, "controls", b"[]", 400),
            (self.node, "fly", b"{}", 404),
            (waiting, "controls", b"{}", 503),
            (self.node, "restart", b"", 202),
        ):
            reply = node.act(action, body)
            self.assertEqual(reply.status, status)
            schema = self.schema("/api/actions/{action}", reply, "post")
            Draft202012Validator(schema).validate(json.loads(reply.body))

    def test_all_actions_are_there(self) -> None:
        """
        None is hidden, and none invented.
        """
        (parameter,) = self.document["paths"]["/api/actions/{action}"]["post"]["parameters"]
        self.assertEqual(parameter["schema"]["enum"], list(ACTIONS))

    def test_camera_is_as_described(self) -> None:
        """
        With each kind of control.
        """
        reply = self.node.camera_report()
        Draft202012Validator(self.schema("/api/camera", reply)).validate(json.loads(reply.body))
        self.assertEqual(len(json.loads(reply.body)["controls"]), 3)

    def test_metrics_are_in_the_formats_described(self) -> None:
        """
        Each is there, and has just the name that the document gives it.
        """
        described = self.document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]
        offered = {
            self.node.get("/metrics", Accept=name.partition(";")[0]).headers["Content-Type"]
            for name in described
        }
        self.assertEqual(offered, set(described))

    def test_refusals_of_the_api_are_as_described(self) -> None:
        """
        The door's as well.
        """
        for path in ("/api/viewers", "/api/camera", "/api/config"):
            reply = self.node.client().request(path, headers={"Host": "evil.example"})
            self.assertEqual(reply.status, 421)
            Draft202012Validator(self.schema(path, reply)).validate(json.loads(reply.body))
