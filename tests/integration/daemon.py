"""
Start the daemon as its users do, and talk to it from outside.

"""

import atexit
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from attrs import define, field, frozen
from twisted.trial.unittest import SynchronousTestCase

T = TypeVar("T")

REPOSITORY = Path(__file__).parents[2]
TWISTD = str(Path(sys.executable).parent / "twistd")

PATIENCE_SECONDS = 15.0
"""How long anything may take that takes a second, on a machine that has much else to do."""

POLL_SECONDS = 0.02


def wait_until(
    condition: Callable[[], T],
    what: str | Callable[[], str],
    seconds: float = PATIENCE_SECONDS,
) -> T:
    """
    Ask again and again until the answer is true.

    :param what: What is being waited for, to be said when it does not come.
    :returns: The answer.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            description = what if isinstance(what, str) else what()
            raise AssertionError(f"not within {seconds:g} s: {description}")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """
    :returns: A port of the loopback interface that nobody listens on.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """
    :returns: The environment of a daemon: of this process's own only what any program needs.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**inherited, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", **settings}


def run_twistd(
    *arguments: str, cwd: str | Path, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """
    Run a ``twistd`` that is expected to end by itself.

    """
    return subprocess.run(
        [TWISTD, *arguments],
        cwd=cwd,
        env=environment(settings or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@frozen
class Reply:
    """
    An answer of the daemon.

    """

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any]:
        """
        The body as a JSON object.

        """
        value: dict[str, Any] = json.loads(self.body)
        return value


@frozen
class End:
    """
    How a process ended.

    """

    status: int
    """The exit status; below 0, the signal that ended it."""

    seconds: float
    """How long that took from when it was told to."""


@define(eq=False)
class Daemon:
    """
    One daemon on the loopback interface, with its working directory and its log.

    It has the mock camera and a port of the kernel's choice unless the settings say otherwise.

    """

    cwd: Path
    settings: Mapping[str, str] = field(factory=dict)
    command: Sequence[str] = (TWISTD, "-n", "motion-in-ocean")
    authority: Path | None = None
    """Who vouches for it where it speaks TLS, as its settings have to say."""

    port: int = field(init=False, default=0)
    """Where it listens; 0 as long as it does not, or if that is a socket file."""

    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    @property
    def log(self) -> str:
        """
        What it has said so far, since it was started last.

        """
        path = self.cwd / "output.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self) -> int:
        """
        The number of its process.

        """
        assert self._process is not None
        return self._process.pid

    @property
    def status(self) -> int | None:
        """
        The exit status, as in ``End``; ``None`` as long as it runs.

        """
        assert self._process is not None
        return self._process.poll()

    @property
    def url(self) -> str:
        """
        The address of its front page.

        """
        return f"{self.scheme}://127.0.0.1:{self.port}/"

    @property
    def scheme(self) -> str:
        """
        What it speaks.

        """
        return "http" if self.authority is None else "https"

    def connection(self) -> http.client.HTTPConnection:
        """
        :returns: A connection that is not made yet.
        """
        if self.authority is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        context = ssl.create_default_context(cafile=self.authority)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=context
        )

    def start(self) -> "Daemon":
        """
        Start it, the second time on the same port, and wait until it listens.

        """
        self.cwd.mkdir(parents=True, exist_ok=True)
        settings = {
            "MOCK_CAMERA": "true",
            "BIND_HOST": "127.0.0.1",
            "PORT": str(self.port),
            **self.settings,
        }
        with (self.cwd / "output.log").open("wb") as output:
            self._process = subprocess.Popen(
                # What a shell has in the background ignores Ctrl-C, and so would all it starts.
                ["env", "--default-signal=INT", *self.command],
                cwd=self.cwd,
                env=environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.port = int(self._until_running(self._ports, "listening")[0] or 0)
        return self

    def wait_until_ready(self) -> "Daemon":
        """
        Wait until there are pictures.

        """
        self._until_running(lambda: self.get("/ready").status == 200, "ready")
        return self

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """
        Ask for something that ends.

        """
        return self.ask("GET", path, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        payload: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """
        :param payload: Sent as JSON, if there is any.
        """
        connection = self.connection()
        kind = {} if payload is None else {"Content-Type": "application/json"}
        body = None if payload is None else json.dumps(payload)
        try:
            connection.request(method, path, body, {**kind, **(headers or {})})
            reply = connection.getresponse()
            return Reply(reply.status, reply.msg, reply.read())
        finally:
            connection.close()

    @contextmanager
    def stream(
        self, path: str = "/stream.mjpg", headers: Mapping[str, str] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """
        Ask for something that may not end; the connection lasts as long as the context.

        """
        connection = self.connection()
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            # The reply has the connection from now on, and must not be forgotten with it.
            reply = connection.getresponse()
            yield reply
            reply.close()
        finally:
            connection.close()

    def rss_bytes(self) -> int:
        """
        How much memory it takes.

        """
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert match is not None
        return int(match[1]) * 1024

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> End:
        """
        Tell it to end, and wait until it has.

        """
        assert self._process is not None
        begin = time.monotonic()
        self._process.send_signal(with_signal)
        status = self._process.wait(PATIENCE_SECONDS)
        return End(status, time.monotonic() - begin)

    def signal(self, number: signal.Signals) -> None:
        """
        Send it a signal that does not end it.

        """
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """
        Make sure that it does not run.

        """
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ports(self) -> list[str]:
        return re.findall(r"Listening on (?:https?://[^/\s]+:(\d+)/|unix:)", self.log)

    def _until_running(self, condition: Callable[[], T], what: str) -> T:
        assert self._process is not None
        process = self._process

        def check() -> T:
            assert process.poll() is None, f"it ended with {process.returncode}:\n{self.log}"
            return condition()

        return wait_until(check, lambda: f"{what}; log:\n{self.log}")


class DaemonTestCase(SynchronousTestCase):
    """
    Tests that share one daemon, and may start others of their own.

    The shared one is started by the first test that asks for it and ends when another class asks
    for its own, because trial has no ``setUpClass``.

    """

    _shared: ClassVar[dict[type, Daemon]] = {}

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        :param folder: Where files may be put that the settings refer to.
        :returns: The settings of the shared daemon.
        """
        return {}

    @property
    def daemon(self) -> Daemon:
        """
        The shared daemon, ready.

        """
        cls = type(self)
        if cls not in self._shared:
            _stop_shared()
            folder = Path(self.mktemp()).absolute()
            folder.mkdir(parents=True)
            daemon = Daemon(folder, self.shared_settings(folder))
            self._shared[cls] = daemon
            daemon.start()
        return self._shared[cls].wait_until_ready()

    def make_daemon(self, settings: Mapping[str, str] | None = None, **more: Any) -> Daemon:
        """
        :returns: A daemon of this test alone, not started; killed when the test is over.
        """
        daemon = Daemon(Path(self.mktemp()).absolute(), settings or {}, **more)
        self.addCleanup(daemon.kill)
        return daemon


def _stop_shared() -> None:
    while DaemonTestCase._shared:
        _, daemon = DaemonTestCase._shared.popitem()
        daemon.kill()


atexit.register(_stop_shared)
