"""
What the kernel knows about a server: the memory of its sockets, and the calls that it makes.

"""

import contextlib
import re
import signal
import subprocess
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor

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
    Count a server's system calls for a while, in a thread.

    """

    server: Server
    seconds: float
    _counting: "Future[float]" = field(init=False)

    def start(self) -> None:
        executor = ThreadPoolExecutor(1)
        self._counting = executor.submit(self._count)
        executor.shutdown(wait=False)

    def calls_per_second(self) -> float:
        """
        Wait until it is over.

        :raises RuntimeError: If nothing could be counted; with what ``strace`` said.
        """
        return self._counting.result(self.seconds + 30)

    def _count(self) -> float:
        path = program("strace")
        assert path is not None
        with tempfile.NamedTemporaryFile("r") as summary:
            options = ("-f", "-c", "-U", "calls,name", "-o", summary.name)
            command = ending_with_parent(path, *options, "-p", str(self.server.pid))
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
                try:
                    assert tracer.stderr is not None
                    said = tracer.stderr.readline()  # "strace: Process … attached"
                    if "attached" not in said:
                        raise RuntimeError(f"it cannot be traced: {said.strip()}")
                    begun = time.monotonic()
                    time.sleep(self.seconds)
                    tracer.send_signal(signal.SIGINT)
                    elapsed = time.monotonic() - begun
                    tracer.communicate(timeout=20)
                finally:
                    tracer.kill()
            found = re.findall(r"^ *(\d+) +(?!total)\w+$", summary.read(), re.MULTILINE)
        if not found:
            raise RuntimeError("no system call was counted")
        return sum(map(int, found)) / elapsed
