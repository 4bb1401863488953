"""
What somebody could do who has taken a daemon over. Run by its unit before the daemon, so with the
same rights; needs nothing but Python.

"""

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path


def outcome(attempt: Callable[[], object]) -> str:
    """
    :returns: ``done``, or why not.
    """
    try:
        attempt()
    except OSError as error:
        return error.strerror or str(error)
    return "done"


def writes(folder: str) -> Callable[[], object]:
    """
    :returns: An attempt to leave a file behind.
    """
    return lambda: Path(folder, "left-behind").write_text("x")


def calls(name: str, *arguments: object) -> Callable[[], object]:
    """
    :returns: An attempt at a system call.
    """

    def attempt() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if getattr(libc, name)(*arguments) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return attempt


ATTEMPTS = {
    **{
        f"write {folder}": writes(folder)
        for folder in ("/etc", "/usr/lib", "/opt/motion-in-ocean/current", "/var/lib", "/", "/run")
    },
    "write state": writes(os.environ.get("STATE_DIRECTORY", "/var/lib/none")),
    "write /tmp": writes("/tmp"),
    "list /root": lambda: list(Path("/root").iterdir()),
    "list /home/pi": lambda: list(Path("/home/pi").iterdir()),
    "read settings": lambda: Path("/etc/motion-in-ocean/motion-in-ocean.env").read_text(),
    "read /dev/kmsg": lambda: os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)),
    "open a device": lambda: os.close(os.open("/dev/other", os.O_RDWR)),
    "see process 1": lambda: Path("/proc/1/status").read_text(),
    "become root": lambda: os.setuid(0),
    "new namespace": calls("unshare", 0x10000000),
    "mount": calls("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "set the clock": calls("clock_settime", 0, (ctypes.c_long * 2)(1, 0)),
    "set the host name": lambda: socket.sethostname("taken"),
    "raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "port 80": lambda: socket.create_server(("127.0.0.1", 80)).close(),
    "ordinary socket": lambda: socket.create_server(("127.0.0.1", 0)).close(),
}

if __name__ == "__main__":
    status = Path("/proc/self/status").read_text()
    found = {
        "attempts": {name: outcome(attempt) for name, attempt in ATTEMPTS.items()},
        "status": dict(line.split(":\t", 1) for line in status.splitlines()),
        "devices": [path.name for path in Path("/dev").iterdir()],
    }
    sys.stdout.write(f"FOUND {json.dumps(found)}\n")
