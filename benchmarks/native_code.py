"""
The parts in C, built when they are first needed.

"""

import subprocess
from pathlib import Path

from benchmarks.network import program

HERE = Path(__file__).parent
BUILD = HERE / ".build"


def built(name: str, *flags: str) -> Path:
    """
    :returns: The program or library made of ``native/NAME.c``.
    :raises FileNotFoundError: If there is no compiler.
    """
    source = HERE / "native" / f"{name}.c"
    target = BUILD / (f"{name}.so" if "-shared" in flags else name)
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    compiler = program("cc") or program("gcc")
    if compiler is None:
        raise FileNotFoundError("missing: apt install gcc libc6-dev")
    BUILD.mkdir(exist_ok=True)
    # -w: they are kept as they were when the first figures were taken with them.
    command = [compiler, "-O2", "-w", *flags, "-o", str(target), str(source), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, timeout=60)
    return target


def floor() -> Path:
    """
    One thread, epoll, and the same bytes to every socket.

    """
    return built("floor")


def video_device() -> Path:
    """
    A library that, preloaded, plays JPEG files as a V4L2 camera.

    """
    return built("v4l2shim", "-shared", "-fPIC")
