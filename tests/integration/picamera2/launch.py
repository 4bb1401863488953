"""
Run ``twistd`` on the virtual cameras, with a hand on their faults. Runs inside the tree.

::

    python -m tests.integration.picamera2.launch DESCRIPTOR -n motion-in-ocean ...

DESCRIPTOR is the number of a connected socket. Commands come in on it, one a line: a JSON array of
a name and its arguments, such as ``["stall"]`` or ``["set", "busy", true]``. Each is answered by a
line of JSON once it has been carried out. ``["start"]`` starts ``twistd``; what comes before it is
so from the start.

"""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run

from tests.integration.picamera2.virtual_camera import sim

_COMMANDS: dict[str, Callable[..., Any]] = {
    "controls": lambda: sim.controls,
    "descriptors": lambda: len(list(Path("/proc/self/fd").iterdir())),
    "no_camera": sim.no_camera,
    "reset": sim.reset,
    "resume": sim.resume,
    "set": lambda name, value: sim.set(**{name: value}),
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
