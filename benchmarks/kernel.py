"""
What the kernel knows about a server: the memory of its sockets, and the calls that it makes.

"""

import contextlib
import re
import signal
import subprocess
import tempfile
import threading
import time

from attrs import define, field

from benchmarks.network import program
from benchmarks.server import Server, ending_with_parent


class SocketMemory:
    """
    What the kernel keeps for a server's connections, sampled by ``ss``.

    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.queued: list[int] = []
        self.rss: list[int] = []
        self.connections = 0

    def __call__(self) -> None:
        path = program("ss")
        assert path is not None
        command = [path, "-Htnm", "state", "established", f"( sport = :{self.server.port} )"]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            said = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
            # skmem:(…,w<bytes that are queued to be sent, with what they take to be kept>,…)
            memory = [line for line in said.stdout.splitlines() if "skmem:(" in line]
            queued = (line.split("skmem:(")[1].split(",") for line in memory)
            self.queued.append(
                sum(int(item[1:]) for row in queued for item in row if item[0] == "w")
            )
            self.connections = len(memory)
            self.rss.append(self.server.rss_bytes())


@define(eq=False)
class Strace:
    """
    Count a server's system calls for a while.

    """

    server: Server
    seconds: float
    calls: int = field(init=False, default=0)
    elapsed: float = field(init=False, default=0.0)
    _thread: threading.Thread | None = field(init=False, default=None)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        assert self._thread is not None
        self._thread.join(timeout=self.seconds + 30)

    def _run(self) -> None:
        path = program("strace")
        assert path is not None
        with tempfile.NamedTemporaryFile("r") as summary:
            options = ("-f", "-c", "-U", "calls,name", "-o", summary.name)
            command = ending_with_parent(path, *options, "-p", str(self.server.pid))
            with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
                try:
                    assert tracer.stderr is not None
                    tracer.stderr.readline()  # "strace: Process … attached"
                    begun = time.monotonic()
                    time.sleep(self.seconds)
                    tracer.send_signal(signal.SIGINT)
                    self.elapsed = time.monotonic() - begun
                    tracer.communicate(timeout=20)
                finally:
                    tracer.kill()
            found = re.findall(r"^ *(\d+) +(?!total)\w+$", summary.read(), re.MULTILINE)
            self.calls = sum(map(int, found))
