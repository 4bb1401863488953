"""
Tests for the one door to the whole tree.

"""

import base64
import itertools

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.node import NodeRoutes
from motion_in_ocean.web import PUBLIC_PATHS
from tests.memory_node import MemoryNode, Reply, streaming_node


def basic(username: str, password: str) -> str:
    """
    :returns: The value of an ``Authorization`` header.
    """
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def routes() -> list[tuple[str, str]]:
    """
    :returns: Method and path of every route of the node.
    """
    return [
        (method, rule.rule.replace("<name>", "viewer.css"))
        for rule in NodeRoutes.app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


class CredentialsTests(SynchronousTestCase):
    """
    Who may come in.

    """

    def node(self, **environ: str) -> MemoryNode:
        """
        :returns: A node that streams.
        """
        return streaming_node(self.addCleanup, **environ)

    def test_every_route_but_the_public_ones_needs_credentials(self) -> None:
        """
        No route can be added that forgets them.
        """
        node = self.node(AUTH_TOKEN="correct horse")
        self.assertGreater(len(routes()), 10)
        for method, path in routes():
            reply = node.client().request(path, method=method)
            public = path in ("/health", "/ready")
            self.assertEqual(reply.status, 200 if public else 401, f"{method} {path}")

    def test_what_does_not_exist_needs_credentials_too(self) -> None:
        """
        A stranger cannot find out what there is.
        """
        node = self.node(AUTH_TOKEN="t")
        for path in ("/nope", "/api/nodes", "/health/", "//health", "/ui/../health", "/health%2f"):
            self.assertEqual(node.get(path).status, 401, path)

    def test_the_public_list_is_this(self) -> None:
        """
        It grows by nobody's oversight.
        """
        self.assertEqual(PUBLIC_PATHS, {"/health", "/ready"})

    def test_open_without_credentials(self) -> None:
        """
        On a trusted network it works out of the box.
        """
        self.assertEqual(self.node().get("/snapshot.jpg").status, 200)

    def test_accepted(self) -> None:
        """
        Programs send the bearer token; browsers, Home Assistant and OctoPrint can only do Basic.
        """
        node = self.node(AUTH_TOKEN="tök en", AUTH_USERNAME="ann", AUTH_PASSWORD="pass:word")
        for value in (
            basic("ann", "pass:word"),
            basic("anyone", "tök en"),
            basic("", "tök en"),
            basic("ann", "pass:word").replace("Basic", "bAsIc"),
        ):
            self.assertEqual(node.get("/metrics", Authorization=value).status, 200, value)
        bearer = self.node(AUTH_TOKEN="token").get("/metrics", Authorization="bearer token")
        self.assertEqual(bearer.status, 200)

    def test_refused(self) -> None:
        """
        Anything else stays outside, and nothing makes the daemon fail.
        """
        for value in (
            "",
            "Bearer",
            "Bearer ",
            "Bearer Token",
            "Bearer tokentoken",
            "Bearer ann:secret",
            "Basic",
            "Basic !!!",
            "Basic " + base64.b64encode(b"ann").decode(),
            basic("ann", "Secret"),
            basic("bob", "secret"),
            basic("ann", ""),
            basic("", ""),
            basic("token", "ann"),
            "Digest username=ann",
            "\xff\xfe",
        ):
            node = self.node(AUTH_TOKEN="token", AUTH_USERNAME="ann", AUTH_PASSWORD="secret")
            self.assertEqual(node.get("/metrics", Authorization=value).status, 401, value)

    def test_two_headers_are_refused(self) -> None:
        """
        Proxy and daemon cannot be made to look at different ones.
        """
        node = self.node(AUTH_TOKEN="token")
        client = node.client()
        client.send(
            b"GET /metrics HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer token\r\n"
            b"Authorization: Bearer token\r\n\r\n"
        )
        self.assertEqual(Reply.parse(client.received()).status, 401)

    def test_unusable_credentials_lock_the_daemon(self) -> None:
        """
        A secret that got lost on the way does not open the door to everybody.
        """
        for environ in (
            {"AUTH_TOKEN": ""},
            {"AUTH_TOKEN_FILE": "/nonexistent"},
            {"AUTH_USERNAME": "ann"},
            {"AUTH_PASSWORD": "secret"},
            {"AUTH_TOKEN": "token", "AUTH_USERNAME": "ann"},
        ):
            node = self.node(**environ)
            self.assertEqual(len(node.warnings), 1, environ)
            for path, method in itertools.product(
                ("/", "/metrics", "/stream.mjpg"), ("GET", "HEAD")
            ):
                reply = node.client().request(
                    path, method, {"Authorization": f"Bearer {environ.get('AUTH_TOKEN', '')}"}
                )
                self.assertEqual(reply.status, 401, (environ, path))
            for path in ("/health", "/ready"):
                self.assertEqual(node.get(path).status, 200)

    def test_refusal_says_how_to_come_in(self) -> None:
        """
        A browser asks its user; a program knows both ways.
        """
        reply = self.node(AUTH_TOKEN="token").get("/metrics")
        challenges = reply.headers.get_all("WWW-Authenticate")
        assert challenges is not None
        self.assertEqual([value.split()[0] for value in challenges], ["Bearer", "Basic"])
        self.assertIn(b'"code":"UNAUTHORIZED"', reply.body)

    def test_browser_gets_a_page(self) -> None:
        """
        Whoever closes the browser's question is told what to do.
        """
        reply = self.node(AUTH_TOKEN="token").get("/", Accept="text/html,*/*")
        self.assertEqual(reply.status, 401)
        self.assertEqual(reply.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn(b"token is the password", reply.body)


class CrossOriginTests(SynchronousTestCase):
    """
    Which pages may read.

    """

    def node(self, origins: str | None = None) -> MemoryNode:
        """
        :returns: A node that streams.
        """
        environ = {} if origins is None else {"CORS_ORIGINS": origins}
        return streaming_node(self.addCleanup, **environ)

    def test_default_is_any_page_without_credentials(self) -> None:
        """
        Mainsail reads the stream from its own origin out of the box.
        """
        for path in ("/stream.mjpg", "/snapshot.jpg", "/health", "/ready", "/metrics"):
            reply = self.node().get(path, Origin="http://mainsail.local")
            self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "*")
            self.assertIsNone(reply.headers["Access-Control-Allow-Credentials"])

    def test_star_does_not_hold_for_the_api(self) -> None:
        """
        Any page may look at the camera, but not at what manages it.
        """
        reply = self.node().get("/api/config", Origin="http://evil.example")
        self.assertIsNone(reply.headers["Access-Control-Allow-Origin"])

    def test_listed_origin_is_echoed(self) -> None:
        """
        A cache must not give one page's permission to another.
        """
        node = self.node("http://mainsail.local, https://ha.example:8123")
        for path in ("/snapshot.jpg", "/nope", "/api/config", "/stream.mjpg?fps=x"):
            reply = node.get(path, Origin="https://ha.example:8123")
            self.assertEqual(
                reply.headers["Access-Control-Allow-Origin"], "https://ha.example:8123", path
            )
            self.assertEqual(reply.headers["Vary"], "Origin")
            self.assertEqual(reply.headers["Access-Control-Allow-Credentials"], "true")

    def test_other_origins_are_not(self) -> None:
        """
        Near misses are misses.
        """
        node = self.node("http://mainsail.local")
        for origin in (
            "http://evil.example",
            "https://mainsail.local",
            "http://mainsail.local:81",
            "http://mainsail.local.evil.example",
            "null",
        ):
            reply = node.get("/snapshot.jpg", Origin=origin)
            self.assertIsNone(reply.headers["Access-Control-Allow-Origin"], origin)
            self.assertEqual(reply.headers["Vary"], "Origin")

    def test_empty_is_none(self) -> None:
        """
        Whoever wants no other page to read says so.
        """
        reply = self.node("").get("/snapshot.jpg", Origin="http://mainsail.local")
        self.assertIsNone(reply.headers["Access-Control-Allow-Origin"])

    def test_preflight_is_answered_without_credentials(self) -> None:
        """
        Browsers send none with it.
        """
        node = streaming_node(
            self.addCleanup, CORS_ORIGINS="http://mainsail.local", AUTH_TOKEN="token"
        )
        reply = node.client().request(
            "/snapshot.jpg",
            method="OPTIONS",
            headers={
                "Origin": "http://mainsail.local",
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        self.assertEqual((reply.status, reply.body), (204, b""))
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "http://mainsail.local")
        self.assertIn("Authorization", reply.headers["Access-Control-Allow-Headers"])
        self.assertIn("GET", reply.headers["Access-Control-Allow-Methods"])

    def test_preflight_of_a_stranger_allows_nothing(self) -> None:
        """
        The browser then does not even ask.
        """
        reply = (
            self.node("http://mainsail.local")
            .client()
            .request(
                "/api/actions/restart",
                method="OPTIONS",
                headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
            )
        )
        self.assertEqual(reply.status, 204)
        self.assertFalse([name for name in reply.headers if name.startswith("Access-Control")])


class WriteTests(SynchronousTestCase):
    """
    Pages of other sites change nothing.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def post(self, body: bytes = b"", **headers: str) -> Reply:
        """
        Send to a route that takes no POST, so that 405 means: passed the door.

        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.node.client().request("/metrics", "POST", named, body)

    def test_json_passes(self) -> None:
        """
        Programs say what they send.
        """
        for content_type in ("application/json", "Application/JSON; charset=utf-8"):
            self.assertEqual(self.post(b"{}", Content_Type=content_type).status, 405)

    def test_what_a_form_can_send_does_not(self) -> None:
        """
        A form on another page needs nobody's permission to be sent, and gets nowhere.
        """
        for content_type in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "",
        ):
            reply = self.post(b"{}", Content_Type=content_type)
            self.assertEqual(reply.status, 415, content_type)
            self.assertIn(b'"code":"UNSUPPORTED_MEDIA_TYPE"', reply.body)

    def test_own_origin_passes(self) -> None:
        """
        Our own pages may write.
        """
        for origin in ("http://node.local:8000", "http://NODE.local:8000"):
            self.assertEqual(self.post(Origin=origin).status, 405)

    def test_other_origins_do_not(self) -> None:
        """
        Not even without a body.
        """
        for origin in (
            "http://evil.example",
            "https://node.local:8000",
            "http://node.local",
            "null",
        ):
            reply = self.post(Origin=origin)
            self.assertEqual(reply.status, 403, origin)
            self.assertIn(b'"code":"FORBIDDEN"', reply.body)

    def test_listed_origin_passes(self) -> None:
        """
        Whoever is trusted by name may write.
        """
        self.node = streaming_node(self.addCleanup, CORS_ORIGINS="http://ha.example")
        self.assertEqual(self.post(Origin="http://ha.example").status, 405)
