"""
Tests of the registry's file in states that nobody wants, and of getting out of them.

"""

import errno
import json
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._durable_file import LARGEST_BYTES, DurableFile
from motion_in_ocean.management.registry._file_registry import (
    SECONDS_BETWEEN_ATTEMPTS,
    SECONDS_BETWEEN_CHECKS,
)
from tests.management.nodes import CANARY, make_node, node_payload
from tests.management.registries import WALL_TIME, RegistryTestCase


class TroubleTestCase(RegistryTestCase):
    """
    A test case that can ask what the problem is.

    """

    def write(self, content: Any) -> bytes:
        """
        Put that into the file: bytes, or JSON.

        :returns: The bytes.
        """
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.path.write_bytes(data)
        return data

    @property
    def problem(self) -> str:
        """
        What keeps the registry from being ready.

        """
        problem = self.registry.problem
        assert problem is not None
        return problem

    def assert_unwritable(self, words: str) -> None:
        """
        Make sure that a change fails, for a reason that is a problem too, and changes nothing.

        """
        before = self.revisions(), self.path.read_bytes() if self.path.exists() else None
        self.assert_problem_with_change(words)
        after = self.revisions(), self.path.read_bytes() if self.path.exists() else None
        self.assertEqual(before, after)

    def assert_problem_with_change(self, words: str) -> None:
        """
        Make sure that a change fails, for a reason that is a problem too.

        """
        error = self.failed(self.registry.create(make_node("more")), RegistryUnavailable)
        self.assertIn(words, str(error))
        self.assertEqual(str(error), self.problem)

    def assert_unreadable(self, words: str) -> None:
        """
        Make sure that nothing can be done, for a reason that is a problem too.

        """
        for tried in (self.registry.list_nodes(), self.registry.create(make_node("more"))):
            error = self.failed(tried, RegistryUnavailable)
            self.assertIn(words, str(error))
            self.assertEqual(str(error), self.problem)


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


class ForeignTests(TroubleTestCase):
    """
    Files of others.

    """

    def test_moved_aside(self) -> None:
        """
        Whatever it was for, it is kept, and never taken for an empty registry.
        """
        for content in (b"", b"\0" * 64, b"[]", b"{}", b"# notes\n", b'{"version": 1, "nodes": 5}'):
            registry = self.make_registry(self.folder / "sub" / "nodes.json")
            (self.folder / "sub").mkdir(exist_ok=True)
            (self.folder / "sub" / "nodes.json").write_bytes(content)
            self.start(registry)
            self.assertIn("could not be read", registry.problem or "")
            self.stop(registry)
        kept = [path.read_bytes() for path in (self.folder / "sub").glob("*.corrupt*")]
        self.assertEqual(6, len(kept))
        self.assertIn(b"# notes\n", kept)

    def test_no_file(self) -> None:
        """
        A folder or a named pipe in its place is left alone, and nobody waits for it.
        """
        for make in (Path.mkdir, os.mkfifo):
            path = self.folder / make.__name__
            make(path)
            registry = self.make_registry(path)
            self.start(registry)
            error = self.failed(registry.list_nodes(), RegistryUnavailable)
            self.assertIn(f"{path} is no regular file", str(error))
            self.stop(registry)

    def test_far_too_large(self) -> None:
        """
        A file that cannot be a registry is not read into memory.
        """
        with self.path.open("wb") as file:
            file.truncate(LARGEST_BYTES + 1)
        self.start()
        self.assert_unreadable("far too large")
        self.assertEqual(LARGEST_BYTES + 1, self.path.stat().st_size)


class DiskTests(TroubleTestCase):
    """
    Disks that are full, read-only, or not there.

    """

    def test_full(self) -> None:
        """
        A change that has no room fails and undoes itself; when there is room again the registry
        is ready again, without anybody's doing.
        """
        self.start()
        self.done(self.registry.create(make_node()))
        self.worker.is_disk_full = True
        self.assert_unwritable("free some space; it goes on by itself then")
        self.assertEqual({"nodes.json"}, self.files())
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIn("free some space", self.problem)
        self.worker.is_disk_full = False
        logged = self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertEqual([f"The registry {self.path} is ready, with 1 nodes"], logged)
        self.assertIsNone(self.registry.problem)
        self.assertEqual(2, self.done(self.registry.create(make_node("b"))).revision)
        self.assertEqual({"nodes.json"}, self.files())

    def test_full_is_noticed(self) -> None:
        """
        The registry says that it cannot be written before anybody tries to.
        """
        self.start()
        self.done(self.registry.create(make_node()))
        before = self.path.stat()
        self.worker.is_disk_full = True
        self.pass_time(SECONDS_BETWEEN_CHECKS)
        self.assertIn("free some space", self.problem)
        self.assertEqual(before, self.path.stat())
        self.worker.is_disk_full = False
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)

    def test_full_is_over_for_next_change(self) -> None:
        """
        A client that tries again when there is room need not wait for the registry to notice.
        """
        self.start()
        self.worker.is_disk_full = True
        self.assert_unwritable("free some space")
        self.worker.is_disk_full = False
        self.done(self.registry.create(make_node()))
        self.assertIsNone(self.registry.problem)

    def test_full_is_logged_once(self) -> None:
        """
        A disk that stays full does not fill the log.
        """
        self.start()
        self.worker.is_disk_full = True
        self.assertEqual(1, len(self.pass_time(SECONDS_BETWEEN_CHECKS)))
        self.assert_unwritable("free some space")
        self.assertEqual([], self.pass_time(SECONDS_BETWEEN_ATTEMPTS))

    def test_name_not_on_disk(self) -> None:
        """
        A failure of the very last step is one too, and is put right afterwards.
        """
        failing = [False]

        def sync_folder(folder: Path) -> None:
            if failing[0]:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(folder))

        self.registry = self.make_registry(open_file=partial(DurableFile, sync_folder=sync_folder))
        self.start()
        self.done(self.registry.create(make_node("a")))
        failing[0] = True
        self.failed(self.registry.create(make_node("b")), RegistryUnavailable)
        self.assertEqual({"a": 1}, self.revisions())
        self.assertIn("Input/output error", self.problem)
        failing[0] = False
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.restart()
        self.assertEqual({"a": 1}, self.revisions())

    def test_unforeseen(self) -> None:
        """
        Even a bug leaves nobody waiting, is a problem that can be seen, and can be got over.
        """
        failing = [True]

        def sync_folder(folder: Path) -> None:
            if failing[0]:
                raise ZeroDivisionError

        self.registry = self.make_registry(open_file=partial(DurableFile, sync_folder=sync_folder))
        self.start()
        self.assert_problem_with_change("for an unforeseen reason, which is in the log")
        self.assertEqual([], self.nodes())
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertEqual(2, len(self.flushLoggedErrors(ZeroDivisionError)))
        failing[0] = False
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.done(self.registry.create(make_node()))

    def test_unforeseen_in_one_change(self) -> None:
        """
        Bugs of one change do not stop others, which are made at the same time.
        """
        self.start()
        wrong: Any = None
        first, second = self.registry.create(wrong), self.registry.create(make_node())
        self.failed(first, AttributeError)
        self.done(second)

    def test_folder_is_made(self) -> None:
        """
        The folder need not be there, and is made for nobody else.
        """
        self.path = self.folder / "a" / "b" / "nodes.json"
        self.registry = self.make_registry()
        self.start()
        self.done(self.registry.create(make_node()))
        self.assertEqual(0o700, stat.S_IMODE(self.path.parent.stat().st_mode))

    def test_no_folder(self) -> None:
        """
        Where it cannot be made, the daemon runs, says why, and what would help; and goes on when
        that has been done.
        """
        (self.folder / "data").write_text("in the way")
        self.path = self.folder / "data" / "nodes.json"
        self.registry = self.make_registry()
        logged = self.start()
        self.assert_unreadable(f"{self.path} cannot be used: ")
        self.assertIn("NODE_REGISTRY_PATH", self.problem)
        self.assertEqual([f"The registry is not ready: {self.problem}"], logged)
        (self.folder / "data").unlink()
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.done(self.registry.create(make_node()))

    def test_in_use_when_it_can_be_opened(self) -> None:
        """
        Of two daemons that wait for one folder, one gets the file, and the other says so.
        """
        (self.folder / "data").write_text("in the way")
        self.path = self.folder / "data" / "nodes.json"
        first, self.registry = self.make_registry(), self.make_registry()
        self.start(first)
        self.start()
        (self.folder / "data").unlink()
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(first.problem)
        self.assert_unreadable("is in use by another process")
        self.stop(first)

    def test_link(self) -> None:
        """
        A link to the file stays one: its target is replaced, beside the target.
        """
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        self.path.symlink_to(Path("elsewhere") / "target.json")
        self.start()
        self.done(self.registry.create(make_node()))
        self.assertTrue(self.path.is_symlink())
        self.assertEqual(
            {"target.json", "target.json.lock"}, {path.name for path in elsewhere.iterdir()}
        )
        self.restart()
        self.assertEqual({"porch": 1}, self.revisions())

    def test_circle_of_links(self) -> None:
        """
        Links that lead nowhere are a problem, not an end.
        """
        self.path.symlink_to(self.path)
        self.start()
        self.assert_unreadable("cannot be used")


class OtherProgramTests(TroubleTestCase):
    """
    Other programs that write where the registry does.

    """

    def setUp(self) -> None:
        """
        One node is in the file.
        """
        super().setUp()
        self.start()
        self.done(self.registry.create(make_node()))

    def test_changed(self) -> None:
        """
        What another program wrote is never overwritten, and the operator learns what to do.
        """
        for content in (b"", b'{"nodes": []}', self.path.read_bytes().replace(b"porch", b"PORCH")):
            self.write(content)
            self.assert_unwritable("was changed by another program; nothing was overwritten")
            self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
            self.assertIn("Restart to read it again", self.problem)
        self.restart()
        self.assertEqual((None, {"PORCH": 1}), (self.registry.problem, self.revisions()))

    def test_changed_into_something_else(self) -> None:
        """
        Nobody waits for the writer of a named pipe that has taken the file's place.
        """
        self.path.unlink()
        os.mkfifo(self.path)
        self.assert_problem_with_change("was changed by another program")
        self.assertTrue(self.path.is_fifo())

    def test_changed_is_noticed(self) -> None:
        """
        The registry says so before anybody tries to change it.
        """
        self.write({"nodes": []})
        self.pass_time(SECONDS_BETWEEN_CHECKS)
        self.assertIn("was changed by another program", self.problem)

    def test_changed_back(self) -> None:
        """
        With the earlier content in place, all is well again, by whatever way it came.
        """
        data = self.path.read_bytes()
        self.write(b"oops")
        self.pass_time(SECONDS_BETWEEN_CHECKS)
        self.write(data)
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)

    def test_touched(self) -> None:
        """
        A program that only copies or touches the file does no harm.
        """
        os.utime(self.path, (1, 1))
        self.done(self.registry.create(make_node("b")))
        data = self.path.read_bytes()
        self.path.unlink()
        self.write(data)
        self.pass_time(SECONDS_BETWEEN_CHECKS)
        self.assertIsNone(self.registry.problem)

    def test_appeared(self) -> None:
        """
        A file that appears where there was none is not overwritten either.
        """
        self.path = self.folder / "later.json"
        self.registry = self.make_registry()
        self.start()
        self.write({"nodes": [node_payload("theirs")]})
        self.assert_unwritable("was changed by another program")

    def test_removed(self) -> None:
        """
        A file that was removed by mistake is made again from memory: nothing is lost.
        """
        self.path.unlink()
        self.pass_time(SECONDS_BETWEEN_CHECKS)
        self.assertIn("was removed by another program", self.problem)
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.restart()
        self.assertEqual({"porch": 1}, self.revisions())

    def test_removed_before_change(self) -> None:
        """
        The next change makes it again, too.
        """
        self.path.unlink()
        self.done(self.registry.create(make_node("b")))
        self.restart()
        self.assertEqual({"porch": 1, "b": 2}, self.revisions())

    def test_other_folder(self) -> None:
        """
        A disk that was unmounted is not mistaken for a file that was removed: what were written
        then would be lost when the disk comes back.
        """
        mounted = self.folder.with_name(f"{self.folder.name}-mounted")
        self.folder.rename(mounted)
        self.folder.mkdir()
        self.assert_unwritable("the folder is another one now")
        self.assertEqual([], list(self.folder.iterdir()))
        self.folder.rmdir()
        self.assert_unwritable("the folder is another one now")
        mounted.rename(self.folder)
        self.pass_time(SECONDS_BETWEEN_ATTEMPTS)
        self.assertIsNone(self.registry.problem)
        self.done(self.registry.create(make_node("b")))
