"""
One server at a time, started for one measurement and gone after it.

"""

import contextlib
import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import frozen

from benchmarks.contenders import REPOSITORY, Contender, Job
from benchmarks.network import program

START_SECONDS = 20.0
SETTLE_SECONDS = 0.2


@frozen
class Server:
    """
    A server that runs.

    """

    contender: Contender
    pid: int
    port: int

    @property
    def url(self) -> str:
        """
        Its stream.

        """
        return f"http://127.0.0.1:{self.port}{self.contender.stream}"

    def rss_bytes(self) -> int:
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def ending_with_parent(*command: str) -> list[str]:
    """
    :returns: The command for a process that the kernel kills when the one that started it is gone.
    """
    setpriv = program("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else list(command)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(contender: Contender, job: Job) -> Iterator[Server]:
    """
    Start a server, and kill it at the end.

    :raises RuntimeError: If it does not start; with what it said.
    """
    launch = contender.launch(job)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**inherited, "PYTHONPATH": str(REPOSITORY), **launch.environment}
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            ending_with_parent(*launch.command),
            env=environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_ready(process, output, contender, job.port)
            time.sleep(SETTLE_SECONDS)
            yield Server(contender, process.pid, job.port)
        finally:
            process.kill()


def get(port: int, path: str) -> int:
    """
    :returns: The status of one request on a connection of its own.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        return reply.status
    finally:
        connection.close()


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", output: IO[bytes], contender: Contender, port: int
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{contender.key} ended by itself: {_tail(output)}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if contender.ready is None:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            if get(port, contender.ready) == 200:
                return
        time.sleep(0.03)
    raise RuntimeError(f"{contender.key} was not ready within {START_SECONDS:g} s: {_tail(output)}")


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace")[-1000:]
