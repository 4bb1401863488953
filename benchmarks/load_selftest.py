"""
The load generator against a scripted server, in every framing and with faults, on both engines.

  python -m benchmarks.load_selftest

"""

import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from benchmarks import frames
from benchmarks.contenders import REPOSITORY

AWKWARD = 10_007
"""Bytes sent at once: no border of any frame falls together with it."""


@frozen
class Script:
    """
    How the server speaks, and what it does wrong.

    """

    engine: str
    chunked: bool
    has_length: bool
    boundary: bytes = b"frame"
    fault: str = ""


def scripts() -> Iterator[Script]:
    for engine, chunked, has_length in itertools.product(("c", "py"), (False, True), (False, True)):
        for boundary in (b"frame", b'"--x-y"', b"--dash"):
            yield Script(engine, chunked, has_length, boundary)
        for fault in ("corrupt", "truncate"):
            yield Script(engine, chunked, has_length, fault=fault)


def part(script: Script, number: int, jpeg: bytes) -> bytes:
    if number % 5 == 4 and script.fault == "corrupt":
        jpeg = jpeg[:5000] + b"X" + jpeg[5001:]
    if number % 5 == 4 and script.fault == "truncate":
        jpeg = jpeg[:-2] + b"zz"
    name = script.boundary.strip(b'"')
    delimiter = name if name.startswith(b"--") else b"--" + name
    length = b"Content-Length: %d\r\n" % len(jpeg) if script.has_length else b""
    head = b"\r\nContent-Type: image/jpeg\r\nX-Timestamp: %.6f\r\n" % time.time()
    return delimiter + head + length + b"\r\n" + jpeg + b"\r\n"


def serve(connection: socket.socket, script: Script, jpegs: list[bytes]) -> None:
    connection.recv(4096)
    chunked = b"Transfer-Encoding: chunked\r\n" if script.chunked else b""
    try:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="
            + (script.boundary + b"\r\n" + chunked + b"\r\n")
        )
        for number in itertools.count():
            data = part(script, number, jpegs[number % len(jpegs)])
            for at in range(0, len(data), AWKWARD):
                piece = data[at : at + AWKWARD]
                framed = b"%x\r\n%s\r\n" % (len(piece), piece) if script.chunked else piece
                connection.sendall(framed)
            time.sleep(0.02)
    except OSError:
        return


def accept(listener: socket.socket, script: Script, jpegs: list[bytes]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(connection, script, jpegs), daemon=True).start()


def is_right(script: Script, said: dict[str, Any]) -> bool:
    """
    :returns: Whether the generator saw what the script sent.
    """
    if not said or said["frames"] <= 90 or said["dead"]:
        return False
    if (said["chunked"], said["has_content_length"]) != (script.chunked, script.has_length):
        return False
    rate = said["frames"] / 3 / said["window_s"]
    if abs(said["fps"]["p50"] - rate) >= 2:
        return False
    # The Python engine keeps the first twenty pictures only.
    looked_at: int = min(said["verified"], 20) if script.engine == "py" else said["verified"]
    if script.fault == "truncate":
        return bool(said["bad"] > 5)
    known: int = said["verified_known"]
    return known < looked_at if script.fault else (known, said["bad"]) == (looked_at, 0)


def passes(script: Script, folder: Path, jpegs: list[bytes]) -> bool:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        threading.Thread(target=accept, args=(listener, script, jpegs), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command = [
            *(sys.executable, "-m", "benchmarks.mjpeg_load", "--url", url, "--clients", "3"),
            *("--warmup", "0.2", "--seconds", "1", "--frames", str(folder)),
            *("--engine", script.engine, "--json"),
        ]
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, cwd=REPOSITORY
        )
    said = json.loads(run.stdout) if run.stdout.startswith("{") else {}
    right = is_right(script, said)
    if not right:
        print("FAILED", script, {**said, "hashes": "…"}, run.stderr[-500:])
    return right


def main() -> int:
    """
    :returns: How many scripts the generator misread.
    """
    folder = frames.folder((640, 480))
    jpegs = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))[:20]]
    failed = sum(not passes(script, folder, jpegs) for script in scripts())
    print(
        "The load generator", f"misread {failed} scripts" if failed else "reads all scripts right"
    )
    return failed


if __name__ == "__main__":
    sys.exit(main() > 0)
