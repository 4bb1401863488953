"""
The load generator against a scripted server, in every framing and with faults, on both engines.

  python -m benchmarks.load_selftest

"""

import itertools
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve, frozen

from benchmarks import frames
from benchmarks.mjpeg_load import Audience, Run, Target, run

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


def is_right(script: Script, run: Run) -> bool:
    """
    :returns: Whether the generator saw what the script sent.
    """
    seen = run.seen
    if seen.frames <= 90 or seen.dead:
        return False
    if (seen.chunked, seen.has_content_length) != (script.chunked, script.has_length):
        return False
    rate = seen.frames / 3 / seen.window_s
    if abs(seen.fps.p50 - rate) >= 2:
        return False
    if script.fault == "truncate":
        return seen.bad > 5
    if script.fault == "corrupt":
        return run.known is not None and run.known < len(seen.hashes)
    return (run.known, seen.bad) == (len(seen.hashes), 0)


def passes(script: Script, folder: Path, jpegs: list[bytes]) -> bool:
    audience = Audience(viewers=3, seconds=1.0, warmup_seconds=0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        threading.Thread(target=accept, args=(listener, script, jpegs), daemon=True).start()
        target = Target("127.0.0.1", listener.getsockname()[1], "/", pictures=folder)
        done = run(target, audience, script.engine)
    right = is_right(script, done)
    if not right:
        print("FAILED", script, evolve(done, seen=evolve(done.seen, hashes=())))
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
