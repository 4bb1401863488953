"""
Tests of the registry on real disks, in processes and threads that are really there.

"""

import contextlib
import os
import queue
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from unittest import SkipTest

from attrs import define, field
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
from tests.integration.components import require_program
from tests.integration.daemon import environment
from tests.integration.registry_writer import LANES, LASTING
from tests.management.nodes import make_node

T = TypeVar("T")

NOBODY = 65534
KILLS = 200
LONGEST_LIFE_SECONDS = 0.04
PATIENCE_SECONDS = 60.0


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _in_order_of_completion(log: str) -> str:
    """
    :returns: What strace wrote, each call as one line, where it ended.
    """
    begun: dict[str, str] = {}
    lines = []
    for line in log.splitlines():
        pid, _, call = line.partition(" ")
        if call.endswith(" <unfinished ...>"):
            begun[pid] = call.removesuffix(" <unfinished ...>")
        else:
            lines.append(re.sub(r"^ *<\.\.\. \w+ resumed>", begun.pop(pid, ""), call))
    return "\n".join(lines)


@define(eq=False)
class Writers:
    """
    The process that starts writers: see ``registry_writer``.

    """

    process: subprocess.Popen[str]

    def start(self) -> int:
        """
        :returns: The number of a new writer's process.
        """
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        started, pid = self.read().split()
        assert started == "started"
        return int(pid)

    def read(self) -> str:
        """
        :returns: The next line.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the writers have come to an end"
        return line

    def kill(self, pid: int) -> list[str]:
        """
        :returns: What that writer had said until then.
        """
        os.kill(pid, signal.SIGKILL)
        return list(iter(self.read, "ended\n"))

    def stop(self) -> None:
        """
        Start no more, and wait for the end.

        """
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def kill_all(self) -> None:
        """
        Make sure that none is left, whatever happened.

        """
        # Once it has been waited for, the number can be that of others.
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


@define(eq=False)
class Acknowledged:
    """
    What writers were told is durable, and whether it is.

    """

    path: Path
    seed: int
    changes: int = 0
    _lasting: dict[str, int] = field(factory=dict)
    _passing: set[str] = field(factory=set)
    _deleted: set[str] = field(factory=set)
    _revisions: set[int] = field(factory=set)

    def note(self, line: str) -> None:
        """
        :param line: What a writer said.
        """
        verb, node_id, text = line.split(maxsplit=2)
        assert verb != "failed", self._say(line)
        self.changes += 1
        if verb == "delete":
            self._passing.discard(node_id)
            self._deleted.add(node_id)
            return
        assert int(text) not in self._revisions, self._say(f"revision {text} was given twice")
        self._revisions.add(int(text))
        if node_id in LASTING:
            self._lasting[node_id] = int(text)
        else:
            self._passing.add(node_id)

    def compare(self) -> None:
        """
        Make sure that all of that is in the file.

        What was not acknowledged may have happened all the same: a change more, or a deletion.

        """
        if not self.path.exists():
            assert not self.changes, self._say("there is no file")
            return
        parsed = parse_registry(self.path.read_bytes())
        assert not parsed.notices, self._say(f"{parsed.notices}")
        nodes = parsed.contents.nodes
        for node_id, revision in self._lasting.items():
            assert node_id in nodes, self._say(f"{node_id} is lost")
            assert nodes[node_id].revision >= revision, self._say(f"{node_id} is of yesterday")
        risen = self._deleted & nodes.keys()
        assert not risen, self._say(f"were deleted, and are there: {risen}")
        gone = self._passing - nodes.keys()
        # Their deletion was under way; nobody else deletes them.
        self._passing -= gone
        assert len(gone) <= LANES + 1, self._say(f"are lost: {gone}")
        latest = max(self._revisions, default=0)
        assert parsed.contents.next_revision > latest, self._say("a revision would be reused")

    def _say(self, what: str) -> str:
        return f"{what} (seed {self.seed}, after {self.changes} changes)"


class CrashTests(SynchronousTestCase):
    """
    A process that is killed while it writes.

    """

    def setUp(self) -> None:
        """
        There is nothing yet.
        """
        self.path = Path(self.mktemp()).absolute() / "nodes.json"

    def test_killed(self) -> None:
        """
        Whenever a process dies, the file can be read, and has all that anyone was told is in it.
        """
        seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 10**9))
        chance = random.Random(seed)
        acknowledged = Acknowledged(self.path, seed)
        writers = self.start_writers()
        for _ in range(KILLS):
            pid = writers.start()
            time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
            for line in writers.kill(pid):
                acknowledged.note(line)
            acknowledged.compare()
        # They were killed at work, and left nothing that would pile up.
        self.assertGreater(acknowledged.changes, KILLS)
        self.assertLessEqual(
            {path.name for path in self.path.parent.iterdir()},
            {"nodes.json", "nodes.json.lock", ".nodes.json.unfinished"},
        )

    def test_synced(self) -> None:
        """
        A power cut takes nothing that anyone was told is safe: before that is said, the content
        and then the name are on the disk.
        """
        strace = require_program("strace", "apt-get install strace")
        log = Path(self.mktemp()).absolute()
        tracing = [strace, "-f", "-y", "-s", "64", "-e", "trace=fsync,rename,write", "-o", str(log)]
        writers = self.start_writers(*tracing)
        pid = writers.start()
        self.assertEqual("create", writers.read().split()[0])
        writers.kill(pid)
        writers.stop()
        steps = [
            rf"fsync\(\d+<{self.path.parent.parent}>",
            rf"fsync\(\d+<{self.path.parent}/\.nodes\.json\.unfinished>",
            rf'rename\(".*unfinished", "{self.path}"',
            rf"fsync\(\d+<{self.path.parent}>",
            r'write\(1<.*>, "create ',
        ]
        places = [re.search(step, _in_order_of_completion(log.read_text())) for step in steps]
        self.assertNotIn(None, places, log.read_text()[:4000])
        starts = [place.start() for place in places if place is not None]
        self.assertEqual(sorted(starts), starts, log.read_text()[:4000])

    def start_writers(self, *command: str) -> "Writers":
        """
        :param command: What runs it, if anything.
        :returns: What starts writers, until the test is over.
        """
        writers = Writers(
            subprocess.Popen(
                [
                    *command,
                    *(sys.executable, "-m", "tests.integration.registry_writer", str(self.path)),
                ],
                env=environment({}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                start_new_session=True,
            )
        )
        watchdog = threading.Timer(PATIENCE_SECONDS, writers.kill_all)
        watchdog.start()
        self.addCleanup(writers.stop)
        self.addCleanup(writers.kill_all)
        self.addCleanup(watchdog.cancel)
        return writers


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
            raise SkipTest("only root may mount disks, and not everywhere")
        self.addCleanup(_run, "umount", str(folder))
        return folder
