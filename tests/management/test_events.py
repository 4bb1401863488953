"""
Tests for what is told of changes in the fleet.

"""

from typing import Any

from twisted.internet.testing import EventLoggingObserver
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management._events import KEPT, EventList
from motion_in_ocean.management.outbound._results import Answered, Outcome, ProbeAnswer
from tests.memory_management import NOT_READY, READY, TIMEOUT, MemoryManagement, decoded


class EventTests(SynchronousTestCase):
    """
    A node's change of state is one event and one log line.

    """

    def setUp(self) -> None:
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)
        self.daemon = MemoryManagement(self.mktemp())
        self.addCleanup(self.daemon.stop)
        self.daemon.register("front", "back")

    def find(self, outcome: Outcome) -> None:
        """
        Let a probe find the front camera in some state.
        """
        self.daemon.nodes.outcomes["front"] = outcome
        self.daemon.advance(0.1)
        self.daemon.ask("/api/nodes/front/status")

    def events(self, query: str = "") -> Any:
        """
        :returns: What is told.
        """
        return decoded(self.daemon.ask(f"/api/management/events{query}"))

    def lines(self) -> list[tuple[LogLevel, str]]:
        """
        :returns: The log lines about nodes.
        """
        events = [(event["log_level"], formatEvent(event)) for event in self.observer]
        return [(level, line) for level, line in events if line.startswith("Node ")]

    def test_nothing_yet(self) -> None:
        """
        The numbers begin with 1.
        """
        self.assertEqual(self.events(), {"events": [], "latest": 0, "oldest": 1})

    def test_changes(self) -> None:
        """
        Each with what was before, and why.
        """
        for outcome in (READY, READY, TIMEOUT, TIMEOUT, NOT_READY, READY):
            self.find(outcome)
        report = self.events()
        self.assertEqual((report["latest"], report["oldest"]), (4, 1))
        self.assertEqual(
            [
                (each["id"], each["node_id"], each["before"], each["state"], each["reason"])
                for each in report["events"]
            ],
            [
                (1, "front", "unknown", "ready", None),
                (2, "front", "ready", "unreachable", "timeout"),
                (3, "front", "unreachable", "not_ready", "stale_stream"),
                (4, "front", "not_ready", "ready", None),
            ],
        )
        self.assertEqual(report["events"][1]["message"], "the node did not answer in time")
        self.assertEqual(report["events"][1]["name"], "The front camera")
        self.assertEqual(
            self.lines(),
            [
                (LogLevel.info, "Node front is ready, was unknown"),
                (
                    LogLevel.warn,
                    "Node front is unreachable, was ready: the node did not answer in time",
                ),
                (LogLevel.info, "Node front is not_ready, was unreachable: stale_stream"),
                (LogLevel.info, "Node front is ready, was not_ready"),
            ],
        )

    def test_after(self) -> None:
        """
        Who asks every few seconds gets each once.
        """
        for outcome in (READY, TIMEOUT, READY):
            self.find(outcome)
        for after, expected in ((0, [1, 2, 3]), (1, [2, 3]), (3, []), (4711, [])):
            report = self.events(f"?after={after}")
            self.assertEqual([each["id"] for each in report["events"]], expected)
            self.assertEqual(report["latest"], 3)

    def test_after_is_checked(self) -> None:
        """
        A slip does not bring all of them.
        """
        for text in ("x", "-1", "1.5", "", "1" * 30):
            reply = self.daemon.ask(f"/api/management/events?after={text}")
            self.assertEqual(reply.status, 400, text)
            self.assertEqual(list(decoded(reply)["error"]["details"]), ["after"])

    def test_sweeps_bring_them_too(self) -> None:
        """
        However it was found out.
        """
        self.daemon.ask("/api/management/overview")
        self.daemon.nodes.outcomes["back"] = TIMEOUT
        self.daemon.advance(0.1)
        self.daemon.ask("/api/management/overview")
        states = [(each["node_id"], each["state"]) for each in self.events()["events"]]
        self.assertEqual(states, [("front", "ready"), ("back", "ready"), ("back", "unreachable")])

    def test_news_does_not_wait_for_the_end_of_a_sweep(self) -> None:
        """
        A neighbour that hangs does not keep a failure secret.
        """
        self.daemon.nodes.hanging["back"] = []
        self.daemon.client().send(b"GET /api/management/overview HTTP/1.1\r\nHost: a\r\n\r\n")
        states = [(each["node_id"], each["state"]) for each in self.events()["events"]]
        self.assertEqual(states, [("front", "ready")])

    def test_deleted_node_is_forgotten(self) -> None:
        """
        Another one under its id begins anew; what is found about the old one comes too late.
        """
        self.daemon.nodes.hanging["front"] = []
        self.daemon.client().send(b"GET /api/nodes/front/status HTTP/1.1\r\nHost: a\r\n\r\n")
        self.daemon.ask("/api/nodes/front", "DELETE")
        self.daemon.nodes.answer("front", TIMEOUT)
        self.assertEqual(self.events()["latest"], 0)
        del self.daemon.nodes.hanging["front"]
        self.find_after_registration()

    def find_after_registration(self) -> None:
        """
        Register the node again, at another address.
        """
        self.daemon.register("front", base_url="http://10.0.0.2")
        self.find(READY)
        (event,) = self.events()["events"]
        self.assertEqual((event["before"], event["state"]), ("unknown", "ready"))

    def test_node_at_another_address_begins_anew(self) -> None:
        """
        It is another one, whatever it is called.
        """
        self.find(READY)
        self.daemon.ask("/api/nodes/front", "PUT", {"base_url": "http://10.0.0.2"})
        self.find(READY)
        events = [(each["before"], each["state"]) for each in self.events()["events"]]
        self.assertEqual(events, [("unknown", "ready"), ("unknown", "ready")])

    def test_words_of_nodes_stay_out_of_the_log(self) -> None:
        """
        A reason is one of those that nodes have; a node cannot write lines of its own.
        """
        for reason in ("a\nb", "A sentence.", 5, None, ["a"], "x" * 100, "\x1b[2J", "canarytok"):
            answered = Answered(
                ProbeAnswer(200, {"status": "healthy"}),
                ProbeAnswer(503, {"status": "not_ready", "reason": reason}),
                "no",
                ready=False,
            )
            self.find(READY)
            self.find(answered)
            self.assertEqual(self.lines()[-1][1], "Node front is not_ready, was ready")


class EventListTests(SynchronousTestCase):
    """
    What is remembered.

    """

    def test_is_bounded(self) -> None:
        """
        A node that comes and goes for years fills no memory; who has missed some can tell.
        """
        events = EventList()
        for _ in range(KEPT + 5):
            events.add(
                at=0.0,
                node_id="a",
                name="a",
                before="ready",
                state="unreachable",
                reason=None,
                message=None,
            )
        self.assertEqual((events.latest, events.oldest), (KEPT + 5, 6))
        self.assertEqual([each.id for each in events.after(0)], list(range(6, KEPT + 6)))
        self.assertEqual([each.id for each in events.after(KEPT + 3)], [KEPT + 4, KEPT + 5])
