"""
Tests for the paths of management mode.

"""

import json
import re
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized, Unreachable
from tests.memory_management import NOT_READY, MemoryManagement, decoded, node

TIMEOUT = Unreachable("timeout", "the node did not answer in time")


class ManagementTestCase(SynchronousTestCase):
    """
    Tests with a daemon of their own.

    """

    def setUp(self) -> None:
        self.daemon = self.make_daemon()

    def make_daemon(self, **environ: str) -> MemoryManagement:
        """
        :returns: A daemon with an empty registry.
        """
        daemon = MemoryManagement(self.mktemp(), **environ)
        self.addCleanup(daemon.stop)
        return daemon


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


class ConditionTests(ManagementTestCase):
    """
    Two operators at once.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")
        self.etag = self.daemon.ask("/api/nodes/front").headers["ETag"]

    def put(self, name: str, if_match: str) -> int:
        """
        :returns: The status of an attempt to change the name.
        """
        headers = {"If-Match": if_match}
        return self.daemon.ask("/api/nodes/front", "PUT", {"name": name}, headers).status

    def test_etag_is_strong_and_follows_changes(self) -> None:
        """
        It says which state of the node one has read.
        """
        self.assertRegex(self.etag, '^"[0-9]+"$')
        changed = self.daemon.ask("/api/nodes/front", "PUT", {"name": "x"}).headers["ETag"]
        self.assertNotEqual(changed, self.etag)
        self.assertEqual(self.daemon.ask("/api/nodes/front").headers["ETag"], changed)

    def test_change_of_what_was_read(self) -> None:
        """
        The second one learns that the first one was faster.
        """
        self.assertEqual(self.put("first", self.etag), 200)
        self.assertEqual(self.put("second", self.etag), 412)
        self.assertEqual(decoded(self.daemon.ask("/api/nodes/front"))["name"], "first")

    def test_lists_and_stars(self) -> None:
        """
        One of several will do, or any.
        """
        self.assertEqual(self.put("a", f'"0", {self.etag}'), 200)
        self.assertEqual(self.put("b", "*"), 200)
        self.assertEqual(self.put("c", '"0", "1000"'), 412)

    def test_weak_tags_do_not_match(self) -> None:
        """
        Almost the same is not the same (RFC 9110, section 13.1.1).
        """
        self.assertEqual(self.put("a", f"W/{self.etag}"), 412)

    def test_malformed_tags_are_refused(self) -> None:
        """
        A shell that has eaten the quotes does not make a change unconditional.
        """
        reply = self.daemon.ask("/api/nodes/front", "PUT", {}, {"If-Match": self.etag.strip('"')})
        self.assertEqual(
            (reply.status, list(decoded(reply)["error"]["details"])), (400, ["If-Match"])
        )

    def test_refusal_names_the_node(self) -> None:
        """
        And tells what happened.
        """
        reply = self.daemon.ask("/api/nodes/front", "PUT", {}, {"If-Match": '"0"'})
        error = decoded(reply)["error"]
        self.assertEqual((error["code"], error["node_id"]), ("PRECONDITION_FAILED", "front"))

    def test_deletion(self) -> None:
        """
        Nobody deletes what has become something else.
        """
        for if_match, status in (('"0"', 412), (f'"0", {self.etag}', 204), ("*", 404)):
            reply = self.daemon.ask("/api/nodes/front", "DELETE", None, {"If-Match": if_match})
            self.assertEqual(reply.status, status, if_match)

    def test_reading_what_is_known(self) -> None:
        """
        A page that asks every few seconds gets the node once.
        """
        for if_none_match, status in ((self.etag, 304), (f"W/{self.etag}", 304), ('"0"', 200)):
            headers = {"If-None-Match": if_none_match}
            reply = self.daemon.ask("/api/nodes/front", headers=headers)
            self.assertEqual((reply.status, reply.headers["ETag"]), (status, self.etag))

    def test_unconditional_changes_all_count(self) -> None:
        """
        Two programs that each set their own field at the same time both succeed.
        """
        clients = [self.daemon.client() for _ in range(20)]
        for number, client in enumerate(clients):
            body = json.dumps({"labels": {"n": str(number)}} if number else {"name": "Door"})
            # Past the settling of the client: they are all there before the first is done.
            client.protocol.dataReceived(
                b"PUT /api/nodes/front HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body.encode())
            )
        self.daemon.settle()
        for client in clients:
            self.assertTrue(client.received().startswith(b"HTTP/1.1 200 "))
        changed = decoded(self.daemon.ask("/api/nodes/front"))
        self.assertEqual((changed["name"], list(changed["labels"])), ("Door", ["n"]))

    def test_client_that_leaves_has_changed_the_node_all_the_same(self) -> None:
        """
        A change that has begun is made, and nothing is left half done.
        """
        client = self.daemon.client()
        client.protocol.dataReceived(
            b"PUT /api/nodes/front HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b'Content-Length: 15\r\n\r\n{"name":"Door"}'
        )
        client.leave()
        self.daemon.settle()
        self.assertEqual(decoded(self.daemon.ask("/api/nodes/front"))["name"], "Door")


class StatusTests(ManagementTestCase):
    """
    How one node is.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")

    def status(self, outcome: Any = None) -> Any:
        """
        :returns: The reply's status and JSON.
        """
        if outcome is not None:
            self.daemon.nodes.outcomes["front"] = outcome
        reply = self.daemon.ask("/api/nodes/front/status")
        return reply.status, decoded(reply)

    def test_ready(self) -> None:
        """
        What the node said stands there as it said it.
        """
        status, report = self.status()
        self.assertRegex(report.pop("checked_at"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(status, 200)
        self.assertEqual(
            report,
            {
                "node_id": "front",
                "transport": "http",
                "status": "ready",
                "ready": True,
                "stream_available": True,
                "duration_seconds": 0.125,
                "health": {"status_code": 200, "payload": {"status": "healthy"}},
                "ready_probe": {
                    "status_code": 200,
                    "payload": {"status": "ready", "current_fps": 24.5},
                },
                "metrics": {"status_code": 200, "payload": {"app_mode": "webcam"}},
            },
        )

    def test_not_ready(self) -> None:
        """
        A node that says so is not an error; metrics that fail change nothing else.
        """
        status, report = self.status(NOT_READY)
        self.assertEqual((status, report["status"], report["ready"]), (200, "not_ready", False))
        self.assertFalse(report["stream_available"])
        self.assertEqual(report["metrics"], {"error": "the node did not answer in time"})

    def test_failures(self) -> None:
        """
        Each has its status, its code, and says why.
        """
        for outcome, status, code, details in (
            (
                *(Unauthorized("/ready", 403), 401, "NODE_UNAUTHORIZED"),
                {"path": "/ready", "status_code": 403},
            ),
            (TIMEOUT, 503, "NODE_UNREACHABLE", {"reason": "timeout"}),
            (
                *(InvalidResponse("redirect", "it redirects", "/health"), 502),
                *("NODE_INVALID_RESPONSE", {"reason": "redirect", "path": "/health"}),
            ),
        ):
            answered, report = self.status(outcome)
            error = report["error"]
            self.assertEqual((answered, error["code"]), (status, code))
            self.assertEqual((error["node_id"], error["details"]), ("front", details))

    def test_unsupported_transport(self) -> None:
        """
        Known to be unknown is an answer.
        """
        self.daemon.register("box", transport="docker")
        reply = self.daemon.ask("/api/nodes/box/status")
        report = decoded(reply)
        self.assertEqual((reply.status, report["status"]), (200, "unknown"))
        self.assertEqual((report["ready"], report["stream_available"]), (False, False))
        self.assertEqual(report["error"]["code"], "TRANSPORT_UNSUPPORTED")

    def test_last_seen_follows_answers(self) -> None:
        """
        It tells when the node was there last; the ETag does not care.
        """
        before = self.daemon.ask("/api/nodes/front")
        self.status(TIMEOUT)
        self.assertEqual(self.daemon.ask("/api/nodes/front").body, before.body)
        self.status(NOT_READY)
        after = self.daemon.ask("/api/nodes/front")
        self.assertTrue(decoded(after)["last_seen"].startswith("2027-01-15T"))
        self.assertEqual(after.headers["ETag"], before.headers["ETag"])


class OverviewTests(ManagementTestCase):
    """
    How all nodes are.

    """

    def overview(self, query: str = "") -> Any:
        """
        :returns: What the overview says.
        """
        reply = self.daemon.ask(f"/api/management/overview{query}")
        self.assertEqual(reply.status, 200, reply.body)
        return decoded(reply)

    def test_no_nodes(self) -> None:
        """
        A new fleet has an overview too.
        """
        overview = self.overview()
        self.assertEqual(overview["nodes"], [])
        self.assertEqual(set(overview["summary"].values()), {0})

    def test_one_of_each(self) -> None:
        """
        Always 200, one entry for each node, in the order of the registry.
        """
        self.daemon.register("z", "b", "lost", "closed", "odd")
        self.daemon.register("box", transport="docker")
        self.daemon.nodes.outcomes.update(
            b=NOT_READY,
            lost=TIMEOUT,
            closed=Unauthorized("/health", 401),
            odd=InvalidResponse("not_json", "that is no JSON", "/health"),
        )
        overview = self.overview()
        self.assertEqual(
            overview["summary"],
            {"total_nodes": 6, "unavailable_nodes": 3, "stream_available_nodes": 1},
        )
        self.assertEqual(
            [(each["node_id"], each["status"], each["ready"]) for each in overview["nodes"]],
            [
                ("z", "ready", True),
                ("b", "not_ready", False),
                ("lost", "error", False),
                ("closed", "error", False),
                ("odd", "error", False),
                ("box", "unknown", False),
            ],
        )
        lost = overview["nodes"][2]
        self.assertEqual((lost["name"], lost["stream_available"]), ("The lost camera", False))
        self.assertEqual(
            lost["error"],
            {
                "code": "NODE_UNREACHABLE",
                "message": "the node did not answer in time",
                "details": {"reason": "timeout"},
            },
        )

    def test_bug(self) -> None:
        """
        A mishap of ours with one node is told as that, and the others are as they are.
        """
        self.daemon.register("a", "b")
        self.daemon.nodes.outcomes["a"] = ZeroDivisionError()
        entries = self.overview()["nodes"]
        self.assertEqual([each["status"] for each in entries], ["error", "ready"])
        self.assertEqual(entries[0]["error"]["details"], {"reason": "internal"})
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_is_fresh(self) -> None:
        """
        Whoever asks wants to know how it is now.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.nodes.outcomes["a"] = TIMEOUT
        self.daemon.advance(0.5)
        self.assertEqual(self.overview()["nodes"][0]["status"], "error")

    def test_max_age(self) -> None:
        """
        Whoever can live with what is known already gets it at once.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.advance(3)
        overview = self.overview("?max_age=3.5")
        self.assertEqual(self.daemon.nodes.probed, ["a"])
        self.assertEqual(round(overview["sweep"]["age_seconds"], 2), 3.0)
        self.overview("?max_age=2")
        self.assertEqual(self.daemon.nodes.probed, ["a", "a"])

    def test_max_age_is_checked(self) -> None:
        """
        A slip is not taken for zero, nor for ever.
        """
        for text in ("x", "-1", "nan", "inf", "1e999", ""):
            reply = self.daemon.ask(f"/api/management/overview?max_age={text}")
            self.assertEqual(
                (reply.status, list(decoded(reply)["error"]["details"])), (400, ["max_age"])
            )

    def test_new_node_is_there_at_once(self) -> None:
        """
        An answer that is new enough but does not have all nodes will not do.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.register("b")
        nodes = self.overview("?max_age=60")["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["a", "b"])

    def test_changed_node_is_asked_anew(self) -> None:
        """
        What was found at the old address says nothing of the new one.
        """
        self.daemon.register("a")
        self.daemon.nodes.outcomes["a"] = TIMEOUT
        self.overview()
        self.daemon.ask("/api/nodes/a", "PUT", {"base_url": "http://10.0.0.1"})
        del self.daemon.nodes.outcomes["a"]
        self.assertEqual(self.overview("?max_age=60")["nodes"][0]["status"], "ready")

    def test_other_changes_do_not_cost_a_probe(self) -> None:
        """
        A node under a new name is still the same node.
        """
        self.daemon.register("a")
        self.overview()
        self.daemon.ask("/api/nodes/a", "PUT", {"name": "Door"})
        self.assertEqual(self.overview("?max_age=60")["nodes"][0]["name"], "Door")
        self.assertEqual(self.daemon.nodes.probed, ["a"])

    def test_simultaneous_callers_share_a_sweep(self) -> None:
        """
        Ten open dashboards are no burden to the nodes.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        clients = [self.daemon.client() for _ in range(10)]
        for client in clients:
            client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        self.assertEqual(self.daemon.nodes.probed, ["a"])
        for client in clients:
            self.assertIn(b'"status":"ready"', client.received())

    def test_client_that_leaves_takes_nothing_away_from_the_others(self) -> None:
        """
        The sweep goes on for those who stay.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        leaving, staying = self.daemon.client(), self.daemon.client()
        for client in (leaving, staying):
            client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        leaving.leave()
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        self.assertIn(b'"status":"ready"', staying.received())

    def test_node_registered_during_a_sweep(self) -> None:
        """
        Whoever has registered a node and asks then sees it, even if a sweep is under way.
        """
        self.daemon.register("a")
        self.daemon.nodes.hanging["a"] = []
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.register("b")
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        while self.daemon.nodes.hanging["a"]:
            self.daemon.nodes.answer("a")
            self.daemon.settle()
        nodes = json.loads(client.received().partition(b"\r\n\r\n")[2])["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["a", "b"])

    def test_node_deleted_during_a_sweep(self) -> None:
        """
        It is not told of what is gone.
        """
        self.daemon.register("a", "b")
        self.daemon.nodes.hanging["a"] = []
        client = self.daemon.client()
        client.send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.ask("/api/nodes/a", "DELETE")
        self.daemon.nodes.answer("a")
        self.daemon.settle()
        nodes = json.loads(client.received().partition(b"\r\n\r\n")[2])["nodes"]
        self.assertEqual([each["node_id"] for each in nodes], ["b"])


class ActionTests(ManagementTestCase):
    """
    Have a node do something.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")

    def act(self, payload: Any = None, action: str = "restart") -> Any:
        """
        :returns: The reply's status and JSON.
        """
        reply = self.daemon.ask(f"/api/nodes/front/actions/{action}", "POST", payload)
        return reply.status, decoded(reply)

    def test_answer_is_passed_on(self) -> None:
        """
        With the status that the node gave, good or bad.
        """
        for status_code, status in ((200, 200), (202, 202), (204, 200), (404, 404), (599, 599)):
            self.daemon.nodes.reply = RelayedAction(status_code, {"done": True})
            self.assertEqual(
                self.act(),
                (
                    status,
                    {
                        "node_id": "front",
                        "action": "restart",
                        "status_code": status_code,
                        "response": {"done": True},
                    },
                ),
            )

    def test_body_is_passed_on(self) -> None:
        """
        As it came, once.
        """
        self.act({"ExposureTime": 1000}, "controls")
        self.act(None, "restart")
        self.assertEqual(
            self.daemon.nodes.sent,
            [("front", "controls", b'{"ExposureTime": 1000}'), ("front", "restart", b"")],
        )

    def test_what_is_no_object_is_refused(self) -> None:
        """
        Nothing is sent to the node.
        """
        for payload in (b"[]", b"x", b'{"a": NaN}', b"null", b"\xff"):
            status, report = self.act(payload)
            self.assertEqual((status, list(report["error"]["details"])), (400, ["body"]))
        self.assertEqual(self.daemon.nodes.sent, [])

    def test_odd_names_are_refused(self) -> None:
        """
        An action is a word, and leads nowhere else.
        """
        for action in ("Restart", "..", "re%0d%0astart", "a" * 65, "%2e%2e", "_x", "a%20b"):
            status, report = self.act(action=action)
            self.assertEqual((status, list(report["error"]["details"])), (400, ["action"]), action)
        self.assertEqual(self.daemon.nodes.sent, [])

    def test_failures(self) -> None:
        """
        The node's own refusals of our token are told from those of our client's.
        """
        for outcome, status, code in (
            (Unauthorized("/api/actions/restart", 401), 401, "NODE_UNAUTHORIZED"),
            (TIMEOUT, 503, "NODE_UNREACHABLE"),
            (InvalidResponse("redirect", "it redirects", "/x"), 502, "NODE_INVALID_RESPONSE"),
        ):
            self.daemon.nodes.reply = outcome
            answered, report = self.act()
            self.assertEqual((answered, report["error"]["code"]), (status, code))

    def test_unsupported_transport(self) -> None:
        """
        What cannot be asked cannot be told anything.
        """
        self.daemon.register("box", transport="docker")
        reply = self.daemon.ask("/api/nodes/box/actions/restart", "POST")
        self.assertEqual(
            (reply.status, decoded(reply)["error"]["code"]), (400, "TRANSPORT_UNSUPPORTED")
        )
        self.assertEqual(self.daemon.nodes.sent, [])

    def test_unknown_node(self) -> None:
        """
        There is nobody to tell.
        """
        reply = self.daemon.ask("/api/nodes/nobody/actions/restart", "POST")
        self.assertEqual((reply.status, decoded(reply)["error"]["code"]), (404, "NODE_NOT_FOUND"))

    def test_client_that_leaves(self) -> None:
        """
        The node is not hung up on while it does what it was told.
        """
        waiting: Deferred[Any] = Deferred()
        self.daemon.nodes.reply = waiting
        client = self.daemon.client()
        client.send(b"POST /api/nodes/front/actions/restart HTTP/1.1\r\nHost: a\r\n\r\n")
        client.leave()
        waiting.callback(RelayedAction(200, {}))


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
