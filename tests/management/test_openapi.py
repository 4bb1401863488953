"""
Tests that the API document tells what management mode does.

"""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management import ManagementRoutes
from motion_in_ocean.management._states import STATES
from motion_in_ocean.management.outbound._failures import INVALID
from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized
from motion_in_ocean.web import Pages
from tests.management.test_snapshot import NodeSide
from tests.memory_management import LOCKED, ODD, TIMEOUT, MemoryManagement, node
from tests.memory_node import JPEG, Reply
from tests.openapi import Document, Operation, packaged_text, refused_requests, routes_of

NODES, NODE = "/api/nodes", "/api/nodes/{node_id}"
STATUS, SNAPSHOT = f"{NODE}/status", f"{NODE}/snapshot.jpg"
ACTION = f"{NODE}/actions/{{action}}"
FILE, VERSIONED_FILE = "/ui/{name}", "/ui/{version}/{name}"
VALUES = {"node_id": "a", "action": "restart", "name": "common.css", "version": Pages().version}
"""What stands in paths where nothing else is said."""

OVERVIEW, EVENTS = "/api/management/overview", "/api/management/events"


class OpenAPITests(SynchronousTestCase):
    """
    Integrators generate clients from it.

    """

    def setUp(self) -> None:
        self.document = Document.packaged("management")
        self.daemon = self.make_daemon()
        self.seen: set[tuple[str, str]] = set()

    def make_daemon(self, path: str | None = None, **environ: str) -> MemoryManagement:
        """
        :returns: A daemon.
        """
        daemon = MemoryManagement(path or self.mktemp(), **environ)
        self.addCleanup(daemon.stop)
        return daemon

    def check(self, operation: Operation, reply: Reply) -> int:
        """
        See that a reply is one that the document describes.

        :returns: Its status.
        """
        problems = list(self.document.problems(operation, reply))
        self.assertEqual(problems, [], f"{operation} {reply.status} {reply.body[:500]!r}")
        self.seen.add((str(operation), self.document.response_name(operation, reply.status)))
        return reply.status

    def ask(self, method: str, path: str, payload: Any = None, **more: Any) -> int:
        """
        Ask for a path as the document has it, and check the reply.

        :returns: Its status.
        """
        daemon, headers = more.pop("daemon", self.daemon), more.pop("headers", None)
        url = path + more.pop("query", "")
        for name, value in VALUES.items():
            url = url.replace(f"{{{name}}}", more.get(name, value))
        reply = daemon.ask(url, method, payload, headers)
        return self.check(self.document.operation(path, method), reply)

    def test_it_is_the_packaged_document(self) -> None:
        """
        It can be read without a running daemon.
        """
        self.assertEqual(self.daemon.ask("/openapi.yaml").body, packaged_text("management"))

    def test_it_has_exactly_the_routes_there_are(self) -> None:
        """
        Nothing is hidden and nothing invented.
        """
        documented = {(each.path, each.method) for each in self.document.operations()}
        self.assertEqual(documented, routes_of(ManagementRoutes.app))

    def test_every_status_can_be_had(self) -> None:
        """
        What is documented is tried, and what replies have is documented.
        """
        closed = self.make_daemon(AUTH_TOKEN="t")
        for operation in self.document.operations():
            self.refuse(operation, closed)
        self.keep_nodes()
        self.ask_nodes()
        self.act_on_nodes()
        self.fetch_pictures()
        self.report()
        self.do_without_a_registry()
        documented = {
            (str(operation), status)
            for operation in self.document.operations()
            for status in operation.described["responses"]
            # That takes a bug, which is another test's.
            if status != "500"
        }
        self.assertEqual(self.seen, documented)

    def refuse(self, operation: Operation, closed: MemoryManagement) -> None:
        """
        Have the door refuse a request in all ways that it has.

        """
        for refused in refused_requests(operation):
            status = 0
            for number in range(refused.times):
                status = self.ask(
                    operation.method.upper(),
                    operation.path,
                    refused.body or None,
                    headers=refused.headers_of(number),
                    daemon=closed if refused.credentials_are_set else self.daemon,
                )
            self.assertEqual(status, refused.status, operation)

    def keep_nodes(self) -> None:
        """
        Register, show, change and forget nodes, and fail at each.

        """
        none, bearer = {"If-Match": '"0"'}, {"type": "bearer", "token": "t"}
        for method, path, payload, more, status in (
            ("POST", NODES, node("a", auth=bearer), {}, 201),
            ("POST", NODES, node("a"), {}, 400),
            ("POST", NODES, node("b", labels={}, capabilities=[]), {}, 201),
            ("POST", NODES, {"id": 5}, {}, 400),
            ("POST", NODES, None, {}, 400),
            ("GET", NODES, None, {}, 200),
            ("GET", NODE, None, {}, 200),
            ("GET", NODE, None, {"headers": {"If-None-Match": "*"}}, 304),
            ("GET", NODE, None, {"node_id": "nobody"}, 404),
            ("PUT", NODE, {"name": "x"}, {}, 200),
            ("PUT", NODE, {"auth": {"type": "bearer"}}, {}, 200),
            ("PUT", NODE, {"name": ""}, {}, 400),
            ("PUT", NODE, {}, {"headers": none}, 412),
            ("PUT", NODE, {}, {"headers": {"If-Match": "x"}}, 400),
            ("PUT", NODE, {}, {"node_id": "nobody"}, 404),
            ("DELETE", NODE, None, {"headers": none}, 412),
            ("DELETE", NODE, None, {"headers": {"If-Match": "x"}}, 400),
            ("DELETE", NODE, None, {}, 204),
            ("DELETE", NODE, None, {}, 404),
            ("DELETE", NODE, None, {"node_id": "b"}, 204),
        ):
            where = f"{method} {path} {payload} {more}"
            self.assertEqual(self.ask(method, path, payload, **more), status, where)

    def ask_nodes(self) -> None:
        """
        However the nodes are.

        """
        self.daemon.register_one_of_each()
        ids = ("a", "b", "lost", "closed", "odd", "box", "nobody")
        self.assertEqual(
            [self.ask("GET", STATUS, node_id=each) for each in ids],
            [200, 200, 503, 401, 502, 200, 404],
        )
        self.assertEqual(self.ask("GET", OVERVIEW), 200)
        self.assertEqual(self.ask("GET", OVERVIEW, query="?max_age=x"), 400)
        self.assertEqual(self.ask("GET", EVENTS), 200)
        self.assertEqual(self.ask("GET", EVENTS, query="?after=x"), 400)
        self.assertEqual(self.ask("GET", EVENTS, query=f"?after={10**18 - 1}"), 200)
        self.assertEqual(self.ask("GET", EVENTS, query=f"?after={10**18}"), 400)

    def act_on_nodes(self) -> None:
        """
        Whatever the node answers.

        """
        for reply, status in (
            (RelayedAction(202, {"accepted": True}), 202),
            (RelayedAction(204, None), 200),
            (RelayedAction(400, {"error": {}}), 400),
            (RelayedAction(404, "not here"), 404),
            (RelayedAction(429, {"error": {}}, retry_after_seconds=30), 429),
            (RelayedAction(429, None), 429),
            (RelayedAction(503, {}), 503),
            (TIMEOUT, 503),
            (Busy(4, is_of_node=True), 503),
            (Unauthorized("/x", 403), 401),
            (InvalidResponse("redirect", "it redirects", "/x"), 502),
        ):
            self.daemon.nodes.reply = reply
            self.assertEqual(self.ask("POST", ACTION), status)
        self.assertEqual(self.ask("POST", ACTION, node_id="box"), 400)
        self.assertEqual(self.ask("POST", ACTION, action="Fly"), 400)
        self.assertEqual(self.ask("POST", ACTION, b"[]"), 400)
        self.assertEqual(self.ask("POST", ACTION, node_id="nobody"), 404)

    def fetch_pictures(self) -> None:
        """
        Those that nodes give, and those that they do not.

        """
        self.assertEqual(self.fetch(NodeSide()), 200)
        self.assertEqual(self.fetch(NodeSide(headers={})), 200)
        for picture, status in ((LOCKED, 401), (ODD, 502), (TIMEOUT, 503), (Busy(4), 503)):
            self.daemon.nodes.picture = picture
            self.assertEqual(self.ask("GET", SNAPSHOT), status)
        self.assertEqual(self.ask("GET", SNAPSHOT, node_id="box"), 400)
        self.assertEqual(self.ask("GET", SNAPSHOT, node_id="nobody"), 404)

    def fetch(self, side: NodeSide) -> int:
        """
        :returns: The status of the reply with this node's picture.
        """
        self.daemon.nodes.picture = side.picture
        client = self.daemon.client()
        client.send_request(SNAPSHOT.replace("{node_id}", "a"))
        side.send(JPEG)
        side.end()
        operation = self.document.operation(SNAPSHOT, "get")
        return self.check(operation, Reply.parse(client.received()))

    def report(self) -> None:
        """
        Say what the daemon says of itself, and show its pages.

        """
        for path in ("/", "/openapi.yaml", "/health", "/ready", "/metrics", "/api/config"):
            self.assertEqual(self.ask("GET", path), 200)
        for accept in ("text/plain", "application/openmetrics-text"):
            self.assertEqual(self.ask("GET", "/metrics", headers={"Accept": accept}), 200)
        for path in (FILE, VERSIONED_FILE):
            for name in ("common.css", "dashboard.js", "icon.svg"):
                self.assertEqual(self.ask("GET", path, name=name), 200)
            self.assertEqual(self.ask("GET", path, headers={"If-None-Match": "*"}), 304)
            self.assertEqual(self.ask("GET", path, name="nothing.css"), 404)
        self.assertEqual(self.ask("GET", VERSIONED_FILE, version="old"), 404)

    def do_without_a_registry(self) -> None:
        """
        When there is trouble, clients need the document most.

        """
        daemon = self.make_daemon("/proc/nonexistent/nodes.json")
        self.assertEqual(self.ask("GET", "/metrics", daemon=daemon), 200)
        for method, path, payload in (
            ("GET", "/ready", None),
            ("GET", NODES, None),
            ("POST", NODES, node()),
            ("GET", NODE, None),
            ("PUT", NODE, {}),
            ("DELETE", NODE, None),
            ("GET", STATUS, None),
            ("GET", SNAPSHOT, None),
            ("POST", ACTION, None),
            ("GET", OVERVIEW, None),
        ):
            self.assertEqual(self.ask(method, path, payload, daemon=daemon), 503, path)

    def test_head_is_get_without_a_body(self) -> None:
        """
        As the introduction says of all paths.
        """
        self.daemon.register("a")
        for operation in self.document.operations():
            if operation.method == "get" and operation.path != SNAPSHOT:
                url = operation.path
                for name, value in VALUES.items():
                    url = url.replace(f"{{{name}}}", value)
                replies = [self.daemon.ask(url, method) for method in ("GET", "HEAD")]
                names = [sorted({*map(str.lower, reply.headers)}) for reply in replies]
                self.assertEqual(replies[0].status, replies[1].status, url)
                self.assertEqual(names[0], names[1], url)
                self.assertEqual(replies[1].body, b"", url)

    def test_bugs_are_described_as_well(self) -> None:
        """
        A program has to understand them, too.
        """
        self.daemon.register("a")
        self.daemon.nodes.picture = ZeroDivisionError()
        self.assertEqual(self.ask("GET", SNAPSHOT), 500)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_preconditions_are_those_of_the_code(self) -> None:
        """
        What is right by the document is understood, and nothing else.
        """
        self.daemon.register("a")
        schema = self.document.component("parameters", "if_match")["schema"]
        for value, is_right in (
            *(("*", True), ('"7"', True), ('W/"7"', True), ('"7", W/"x" ,"y"', True), ('""', True)),
            # Not in UTF-8 on the wire.
            ('"\xe9"', True),
            *(("7", False), ("", False), ('"7', False), ('"7" "8"', False), ('"7",', False)),
        ):
            self.assertEqual(not self.document.schema_problems(schema, value), is_right, value)
            status = self.ask("PUT", NODE, {}, headers={"If-Match": value})
            self.assertEqual(status in (200, 412), is_right, value)

    def test_words_are_those_of_the_code(self) -> None:
        """
        A state or a reason that the document does not know would break its readers.
        """
        self.assertEqual(self.document.component("schemas", "State")["enum"], list(STATES))
        told = self.document.component("responses", "NodeInvalidResponse")["description"]
        for reason in INVALID:
            self.assertIn(f"`{reason}`", told)
