"""
Tests of the registry in processes that are killed while they write.

"""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from attrs import define, field
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.registry._registry_file import parse_registry
from tests.integration.components import require_program
from tests.integration.daemon import environment
from tests.integration.registry_writer import LANES, LASTING

KILLS = 200
LONGEST_LIFE_SECONDS = 0.04
PATIENCE_SECONDS = 60.0


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
