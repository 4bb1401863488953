"""
Tests for the paths of management mode.

"""

import re

from tests.management.routes_case import ManagementTestCase
from tests.memory_management import MemoryManagement, decoded, node


class NodeTests(ManagementTestCase):
    """
    The list of nodes, and what operators do with it.

    """

    def test_nobody(self) -> None:
        """
        An empty list is a list.
        """
        reply = self.daemon.ask("/api/nodes")
        self.assertEqual((reply.status, decoded(reply)), (200, {"nodes": []}))

    def test_created_node_can_be_had(self) -> None:
        """
        Under the address that the reply names, as it was given.
        """
        created = self.daemon.ask("/api/nodes", "POST", node())
        self.assertEqual((created.status, decoded(created)), (201, node()))
        self.assertEqual(created.headers["Location"], "nodes/front")
        beside = self.daemon.ask("/api/nodes/", "POST", node("b"))
        self.assertEqual(beside.headers["Location"], "b")
        self.daemon.ask("/api/nodes/b", "DELETE")
        again = self.daemon.ask("/api/nodes/front")
        self.assertEqual((again.status, again.body), (200, created.body))
        self.assertEqual(again.headers["ETag"], created.headers["ETag"])
        self.assertEqual(decoded(self.daemon.ask("/api/nodes")), {"nodes": [node()]})

    def test_tokens_are_not_shown(self) -> None:
        """
        Whoever may look at the nodes cannot take their tokens along.
        """
        auth = {"type": "bearer", "token": "swordfish"}
        for reply in (
            self.daemon.ask("/api/nodes", "POST", node(auth=auth)),
            self.daemon.ask("/api/nodes/front", "PUT", {"auth": auth}),
            self.daemon.ask("/api/nodes/front"),
        ):
            self.assertEqual(decoded(reply)["auth"], {"type": "bearer"})

    def test_duplicate(self) -> None:
        """
        A second node of the same id is no change of the first.
        """
        self.daemon.register("front")
        reply = self.daemon.ask("/api/nodes", "POST", node(name="another"))
        error = decoded(reply)["error"]
        self.assertEqual((reply.status, error["code"]), (400, "VALIDATION_ERROR"))
        self.assertEqual(list(error["details"]), ["id"])
        self.assertEqual(decoded(self.daemon.ask("/api/nodes/front"))["name"], "The front camera")

    def test_every_wrong_field_is_named(self) -> None:
        """
        Nobody has to try ten times.
        """
        wrong = node(base_url="ftp://x", transport="pigeon", labels=[], auth={"type": "basic"})
        del wrong["capabilities"]
        error = decoded(self.daemon.ask("/api/nodes", "POST", {**wrong, "colour": "red"}))["error"]
        self.assertEqual(error["code"], "VALIDATION_ERROR")
        self.assertEqual(
            set(error["details"]),
            {"base_url", "transport", "labels", "auth.type", "capabilities", "colour"},
        )

    def test_change(self) -> None:
        """
        What is not mentioned stays.
        """
        self.daemon.register("front")
        changed = self.daemon.ask("/api/nodes/front", "PUT", {"name": "Door", "labels": {}})
        self.assertEqual(changed.status, 200)
        self.assertEqual(decoded(changed), node(name="Door", labels={}))
        self.assertEqual(self.daemon.ask("/api/nodes/front").body, changed.body)

    def test_rename(self) -> None:
        """
        The old id is free again, the place in the order kept.
        """
        self.daemon.register("a", "b")
        renamed = self.daemon.ask("/api/nodes/a", "PUT", {"id": "c"})
        self.assertEqual((renamed.status, decoded(renamed)["id"]), (200, "c"))
        ids = [each["id"] for each in decoded(self.daemon.ask("/api/nodes"))["nodes"]]
        self.assertEqual(ids, ["c", "b"])
        self.assertEqual(self.daemon.ask("/api/nodes/a").status, 404)
        self.assertEqual(self.daemon.ask("/api/nodes/c", "PUT", {"id": "b"}).status, 400)

    def test_delete(self) -> None:
        """
        Gone is gone.
        """
        self.daemon.register("front")
        reply = self.daemon.ask("/api/nodes/front", "DELETE")
        self.assertEqual((reply.status, reply.body), (204, b""))
        for method, payload in (("GET", None), ("DELETE", None), ("PUT", {})):
            reply = self.daemon.ask("/api/nodes/front", method, payload)
            self.assertEqual(reply.status, 404, method)
            self.assertEqual(decoded(reply)["error"]["code"], "NODE_NOT_FOUND")

    def test_connection_stays_usable_after_a_deletion(self) -> None:
        """
        A reply without a body is a whole reply.
        """
        self.daemon.register("front")
        client = self.daemon.client()
        self.assertEqual(client.request("/api/nodes/front", "DELETE").status, 204)
        self.assertEqual(client.request("/api/nodes").status, 200)

    def test_survives_a_restart(self) -> None:
        """
        What was acknowledged is on disk.
        """
        path = self.mktemp()
        first = MemoryManagement(path)
        first.register("front")
        etag = first.ask("/api/nodes/front").headers["ETag"]
        first.stop()
        second = MemoryManagement(path)
        self.addCleanup(second.stop)
        reply = second.ask("/api/nodes/front")
        self.assertEqual((decoded(reply), reply.headers["ETag"]), (node(), etag))


class OtherPathTests(ManagementTestCase):
    """
    What both modes have, and what only the other has.

    """

    def test_health(self) -> None:
        """
        Liveness, whatever the registry does.
        """
        report = decoded(self.daemon.ask("/health"))
        self.assertEqual((report["status"], report["app_mode"]), ("healthy", "management"))

    def test_ready(self) -> None:
        """
        The registry can be used.
        """
        reply = self.daemon.ask("/ready")
        self.assertEqual((reply.status, decoded(reply)["status"]), (200, "ready"))
        self.assertEqual(decoded(reply)["notices"], [])

    def test_no_camera_here(self) -> None:
        """
        There is no stream of a daemon without a camera.
        """
        for path in ("/stream.mjpg", "/snapshot.jpg", "/webcam/", "/api/viewers"):
            self.assertEqual(self.daemon.ask(path).status, 404, path)

    def test_config(self) -> None:
        """
        The effective settings.
        """
        settings = decoded(self.daemon.ask("/api/config"))["settings"]
        self.assertEqual(settings["APP_MODE"], {"value": "management", "origin": "environment"})

    def test_page_and_all_it_refers_to_can_be_had(self) -> None:
        """
        Nothing comes from elsewhere, and no script or style stands in the page itself.
        """
        page = self.daemon.ask("/")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertNotRegex(page.body.decode(), r"<script>|<style>| on\w+=| style=")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
        self.assertGreater(len(links), 5)
        for link in links:
            self.assertNotIn(":", link)
            self.assertEqual(self.daemon.ask(f"/{link}").status, 200, link)

    def test_page_says_when_anyone_can_come_in(self) -> None:
        """
        Nobody is surprised by the neighbours.
        """
        for environ, told in (({}, "yes"), ({"BIND_HOST": "127.0.0.1"}, "no")):
            page = self.make_daemon(**environ).ask("/")
            self.assertIn(f'data-open-to-network="{told}"', page.body.decode())

    def test_other_origins_read_nothing(self) -> None:
        """
        ``*`` is meant for pictures, not for what manages.
        """
        for path in ("/health", "/ready", "/metrics", "/api/nodes", "/"):
            reply = self.daemon.ask(path, headers={"Origin": "http://evil.example"})
            self.assertIsNone(reply.headers["Access-Control-Allow-Origin"], path)
