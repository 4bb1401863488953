"""
Tests for actions that are passed on.

"""

from typing import Any

from twisted.internet.defer import Deferred

from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.management.outbound._results import InvalidResponse, Unauthorized
from tests.management.routes_case import ManagementTestCase
from tests.memory_management import TIMEOUT, decoded


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

    def test_when_to_ask_again(self) -> None:
        """
        Where the node says so.
        """
        for seconds, told in ((30, "30"), (None, None)):
            self.daemon.nodes.reply = RelayedAction(429, {}, seconds)
            reply = self.daemon.ask("/api/nodes/front/actions/restart", "POST")
            self.assertEqual((reply.status, reply.headers["Retry-After"]), (429, told))

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
        hung_up: list[object] = []
        waiting: Deferred[Any] = Deferred(hung_up.append)
        self.daemon.nodes.reply = waiting
        client = self.daemon.client()
        client.send(b"POST /api/nodes/front/actions/restart HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(len(self.daemon.nodes.sent), 1)
        client.leave()
        self.assertEqual(hung_up, [])
        waiting.callback(RelayedAction(200, {}))
