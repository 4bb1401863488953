"""
Tests of what browsers say of a request, and of what they are told about replies.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_management import MemoryManagement
from tests.memory_node import Reply, streaming_node

OWN, OTHER = "http://node.local:8000", "http://evil.example"


class OriginOfWritesTests(SynchronousTestCase):
    """
    Browsers say where a write comes from, and no script can make them lie.

    """

    def write(self, origins: str = "", **headers: str) -> int:
        """
        :returns: The status for a route that takes no POST, so that 405 means: passed the door.
        """
        node = streaming_node(self.addCleanup, CORS_ORIGINS=origins)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return node.client().request("/metrics", "POST", named).status

    def test_other_site(self) -> None:
        """
        Not even one that claims our own origin, or names none.
        """
        for site in ("cross-site", "same-site", "nonsense", ""):
            self.assertEqual(self.write(Sec_Fetch_Site=site), 403, site)
            self.assertEqual(self.write(Sec_Fetch_Site=site, Origin=OWN), 403, site)
            self.assertEqual(self.write(Sec_Fetch_Site=site, Origin=OTHER), 403, site)

    def test_other_port_of_the_same_machine(self) -> None:
        """
        It may be anybody's program.
        """
        self.assertEqual(self.write(Sec_Fetch_Site="same-site", Origin="http://node.local:1"), 403)

    def test_listed(self) -> None:
        """
        Whoever is trusted by name may write.
        """
        for site in ("cross-site", "same-site"):
            self.assertEqual(self.write(OTHER, Sec_Fetch_Site=site, Origin=OTHER), 405, site)
            self.assertEqual(self.write(OTHER, Sec_Fetch_Site=site, Origin="http://b"), 403, site)
            self.assertEqual(self.write(OTHER, Sec_Fetch_Site=site), 403, site)

    def test_own_page(self) -> None:
        """
        Our own page may, also behind a proxy that speaks TLS or changes the name: the browser
        knows better than we do.
        """
        self.assertEqual(self.write(Sec_Fetch_Site="same-origin", Origin=OWN), 405)
        behind_proxy = "https://camera.example"
        self.assertEqual(self.write(Sec_Fetch_Site="same-origin", Origin=behind_proxy), 405)
        self.assertEqual(self.write(Origin=behind_proxy), 403)

    def test_no_browser(self) -> None:
        """
        A program says nothing of all that.
        """
        self.assertEqual(self.write(), 405)

    def test_reading(self) -> None:
        """
        Pictures are there to be embedded.
        """
        node = streaming_node(self.addCleanup)
        for path in ("/snapshot.jpg", "/metrics", "/"):
            reply = node.get(path, Sec_Fetch_Site="cross-site", Origin=OTHER)
            self.assertEqual(reply.status, 200)


class ReplyTests(SynchronousTestCase):
    """
    Browsers are told what not to do with our replies.

    """

    def replies(self, *paths: str, **headers: str) -> dict[str, Reply]:
        """
        :returns: The replies of both modes, by mode and path.
        """
        node = streaming_node(self.addCleanup)
        daemon = MemoryManagement(self.mktemp())
        self.addCleanup(daemon.stop)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {
            **{f"webcam {path}": node.client().request(path, headers=named) for path in paths},
            **{f"management {path}": daemon.ask(path, headers=named) for path in paths},
        }

    def test_all(self) -> None:
        """
        None is guessed to be something else, none tells other sites where it was linked from, and
        none says what software has made it.
        """
        paths = ("/", "/health", "/metrics", "/nope", "/api/nope", "/%ff", "*", "/ui/viewer.css")
        for name, reply in self.replies(*paths).items():
            self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff", name)
            self.assertEqual(reply.headers["Referrer-Policy"], "no-referrer", name)
            self.assertIsNone(reply.headers["Server"], name)

    def test_frames(self) -> None:
        """
        Nobody is made to click on what he does not see.
        """
        for name, reply in self.replies("/", "/api/config", "/nope", "/openapi.yaml").items():
            self.assertEqual(reply.headers["X-Frame-Options"], "SAMEORIGIN", name)

    def test_frames_of_listed_origins(self) -> None:
        """
        Who may write may have a page in a frame as well: somebody's own dashboard for the house.
        """
        node = streaming_node(self.addCleanup, CORS_ORIGINS="http://a,https://b:8443")
        reply = node.get("/")
        self.assertIsNone(reply.headers["X-Frame-Options"])
        policies = reply.headers.get_all("Content-Security-Policy") or []
        self.assertIn("frame-ancestors 'self' http://a https://b:8443", policies)
        self.assertIn("script-src 'self'", " ".join(policies))
        self.assertIsNone(node.get("/snapshot.jpg").headers["Content-Security-Policy"])
        nobody = streaming_node(self.addCleanup, CORS_ORIGINS="").get("/")
        self.assertEqual(nobody.headers["X-Frame-Options"], "SAMEORIGIN")

    def test_pictures_can_be_embedded(self) -> None:
        """
        Nothing tells a browser to keep stream and snapshot from other pages.
        """
        paths = ("/stream.mjpg", "/snapshot.jpg", "/?action=stream", "/webcam/?action=snapshot")
        for name, reply in self.replies(*paths).items():
            self.assertIsNone(reply.headers["Cross-Origin-Resource-Policy"], name)
            if name.startswith("webcam"):
                self.assertIsNone(reply.headers["X-Frame-Options"], name)

    def test_opener(self) -> None:
        """
        A page that opens ours gets no hold of it, where browsers let us say so; elsewhere they
        would complain in their console.
        """
        for name, reply in self.replies("/", Sec_Fetch_Site="none").items():
            self.assertEqual(reply.headers["Cross-Origin-Opener-Policy"], "same-origin", name)
        for name, reply in self.replies("/").items():
            self.assertIsNone(reply.headers["Cross-Origin-Opener-Policy"], name)


class ChallengeTests(SynchronousTestCase):
    """
    Clients are told how to come in (RFC 6750, RFC 7617).

    """

    def challenges(self, authorization: str | None) -> list[str]:
        """
        :returns: What one who shows that is told.
        """
        node = streaming_node(self.addCleanup, AUTH_TOKEN="token")
        headers = {} if authorization is None else {"Authorization": authorization}
        reply = node.client().request("/metrics", headers=headers)
        self.assertEqual(reply.status, 401)
        return reply.headers.get_all("WWW-Authenticate") or []

    def test_nothing_shown(self) -> None:
        """
        Then nothing is wrong with it, either. Names and passwords are UTF-8.
        """
        self.assertEqual(
            self.challenges(None),
            ['Bearer realm="motion-in-ocean"', 'Basic realm="motion-in-ocean", charset="UTF-8"'],
        )

    def test_wrong_token(self) -> None:
        """
        A client learns that it needs another token.
        """
        for shown in ("Bearer wrong", "bearer wrong", "Bearer"):
            self.assertEqual(
                self.challenges(shown)[0],
                'Bearer realm="motion-in-ocean", error="invalid_token"',
            )

    def test_wrong_password(self) -> None:
        """
        A password is no token.
        """
        self.assertEqual(self.challenges("Basic YTpi")[0], 'Bearer realm="motion-in-ocean"')
