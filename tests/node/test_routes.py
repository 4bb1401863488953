"""
Tests for the paths of webcam mode that the acceptance criteria do not name.

"""

import re

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import MemoryNode, streaming_node


class AliasTests(SynchronousTestCase):
    """
    The names that OctoPrint's, Mainsail's and mjpg-streamer's users type.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def test_stream(self) -> None:
        """
        Their configuration keeps working.
        """
        for path in (
            "/?action=stream",
            "/webcam/?action=stream",
            "/webcam?action=stream",
            "/?action=stream?1700000000",
            "/?action=stream&_=123",
            "/?action=stream&fps=5",
        ):
            reply = self.node.get(path)
            self.assertEqual(reply.status, 200, path)
            self.assertIn("multipart/x-mixed-replace", reply.headers["Content-Type"])

    def test_snapshot(self) -> None:
        """
        Timelapses too.
        """
        for path in (
            "/?action=snapshot",
            "/webcam/?action=snapshot",
            "/?action=snapshot?1700000000",
            "/?action=snapshot&_=123",
        ):
            reply = self.node.get(path)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "image/jpeg"))

    def test_other_actions_are_refused(self) -> None:
        """
        Whoever mistypes is told what there is.
        """
        for path in ("/?action=command", "/?action=", "/webcam/"):
            reply = self.node.get(path)
            self.assertEqual(reply.status, 400, path)
            self.assertIn(b"stream or snapshot", reply.body)


class PageTests(SynchronousTestCase):
    """
    The first page.

    """

    def test_page_and_all_it_refers_to_can_be_had(self) -> None:
        """
        Nothing comes from elsewhere: it works in a garden without internet.
        """
        node = streaming_node(self.addCleanup)
        page = node.get("/")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
        self.assertGreater(len(links), 5)
        for link in links:
            self.assertNotIn(":", link)
            self.assertEqual(node.get(f"/{link}").status, 200, link)

    def test_page_allows_nothing_but_its_own(self) -> None:
        """
        A script that gets in by whatever way is not run.
        """
        node = streaming_node(self.addCleanup)
        page = node.get("/")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", page.headers["Content-Security-Policy"])
        self.assertNotRegex(page.body.decode(), r"<script>|<style>| on\w+=| style=")

    def test_page_says_when_anyone_can_watch(self) -> None:
        """
        Nobody is surprised by the neighbours.
        """
        for environ, told in (
            ({}, "yes"),
            ({"BIND_HOST": "127.0.0.1"}, "no"),
            ({"BIND_HOST": "::1"}, "no"),
        ):
            node = streaming_node(self.addCleanup, **environ)
            self.assertIn(f'data-open-to-network="{told}"', node.get("/").body.decode())

    def test_assets_are_revalidated(self) -> None:
        """
        A page that is left open for months does not mix old and new files.
        """
        node = streaming_node(self.addCleanup)
        first = node.get("/ui/viewer.js")
        again = node.get("/ui/viewer.js", If_None_Match=first.headers["ETag"])
        self.assertEqual((first.status, again.status, again.body), (200, 304, b""))
        one_of_two = node.get("/ui/viewer.js", If_None_Match=f'"old", {first.headers["ETag"]}')
        self.assertEqual(one_of_two.status, 304)

    def test_templates_are_not_assets(self) -> None:
        """
        Only what pages refer to is served.
        """
        node = streaming_node(self.addCleanup)
        for name in ("viewer.html", "__init__.py", "..", "%2e%2e%2fsettings.py", "nope.css"):
            self.assertEqual(node.get(f"/ui/{name}").status, 404, name)


class FailureTests(SynchronousTestCase):
    """
    What a bug looks like from outside.

    """

    def test_a_bug_is_500_without_its_traceback(self) -> None:
        """
        The client learns that it is not to blame, the log why, and no secret leaves.
        """
        node = MemoryNode()
        self.addCleanup(node.stop)
        node.open_camera()
        # A camera that describes itself wrongly.
        node.camera.description = None  # type: ignore[assignment]
        node.deliver()
        node.camera.description = ZeroDivisionError("canary")  # type: ignore[assignment]
        reply = node.get("/metrics")
        self.assertEqual(reply.status, 500)
        self.assertIn(b'"code":"INTERNAL_ERROR"', reply.body)
        self.assertNotIn(b"canary", reply.body)
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)
