"""
Tests for registry files that others have written.

"""

import os
from pathlib import Path

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._durable_file import LARGEST_BYTES
from motion_in_ocean.management.registry._file_registry import (
    SECONDS_BETWEEN_ATTEMPTS,
    SECONDS_BETWEEN_CHECKS,
)
from tests.management.nodes import make_node, node_payload
from tests.management.trouble_case import TroubleTestCase


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
