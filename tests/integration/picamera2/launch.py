"""
Run ``twistd`` on the virtual cameras, with a hand on their faults. Runs inside the tree.

::

    python -m tests.integration.picamera2.launch DESCRIPTOR -n motion-in-ocean ...

DESCRIPTOR is the number of a connected socket. Commands come in on it, one a line: a JSON array of
a name and its arguments, such as ``["stall"]`` or ``["set", "busy", true]``. Each is answered by a
line of JSON once it has been carried out. ``["start"]`` starts ``twistd``; what comes before it is
so from the start.

"""

import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run

from motion_in_ocean import tap
from tests.integration.picamera2.virtual_camera import sim


def _resources() -> dict[str, int]:
    """
    :returns: What a process can leak.
    """
    gc.collect()  # Picamera2's selectors go with their reference cycles
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "threads": len(list(Path("/proc/self/task").iterdir())),
        "rss": pages * os.sysconf("SC_PAGESIZE"),
    }


def _short_retries(seconds: float) -> None:
    """
    Let no attempt wait longer, for runs in which faults come closer together than in life.

    """
    tap.LONGEST_RETRY_SECONDS = seconds


_COMMANDS: dict[str, Callable[..., Any]] = {
    "controls": lambda: sim.controls,
    "encoder_fails": lambda fails: sim.set(
        encoder_error=OSError(2, "no encoder") if fails else None
    ),
    "hold_capture": sim.hold_capture,
    "kill_loop": sim.kill_loop,
    "no_camera": sim.no_camera,
    "output_raises": lambda does: sim.set(output_error=OSError(28, "no space") if does else None),
    "reset": sim.reset,
    "resources": _resources,
    "resume": sim.resume,
    "set": lambda name, value: sim.set(**{name: value}),
    "short_retries": _short_retries,
    "stall": sim.stall,
    "start": lambda: None,
}


def _obey(commands: Iterable[str], control: socket.socket, *, until: str | None = None) -> None:
    """
    Carry out commands until the other side has gone, or until a certain one.

    """
    for command in commands:
        name, *arguments = json.loads(command)
        result = _COMMANDS[name](*arguments)
        control.sendall(json.dumps(result).encode() + b"\n")
        if name == until:
            return


def main() -> None:
    """
    Take commands until ``start``, then go on taking them beside the daemon.

    """
    control = socket.socket(fileno=int(sys.argv[1]))
    commands = control.makefile("r", encoding="utf-8")
    _obey(commands, control, until="start")
    threading.Thread(target=_obey, args=(commands, control), name="control", daemon=True).start()
    sys.argv = ["twistd", *sys.argv[2:]]
    run()


if __name__ == "__main__":
    main()
