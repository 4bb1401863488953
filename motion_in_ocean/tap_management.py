"""
The composition root's part for management mode.

"""

import math
import time
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.interfaces import IReactorTime

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
    node_trust,
    overview_report,
)
from motion_in_ocean.service import (
    ReactorLag,
    ServiceSequence,
    ShutdownDeadline,
    Supervision,
    SystemdNotifier,
    descriptor_limit,
)
from motion_in_ocean.settings import LoadedSettings, Settings
from motion_in_ocean.web import Connections, DaemonCollector, Pages, make_door, make_registry


def make_management(
    loaded: LoadedSettings,
    reactor: Any,
    *,
    registry: FileRegistry,
    clients: NodeClients,
    pid_file: Path | None = None,
    supervision: Supervision = Supervision(),  # noqa: B008 - it never changes
) -> IService:
    """
    Join the parts of management mode.

    :param reactor: Provides ``IReactorCore`` and ``IReactorTime``.
    :param registry: Where the nodes are kept.
    :param clients: What nodes are asked with.
    :param pid_file: What to remove should the process have to leave in a hurry.
    :param supervision: What systemd wants to be told, if it is there.
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
    pages = Pages("management")
    started_at, lag = clock.seconds(), ReactorLag(clock)
    connections = Connections.within(descriptor_limit(), clock.seconds)
    reports = ManagementReports(loaded, registry, fleet, started_at, clock.seconds, time.time)
    routes = ManagementRoutes(
        reports,
        make_registry(
            DaemonCollector(started_at, clock.seconds, lag.durations, connections),
            FleetCollector(registry, fleet),
        ),
        registry,
        fleet,
        clients.actions,
        clients.snapshots,
        pages,
        lambda: listener.is_open_to_network,
    )
    listener = make_door(
        settings,
        reactor,
        routes.resource(),
        pages,
        connections,
        open_paths=(),
        what_anyone_can="manage the nodes, and see through them",
    )
    # Whatever becomes of the registry heals without a restart.
    notifier = SystemdNotifier(supervision, reports.status_line, lambda: True, math.inf, clock)
    ShutdownDeadline(lambda: 1, pid_file).install(reactor)
    return ServiceSequence([listener, lag, registry, clients.connections, watch, notifier])


def node_clients(settings: Settings, reactor: Any) -> NodeClients:
    """
    :param reactor: Provides ``IReactorTCP``, ``IReactorTime`` and ``IReactorFromThreads``.
    """
    outbound = make_outbound(
        reactor, settings.node_allowed_networks, trust=node_trust(settings.node_tls_ca_file)
    )
    prober = Prober(outbound, reactor, settings.probe_timeout_seconds)
    return NodeClients(
        outbound,
        prober,
        ActionRelay(outbound, reactor, settings.action_timeout_seconds),
        SnapshotRelay(outbound, reactor),
    )
