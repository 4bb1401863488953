"""
The composition root: the only place where parts are chosen and joined.

twistd asks it for ``Options`` and ``makeService``.

"""

import atexit
import os
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twisted.application.internet import backoffPolicy
from twisted.application.service import IService
from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFromThreads,
    IReactorTime,
)
from twisted.logger import Logger

from motion_in_ocean.camera import (
    Camera,
    CameraService,
    CameraState,
    IdleRate,
    MockCamera,
    Picamera2Camera,
    ReadinessMonitor,
    RememberedControls,
)
from motion_in_ocean.controls import ControlValue
from motion_in_ocean.frames import FrameMailbox, FrameProducer, no_signal_picture
from motion_in_ocean.management import FileRegistry
from motion_in_ocean.node import OPEN_PATHS, Actions, NodeCollector, NodeRoutes, Reports
from motion_in_ocean.options import Options
from motion_in_ocean.service import (
    Departure,
    ReactorLag,
    ServiceSequence,
    ShutdownDeadline,
    Supervision,
    SystemdNotifier,
    descriptor_limit,
    listening_on,
    passed_descriptors,
    raise_descriptor_limit,
)
from motion_in_ocean.settings import (
    LoadedSettings,
    Settings,
)
from motion_in_ocean.streaming import Broadcast
from motion_in_ocean.tap_management import make_management, node_clients
from motion_in_ocean.web import Connections, DaemonCollector, Pages, make_door, make_registry
from motion_in_ocean.worker import ThreadWorker, Worker

EXIT_HUNG_CAMERA = 75
"""EX_TEMPFAIL: a fresh process may do better."""

SHORTEST_WATCHDOG_GRACE_SECONDS = 60.0
"""The camera has at least so long to come back by itself before systemd hears of it."""

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 60.0

__all__ = ["Options", "makeService"]

_log = Logger(namespace="motion_in_ocean")


def makeService(options: Options, reactor: Any = None) -> IService:
    """
    Join the parts.

    :param reactor: What they run on; ``None`` means the global reactor, which gets a monotonic
        clock, in a process of our own, which gets as many files as it may have and listens on the
        socket that it was passed, if any.
    """
    loaded = options.loaded
    if reactor is None:
        reactor = _monotonic_reactor()
        raise_descriptor_limit()
        loaded = listening_on(passed_descriptors(reactor), loaded)
    for warning in loaded.warnings:
        # Not as a field called warning: Twisted takes such an event for one of Python's warnings.
        _log.warn("{text}", text=warning)
    parent: Any = options.parent or {}
    pid_file = Path(parent["pidfile"]) if parent.get("pidfile") else None
    supervision = Supervision.from_environ(options.environ, os.getpid())
    if loaded.settings.app_mode == "management":
        return make_management(
            loaded,
            reactor,
            registry=FileRegistry(
                Path(loaded.settings.node_registry_path),
                ThreadWorker("registry", reactor.callFromThread),
                reactor,
            ),
            clients=node_clients(loaded.settings, reactor),
            pid_file=pid_file,
            supervision=supervision,
        )
    return make_webcam(
        loaded,
        reactor,
        make_camera=_camera_factory(loaded.settings),
        worker=ThreadWorker("camera worker", reactor.callFromThread),
        artist=ThreadWorker("placeholder", reactor.callFromThread),
        pid_file=pid_file,
        supervision=supervision,
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
    make_camera: Callable[[Mapping[str, ControlValue]], Camera],
    worker: Worker,
    artist: Worker,
    pid_file: Path | None = None,
    supervision: Supervision = Supervision(),  # noqa: B008 - it never changes
    at_exit: Callable[[Callable[[], None]], object] = atexit.register,
) -> IService:
    """
    Join the parts of webcam mode.

    :param reactor: Provides ``IReactorCore``, ``IReactorTime`` and ``IReactorFromThreads``.
    :param make_camera: Where the frames come from; starts with the controls that it is given.
    :param worker: Opens and closes it.
    :param artist: Draws what viewers see while there is nothing to see.
    :param pid_file: What to remove should the process have to leave in a hurry.
    :param supervision: What systemd wants to be told, if it is there.
    :param at_exit: Has something called at the interpreter's end.
    :returns: The whole daemon.
    """
    settings = loaded.settings
    core: IReactorCore = reactor
    threads: IReactorFromThreads = reactor
    clock: IReactorTime = reactor

    def camera_hung(why: str) -> None:
        if settings.exit_on_hung_camera:
            departure.leave(EXIT_HUNG_CAMERA, why)
        else:
            _log.critical(
                "{why}. There will be no picture before the daemon is restarted, and it stays "
                "because EXIT_ON_HUNG_CAMERA is false",
                why=why,
            )

    producer = FrameProducer(clock.seconds)
    mailbox = FrameMailbox(threads.callFromThread, producer.publish, clock.seconds, time.time)
    controls = RememberedControls(settings.controls)
    camera = CameraService(
        lambda: make_camera(controls.values),
        mailbox.put,
        producer,
        worker,
        clock,
        max_frame_age=settings.max_frame_age_seconds,
        delay_before_attempt=_retry_delay,
        hung=camera_hung,
    )
    monitor = ReadinessMonitor(camera, producer, settings.max_frame_age_seconds, clock)
    idle = IdleRate(camera, lambda: broadcast.viewer_count, settings.usable_idle_fps, clock)
    broadcast = Broadcast(
        producer,
        monitor.require_ready,
        lambda last: artist.run(lambda: no_signal_picture(last)),
        settings.max_stream_connections,
        clock,
        first_viewer_came=idle.viewer_came,
    )
    pages = Pages()
    started_at, lag = clock.seconds(), ReactorLag(clock)
    connections = Connections.within(descriptor_limit(), clock.seconds)
    reports = Reports(
        loaded, camera, producer, monitor, broadcast, started_at, clock.seconds, time.time
    )
    routes = NodeRoutes(
        reports,
        make_registry(
            DaemonCollector(started_at, clock.seconds, lag.durations, connections),
            NodeCollector(camera, producer, monitor, broadcast),
        ),
        Actions(camera, controls),
        producer,
        broadcast,
        monitor.require_ready,
        pages,
        lambda: listener.is_open_to_network,
    )
    listener = make_door(
        settings,
        reactor,
        routes.resource(),
        pages,
        connections,
        open_paths=OPEN_PATHS,
        what_anyone_can="watch",
    )

    notifier = SystemdNotifier(
        supervision,
        reports.status_line,
        lambda: monitor.current().ready or not settings.watchdog_needs_frames,
        max(SHORTEST_WATCHDOG_GRACE_SECONDS, 3 * settings.max_frame_age_seconds),
        clock,
    )
    departure = Departure(core, listener.stopService, at_exit)

    def exit_status() -> int:
        hung = camera.is_hung or camera.state is CameraState.CLOSING
        return departure.status or (EXIT_HUNG_CAMERA if hung else 1)

    ShutdownDeadline(exit_status, pid_file).install(core)
    return ServiceSequence([listener, lag, monitor, camera, idle, broadcast, notifier])


def _camera_factory(settings: Settings) -> Callable[[Mapping[str, ControlValue]], Camera]:
    if settings.mock_camera:
        frames = Path(settings.mock_frames) if settings.mock_frames else None
        return lambda controls: MockCamera(
            resolution=settings.resolution,
            fps=settings.fps,
            jpeg_quality=settings.jpeg_quality,
            frames_folder=frames,
            rotation=settings.rotation,
            hflip=settings.hflip,
            vflip=settings.vflip,
            controls=controls,
        )
    return lambda controls: Picamera2Camera(
        resolution=settings.resolution,
        fps=settings.fps,
        jpeg_quality=settings.jpeg_quality,
        camera_index=settings.camera_index,
        camera_id=settings.camera_id,
        rotation=settings.rotation,
        hflip=settings.hflip,
        vflip=settings.vflip,
        use_hardware=settings.encoder == "hardware",
        controls=controls,
    )


def _retry_delay(troubles: int) -> float:
    delay: float = backoffPolicy(
        initialDelay=FIRST_RETRY_SECONDS / 2,
        maxDelay=LONGEST_RETRY_SECONDS,
        factor=2.0,
        jitter=lambda: random.uniform(0, 0.25),  # noqa: S311 - no secret
    )(troubles)
    return delay
