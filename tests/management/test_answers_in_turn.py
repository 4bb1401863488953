"""
Tests for answers of a node that come in another order than they were asked for.

"""

from typing import Any

from motion_in_ocean.management.outbound._results import Outcome
from tests.management.routes_case import ManagementTestCase
from tests.memory_management import NOT_READY, READY, TIMEOUT, decoded


class AnswersInTurnTests(ManagementTestCase):
    """
    A sweep asks a node that hangs, and while it waits somebody looks, and finds it well.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")
        self.daemon.nodes.hanging["front"] = []
        self.ask("/api/management/overview")
        self.ask("/api/nodes/front/status")

    def ask(self, path: str) -> None:
        """
        Begin to ask.

        """
        self.daemon.client().send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())

    def answer(self, number: int, outcome: Outcome) -> None:
        """
        Let one of those end that still wait.

        """
        waiting = self.daemon.nodes.hanging["front"].pop(number)
        waiting.callback(self.daemon.nodes.result("front", outcome))
        self.daemon.settle()

    def states(self) -> list[Any]:
        """
        :returns: In which states the node has been, by the events.
        """
        events = decoded(self.daemon.ask("/api/management/events"))["events"]
        return [each["state"] for each in events]

    def known(self) -> str:
        """
        :returns: What the next overview says.
        """
        overview = decoded(self.daemon.ask("/api/management/overview?max_age=60"))
        status: str = overview["nodes"][0]["status"]
        return status

    def test_older_question(self) -> None:
        """
        What was asked first and answered last is older news: nobody is alarmed by it.
        """
        self.answer(1, READY)
        self.answer(0, TIMEOUT)
        self.assertEqual(self.states(), ["ready"])
        self.assertEqual(self.known(), "ready")

    def test_later_question(self) -> None:
        """
        What was asked last counts, also where it is answered last.
        """
        self.answer(0, TIMEOUT)
        self.answer(0, NOT_READY)
        self.assertEqual(self.states(), ["unreachable", "not_ready"])
        self.assertEqual(self.known(), "not_ready")
