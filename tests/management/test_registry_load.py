"""
Tests for what a registry makes of the file that it finds.

"""

import json
import stat

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._file_registry import (
    SECONDS_BETWEEN_ATTEMPTS,
)
from tests.management.nodes import CANARY, make_node, node_payload
from tests.management.registries import WALL_TIME
from tests.management.trouble_case import TroubleTestCase


class LoadTests(TroubleTestCase):
    """
    Files that can be read, one way or another.

    """

    def test_without_version(self) -> None:
        """
        A file of the first programs is read, and stays as it is until something changes.
        """
        data = self.write({"nodes": [node_payload("a"), node_payload("b")]})
        self.start()
        self.assertEqual({"a": 1, "b": 2}, self.revisions())
        self.assertEqual(data, self.path.read_bytes())
        self.restart()
        self.assertEqual({"a": 1, "b": 2}, self.revisions())
        self.done(self.registry.delete("a"))
        self.restart()
        self.assertEqual({"b": 2}, self.revisions())
        self.assertEqual(4, self.done(self.registry.create(make_node("c"))).revision)

    def test_made_private(self) -> None:
        """
        A file that was copied in is not left for others to read.
        """
        self.write({"nodes": []})
        self.path.chmod(0o644)
        self.start()
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assertIsNone(self.registry.problem)
        self.done(self.registry.create(make_node()))

    def test_newer(self) -> None:
        """
        A file of a newer program is left alone, and read as soon as there is one of ours.
        """
        data = self.write({"version": 2, "nodes": [node_payload()]})
        self.path.chmod(0o640)
        before = self.path.stat()
        self.start()
        self.assert_unreadable(f"{self.path} was left untouched: it has version 2")
        self.stop()
        self.assertEqual((data, before), (self.path.read_bytes(), self.path.stat()))
        self.assertEqual({"nodes.json"}, self.files())
        self.start()
        self.write({"version": 1, "nodes": [node_payload()]})
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertEqual((None, {"porch": 1}), (self.registry.problem, self.revisions()))

    def test_migrated(self) -> None:
        """
        Auth of a kind given up becomes what it can, said once for each node, and what was there
        is copied first.
        """
        data = self.write(
            {
                "nodes": [
                    node_payload("a", auth={"type": "basic", "token": CANARY}),
                    node_payload("b", auth={"type": "basic", "password": "hunter2"}),
                ]
            }
        )
        logged = self.start()
        self.assertEqual([CANARY, None], [stored.node.token for stored in self.nodes()])
        self.assertIsNone(self.registry.problem)
        copy = self.folder / "nodes.json.original.json"
        self.assertEqual((data, data), (copy.read_bytes(), self.path.read_bytes()))
        self.assertEqual(0o600, stat.S_IMODE(copy.stat().st_mode))
        notices = list(self.registry.notices)
        self.assertEqual(3, len(notices))
        self.assertIn(str(copy), notices[2])
        for notice in notices:
            self.assertTrue(any(notice in line for line in logged))
        for secret in (CANARY, "hunter2"):
            self.assertNotIn(secret, "".join((*notices, *logged)))
        self.done(self.registry.delete("b"))
        self.assertNotIn(b"basic", self.path.read_bytes())
        self.assertEqual(data, copy.read_bytes())
        self.restart()
        self.assertEqual([], list(self.registry.notices))

    def test_migrated_again(self) -> None:
        """
        Restarts make no more copies of the same; another original gets another name.
        """
        first = self.write({"nodes": [node_payload("a", auth={"type": "basic"})]})
        self.start()
        self.restart()
        self.assertEqual({"nodes.json", "nodes.json.original.json"}, self.files())
        self.stop()
        second = self.write({"nodes": [node_payload("b", auth={"type": "basic"})]})
        self.restart()
        self.assertEqual(first, (self.folder / "nodes.json.original.json").read_bytes())
        self.assertEqual(second, (self.folder / "nodes.json.original-2.json").read_bytes())

    def test_rejected(self) -> None:
        """
        A node that is none is set aside and named; the others are there, and all is ready.
        """
        bad = node_payload("bad", base_url="ftp://h", revision=7)
        self.write({"version": 1, "nodes": [node_payload("a"), bad, node_payload("b")]})
        logged = self.start()
        self.assertEqual({"a": 1, "b": 2}, self.revisions())
        self.assertIsNone(self.registry.problem)
        aside = self.folder / "nodes.json.rejected.json"
        kept = json.loads(aside.read_bytes())["rejected"]
        self.assertEqual([bad], [each["node"] for each in kept])
        self.assertEqual(0o600, stat.S_IMODE(aside.stat().st_mode))
        notices = list(self.registry.notices)
        self.assertIn("node 2 ('bad') is not used: base_url: must look like http://", notices[0])
        self.assertIn(str(aside), notices[1])
        self.assertIn(notices[0], logged[0])
        self.assertNotIn(CANARY, "".join((*notices, *logged)))

    def test_rejected_again(self) -> None:
        """
        What was set aside earlier is never overwritten, and not repeated.
        """
        aside = self.folder / "nodes.json.rejected.json"
        aside.write_text("notes of the operator")
        self.write({"nodes": [{"id": "x"}]})
        self.start()
        self.restart()
        self.assertEqual("notes of the operator", aside.read_text())
        self.assertEqual(
            {"nodes.json", "nodes.json.rejected.json", "nodes.json.rejected-2.json"}, self.files()
        )

    def test_rejected_on_full_disk(self) -> None:
        """
        While there is no room to set a node aside, the file that has it is not overwritten.
        """
        data = self.write({"nodes": [node_payload("a"), {"id": "bad"}]})
        self.worker.is_disk_full = True
        self.start()
        self.assertEqual({"a": 1}, self.revisions())
        self.assertIn("File too large", self.problem)
        self.assert_unwritable("free some space")
        self.assertEqual((data, {"nodes.json"}), (self.path.read_bytes(), self.files()))
        self.worker.is_disk_full = False
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.assertEqual({"nodes.json", "nodes.json.rejected.json"}, self.files())

    def test_twins(self) -> None:
        """
        Of two nodes with one id, the second is set aside.
        """
        self.write({"nodes": [node_payload(name="first"), node_payload(name="second")]})
        self.start()
        self.assertEqual(["first"], [stored.node.name for stored in self.nodes()])
        kept = json.loads((self.folder / "nodes.json.rejected.json").read_bytes())["rejected"]
        self.assertEqual(["second"], [each["node"]["name"] for each in kept])

    def test_unfinished(self) -> None:
        """
        What a killed process had not finished is not taken for anything, and does not pile up.
        """
        self.write({"nodes": [node_payload()]})
        (self.folder / ".nodes.json.unfinished").write_text('{"nodes": [')
        self.start()
        self.assertEqual(({"porch": 1}, {"nodes.json"}), (self.revisions(), self.files()))


class LostTests(TroubleTestCase):
    """
    Files that cannot be read.

    """

    def setUp(self) -> None:
        """
        The file is cut short, and the registry runs.
        """
        super().setUp()
        self.data = self.write(json.dumps({"nodes": [node_payload()]}).encode()[:-1])
        self.logged = self.start()
        self.aside = self.folder / "nodes.json.corrupt.json"

    def test_moved_aside(self) -> None:
        """
        Its content is kept, and the operator is told where, and what can be done.
        """
        self.assertEqual({self.aside.name}, self.files())
        self.assertEqual(self.data, self.aside.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(self.aside.stat().st_mode))
        for words in (
            f"{self.path} could not be read (it is no valid JSON: ",
            f"was moved to {self.aside}",
            "Put a good copy in its place, or begin anew by registering a node",
        ):
            self.assertIn(words, self.problem)
            self.assertIn(words, self.logged[0])
        self.assertNotIn(CANARY, self.problem + "".join(self.logged))
        self.assertEqual([], self.nodes())

    def test_not_forgotten(self) -> None:
        """
        A watchdog that restarts what is not ready does not make an empty registry look fine.
        """
        self.restart()
        self.assertIn(f"was moved to {self.aside}", self.problem)
        self.assertEqual({self.aside.name}, self.files())

    def test_not_logged_over_and_over(self) -> None:
        """
        Trying again is nothing to be told of.
        """
        self.restart()
        self.assertEqual([], self.pass_time(SECONDS_BETWEEN_ATTEMPTS))
        self.assertEqual([], self.pass_time(SECONDS_BETWEEN_ATTEMPTS))

    def test_begun_anew(self) -> None:
        """
        Who registers a node accepts the loss; no revision of the lost nodes is given again.
        """
        stored = self.done(self.registry.create(make_node("new")))
        self.assertEqual(int(WALL_TIME), stored.revision)
        self.assertIsNone(self.registry.problem)
        self.restart()
        self.assertIsNone(self.registry.problem)
        self.assertEqual({"new": int(WALL_TIME)}, self.revisions())
        self.assertEqual(self.data, self.aside.read_bytes())

    def test_put_back(self) -> None:
        """
        A good copy that is put in its place is read without a restart.
        """
        self.write({"nodes": [node_payload("saved")]})
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertEqual((None, {"saved": 1}), (self.registry.problem, self.revisions()))

    def test_put_back_at_the_same_time(self) -> None:
        """
        A copy that has just been put back is not overwritten by a change.
        """
        data = self.write({"nodes": [node_payload("saved")]})
        self.failed(self.registry.create(make_node("new")), RegistryUnavailable)
        self.assertEqual(data, self.path.read_bytes())
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertEqual({"saved": 1}, self.revisions())

    def test_bad_again(self) -> None:
        """
        A second file that cannot be read is kept beside the first.
        """
        self.write(b"no better")
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        second = self.folder / "nodes.json.corrupt-2.json"
        self.assertIn(f"was moved to {second}", self.problem)
        self.assertEqual((self.data, b"no better"), (self.aside.read_bytes(), second.read_bytes()))
