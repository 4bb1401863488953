"""
Build the image and run it, by the engine that ``engine.sh`` has started.

"""

import functools
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define
from twisted.trial.unittest import SynchronousTestCase

from tests.integration.daemon import Reply, wait_until

PROJECT = Path(__file__).parents[2]
USER = 10001

HEALTHY_SECONDS = 60.0
"""How long a container may take to be healthy, on a machine that has much else to do."""

STOP_SECONDS = 10.0
"""After which Docker kills what does not stop."""

STOPPED = (0, 143)
"""How a daemon ends that was told to: as process 1 with 0, else by the signal that it was sent."""


def say(text: str) -> None:
    """
    Print a figure beside the name of the check.

    """
    sys.stdout.write(f" {text} ...")
    sys.stdout.flush()


class Failed(Exception):
    """
    A command did not do what it was to do. The message is what it said.

    """


def run(*command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """
    :returns: What a command prints.
    :raises Failed: If its exit status is not 0.
    """
    ended = subprocess.run(
        command,
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
        env=env,
        timeout=900,
    )
    if ended.returncode != 0:
        raise Failed(
            f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        )
    return ended.stdout.strip()


def docker(*arguments: str) -> str:
    """
    :returns: What ``docker`` prints.
    """
    return run("docker", *arguments)


def build(tag: str, **arguments: str) -> str:
    """
    Build the image of this directory.

    :param arguments: The Dockerfile's build arguments.
    :returns: The tag.
    """
    options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    docker("buildx", "build", "--network=host", *options, f"--tag={tag}", str(PROJECT))
    return tag


@functools.cache
def image(camera: str, suite: str = "bookworm") -> str:
    """
    :returns: An image with that camera software, built when it is asked for first.
    """
    begin = time.monotonic()
    tag = build(f"motion-in-ocean:{camera}-{suite}", CAMERA=camera, DEBIAN_SUITE=suite)
    say(f"built in {time.monotonic() - begin:.0f} s")
    return tag


def ask(
    port: int, path: str, method: str = "GET", payload: object = None, token: str | None = None
) -> Reply:
    """
    Ask a daemon on the loopback interface for something that ends.

    :param payload: Sent as JSON, if there is any.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if payload is not None:
        headers["Content-Type"] = "application/json"
    body = None if payload is None else json.dumps(payload)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return Reply(reply.status, reply.msg, reply.read())
    finally:
        connection.close()


def pictures(port: int, count: int) -> list[bytes]:
    """
    :returns: The next pictures of the stream, read as a browser does: by boundary and length.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/stream.mjpg")
        reply = connection.getresponse()
        assert reply.status == 200, (reply.status, reply.read())
        kind = "multipart/x-mixed-replace; boundary=frame"
        assert reply.headers["Content-Type"] == kind, reply.headers
        return [_picture(reply) for _ in range(count)]
    finally:
        connection.close()


def _picture(reply: http.client.HTTPResponse) -> bytes:
    boundary = reply.readline()
    while boundary == b"\r\n":
        boundary = reply.readline()
    assert boundary == b"--frame\r\n", boundary
    headers = http.client.parse_headers(reply)
    return reply.read(int(headers["Content-Length"]))


@define
class Container:
    """
    One that has been created.

    """

    name: str

    def inspect(self) -> dict[str, Any]:
        """
        :returns: All that the engine knows of it.
        """
        found: list[dict[str, Any]] = json.loads(docker("container", "inspect", self.name))
        return found[0]

    @property
    def health(self) -> str:
        """
        ``starting``, ``healthy`` or ``unhealthy``.

        """
        health: str = self.inspect()["State"]["Health"]["Status"]
        return health

    @property
    def health_log(self) -> str:
        """
        What the last health check has said.

        """
        log: str = self.inspect()["State"]["Health"]["Log"][-1]["Output"]
        return log

    @property
    def log(self) -> str:
        """
        What it has said so far.

        """
        return run("sh", "-c", 'exec docker logs "$1" 2>&1', "sh", self.name)

    def run(self, *command: str) -> str:
        """
        :returns: What a command prints in it.
        """
        return docker("exec", self.name, *command)

    @property
    def daemon(self) -> int:
        """
        The number of the daemon's process, as seen from inside.

        """
        found = self.run("sh", "-c", "grep -lx twistd /proc/[0-9]*/comm")
        return int(found.split("/")[2])

    def status(self) -> dict[str, str]:
        """
        :returns: What the kernel says of the daemon, which is where limits and rights are real.
        """
        text = self.run("cat", f"/proc/{self.daemon}/status")
        pairs = (line.partition(":") for line in text.splitlines())
        return {name: value.strip() for name, _, value in pairs}

    def until_health(self, health: str, seconds: float = HEALTHY_SECONDS) -> float:
        """
        Wait until the engine says that of it.

        :returns: The seconds that it took.
        """
        begin = time.monotonic()

        def reached() -> bool:
            state = self.inspect()["State"]
            assert state["Running"], f"it ended with {state['ExitCode']}:\n{self.log}"
            return bool(state["Health"]["Status"] == health)

        wait_until(reached, lambda: f"{health}: {self.health_log}\n{self.log}", seconds)
        return time.monotonic() - begin

    def stop(self) -> tuple[int, float]:
        """
        :returns: How the daemon ended, and the seconds that it took.
        """
        begin = time.monotonic()
        docker("stop", self.name)
        return self.inspect()["State"]["ExitCode"], time.monotonic() - begin


class ContainerTestCase(SynchronousTestCase):
    """
    Tells how long each test took, and needs the engine.

    """

    def setUp(self) -> None:
        """
        Look at the clock.

        """
        if "DOCKER_HOST" not in os.environ:
            self.fail("MISSING: a container engine. To run this test: sudo make test-containers")
        begin = time.monotonic()
        self.addCleanup(lambda: say(f"{time.monotonic() - begin:.1f} s"))

    def start(self, *options: str, command: tuple[str, ...] = ()) -> Container:
        """
        Run a container until the test is over.

        :param options: Those of ``docker run``, the last of which is the image.
        """
        container = Container(docker("run", "--detach", *options, *command))
        self.addCleanup(docker, "rm", "--force", "--volumes", container.name)
        return container
