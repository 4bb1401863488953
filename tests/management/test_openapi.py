"""
Tests that the API document tells what management mode does.

"""

import json
import re
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management import ManagementRoutes
from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized
from motion_in_ocean.web import Pages
from tests.memory_management import TIMEOUT, MemoryManagement, node
from tests.memory_node import Reply

METHODS = {"get", "put", "post", "delete"}


class OpenAPITests(SynchronousTestCase):
    """
    Integrators generate clients from it.

    """

    def setUp(self) -> None:
        self.daemon = self.make_daemon()
        self.document: dict[str, Any] = yaml.safe_load(self.daemon.ask("/openapi.yaml").body)

    def make_daemon(self, path: str | None = None, **environ: str) -> MemoryManagement:
        """
        :returns: A daemon.
        """
        daemon = MemoryManagement(path or self.mktemp(), **environ)
        self.addCleanup(daemon.stop)
        return daemon

    def resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        """
        :returns: What a reference stands for.
        """
        while "$ref" in described:
            found: Any = self.document
            for step in described["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            described = found
        return described

    def check(self, method: str, path: str, reply: Reply) -> None:
        """
        See that a reply is one that the document describes.

        :param path: As the document has it.
        """
        responses = self.document["paths"][path][method.lower()]["responses"]
        response = self.resolved(responses.get(str(reply.status), responses.get("default", {})))
        where = f"{method} {path} {reply.status} {reply.body!r}"
        self.assertIn("description", response, where)
        for name in response.get("headers", {}):
            if name in ("ETag", "Location", "Vary") and reply.status < 400:
                self.assertIn(name, reply.headers, where)
        if not reply.body:
            self.assertNotIn("content", response, where)
            return
        self.assertIn(reply.headers["Content-Type"], response["content"], where)
        schema = response["content"][reply.headers["Content-Type"]].get("schema")
        if reply.headers["Content-Type"] == "application/json":
            whole = {**schema, "components": self.document["components"]}
            errors = list(Draft202012Validator(whole).iter_errors(json.loads(reply.body)))
            self.assertEqual([], [error.message for error in errors], where)

    def ask(self, method: str, path: str, payload: Any = None, **more: Any) -> int:
        """
        Ask for a path as the document has it, and check the reply.

        :returns: Its status.
        """
        daemon, headers = more.pop("daemon", self.daemon), more.pop("headers", None)
        url = path + more.pop("query", "")
        filled = {"node_id": "a", "action": "restart", "name": "dashboard.css"}
        filled["version"] = Pages().version
        for name, value in filled.items():
            url = url.replace(f"{{{name}}}", more.get(name, value))
        reply = daemon.ask(url, method, payload, headers)
        self.check(method, path, reply)
        status: int = reply.status
        return status

    def test_document_is_valid(self) -> None:
        """
        Tools can read it.
        """
        validate(self.document)

    def test_it_is_the_packaged_document(self) -> None:
        """
        It can be read without a running daemon.
        """
        packaged = files("motion_in_ocean.web").joinpath("openapi-management.yaml").read_bytes()
        self.assertEqual(self.daemon.ask("/openapi.yaml").body, packaged)

    def test_it_has_exactly_the_routes_there_are(self) -> None:
        """
        Nothing is hidden and nothing invented.
        """
        routes = {
            (re.sub("<(.*?)>", r"{\1}", rule.rule), method.lower())
            for rule in ManagementRoutes.app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD"}
        }
        documented = {
            (path, method)
            for path, item in self.document["paths"].items()
            for method in METHODS & set(item)
        }
        self.assertEqual(documented, routes)

    def test_public_paths_are_those_without_security(self) -> None:
        """
        The document does not promise what the door refuses.
        """
        public = {
            path
            for path, item in self.document["paths"].items()
            if any(item[method].get("security") == [{}] for method in METHODS & set(item))
        }
        self.assertEqual(public, {"/health", "/ready"})

    def test_nodes(self) -> None:
        """
        Field by field, in good times and in bad.
        """
        one, none = "/api/nodes/{node_id}", {"If-Match": '"0"'}
        bearer = {"type": "bearer", "token": "t"}
        statuses = [
            self.ask("POST", "/api/nodes", node("a", auth=bearer)),
            self.ask("POST", "/api/nodes", node("b", labels={}, capabilities=[])),
            self.ask("POST", "/api/nodes", {"id": 5}),
            self.ask("POST", "/api/nodes"),
            self.ask("POST", "/api/nodes", b"x" * 70_000),
            self.ask("POST", "/api/nodes", b"x", headers={"Content-Type": "text/plain"}),
            self.ask("POST", "/api/nodes", {}, headers={"Origin": "http://evil.example"}),
            self.ask("POST", "/api/nodes", {}, headers={"Host": "evil.example"}),
            self.ask("GET", "/api/nodes"),
            self.ask("GET", one),
            self.ask("GET", one, node_id="nobody"),
            self.ask("PUT", one, {"name": "x"}),
            self.ask("PUT", one, {"auth": {"type": "bearer"}}),
            self.ask("PUT", one, {"name": ""}),
            self.ask("PUT", one, {}, headers=none),
            self.ask("PUT", one, {}, node_id="nobody"),
            self.ask("DELETE", one, headers=none),
            self.ask("DELETE", one),
            self.ask("DELETE", one),
        ]
        self.assertEqual(
            statuses,
            [
                *(201, 201, 400, 400, 413, 415, 403, 421, 200, 200),
                *(404, 200, 200, 400, 412, 404, 412, 204, 404),
            ],
        )
        etag = self.daemon.ask("/api/nodes/b").headers["ETag"]
        self.assertEqual(self.ask("GET", one, node_id="b", headers={"If-None-Match": etag}), 304)

    def test_fleet(self) -> None:
        """
        However the nodes are.
        """
        self.daemon.register_one_of_each()
        ids = ("a", "b", "lost", "closed", "odd", "box", "nobody")
        self.assertEqual(
            [self.ask("GET", "/api/nodes/{node_id}/status", node_id=each) for each in ids],
            [200, 200, 503, 401, 502, 200, 404],
        )
        self.assertEqual(self.ask("GET", "/api/management/overview"), 200)
        self.assertEqual(self.ask("GET", "/api/management/overview", query="?max_age=x"), 400)
        self.assertEqual(self.ask("GET", "/api/management/events"), 200)
        self.assertEqual(self.ask("GET", "/api/management/events", query="?after=x"), 400)
        self.assertEqual(self.ask("GET", "/metrics"), 200)

    def test_actions(self) -> None:
        """
        Whatever the node answers.
        """
        path = "/api/nodes/{node_id}/actions/{action}"
        self.daemon.register("a")
        self.daemon.register("box", transport="docker")
        for reply, status in (
            (RelayedAction(202, {"accepted": True}), 202),
            (RelayedAction(204, None), 200),
            (RelayedAction(400, {"error": {}}), 400),
            (RelayedAction(404, "not here"), 404),
            (RelayedAction(503, {}), 503),
            (TIMEOUT, 503),
            (Unauthorized("/x", 403), 401),
            (InvalidResponse("redirect", "it redirects", "/x"), 502),
        ):
            self.daemon.nodes.reply = reply
            self.assertEqual(self.ask("POST", path), status)
        self.assertEqual(self.ask("POST", path, node_id="box"), 400)
        self.assertEqual(self.ask("POST", path, b"[]"), 400)
        self.assertEqual(self.ask("POST", path, node_id="nobody"), 404)

    def test_everything_else(self) -> None:
        """
        What the daemon says of itself, and its pages.
        """
        pages = ("/", "/ui/{name}", "/ui/{version}/{name}", "/openapi.yaml")
        for path in (*pages, "/health", "/ready", "/api/config"):
            self.assertEqual(self.ask("GET", path), 200, path)
        self.assertEqual(self.ask("GET", "/ui/{name}", name="nope"), 404)
        for accept in ("text/plain", "application/openmetrics-text"):
            self.assertEqual(self.ask("GET", "/metrics", headers={"Accept": accept}), 200)

    def test_without_credentials(self) -> None:
        """
        The door's refusals as well.
        """
        daemon = self.make_daemon(AUTH_TOKEN="t")
        for path, item in self.document["paths"].items():
            if path not in ("/health", "/ready"):
                for method in METHODS & set(item):
                    self.assertEqual(self.ask(method.upper(), path, daemon=daemon), 401, path)

    def test_without_a_registry(self) -> None:
        """
        When there is trouble, clients need the document most.
        """
        daemon = self.make_daemon("/proc/nonexistent/nodes.json")
        self.assertEqual(self.ask("GET", "/ready", daemon=daemon), 503)
        self.assertEqual(self.ask("GET", "/metrics", daemon=daemon), 200)
        for method, path, payload in (
            ("GET", "/api/nodes", None),
            ("POST", "/api/nodes", node()),
            ("GET", "/api/nodes/{node_id}", None),
            ("PUT", "/api/nodes/{node_id}", {}),
            ("DELETE", "/api/nodes/{node_id}", None),
            ("GET", "/api/nodes/{node_id}/status", None),
            ("GET", "/api/nodes/{node_id}/snapshot.jpg", None),
            ("POST", "/api/nodes/{node_id}/actions/{action}", None),
            ("GET", "/api/management/overview", None),
        ):
            self.assertEqual(self.ask(method, path, payload, daemon=daemon), 503, path)
