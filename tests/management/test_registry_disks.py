"""
Tests for registries on disks that fail.

"""

import errno
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._durable_file import DurableFile
from motion_in_ocean.management.registry._file_registry import (
    SECONDS_BETWEEN_ATTEMPTS,
    SECONDS_BETWEEN_CHECKS,
)
from tests.management.nodes import make_node
from tests.management.trouble_case import TroubleTestCase


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
