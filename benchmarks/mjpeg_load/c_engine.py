"""
The engine in C: ``native/mjpeg_load.c`` is started, and listened to.

"""

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from benchmarks import native_code
from benchmarks.mjpeg_load.audience import Audience, Target
from benchmarks.mjpeg_load.seen import Seen
from benchmarks.server import ending_with_parent

PATIENCE_SECONDS = 60.0


def program() -> Path | None:
    """
    :returns: It; ``None`` if it cannot be built here.
    """
    try:
        return native_code.built("mjpeg_load")
    except (OSError, subprocess.SubprocessError):
        return None


def watch(
    target: Target,
    audience: Audience,
    started: Callable[[], object],
    stopped: Callable[[], object],
) -> Seen:
    """
    :raises RuntimeError: If it does not come to an end, or cannot be had.
    """
    path = program()
    if path is None:
        raise RuntimeError("no C engine")
    arguments = (
        *(target.host, target.port, target.path),
        *(audience.viewers, audience.warmup_seconds, audience.seconds),
        *(audience.verifying, audience.stalled),
        *(audience.throttled, audience.throttled_bytes_per_second),
        *(audience.ramp_seconds, 1),
    )
    command = ending_with_parent(str(path), *map(str, arguments))
    seen = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        longest = audience.ramp_seconds + audience.warmup_seconds + audience.seconds
        deadline = threading.Timer(longest + PATIENCE_SECONDS, process.kill)
        deadline.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line == "START\n":
                    started()
                elif line == "STOP\n":
                    stopped()
                elif line.startswith("{"):
                    seen = Seen.from_json(json.loads(line))
        finally:
            deadline.cancel()
            process.kill()
    if seen is None:
        raise RuntimeError("the load generator failed")
    return seen
