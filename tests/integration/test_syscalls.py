"""
What streaming costs, in a unit that no other load on the machine can change.

"""

import contextlib
import re
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from twisted.trial.unittest import SynchronousTestCase

from benchmarks.contenders import OURS
from benchmarks.kernel import Strace
from benchmarks.server import Server
from tests.integration.components import missing, require_program
from tests.integration.daemon import DaemonTestCase, wait_until
from tests.integration.pictures import write_pictures

VIEWERS = 50
SECONDS = 2.0
FPS = 30
PICTURE_BYTES = 40_000
MOST_PER_FRAME = 1.2
"""One call sends a frame; the rest is shared by all viewers of a frame, or by all frames."""

DELIMITER = b"\r\n--frame\r\n"
STRACE_REMEDY = "apt-get install strace"


@define(eq=False)
class Audience:
    """
    Viewers in a thread, who count the frames that have reached them whole.

    """

    port: int
    frames: int = field(init=False, default=0)
    _over: threading.Event = field(init=False, factory=threading.Event)

    @contextmanager
    def watching(self, viewers: int) -> Iterator["Audience"]:
        """
        Connect, and read until the end of the context.

        """
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as connections:
            for _ in range(viewers):
                connection = socket.create_connection(("127.0.0.1", self.port), timeout=15)
                connections.enter_context(connection)
                connection.sendall(b"GET /stream.mjpg HTTP/1.0\r\n\r\n")
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ, [b""])
            reading = threading.Thread(target=self._read, args=(selector,))
            reading.start()
            try:
                yield self
            finally:
                self._over.set()
                reading.join()

    def _read(self, selector: selectors.BaseSelector) -> None:
        while not self._over.is_set():
            for key, _ in selector.select(0.1):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                data = key.data[0] + connection.recv(1 << 20)
                self.frames += data.count(DELIMITER)
                # What may be the beginning of a delimiter, and never a whole one.
                key.data[0] = data[1 - len(DELIMITER) :]


class CountingTests(SynchronousTestCase):
    """
    How the benchmarks count.

    """

    def test_nothing_to_count(self) -> None:
        """
        A server that cannot be traced has no figure, rather than the best one.
        """
        require_program("strace", STRACE_REMEDY)
        with subprocess.Popen(["true"]) as gone:
            gone.wait()
        strace = Strace(Server(OURS, gone.pid, 0), 0.1)
        strace.start()
        with self.assertRaisesRegex(RuntimeError, "cannot be traced: .*No such process"):
            strace.calls_per_second()


class SystemCallTests(DaemonTestCase):
    """
    Guard the way from the newest frame to the sockets against detours.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        frames = write_pictures(folder, padded_to=PICTURE_BYTES)
        return {"MOCK_FRAMES": str(frames), "FPS": str(FPS)}

    def test_one_call_per_frame(self) -> None:
        """
        A Raspberry Pi that serves many viewers has nothing to spare: a frame costs each of them
        one system call, and what comes on top is shared by all.
        """
        strace = require_program("strace", STRACE_REMEDY)
        summary = Path(self.mktemp())
        command = [strace, "-f", "-c", "-U", "calls,name", "-o", str(summary)]
        with Audience(self.daemon.port).watching(VIEWERS) as audience:
            wait_until(lambda: audience.frames > 2 * VIEWERS, "every viewer has a picture")
            with subprocess.Popen(
                [*command, "-p", str(self.daemon.pid)], stderr=subprocess.PIPE
            ) as tracer:
                self.addCleanup(tracer.kill)
                assert tracer.stderr is not None
                said = tracer.stderr.readline()
                if b"ptrace" in said and b"not permitted" in said:
                    raise missing(
                        "the right to trace processes", "sysctl kernel.yama.ptrace_scope=1"
                    )
                self.assertIn(b"attached", said)
                before = audience.frames
                time.sleep(SECONDS)
                tracer.send_signal(signal.SIGINT)
                frames = audience.frames - before
                tracer.communicate(timeout=15)
        table = summary.read_text()
        calls = sum(int(number) for number in re.findall(r"(?m)^ *(\d+) +(?!total)\w+$", table))
        self.assertGreater(calls, 0, table)
        # Tracing slows the daemon down, but not so far that hardly a frame comes through.
        self.assertGreater(frames, VIEWERS * FPS * SECONDS / 4)
        self.assertLessEqual(calls / frames, MOST_PER_FRAME, f"{frames} frames\n{table}")
