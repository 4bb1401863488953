"""
The composition root: the only place where parts are chosen and joined.

twistd asks it for ``Options`` and ``makeService``.

"""

import random
import socket
import time
from collections.abc import Container
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
from twisted.web.resource import IResource

from motion_in_ocean.camera import (
    CameraFactory,
    CameraService,
    CameraState,
    MockCamera,
    Picamera2Camera,
    ReadinessMonitor,
)
from motion_in_ocean.frames import FrameMailbox, FrameProducer, no_signal_picture
from motion_in_ocean.management import (
    ActionRelay,
    FileRegistry,
    Fleet,
    FleetCollector,
    FleetSweep,
    FleetWatch,
    ManagementReports,
    ManagementRoutes,
    NodeClients,
    Prober,
    SnapshotRelay,
    make_outbound,
    overview_report,
)
from motion_in_ocean.node import OPEN_PATHS, NodeCollector, NodeRoutes, Reports
from motion_in_ocean.options import Options
from motion_in_ocean.service import (
    Listener,
    ReactorLag,
    ServiceSequence,
    ShutdownDeadline,
)
from motion_in_ocean.settings import (
    LoadedSettings,
    Settings,
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
from motion_in_ocean.worker import ThreadWorker, Worker

EXIT_HUNG_CAMERA = 75
"""EX_TEMPFAIL: a fresh process may do better."""

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 60.0

__all__ = ["Options", "makeService"]

_log = Logger(namespace="motion_in_ocean")


def makeService(options: Options, reactor: Any = None) -> IService:
    """
    Join the parts.

    :param reactor: What they run on; ``None`` means the global reactor, which gets a monotonic
        clock.
    """
    loaded = options.loaded
    if reactor is None:
        reactor = _monotonic_reactor()
    for warning in loaded.warnings:
        # Not as a field called warning: Twisted takes such an event for one of Python's warnings.
        _log.warn("{text}", text=warning)
    parent: Any = options.parent or {}
    pid_file = Path(parent["pidfile"]) if parent.get("pidfile") else None
    if loaded.settings.app_mode == "management":
        return make_management(
            loaded,
            reactor,
            registry=FileRegistry(
                Path(loaded.settings.node_registry_path),
                ThreadWorker("registry", reactor.callFromThread),
                reactor,
            ),
            clients=_node_clients(loaded.settings, reactor),
            pid_file=pid_file,
        )
    return make_webcam(
        loaded,
        reactor,
        make_camera=_camera_factory(loaded.settings),
        worker=ThreadWorker("camera worker", reactor.callFromThread),
        artist=ThreadWorker("placeholder", reactor.callFromThread),
        pid_file=pid_file,
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
    listener = _listener(
        loaded,
        reactor,
        credentials,
        pages,
        routes.resource(),
        open_paths=OPEN_PATHS,
        what_anyone_can="watch",
    )

    def exit_status() -> int:
        return EXIT_HUNG_CAMERA if camera.state is CameraState.CLOSING else 1

    ShutdownDeadline(exit_status, pid_file).install(core)
    return ServiceSequence([listener, lag, monitor, camera, broadcast])


def make_management(
    loaded: LoadedSettings,
    reactor: Any,
    *,
    registry: FileRegistry,
    clients: NodeClients,
    pid_file: Path | None = None,
) -> IService:
    """
    Join the parts of management mode.

    :param reactor: Provides ``IReactorCore`` and ``IReactorTime``.
    :param registry: Where the nodes are kept.
    :param clients: What nodes are asked with.
    :param pid_file: What to remove should the process have to leave in a hurry.
    :returns: The whole daemon.
    """
    settings = loaded.settings
    clock: IReactorTime = reactor
    fleet = Fleet(
        registry,
        clients.prober,
        lambda prober: FleetSweep(prober, clock),
        overview_report,
        clock,
        time.time,
    )
    watch = FleetWatch(fleet, settings.probe_interval_seconds, clock)
    credentials = Credentials.from_settings(settings)
    pages = Pages("management")
    started_at, lag = clock.seconds(), ReactorLag(clock)
    routes = ManagementRoutes(
        ManagementReports(loaded, registry, fleet, started_at, clock.seconds, time.time),
        make_registry(
            DaemonCollector(started_at, clock.seconds, lag.durations),
            FleetCollector(registry, fleet),
        ),
        registry,
        fleet,
        clients.actions,
        clients.snapshots,
        pages,
        lambda: listener.is_open_to_network,
    )
    listener = _listener(
        loaded,
        reactor,
        credentials,
        pages,
        routes.resource(),
        open_paths=(),
        what_anyone_can="manage the nodes, and see through them",
    )
    ShutdownDeadline(lambda: 1, pid_file).install(reactor)
    return ServiceSequence([listener, lag, registry, clients.connections, watch])


def _listener(
    loaded: LoadedSettings,
    reactor: Any,
    credentials: Credentials,
    pages: Pages,
    tree: IResource,
    *,
    open_paths: Container[str],
    what_anyone_can: str,
) -> Listener:
    """
    :param tree: What stands behind the door.
    :param open_paths: See ``Guard``.
    :param what_anyone_can: See ``Listener``.
    """
    settings = loaded.settings
    guard = Guard(
        tree,
        credentials=credentials,
        cross_origin=CrossOriginPolicy(settings.cors_origins),
        hosts=HostPolicy(socket.gethostname(), settings.allowed_hosts or ()),
        open_paths=open_paths,
        pages=pages,
    )
    return Listener(
        settings.endpoint,
        lambda: make_site(guard, reactor),
        reactor,
        is_protected=credentials.required,
        what_anyone_can=what_anyone_can,
    )


def _node_clients(settings: Settings, reactor: Any) -> NodeClients:
    outbound = make_outbound(reactor, settings.node_allowed_networks)
    prober = Prober(outbound, reactor, settings.probe_timeout_seconds)
    return NodeClients(
        outbound,
        prober,
        ActionRelay(outbound, reactor, settings.action_timeout_seconds),
        SnapshotRelay(outbound, reactor),
    )


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
