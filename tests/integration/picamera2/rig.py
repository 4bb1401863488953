"""
Run things inside the tree that ``make_root.sh`` builds, and talk to them from outside.

"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, frozen
from twisted.internet import reactor  # noqa: TID251 - a real process on the real network
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, TestCase

from tests.integration.daemon import Reply, free_port

T = TypeVar("T")

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
PYTHON = "/opt/venv/bin/python"
_DEFAULT_ROOT = Path.home() / ".cache/motion-in-ocean/picamera2-root"
ROOT = Path(os.environ.get("PICAMERA2_ROOT") or _DEFAULT_ROOT)


def why_not() -> str | None:
    """
    :returns: Why nothing can be run in the tree; ``None`` if it can.
    """
    if os.geteuid() != 0:
        return "NOT RUN ON PICAMERA2: that needs root: sudo make picamera2-root, and sudo for this"
    script = HERE / "make_root.sh"
    if subprocess.run([script, "--check", ROOT], check=False).returncode != 0:
        return f"NOT RUN ON PICAMERA2: {ROOT} is not up to date: sudo make picamera2-root"
    return None


def environment(**settings: str) -> dict[str, str]:
    """
    :returns: The environment of a command in the tree: nothing of this process's own.
    """
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "BIND": str(REPOSITORY),
        "PYTHONPATH": "/mnt",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "LIBCAMERA_LOG_LEVELS": "*:FATAL",
        **settings,
    }


def command(*arguments: str) -> list[str]:
    """
    :returns: The command that runs a command in the tree.
    """
    return [str(HERE / "in_root.sh"), str(ROOT), *arguments]


class RigTestCase(TestCase):
    """
    Skipped with a loud message where the tree cannot be used; a failure where CI is to use it.

    """

    timeout = 60

    def setUp(self) -> None:
        """
        Look for the tree.

        """
        if reason := why_not():
            if os.environ.get("CI") == "true":
                self.fail(reason)
            raise SkipTest(reason)


@frozen
class Part:
    """
    One frame of a stream, and when it came, in seconds on the monotonic clock.

    """

    came: float
    jpeg: bytes
    timestamp: float
    """When it was taken, in seconds since the epoch."""


@frozen
class End:
    """
    How a process ended: its exit status or the signal, and how long it took.

    """

    status: int | None
    signal: int | None
    seconds: float


@define(eq=False)
class _Output(ProcessProtocol):
    """
    Keeps what a process says, and when it ends.

    """

    ended: Deferred[BaseException | None]
    text: bytes = b""

    def outReceived(self, data: bytes) -> None:
        self.text += data

    def errReceived(self, data: bytes) -> None:
        self.text += data

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(reason.value)


class Daemon:
    """
    One ``twistd -n motion-in-ocean`` in the tree, on its own port of the loopback interface.

    """

    def __init__(self, test: TestCase, settings: Mapping[str, str] | None = None) -> None:
        """
        :param test: When it is over, the process is killed if it still runs.
        :param settings: The daemon's environment variables.
        """
        self.port = free_port()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(20)
        self._answers = self._control.makefile("r", encoding="utf-8")
        self._output = _Output(Deferred())
        launch = "tests.integration.picamera2.launch"
        arguments = command(PYTHON, "-m", launch, "3", "-n", "motion-in-ocean")
        with theirs:
            self._process = reactor.spawnProcess(
                self._output,
                arguments[0],
                arguments,
                env=environment(PORT=str(self.port), BIND_HOST="127.0.0.1", **(settings or {})),
                childFDs={0: "w", 1: "r", 2: "r", 3: theirs.fileno()},
            )
        test.addCleanup(self._kill)

    @property
    def log(self) -> str:
        """
        What it has said so far.

        """
        return self._output.text.decode(errors="replace")

    async def tell(self, name: str, *arguments: object) -> Any:
        """
        Switch a fault on or off, or ask; see ``launch``.

        """

        def converse() -> Any:
            self._control.sendall(json.dumps([name, *arguments]).encode() + b"\n")
            return json.loads(self._answers.readline())

        return await deferToThread(converse)

    async def get(self, path: str) -> Reply:
        """
        Ask for something that ends.

        """

        def get() -> Reply:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", path)
                reply = connection.getresponse()
                return Reply(reply.status, reply.msg, reply.read())
            finally:
                connection.close()

        return await deferToThread(get)

    async def post(self, path: str, body: object = None) -> Reply:
        """
        Ask for something to be done.

        :param body: Goes along as JSON; ``None`` for no body.
        """
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}

        def post() -> Reply:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("POST", path, content, headers)
                reply = connection.getresponse()
                return Reply(reply.status, reply.msg, reply.read())
            finally:
                connection.close()

        return await deferToThread(post)

    async def restarts(self) -> dict[str, int]:
        """
        How often the camera was opened anew, by cause.

        """
        restarts: dict[str, int] = (await self.get("/metrics")).json()["camera"]["restarts"]
        return restarts

    async def frames(self, count: int) -> list[Part]:
        """
        Watch ``/stream.mjpg`` for a while.

        """

        def watch() -> list[Part]:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/stream.mjpg")
                reply = connection.getresponse()
                assert reply.status == 200, (reply.status, reply.read())
                return [_read_part(reply) for _ in range(count)]
            finally:
                connection.close()

        return await deferToThread(watch)

    async def until(
        self, path: str, status: int, *, reason: str | None = None, seconds: float = 15
    ) -> Reply:
        """
        Ask again and again until the answer is as expected.

        :param reason: The member of that name in the answer, a JSON object.
        """
        deadline = time.monotonic() + seconds
        last: object = None
        while time.monotonic() < deadline and not self._output.ended.called:
            try:
                last = reply = await self.get(path)
            except (OSError, http.client.HTTPException) as error:
                last = error
            else:
                if reply.status == status and reply.json().get("reason") == reason:
                    return reply
            await wait(0.05)
        wanted = f"{status} {reason or ''}"
        raise AssertionError(f"{path} was to be {wanted}, is {last}; log:\n{self.log}")

    async def until_state(self, state: str, seconds: float = 15) -> None:
        """
        Wait until the camera is in a certain state.

        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError):
                if (await self.get("/metrics")).json()["camera"]["state"] == state:
                    return
            await wait(0.02)
        raise AssertionError(f"the camera was to be {state}; log:\n{self.log}")

    async def logged(self, text: str, seconds: float = 15) -> None:
        """
        Wait until the log says something.

        """
        deadline = time.monotonic() + seconds
        while text not in self.log:
            assert time.monotonic() < deadline, f"{text!r} was to be logged:\n{self.log}"
            await wait(0.02)

    async def terminate(self) -> End:
        """
        Send SIGTERM and wait for the end.

        """
        self._process.signalProcess(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> End:
        """
        Wait until it has ended.

        """
        begin = time.monotonic()
        error = await _copy(self._output.ended)
        seconds = time.monotonic() - begin
        assert isinstance(error, ProcessDone | ProcessTerminated)
        return End(error.exitCode, error.signal, seconds)

    async def _kill(self) -> None:
        if not self._output.ended.called:
            self._process.signalProcess(signal.SIGKILL)
            await _copy(self._output.ended)
        self._answers.close()
        self._control.close()


class StreamWatch:
    """
    Watch ``/stream.mjpg`` in a thread, on one connection that is never made anew.

    """

    def __init__(self, port: int) -> None:
        self._changed = threading.Condition()
        self._newest = 0.0
        self._problem: BaseException | None = None
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._connection.request("GET", "/stream.mjpg")
        # The reply has it from now on.
        self._socket = self._connection.sock
        self._reply = self._connection.getresponse()
        assert self._reply.status == 200, self._reply.status
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                part = _read_part(self._reply)
                with self._changed:
                    self._newest = part.timestamp
                    self._changed.notify_all()
        except BaseException as error:
            with self._changed:
                self._problem = error
                self._changed.notify_all()

    def wait_for_picture_after(self, timestamp: float) -> None:
        """
        Wait until a picture has come that was taken later than that, in seconds since the epoch.

        """
        with self._changed:
            came = self._changed.wait_for(
                lambda: self._newest > timestamp or self._problem is not None, timeout=15
            )
            assert came, "no live picture has come"
            assert self._problem is None, self._problem

    def end(self) -> None:
        """
        Close the connection.

        """
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._reply.close()
        self._connection.close()


class CameraLocks:
    """
    A place where daemons in the tree see that another has the camera.

    """

    def __init__(self, test: TestCase) -> None:
        directory = Path(tempfile.mkdtemp(prefix="camera-locks-", dir=ROOT / "tmp"))
        test.addCleanup(shutil.rmtree, directory)
        self.settings = {"VIRTUAL_CAMERA_LOCKS": f"/tmp/{directory.name}"}
        """For the daemons that shall see each other."""


async def wait(seconds: float) -> None:
    """
    Let time pass.

    """
    await deferLater(reactor, seconds)


def _read_part(reply: http.client.HTTPResponse) -> Part:
    while not (line := reply.readline()).lower().startswith(b"content-length:"):
        assert line, "the stream has ended"
    length, timestamp = int(line.split(b":")[1]), 0.0
    while (line := reply.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"x-timestamp":
            timestamp = float(value)
    return Part(time.monotonic(), reply.read(length), timestamp)


def _copy(source: Deferred[T]) -> Deferred[T]:
    """
    :returns: Fires with the same result, which may be waited for more than once.
    """
    copy: Deferred[T] = Deferred()

    def pass_on(result: T) -> T:
        copy.callback(result)
        return result

    source.addCallback(pass_on)
    return copy
