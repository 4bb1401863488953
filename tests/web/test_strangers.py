"""
Tests that those without credentials see nothing, wherever they knock.

"""

from collections.abc import Callable, Iterable

from twisted.trial.unittest import SynchronousTestCase

from tests.management.paths import routes as management_routes
from tests.memory_management import MemoryManagement
from tests.memory_node import Client, Reply, streaming_node
from tests.web.test_guard import routes as webcam_routes

PUBLIC = ("/health", "/ready")
METHODS = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"),
    *("PROPFIND", "BREW", "get", "Get"),
)


def disguises(path: str) -> Iterable[str]:
    """
    :returns: Other ways to write a path, or what a parser may take for one.
    """
    yield from (f"/{path}", f"//{path}", f"/.{path}", f"/%2e{path}", f"/%2f{path}", f"/x/..{path}")
    yield from (f"/%2e%2e{path}", f"/..{path}", f"/..;{path}", f"/\\{path}", f"\\{path}")
    yield from (f"{path}/", f"{path}//", f"{path}/.", f"{path}/..", f"{path}.", f"{path}..")
    yield from (f"{path};x", f"{path};.css", f"{path}%3bx", f"{path}.json", f"{path}/x.css")
    yield from (f"{path}%2f", f"{path}%00", f"{path}\0", f"{path}%0a", f"{path}%20", f"{path}%23")
    yield from (f"{path}#x", f"{path}%3fx", f"{path}%", f"{path}%zz", f"{path}%ff", f"{path}\xff")
    yield from (path.upper(), path.title(), path.replace("/", "%2f"), path.replace("/", "//"))
    yield from ("".join(f"%{ord(letter):02x}" for letter in path), f"%2f{path[1:]}", path[1:])
    yield from (f"http://node.local:8000{path}", f"http://evil.example{path}", f"//evil{path}")
    for public in PUBLIC:
        yield from (f"{public}/..{path}", f"{public}/%2e%2e{path}", f"{public}%2f..{path}")
        yield from (f"{public}/../..{path}", f"{public};{path}", f"{public}{path}")
        yield from (f"{public}?{path}/..", f"{path}?{public}", f"{path}#{public}")


class StrangerTests(SynchronousTestCase):
    """
    Every path of both modes, in every way that a scanner writes it.

    """

    def setUp(self) -> None:
        node = streaming_node(self.addCleanup, AUTH_TOKEN="token")
        daemon = MemoryManagement(self.mktemp(), AUTH_TOKEN="token")
        self.addCleanup(daemon.stop)
        self.modes: tuple[tuple[Callable[[], Client], list[tuple[str, str]]], ...] = (
            (node.client, webcam_routes()),
            (daemon.client, management_routes()),
        )

    def knock(self, client: Client, method: str, path: str) -> Reply:
        """
        :returns: What a stranger is told.
        """
        client.send_request(path, method)
        reply = Reply.parse(client.received())
        client.leave()
        return reply

    def assert_closed(self, method: str, path: str, reply: Reply) -> None:
        """
        See that nothing was told but that credentials are needed, or that this is no request.

        """
        self.assertIn(reply.status, (400, 401), f"{method} {path!r}")
        if reply.status == 401:
            self.assertIn("Bearer", reply.headers["WWW-Authenticate"])

    def test_every_method(self) -> None:
        """
        No method opens what another one does not, and those that nobody has heard of are no
        exception.
        """
        for make_client, routes in self.modes:
            paths = {path for _, path in routes} | {"/nope", "/api/nope", "*"}
            self.assertGreater(len(paths), 10)
            for path in sorted(paths - set(PUBLIC)):
                for method in METHODS:
                    self.assert_closed(method, path, self.knock(make_client(), method, path))

    def test_every_disguise(self) -> None:
        """
        Nor does another way to write it: what the door takes for public is what the router takes
        for that.
        """
        for make_client, routes in self.modes:
            seen = 0
            for path in sorted({path for _, path in routes}):
                for disguise in disguises(path):
                    if disguise.partition("?")[0] in PUBLIC:
                        continue
                    seen += 1
                    for method in ("GET", "POST", "OPTIONS"):
                        reply = self.knock(make_client(), method, disguise)
                        self.assert_closed(method, disguise, reply)
            self.assertGreater(seen, 500)

    def test_public(self) -> None:
        """
        Only health and readiness are told, to those who only ask.
        """
        for make_client, _ in self.modes:
            for path in (*PUBLIC, *(f"{path}?x=/metrics" for path in PUBLIC)):
                for method in METHODS:
                    status = self.knock(make_client(), method, path).status
                    expected = 200 if method.upper() in ("GET", "HEAD") else 405
                    self.assertEqual(status, expected, f"{method} {path}")

    def test_preflight(self) -> None:
        """
        Browsers send no credentials when they ask what they may ask for; they learn nothing else.
        """
        headers = {"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
        for make_client, routes in self.modes:
            for path in sorted({path for _, path in routes} | {"/nope"}):
                reply = make_client().request(path, "OPTIONS", headers)
                self.assertEqual((reply.status, reply.body), (204, b""), path)
