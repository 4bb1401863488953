"""
Tests of the registry on disks that are really there.

"""

import contextlib
import os
import queue
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._file_registry import (
    SECONDS_BETWEEN_ATTEMPTS,
    FileRegistry,
)
from motion_in_ocean.management.registry._registry_file import parse_registry
from motion_in_ocean.worker import ThreadWorker
from tests.integration.components import missing
from tests.management.nodes import make_node

T = TypeVar("T")

NOBODY = 65534
PATIENCE_SECONDS = 60.0


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


class DiskTestCase(SynchronousTestCase):
    """
    A test case with a thread for the disk, and a reactor in miniature.

    """

    def setUp(self) -> None:
        """
        Nothing is running yet.
        """
        self.calls: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self.clock = Clock()

    def make_registry(self, path: Path) -> FileRegistry:
        """
        :returns: A registry that runs until the test is over.
        """
        registry = FileRegistry(path, ThreadWorker("disk", self.calls.put), self.clock)
        registry.startService()
        self.addCleanup(lambda: self.done(registry.stopService()))
        return registry

    def done(self, deferred: Deferred[T]) -> T:
        """
        :returns: What became of it.
        """
        self._wait(deferred)
        return self.successResultOf(deferred)

    def unavailable(self, deferred: Deferred[Any]) -> str:
        """
        :returns: Why the registry could not do it.
        """
        self._wait(deferred)
        return str(self.failureResultOf(deferred, RegistryUnavailable).value)

    def wait_until_ready(self, registry: FileRegistry) -> None:
        """
        Let the registry find out by itself that its problem is over.

        """
        self.clock.advance(SECONDS_BETWEEN_ATTEMPTS)
        while registry.problem is not None:
            self._step()

    def _wait(self, deferred: Deferred[Any]) -> None:
        ended: list[bool] = []

        def note(result: Any) -> Any:
            ended.append(True)
            return result

        deferred.addBoth(note)
        while not ended:
            self._step()

    def _step(self) -> None:
        self.calls.get(timeout=PATIENCE_SECONDS)()


class DiskTests(DiskTestCase):
    """
    Disks and threads as they are.

    """

    def test_200_writers(self) -> None:
        """
        Of what 200 clients do at the same time nothing is lost, and each change counts once.
        """
        path = Path(self.mktemp()).absolute() / "nodes.json"
        registry = self.make_registry(path)

        async def write(number: int) -> None:
            created = await registry.create(make_node(f"n{number}"))
            changed = make_node(f"n{number}", name="changed")
            replaced = await registry.replace(f"n{number}", changed, created.revision)
            if number % 2:
                await registry.delete(f"n{number}", replaced.revision)

        writers = [Deferred.fromCoroutine(write(number)) for number in range(200)]
        self.done(gatherResults(writers, consumeErrors=True))
        contents = parse_registry(path.read_bytes()).contents
        self.assertEqual({f"n{number}" for number in range(0, 200, 2)}, set(contents.nodes))
        self.assertEqual(501, contents.next_revision)
        self.assertEqual(100, len({each.revision for each in contents.nodes.values()}))
        self.assertEqual({"changed"}, {each.node.name for each in contents.nodes.values()})
        self.assertEqual(
            dict(contents.nodes),
            {stored.node.id: stored for stored in self.done(registry.list_nodes())},
        )

    def test_full_disk(self) -> None:
        """
        On a disk that is really full a change fails and undoes itself, until there is room.
        """
        folder = self.mounted("tmpfs", "-o", "size=64k")
        path = folder / "nodes.json"
        registry = self.make_registry(path)
        self.done(registry.create(make_node("a")))
        before = path.read_bytes()
        filler = folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        error = self.unavailable(registry.create(make_node("b")))
        self.assertIn("No space left on device", error)
        self.assertEqual(error, registry.problem)
        self.assertEqual(before, path.read_bytes())
        self.assertEqual(["a"], [stored.node.id for stored in self.done(registry.list_nodes())])
        filler.unlink()
        self.wait_until_ready(registry)
        self.done(registry.create(make_node("b")))

    def test_read_only(self) -> None:
        """
        A disk that is mounted read-only, as happens after errors, is told apart from a full one.
        """
        folder = self.mounted("tmpfs")
        path = folder / "nodes.json"
        registry = self.make_registry(path)
        self.done(registry.create(make_node("a")))
        # The lock's descriptor is open for writing, which a plain remount would not allow.
        _run("mount", "--bind", str(folder), str(folder))
        self.addCleanup(_run, "umount", str(folder))
        _run("mount", "-o", "remount,bind,ro", str(folder))
        error = self.unavailable(registry.create(make_node("b")))
        self.assertIn("Read-only file system", error)
        self.assertIn("mount it writable", error)
        _run("mount", "-o", "remount,bind,rw", str(folder))
        self.wait_until_ready(registry)

    def test_single_file_mounted(self) -> None:
        """
        A file that is mounted by itself, as containers make it easy to do, cannot be replaced;
        the operator is told to mount its folder.
        """
        folder = self.mounted("tmpfs")
        outside = folder / "outside.json"
        outside.write_text('{"version": 1, "nodes": []}')
        path = folder / "nodes.json"
        path.touch()
        _run("mount", "--bind", str(outside), str(path))
        self.addCleanup(_run, "umount", str(path))
        registry = self.make_registry(path)
        error = self.unavailable(registry.create(make_node("a")))
        self.assertIn("mount its folder instead", error)
        self.assertEqual('{"version": 1, "nodes": []}', path.read_text())
        self.assertEqual([], list(folder.glob("*.unfinished")))

    def test_no_permission(self) -> None:
        """
        In a folder of somebody else, as ``/data`` on a bare machine, the registry says what would
        help, and goes on when that has been done.
        """
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(mode=0o755)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
            self.addCleanup(os.seteuid, 0)
        else:
            folder.chmod(0o555)
        registry = self.make_registry(folder / "data" / "nodes.json")
        error = self.unavailable(registry.list_nodes())
        self.assertIn("Permission denied", error)
        self.assertIn("NODE_REGISTRY_PATH", error)
        self.assertEqual(error, registry.problem)
        os.seteuid(os.getuid())
        folder.chmod(0o755)
        self.wait_until_ready(registry)
        self.done(registry.create(make_node()))

    def mounted(self, kind: str, *options: str) -> Path:
        """
        :returns: Where a disk of that kind is mounted until the test is over.
        """
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        if os.geteuid() != 0 or not _run("mount", "-t", kind, *options, kind, str(folder)):
            raise missing(
                "the right to mount disks", "run it as root; in a container, a privileged one"
            )
        self.addCleanup(_run, "umount", str(folder))
        return folder
