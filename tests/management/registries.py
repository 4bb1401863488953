"""
What the tests of the registry in a file share.

"""

import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.registry._durable_file import DurableFile
from motion_in_ocean.management.registry._file_registry import FileRegistry
from motion_in_ocean.management.registry._interface import StoredNode
from tests.fakes import HandWorker

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

WALL_TIME = 1_780_000_000.5


@define(eq=False)
class DiskWorker(HandWorker):
    """
    A worker whose disk can be full.

    """

    is_disk_full: bool = False

    def run(self, work: Callable[[], Any]) -> Deferred[Any]:
        """
        See ``Worker.run``.

        """
        return super().run(lambda: self._work(work))

    def _work(self, work: Callable[[], Any]) -> Any:
        if not self.is_disk_full:
            return work()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            return work()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class RegistryTestCase(SynchronousTestCase):
    """
    A test case with a folder, and registries in it that do things when they are told to.

    """

    def setUp(self) -> None:
        """
        The folder is there, the file is not.
        """
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "nodes.json"
        self.clock = Clock()
        self.worker = DiskWorker()
        self.addCleanup(lambda: self.assertEqual([], self.clock.getDelayedCalls()))
        self.registry = self.make_registry()

    def make_registry(
        self,
        path: Path | None = None,
        open_file: Callable[[Path], DurableFile] = DurableFile,
    ) -> FileRegistry:
        """
        :returns: A registry that is not started; stopped when the test is over.
        """
        registry = FileRegistry(
            path or self.path,
            self.worker,
            self.clock,
            open_file=open_file,
            wall_time=lambda: WALL_TIME,
        )
        self.addCleanup(self.stop, registry)
        return registry

    def start(self, registry: FileRegistry | None = None) -> list[str]:
        """
        Start it, and let it open its file.

        :returns: What it logged.
        """
        with capturedLogs() as events:
            (registry or self.registry).startService()
            self.settle()
        return _texts(events)

    def stop(self, registry: FileRegistry | None = None) -> None:
        """
        Stop it, unless it is stopped.

        """
        registry = registry or self.registry
        if registry.running:
            self.done(registry.stopService())

    def restart(self) -> list[str]:
        """
        Stop the registry, and start another with the same file.

        :returns: What the new one logged.
        """
        self.stop()
        self.registry = self.make_registry()
        return self.start()

    def pass_time(self, seconds: float) -> list[str]:
        """
        :returns: What was logged meanwhile.
        """
        with capturedLogs() as events:
            self.clock.advance(seconds)
            self.settle()
        return _texts(events)

    def settle(self) -> None:
        """
        Let the worker do all that there is to do.

        """
        while self.worker.waiting:
            self.worker.step()

    def done(self, deferred: Deferred[T]) -> T:
        """
        :returns: What became of it once the worker has done its work.
        """
        self.settle()
        return self.successResultOf(deferred)

    def failed(self, deferred: Deferred[Any], kind: type[E]) -> E:
        """
        :returns: Why it failed once the worker has done its work.
        """
        self.settle()
        error = self.failureResultOf(deferred, kind).value
        assert isinstance(error, kind)
        return error

    def nodes(self) -> list[StoredNode]:
        """
        :returns: Those in the registry, as it says.
        """
        nodes: Sequence[StoredNode] = self.done(self.registry.list_nodes())
        return list(nodes)

    def revisions(self) -> dict[str, int]:
        """
        :returns: Those of all nodes, in their order.
        """
        return {stored.node.id: stored.revision for stored in self.nodes()}

    def files(self) -> set[str]:
        """
        :returns: The names of all files in the folder, but for the lock's.
        """
        return {path.name for path in self.folder.iterdir()} - {f"{self.path.name}.lock"}


def _texts(events: Sequence[LogEvent]) -> list[str]:
    return [formatEvent(event) for event in events]
