"""
Tests for what a registry remembers of its nodes, and for its beginning and end.

"""

import json
from datetime import UTC, datetime

from twisted.logger import capturedLogs, formatEvent

from motion_in_ocean.errors import (
    RegistryUnavailable,
)
from motion_in_ocean.management.registry._file_registry import SECONDS_BETWEEN_CHECKS, SLOW_SECONDS
from tests.management.nodes import make_node
from tests.management.registries import RegistryTestCase

SEEN = datetime(2026, 6, 1, 12, tzinfo=UTC)


class SeenTests(RegistryTestCase):
    """
    When nodes were last seen.

    """

    def setUp(self) -> None:
        """
        One node is in the file.
        """
        super().setUp()
        self.start()
        self.done(self.registry.create(make_node()))

    def last_seen(self, node_id: str = "porch") -> datetime:
        """
        :returns: What the registry says.
        """
        return self.done(self.registry.get(node_id)).node.last_seen

    def last_seen_in_file(self) -> str:
        """
        :returns: What the file says of its first node.
        """
        text = json.loads(self.path.read_bytes())["nodes"][0]["last_seen"]
        assert isinstance(text, str)
        return text

    def test_shown(self) -> None:
        """
        It is shown at once, and is no change of the node.
        """
        self.registry.seen("porch", SEEN)
        self.assertEqual(SEEN, self.last_seen())
        self.assertEqual([SEEN], [stored.node.last_seen for stored in self.nodes()])
        self.assertEqual({"porch": 1}, self.revisions())

    def test_memory_only(self) -> None:
        """
        A fleet that is asked every ten seconds does not wear out a memory card.
        """
        self.registry.seen("porch", SEEN)
        self.assertEqual([], self.worker.waiting)
        self.assertEqual("2026-01-31T12:00:00Z", self.last_seen_in_file())

    def test_goes_with_next_change(self) -> None:
        """
        It is saved along with what has to be saved anyway.
        """
        self.registry.seen("porch", SEEN)
        self.done(self.registry.create(make_node("b")))
        self.assertEqual("2026-06-01T12:00:00Z", self.last_seen_in_file())

    def test_goes_at_stop(self) -> None:
        """
        An orderly restart forgets nothing.
        """
        self.registry.seen("porch", SEEN)
        self.restart()
        self.assertEqual((SEEN, {"porch": 1}), (self.last_seen(), self.revisions()))

    def test_nothing_to_save_at_stop(self) -> None:
        """
        What is saved already is not written again.
        """
        self.registry.seen("porch", SEEN)
        self.done(self.registry.create(make_node("b")))
        before = self.path.stat()
        self.stop()
        self.assertEqual(before, self.path.stat())

    def test_while_writing(self) -> None:
        """
        What is seen while something else is written is neither lost nor taken as saved.
        """
        created = self.registry.create(make_node("b"))
        self.registry.seen("porch", SEEN)
        self.done(created)
        self.assertEqual(SEEN, self.last_seen())
        self.stop()
        self.assertEqual("2026-06-01T12:00:00Z", self.last_seen_in_file())

    def test_wins_over_what_was_given(self) -> None:
        """
        A client that sends back what it read some time ago does not turn the clock back.
        """
        self.registry.seen("porch", SEEN)
        stored = self.done(self.registry.replace("porch", make_node(name="new"), 1))
        self.assertEqual(("new", SEEN), (stored.node.name, stored.node.last_seen))

    def test_ends_with_node(self) -> None:
        """
        Another node of the same name has not been seen yet.
        """
        self.registry.seen("porch", SEEN)
        deleted, created = self.registry.delete("porch"), self.registry.create(make_node())
        self.done(deleted)
        self.done(created)
        self.assertEqual(make_node().last_seen, self.last_seen())
        self.assertEqual("2026-01-31T12:00:00Z", self.last_seen_in_file())

    def test_ends_with_name(self) -> None:
        """
        A renamed node takes along what it is given, and leaves nothing for the next.
        """
        self.registry.seen("porch", SEEN)
        node = self.done(self.registry.get("porch")).node
        renamed = make_node("attic", last_seen=node.public()["last_seen"])
        self.done(self.registry.replace("porch", renamed, 1))
        self.done(self.registry.create(make_node()))
        self.assertEqual((SEEN, make_node().last_seen), (self.last_seen("attic"), self.last_seen()))

    def test_unknown(self) -> None:
        """
        A probe that was overtaken by the deletion of its node does no harm.
        """
        self.registry.seen("gone", SEEN)
        self.assertEqual({"porch": 1}, self.revisions())

    def test_not_saved(self) -> None:
        """
        Where it cannot be saved at the end, the log says so, and the end comes all the same.
        """
        self.registry.seen("porch", SEEN)
        self.worker.is_disk_full = True
        with capturedLogs() as events:
            self.done(self.registry.stopService())
        self.assertIn("could not be saved", formatEvent(events[0]))


class LifeTests(RegistryTestCase):
    """
    Starting and stopping.

    """

    def test_reads_wait_for_opening(self) -> None:
        """
        A client that comes right at the start waits for the nodes.
        """
        self.start()
        self.done(self.registry.create(make_node()))
        self.stop()
        self.registry.startService()
        listed = [self.registry.list_nodes() for _ in range(2000)]
        got = self.registry.get("porch")
        self.assertNoResult(listed[0])
        self.assertIn("opened", self.registry.problem or "")
        self.assertEqual(1, len(self.done(listed[-1])))
        self.assertEqual("porch", self.done(got).node.id)

    def test_changes_wait_for_opening(self) -> None:
        """
        So does one that changes something.
        """
        self.registry.startService()
        self.assertEqual(1, self.done(self.registry.create(make_node())).revision)

    def test_stop_waits_for_changes(self) -> None:
        """
        What was asked for before the end is done before the end.
        """
        self.start()
        created = self.registry.create(make_node())
        stopped = self.registry.stopService()
        self.assertNoResult(stopped)
        self.done(stopped)
        self.successResultOf(created)
        self.start(registry := self.make_registry())
        self.assertEqual(1, len(self.done(registry.list_nodes())))

    def test_stopped(self) -> None:
        """
        Whoever comes later is refused, not left waiting.
        """
        self.start()
        self.stop()
        for late in (
            self.registry.create(make_node()),
            self.registry.list_nodes(),
            self.registry.get("porch"),
        ):
            self.failed(late, RegistryUnavailable)
        self.assertIn("stopped", self.registry.problem or "")

    def test_second_process(self) -> None:
        """
        Two processes never undo each other's changes: the second ends with one clear line.
        """
        self.start()
        second = self.make_registry()
        with capturedLogs() as events, self.assertRaises(SystemExit) as caught:
            second.startService()
        self.assertEqual(1, caught.exception.code)
        self.assertEqual(1, len(events))
        self.assertIn(f"{self.path} is in use by another process", formatEvent(events[0]))
        second.running = False

    def test_second_process_by_another_name(self) -> None:
        """
        That holds also for one that comes along a symbolic link.
        """
        self.start()
        link = self.folder / "link.json"
        link.symlink_to(self.path)
        second = self.make_registry(link)
        self.assertRaises(SystemExit, second.startService)
        second.running = False

    def test_stale_lock(self) -> None:
        """
        A lock file that a dead process left behind is in nobody's way.
        """
        (self.folder / "nodes.json.lock").write_text("1\n")
        self.start()
        self.assertIsNone(self.registry.problem)

    def test_stopped_process(self) -> None:
        """
        An orderly end leaves the file to the next process.
        """
        self.start()
        self.stop()
        registry = self.make_registry()
        self.start(registry)
        self.assertIsNone(registry.problem)

    def test_slow_disk(self) -> None:
        """
        A network disk that does not answer is a problem that can be seen, and reading goes on.
        """
        self.start()
        created = self.registry.create(make_node())
        self.clock.advance(SLOW_SECONDS)
        self.assertIsNone(self.registry.problem)
        self.clock.advance(1)
        self.assertIn("waiting for its disk for 11 s", self.registry.problem or "")
        self.assertEqual([], self.nodes())
        self.done(created)
        self.assertIsNone(self.registry.problem)

    def test_checks_do_not_pile_up(self) -> None:
        """
        Nor do checks queue up behind a disk that does not answer.
        """
        self.start()
        for _ in range(5):
            self.clock.advance(SECONDS_BETWEEN_CHECKS)
        self.assertEqual(1, len(self.worker.waiting))

    def test_log(self) -> None:
        """
        The operator sees which file it is, and how many nodes it has.
        """
        self.assertEqual(
            [f"The registry {self.path} is ready, with 0 nodes"],
            self.start(),
        )
