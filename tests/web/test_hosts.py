"""
Tests for the names under which the API answers.

"""

import json

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.node import NodeRoutes
from motion_in_ocean.web import HostPolicy
from tests.memory_node import MemoryNode, Reply, streaming_node


class HostPolicyTests(SynchronousTestCase):
    """
    Which names an attacker cannot make point here.

    """

    def setUp(self) -> None:
        self.policy = HostPolicy("Garden.example", ("cam.example", "*.house.example", "[fd00::7]"))

    def test_allowed(self) -> None:
        """
        Whatever people type at home, and what the operator lists.
        """
        for host in (
            "192.0.2.7",
            "192.0.2.7:8000",
            "[::1]:8000",
            "[2001:db8::1]",
            "[fe80::1%25eth0]:8000",
            "localhost",
            "localhost:8000",
            "camera",
            "CAMERA:80",
            "camera.local",
            "camera.local.:8000",
            "Camera.LAN",
            "a.b.home.arpa",
            "garden.example",
            "cam.example:443",
            "CAM.Example.",
            "shed.house.example",
            "a.shed.house.example",
        ):
            self.assertTrue(self.policy.allows([host.encode()]), host)

    def test_refused(self) -> None:
        """
        Names that anyone can buy, near misses, and what is no host at all.
        """
        for host in (
            "evil.example",
            "evil.example:8000",
            "local.evil.example",
            "camera.local.evil.example",
            "192.0.2.7.evil.example",
            "house.example",
            "evilhouse.example",
            "cam.example.evil.com",
            "xcam.example",
            "garden.example.com",
            "",
            ":8000",
            "[::1",
            "::1]",
            "a b",
            "user@camera",
            "camera/",
            "cam.example:80:80",
            "caf\xe9.example",
        ):
            self.assertFalse(self.policy.allows([host.encode("latin-1")]), host)

    def test_each_of_several_has_to_be_allowed(self) -> None:
        """
        Proxy and daemon cannot be made to look at different ones.
        """
        self.assertFalse(self.policy.allows([b"camera", b"evil.example"]))

    def test_none_is_allowed(self) -> None:
        """
        HTTP/1.0 programs send none; browsers always do.
        """
        self.assertTrue(self.policy.allows([]))


class GuardTests(SynchronousTestCase):
    """
    The policy at the door.

    """

    def get(self, node: MemoryNode, path: str, host: str, **headers: str) -> Reply:
        """
        :returns: The reply under the name of ``host``.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return node.client().request(path, headers={"Host": host, **named})

    def test_api_does_not_answer_under_a_strange_name(self) -> None:
        """
        A page elsewhere cannot become the daemon's own origin by turning its name round.
        """
        node = streaming_node(self.addCleanup)
        for path in ("/api/config", "/api/viewers", "/api/nope", "/api", "/api%2fconfig"):
            reply = self.get(node, path, "evil.example:8000")
            self.assertEqual(reply.status, 421, path)
        self.assertEqual(reply.status_line, "HTTP/1.1 421 Misdirected Request")
        error = json.loads(reply.body)["error"]
        self.assertEqual(error["code"], "MISDIRECTED_REQUEST")
        self.assertIn("ALLOWED_HOSTS", error["message"])
        self.assertEqual(error["details"], {"host": "evil.example:8000"})

    def test_every_route_of_the_api_is_covered(self) -> None:
        """
        No route can be added that forgets it, and no spelling that reaches one gets past.
        """
        node = streaming_node(self.addCleanup)
        rules = [rule.rule for rule in NodeRoutes.app.url_map.iter_rules()]
        api = [rule.replace("<", "").replace(">", "") for rule in rules if "api/" in rule]
        self.assertGreater(len(api), 1)
        for path in api:
            for spelling in (
                path,
                f"{path}/",
                f"/{path}",
                f"///{path}",
                f"/%2f{path}",
                f"/%2Fapi{path.removeprefix('/api')}",
                path.replace("api", "%61pi"),
                f"{path}?x=1",
            ):
                reply = self.get(node, spelling, "evil.example")
                self.assertEqual(reply.status, 421, spelling)

    def test_neither_reads_nor_writes(self) -> None:
        """
        Whatever the method.
        """
        node = streaming_node(self.addCleanup)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            reply = node.client().request("/api/config", method, {"Host": "evil.example"})
            self.assertEqual(reply.status, 421, method)

    def test_the_rest_answers_under_every_name(self) -> None:
        """
        Pictures go to whoever can reach the port: they are no secret before credentials are set.
        """
        node = streaming_node(self.addCleanup)
        for path in ("/", "/health", "/ready", "/metrics", "/snapshot.jpg", "/stream.mjpg"):
            self.assertEqual(self.get(node, path, "cam.example").status, 200, path)
        self.assertEqual(self.get(node, "/apis", "cam.example").status, 404)

    def test_listed_name_is_answered(self) -> None:
        """
        Whoever has a name of their own for the daemon says so.
        """
        node = streaming_node(self.addCleanup, ALLOWED_HOSTS="cam.example, *.house.example")
        for host in ("cam.example:8000", "shed.house.example", "camera.local", "192.0.2.7"):
            self.assertEqual(self.get(node, "/api/config", host).status, 200, host)
        self.assertEqual(self.get(node, "/api/config", "house.example").status, 421)

    def test_credentials_do_instead(self) -> None:
        """
        An attacker's page does not have them, so behind them every name will do.
        """
        node = streaming_node(self.addCleanup, AUTH_TOKEN="t")
        reply = self.get(node, "/api/config", "cam.example", Authorization="Bearer t")
        self.assertEqual(reply.status, 200)
        self.assertEqual(self.get(node, "/api/config", "cam.example").status, 401)

    def test_page_of_a_listed_origin_can_read_the_refusal(self) -> None:
        """
        Whoever sets this up finds the reason in the browser.
        """
        node = streaming_node(self.addCleanup, CORS_ORIGINS="http://ha.example")
        reply = self.get(node, "/api/config", "cam.example", Origin="http://ha.example")
        self.assertEqual(reply.status, 421)
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "http://ha.example")
