"""
A thread that plays JPEG files, as a camera's encoder thread does.

"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path


def play(folder: Path, fps: float, deliver: Callable[[bytes, float], object]) -> None:
    """
    Call ``deliver`` with each picture and its time, in a thread of its own, for ever.

    """
    pictures = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]

    def run() -> None:
        due = time.monotonic()
        number = 0
        while True:
            deliver(pictures[number % len(pictures)], time.time())
            number += 1
            due = max(due + 1 / fps, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    threading.Thread(target=run, daemon=True).start()


class NewestFrame:
    """
    The newest picture, for threads that wait for the next one.

    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame = (b"", 0.0)

    def write(self, jpeg: bytes, timestamp: float) -> None:
        with self._changed:
            self._frame = (jpeg, timestamp)
            self._changed.notify_all()

    def wait(self) -> tuple[bytes, float]:
        with self._changed:
            self._changed.wait()
            return self._frame


def arguments() -> tuple[int, Path, float]:
    """
    :returns: Port, folder and rate, from the command line.
    """
    _, port, folder, fps = sys.argv
    return int(port), Path(folder), float(fps)
