"""
Who is compared: how each server is called, started and found.

"""

import importlib.metadata
import importlib.util
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from benchmarks import native_code
from benchmarks.network import program

REPOSITORY = Path(__file__).parents[1]
FPS = 30


@frozen
class Job:
    """
    What a server is to do.

    """

    port: int
    frames: Path
    size: tuple[int, int]
    fps: int = FPS


@frozen
class Launch:
    """
    How a server is started.

    """

    command: Sequence[str]
    environment: Mapping[str, str] = field(factory=dict)


@frozen
class Contender:
    """
    One server, known and startable.

    """

    key: str
    """Names it on the command line and in the JSON file."""

    label: Callable[[], str]
    """Names it in tables, with its version."""

    launch: Callable[[Job], Launch]

    missing: Callable[[], str | None] = lambda: None
    """Why it cannot be run here, and what to install."""

    stream: str = "/stream.mjpg"

    health: str | None = "/health"
    """What a monitoring system would ask for."""

    ready: str | None = None
    """What answers 200 as soon as there are pictures; without it, listening is enough."""

    most_viewers: int = 100_000
    """More are not tried."""

    takes_stalled: bool = True


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "-"


def _needs(module: str) -> Callable[[], str | None]:
    return lambda: (
        None if importlib.util.find_spec(module) is not None else f"missing: pip install {module}"
    )


def _python(module: str) -> Callable[[Job], Launch]:
    def launch(job: Job) -> Launch:
        arguments = (str(job.port), str(job.frames), str(job.fps))
        return Launch((sys.executable, "-m", f"benchmarks.peers.{module}", *arguments))

    return launch


def _floor(job: Job) -> Launch:
    return Launch((str(native_code.floor()), str(job.port), str(job.frames), str(job.fps), "send"))


def _floor_missing() -> str | None:
    try:
        native_code.floor()
    except FileNotFoundError as error:
        return str(error)
    return None


def _ours(job: Job) -> Launch:
    settings = {
        "MOCK_CAMERA": "true",
        "MOCK_FRAMES": str(job.frames),
        "FPS": str(job.fps),
        "RESOLUTION": "{}x{}".format(*job.size),
        "BIND_HOST": "127.0.0.1",
        "PORT": str(job.port),
        "MAX_STREAM_CONNECTIONS": "10000",
        "LOG_LEVEL": "warn",
    }
    twistd = Path(sys.executable).parent / "twistd"
    return Launch((str(twistd), "-n", "motion-in-ocean"), settings)


def _ustreamer(job: Job) -> Launch:
    width, height = job.size
    camera = {
        "LD_PRELOAD": str(native_code.video_device()),
        "FAKE_DEV": "/dev/fakevideo",
        "FAKE_DIR": str(job.frames),
        "FAKE_W": str(width),
        "FAKE_H": str(height),
        "FAKE_FPS": str(job.fps),
    }
    path = program("ustreamer")
    assert path is not None
    options = (
        *("--device=/dev/fakevideo", "--format=MJPEG", "--encoder=HW"),
        *(f"--resolution={width}x{height}", "--tcp-nodelay", "--log-level=0"),
        *("--host=127.0.0.1", f"--port={job.port}"),
    )
    return Launch((path, *options), camera)


def _ustreamer_label() -> str:
    path = program("ustreamer")
    if path is None:
        return "ustreamer"
    run = subprocess.run(
        [path, "--version"], capture_output=True, text=True, timeout=10, check=True
    )
    return f"ustreamer {run.stdout.strip()}"


def _ustreamer_missing() -> str | None:
    return _floor_missing() if program("ustreamer") else "missing: apt install ustreamer"


FLOOR = Contender(
    "floor",
    lambda: "C floor",
    _floor,
    _floor_missing,
    stream="/",
    health=None,
    # Its sixteen buffers are soon all held by viewers that do not read.
    takes_stalled=False,
)
OURS = Contender("motion-in-ocean", lambda: "motion-in-ocean", _ours, ready="/ready")
USTREAMER = Contender(
    "ustreamer",
    _ustreamer_label,
    _ustreamer,
    _ustreamer_missing,
    stream="/stream",
    health="/state",
)
AIOHTTP = Contender(
    "aiohttp",
    lambda: f"aiohttp {_version('aiohttp')}",
    _python("aiohttp_server"),
    _needs("aiohttp"),
)
THREADS = Contender(
    "threads",
    lambda: f"ThreadingHTTPServer {platform.python_version()}",
    _python("thread_per_viewer"),
    most_viewers=1000,
)
FLASK = Contender(
    "flask",
    lambda: f"Flask {_version('flask')} threads",
    _python("flask_threads"),
    _needs("flask"),
    most_viewers=1000,
)

ALL = (FLOOR, OURS, USTREAMER, AIOHTTP, THREADS, FLASK)
