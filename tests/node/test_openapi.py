"""
Tests that the API document tells what the node does.

"""

from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CameraState, RestartCause
from motion_in_ocean.controls import CONTROLS, ChoiceControl, NumberControl
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.node import ACTIONS, NodeRoutes
from motion_in_ocean.web import Pages
from tests.fakes import FakeCamera
from tests.memory_node import MemoryNode, Reply, streaming_node
from tests.openapi import Document, Operation, packaged_text, refused_requests, routes_of

VERSION = Pages().version


class OpenAPITests(SynchronousTestCase):
    """
    Integrators generate clients from it.

    """

    def setUp(self) -> None:
        self.document = Document.packaged("webcam")
        self.node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="2")
        self.seen: set[tuple[str, str]] = set()

    def check(self, path: str, reply: Reply, method: str = "get") -> int:
        """
        See that a reply is one that the document describes.

        :returns: Its status.
        """
        operation = self.document.operation(path, method)
        problems = list(self.document.problems(operation, reply))
        self.assertEqual(problems, [], f"{operation} {reply.status} {reply.body[:500]!r}")
        self.seen.add((str(operation), str(reply.status)))
        return reply.status

    def get(self, path: str, query: str = "", node: MemoryNode | None = None, **more: str) -> int:
        """
        Ask for a path, and check the reply.

        :returns: Its status.
        """
        url = path.replace("{name}", more.pop("name", "common.css"))
        url = url.replace("{version}", more.pop("version", VERSION))
        return self.check(path, (node or self.node).get(f"{url}{query}", **more))

    def act(self, action: str, body: bytes, node: MemoryNode | None = None) -> int:
        """
        :returns: The status of the reply.
        """
        reply = (node or self.node).act(action, body)
        return self.check(f"/api/actions/{action}", reply, "post")

    def silent_node(self, **environ: str) -> MemoryNode:
        """
        :returns: A node whose camera cannot be opened.
        """
        node = MemoryNode(FakeCamera(problem=CameraUnavailable("no camera")), **environ)
        self.addCleanup(node.stop)
        node.open_camera()
        return node

    def test_it_is_the_packaged_document(self) -> None:
        """
        It can be read without a running node.
        """
        reply = self.node.get("/openapi.yaml")
        self.assertEqual(reply.body, packaged_text("webcam"))
        self.assertEqual(self.check("/openapi.yaml", reply), 200)

    def test_it_has_exactly_the_routes_there_are(self) -> None:
        """
        Nothing is hidden and nothing invented; each action has a description of its own.
        """
        routes = {
            (path.replace("{action}", action), method)
            for path, method in routes_of(NodeRoutes.app)
            for action in ACTIONS
        }
        documented = {(each.path, each.method) for each in self.document.operations()}
        self.assertEqual(documented, routes)

    def test_every_status_can_be_had(self) -> None:
        """
        What is documented is tried, and what replies have is documented.
        """
        for operation in self.document.operations():
            self.refuse(operation)
        self.show_pictures()
        self.report()
        self.do_something()
        documented = {
            (str(operation), status)
            for operation in self.document.operations()
            for status in operation.described["responses"]
            # That takes a bug, which is another test's.
            if status != "500"
        }
        self.assertEqual(self.seen, documented)

    def refuse(self, operation: Operation) -> None:
        """
        Have the door refuse a request in all ways that it has.

        """
        closed = streaming_node(self.addCleanup, AUTH_TOKEN="t")
        url = operation.path.replace("{name}", "common.css").replace("{version}", VERSION)
        for refused in refused_requests(operation):
            node, status = closed if refused.credentials_are_set else self.node, 0
            for number in range(refused.times):
                headers, method = refused.headers_of(number), operation.method.upper()
                reply = node.client().request(url, method, headers, refused.body)
                status = self.check(operation.path, reply, operation.method)
            self.assertEqual(status, refused.status, operation)

    def show_pictures(self) -> None:
        """
        In good times and in bad.

        """
        silent = self.silent_node()
        for path, query, status in (
            ("/", "", 200),
            ("/", "?action=snapshot", 200),
            ("/", "?action=x", 400),
            ("/webcam/", "?action=snapshot", 200),
            ("/webcam/", "", 400),
            ("/snapshot.jpg", "", 200),
            ("/stream.mjpg", "?fps=x", 400),
            ("/stream.mjpg", "?fps=0.001", 400),
            ("/stream.mjpg", "?fps=0.01", 200),
            ("/webcam/", "?action=stream", 200),
        ):
            self.assertEqual(self.get(path, query), status, path + query)
        self.node.watch()
        self.node.watch()
        self.assertEqual(self.get("/stream.mjpg"), 503)
        for path, query in (
            ("/", "?action=stream"),
            ("/webcam/", "?action=snapshot"),
            ("/snapshot.jpg", ""),
            ("/stream.mjpg", ""),
        ):
            self.assertEqual(self.get(path, query, silent), 503)
        etag = self.node.get("/ui/common.css").headers["ETag"]
        for path in ("/ui/{name}", "/ui/{version}/{name}"):
            self.assertEqual(self.get(path, If_None_Match=etag), 304)
            self.assertEqual(self.get(path, name="nothing.css"), 404)
            for name in ("common.css", "viewer.js", "icon.svg"):
                self.assertEqual(self.get(path, name=name), 200)
        self.assertEqual(self.get("/ui/{version}/{name}", version="old"), 404)

    def report(self) -> None:
        """
        Say field by field how everything is, in good times and in bad.

        """
        stale = streaming_node(self.addCleanup)
        stale.reactor.advance(60.0)
        nodes = (
            self.node,
            stale,
            self.silent_node(),
            streaming_node(self.addCleanup, FPS="x", CORS_ORIGINS="x", ALLOWED_HOSTS="a,b"),
        )
        for node in nodes:
            for path in ("/health", "/metrics", "/api/viewers", "/api/config", "/openapi.yaml"):
                self.assertEqual(self.get(path, node=node), 200)
            self.assertEqual(self.check("/api/camera", node.camera_report()), 200)
        self.assertEqual([self.get("/ready", node=n) for n in nodes], [200, 503, 503, 200])

    def do_something(self) -> None:
        """
        Actions that work, and each way in which they do not.

        """
        waiting = MemoryNode()
        self.addCleanup(waiting.stop)
        self.assertEqual(self.act("controls", b'{"awb_mode":"auto"}'), 200)
        self.assertEqual(self.act("controls", b'{"awb_mode":1}'), 400)
        self.assertEqual(self.act("controls", b"[]"), 400)
        self.assertEqual(self.act("controls", b"{}", waiting), 503)
        self.assertEqual(self.act("restart", b"[]"), 400)
        self.assertEqual(self.act("restart", b""), 202)

    def test_head_is_get_without_a_body(self) -> None:
        """
        As the introduction says of all paths.
        """
        for operation in self.document.operations():
            if operation.method != "get" or operation.path == "/webcam/":
                continue
            url = operation.path.replace("{name}", "common.css").replace("{version}", VERSION)
            node = streaming_node(self.addCleanup)
            replies = [node.ask_patiently(url, method) for method in ("GET", "HEAD")]
            names = [sorted({*map(str.lower, reply.headers)}) for reply in replies]
            self.assertEqual(replies[0].status, replies[1].status, url)
            self.assertEqual(names[0], names[1], url)
            self.assertEqual(replies[1].body, b"", url)

    def test_metrics_are_in_the_formats_described(self) -> None:
        """
        Each is there, and has just the name that the document gives it.
        """
        operation = self.document.operation("/metrics", "get")
        described = self.document.response(operation, 200)["content"]
        offered = {
            self.node.get("/metrics", Accept=name.partition(";")[0]).headers["Content-Type"]
            for name in described
        }
        self.assertEqual(offered, set(described))

    def test_words_are_those_of_the_code(self) -> None:
        """
        A state that the document does not know would break its readers.
        """
        states = self.document.component("schemas", "CameraState")["enum"]
        self.assertEqual(states, [state.value for state in CameraState])
        _, figures = self.document.component("schemas", "Metrics")["allOf"]
        restarts = figures["properties"]["camera"]["properties"]["restarts"]["required"]
        self.assertEqual(restarts, [cause.value for cause in RestartCause])

    def test_controls_are_those_of_the_code(self) -> None:
        """
        With what they take, and nothing beyond.
        """
        schema = self.document.component("schemas", "Controls")
        self.assertEqual(list(schema["properties"]), list(CONTROLS))
        for name, value, is_right in _values_at_the_edge():
            problems = self.document.schema_problems(schema, {name: value})
            self.assertEqual(not problems, is_right, f"{name} {value} {problems}")

    def test_bugs_are_described_as_well(self) -> None:
        """
        A program has to understand them, too.
        """
        # A camera that describes itself wrongly.
        self.node.camera.description = ZeroDivisionError()  # type: ignore[assignment]
        self.assertEqual(self.get("/metrics"), 500)
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)


def _values_at_the_edge() -> Iterator[tuple[str, object, bool]]:
    """
    :returns: Name, value, and whether the control takes it.
    """
    for name, control in CONTROLS.items():
        values: list[object] = [True, None, [], "no such choice"]
        if isinstance(control, ChoiceControl):
            values += [*control.choices, 0]
        else:
            assert isinstance(control, NumberControl)
            values += [control.low, control.high, control.low - 0.5, control.high + 1, 0, 1.5]
        for value in values:
            try:
                control.parse(value)
            except ValueError:
                yield name, value, False
            else:
                yield name, value, True
