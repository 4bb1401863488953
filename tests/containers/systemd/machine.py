"""
A machine that systemd has booted, and what the tests ask it.

"""

import functools
import json
import os
import time
from collections.abc import Mapping
from email.message import Message
from pathlib import Path

from attrs import define

from tests.containers.rig import PROJECT, ContainerTestCase, Failed, docker, say
from tests.integration.daemon import Reply, wait_until

SUITE = os.environ.get("DEBIAN_SUITE", "bookworm")

WEBCAM, MANAGEMENT = "motion-in-ocean", "motion-in-ocean-management"
PORTS = {WEBCAM: 8000, MANAGEMENT: 8001}
PREFIX = "/opt/motion-in-ocean"
SETTINGS = "/etc/motion-in-ocean"
STATE = "/var/lib/motion-in-ocean-management"

INSTALL = "/src/scripts/install-on-pi.sh"
FOR_CAMERA, FOR_MANAGEMENT = (INSTALL, "--no-camera"), (INSTALL, "--management")

SECONDS = 60.0
"""How long anything may take here, on a machine that has much else to do."""

BOOT = (
    # systemd mounts and makes control groups, and the daemon's sandbox is made of the same.
    *("--privileged", "--cgroupns=private", "--network=none"),
    # Docker lets everybody have port 80.
    "--sysctl=net.ipv4.ip_unprivileged_port_start=1024",
    *("--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec"),
    f"--volume={PROJECT}:/src:ro",
)

# Sent to the machine's own Python: there is nothing else in it that speaks HTTP.
ASK = """
import http.client, json, sys
port, path, method, payload, token = json.loads(sys.argv[1])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=50)
headers = {"Authorization": f"Bearer {token}"} if token else {}
body = json.dumps(payload) if payload is not None else None
if body is not None:
    headers["Content-Type"] = "application/json"
connection.request(method, path, body, headers)
reply = connection.getresponse()
print(reply.status, reply.read().decode(), end="")
"""


@define
class Machine:
    """
    One that runs.

    """

    name: str

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        """
        :returns: What a command of root prints in it.
        :raises Failed: If it fails.
        """
        options = [f"--env={name}={value}" for name, value in (env or {}).items()]
        return docker("exec", *options, self.name, *command)

    def shell(self, script: str) -> str:
        """
        :returns: What a script prints.
        """
        return self.run("sh", "-euc", script)

    def succeeds(self, *command: str) -> bool:
        """
        Whether a command does.

        """
        try:
            self.run(*command)
        except Failed:
            return False
        return True

    def write(self, path: str, text: str) -> None:
        """
        Make a file, and the folders on the way.

        """
        self.run("sh", "-euc", 'mkdir -p "${1%/*}"; printf %s "$2" > "$1"', "sh", path, text)

    def drop_in(self, unit: str, text: str) -> None:
        """
        Change a unit as ``systemctl edit`` does.

        """
        self.write(f"/etc/systemd/system/{unit}.d/test.conf", text)
        self.run("systemctl", "daemon-reload")

    def get(
        self,
        port: int,
        path: str,
        method: str = "GET",
        payload: object = None,
        token: str | None = None,
    ) -> Reply:
        """
        Ask a daemon in it for something that ends.

        :raises Failed: If nobody answers.
        """
        question = json.dumps([port, path, method, payload, token])
        status, _, body = self.run("python3", "-c", ASK, question).partition(" ")
        return Reply(int(status), Message(), body.encode())

    def show(self, unit: str, name: str) -> str:
        """
        :returns: A property of a unit.
        """
        return self.run("systemctl", "show", f"--property={name}", "--value", unit)

    def pid(self, unit: str) -> int:
        """
        :returns: The number of its process; 0 if there is none.
        """
        return int(self.show(f"{unit}.service", "MainPID"))

    def state(self, unit: str) -> str:
        """
        :returns: ``active``, ``inactive``, ``failed`` …
        """
        return self.show(unit, "ActiveState")

    def log(self, unit: str) -> str:
        """
        :returns: What the daemon, and systemd of it, have said.
        """
        return self.run("journalctl", "--unit", unit, "--output=cat", "--no-pager")

    def files(self, *folders: str) -> str:
        """
        :returns: All that is in these folders, when it was changed last, and what links lead to.
        """
        form = "%p %y %m %U %T@ %s %l\\n"
        return self.run("sh", "-c", f"find {' '.join(folders)} -printf '{form}' | sort")

    def until_active(self, unit: str) -> float:
        """
        Wait until it is up.

        :returns: How long that took.
        """
        begin = time.monotonic()
        wait_until(
            lambda: self.state(f"{unit}.service") == "active", lambda: self.log(unit), SECONDS
        )
        return time.monotonic() - begin

    def until_another(self, unit: str, pid: int) -> float:
        """
        Wait until a process other than that runs.

        :returns: How long that took.
        """
        begin = time.monotonic()
        wait_until(lambda: self.pid(unit) not in (0, pid), lambda: self.log(unit), SECONDS)
        self.until_active(unit)
        return time.monotonic() - begin


@functools.cache
def bare() -> str:
    """
    :returns: The image of a machine without anything of ours.
    """
    begin, tag = time.monotonic(), f"machine:{SUITE}"
    docker(
        *("buildx", "build", "--quiet", "--load", "--network=host", f"--tag={tag}"),
        *(f"--build-arg=DEBIAN_SUITE={SUITE}", f"--file={Path(__file__).parent}/Dockerfile"),
        str(PROJECT),
    )
    say(f"{SUITE} made in {time.monotonic() - begin:.0f} s")
    return tag


def boot(image: str) -> Machine:
    """
    :returns: A machine that is up, with all that starts with it.
    """
    begin = time.monotonic()
    machine = Machine(docker("run", "--detach", *BOOT, image))
    wait_until(
        lambda: machine.succeeds("systemctl", "is-system-running", "--wait"),
        lambda: machine.run("systemctl", "--failed"),
        SECONDS,
    )
    say(f"booted in {time.monotonic() - begin:.1f} s")
    return machine


@functools.cache
def installed(image: str, *commands: tuple[str, ...]) -> str:
    """
    :returns: The image of such a machine on which these were run, one after the other.
    """
    tag = f"machine:{SUITE}-{abs(hash((image, commands)))}"
    machine = boot(image)
    try:
        for command in commands:
            begin = time.monotonic()
            machine.run(*command)
            say(f"{' '.join(command[1:])} in {time.monotonic() - begin:.0f} s")
        docker("commit", "--pause=false", machine.name, tag)
    finally:
        docker("rm", "--force", machine.name)
    return tag


def both() -> str:
    """
    :returns: The image of a machine with both modes side by side.
    """
    return installed(bare(), FOR_CAMERA, FOR_MANAGEMENT)


class MachineTestCase(ContainerTestCase):
    """
    A test case that may have machines of its own.

    """

    def boot(self, image: str) -> Machine:
        """
        :returns: A machine, until the test is over.
        """
        machine = boot(image)
        self.addCleanup(docker, "rm", "--force", machine.name)
        return machine
