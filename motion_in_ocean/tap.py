"""
The composition root: the only place where parts are chosen and joined.

"""

import os
import random
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from twisted.application.internet import backoffPolicy
from twisted.application.service import IService
from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFromThreads,
    IReactorTime,
)
from twisted.logger import ILogObserver, Logger
from twisted.python import usage
from twisted.python.logfile import LogFile

from motion_in_ocean import __version__
from motion_in_ocean.camera import (
    CameraFactory,
    CameraService,
    CameraState,
    MockCamera,
    Picamera2Camera,
    ReadinessMonitor,
    ThreadWorker,
    Worker,
)
from motion_in_ocean.frames import FrameMailbox, FrameProducer, no_signal_picture
from motion_in_ocean.node import OPEN_PATHS, NodeCollector, NodeRoutes, Reports
from motion_in_ocean.service import (
    Listener,
    ReactorLag,
    ServiceSequence,
    ShutdownDeadline,
    make_observer,
)
from motion_in_ocean.settings import (
    ConfigFileUnusable,
    LoadedSettings,
    Settings,
    load_settings,
    setting_of,
    to_yaml,
)
from motion_in_ocean.streaming import Broadcast
from motion_in_ocean.web import (
    Credentials,
    CrossOriginPolicy,
    DaemonCollector,
    Guard,
    HostPolicy,
    Pages,
    make_registry,
    make_site,
)

EXIT_HUNG_CAMERA = 75
"""EX_TEMPFAIL: a fresh process may do better."""

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 60.0

_log = Logger(namespace="motion_in_ocean")


def _option(field: str) -> str:
    return field.replace("_", "-")


def _fields() -> list[str]:
    return [
        field
        for field in Settings.model_fields
        if field != "locked" and not setting_of(field).credential
    ]


def _is_flag(field: str) -> bool:
    return Settings.model_fields[field].default is False


class Options(usage.Options):
    """
    The command line: one option for each setting that is no credential.

    """

    longdesc = (
        "Every option is also an environment variable: --max-frame-age-seconds is "
        "MAX_FRAME_AGE_SECONDS. Credentials are only taken from there or from the settings file."
    )
    optParameters: ClassVar = [
        ["config", "c", None, "a YAML file of settings, under the environment (CONFIG_FILE)"],
        *(
            [_option(field), None, None, setting_of(field).help]
            for field in _fields()
            if not _is_flag(field)
        ),
    ]
    optFlags: ClassVar = [
        ["show-config", None, "print the effective settings and where each comes from, and exit"],
        *([_option(field), None, setting_of(field).help] for field in _fields() if _is_flag(field)),
    ]

    log_observer: ClassVar[Callable[[], ILogObserver]]
    """What twistd makes its log observer with. Here, because twistd wants the name of it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__()
        self._environ = environ

    def postOptions(self) -> None:
        """
        Load the settings, and have twistd log as they say.

        :raises SystemExit: If the settings file cannot be used, or when all has been shown.
        """
        try:
            self.loaded: LoadedSettings = load_settings(
                self._given(), self._environ, self["config"]
            )
        except ConfigFileUnusable as error:
            raise SystemExit(f"motion-in-ocean: {error}") from None
        if self["show-config"]:
            sys.stderr.writelines(f"{warning}\n" for warning in self.loaded.warnings)
            sys.stdout.write(to_yaml(self.loaded))
            raise SystemExit(0)
        self._adjust_twistd(self.parent if self.parent is not None else {})

    def _given(self) -> Mapping[str, str]:
        values = {field: self[_option(field)] for field in _fields()}
        # A flag is 0 or 1. An empty value is a value: --cors-origins= means that there are none.
        return {
            field.upper(): "true" if _is_flag(field) else value
            for field, value in values.items()
            if value not in (None, 0)
        }

    def _adjust_twistd(self, twistd: Any) -> None:
        if twistd.get("pidfile") == "twistd.pid":
            # A file left behind by a crash could keep a container from ever starting again.
            twistd["pidfile"] = ""
        if not (twistd.get("logger") or twistd.get("syslog")):
            Options.log_observer = lambda: self._make_observer(twistd)
            twistd["logger"] = f"{__name__}.Options.log_observer"

    def _make_observer(self, twistd: Any) -> ILogObserver:
        settings = self.loaded.settings
        path = twistd.get("logfile") or ("-" if twistd.get("nodaemon") else "twistd.log")
        output = sys.stdout if path == "-" else LogFile.fromFullPath(path)
        return make_observer(settings.log_format, settings.log_level, output)

    def opt_version(self) -> None:
        """
        Display the version and exit.

        """
        sys.stdout.write(f"motion-in-ocean {__version__}\n")
        raise SystemExit(0)


def makeService(options: Options, reactor: Any = None) -> IService:
    """
    Join the parts.

    :param reactor: What they run on; ``None`` means the global reactor, which gets a monotonic
        clock.
    """
    loaded = options.loaded
    if loaded.settings.app_mode == "management":
        raise SystemExit("motion-in-ocean: this version has no management mode yet")
    if reactor is None:
        reactor = _monotonic_reactor()
    for warning in loaded.warnings:
        # Not as a field called warning: Twisted takes such an event for one of Python's warnings.
        _log.warn("{text}", text=warning)
    parent: Any = options.parent or {}
    return make_webcam(
        loaded,
        reactor,
        make_camera=_camera_factory(loaded.settings),
        worker=ThreadWorker("camera worker", reactor.callFromThread),
        artist=ThreadWorker("placeholder", reactor.callFromThread),
        pid_file=Path(parent["pidfile"]) if parent.get("pidfile") else None,
    )


def _monotonic_reactor() -> Any:
    """
    The global reactor, with timers that do not jump.

    By itself it uses the wall clock, and a Raspberry Pi without a clock battery sets that forward
    by years soon after it has started.

    """
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

    reactor.seconds = time.monotonic  # type: ignore[method-assign]
    return reactor


def make_webcam(
    loaded: LoadedSettings,
    reactor: Any,
    *,
    make_camera: CameraFactory,
    worker: Worker,
    artist: Worker,
    pid_file: Path | None = None,
) -> IService:
    """
    Join the parts of webcam mode.

    :param reactor: Provides ``IReactorCore``, ``IReactorTime`` and ``IReactorFromThreads``.
    :param make_camera: Where the frames come from.
    :param worker: Opens and closes it.
    :param artist: Draws what viewers see while there is nothing to see.
    :param pid_file: What to remove should the process have to leave in a hurry.
    :returns: The whole daemon.
    """
    settings = loaded.settings
    core: IReactorCore = reactor
    threads: IReactorFromThreads = reactor
    clock: IReactorTime = reactor

    producer = FrameProducer(clock.seconds)
    mailbox = FrameMailbox(threads.callFromThread, producer.publish, clock.seconds, time.time)
    camera = CameraService(
        make_camera,
        mailbox.put,
        worker,
        clock,
        _retry_delay,
    )
    monitor = ReadinessMonitor(camera, producer, settings.max_frame_age_seconds, clock)
    broadcast = Broadcast(
        producer,
        monitor.require_ready,
        lambda last: artist.run(lambda: no_signal_picture(last)),
        settings.max_stream_connections,
        clock,
    )
    credentials = Credentials.from_settings(settings)
    pages = Pages()
    started_at, lag = clock.seconds(), ReactorLag(clock)
    routes = NodeRoutes(
        Reports(
            loaded,
            camera,
            producer,
            monitor,
            broadcast,
            started_at,
            clock.seconds,
            time.time,
        ),
        make_registry(
            DaemonCollector(started_at, clock.seconds, lag.durations),
            NodeCollector(camera, producer, monitor, broadcast),
        ),
        producer,
        broadcast,
        monitor.require_ready,
        pages,
        lambda: listener.is_open_to_network,
    )
    guard = Guard(
        routes.resource(),
        credentials=credentials,
        cross_origin=CrossOriginPolicy(settings.cors_origins),
        hosts=HostPolicy(socket.gethostname(), settings.allowed_hosts or ()),
        open_paths=OPEN_PATHS,
        pages=pages,
    )
    listener = Listener(
        settings.endpoint,
        lambda: make_site(guard, clock),
        core,
        is_protected=credentials.required,
    )

    def exit_status() -> int:
        return EXIT_HUNG_CAMERA if camera.state is CameraState.CLOSING else 1

    ShutdownDeadline(exit_status, pid_file).install(core)
    return ServiceSequence([listener, lag, monitor, camera, broadcast])


def _camera_factory(settings: Settings) -> CameraFactory:
    if settings.mock_camera:
        frames = Path(settings.mock_frames) if settings.mock_frames else None
        return lambda: MockCamera(
            resolution=settings.resolution,
            fps=settings.fps,
            jpeg_quality=settings.jpeg_quality,
            frames_folder=frames,
        )
    return lambda: Picamera2Camera(
        resolution=settings.resolution, fps=settings.fps, jpeg_quality=settings.jpeg_quality
    )


_retry_delay = backoffPolicy(
    initialDelay=FIRST_RETRY_SECONDS / 2,
    maxDelay=LONGEST_RETRY_SECONDS,
    factor=2.0,
    jitter=lambda: random.uniform(0, 0.25),  # noqa: S311 - no secret
)
