"""
Management mode: the registry of nodes, how they are asked how they are, and its routes.

"""

from motion_in_ocean.management._clients import NodeClients
from motion_in_ocean.management._fleet import Fleet
from motion_in_ocean.management._prometheus import FleetCollector
from motion_in_ocean.management._replies import overview_report
from motion_in_ocean.management._reports import ManagementReports
from motion_in_ocean.management._routes import ManagementRoutes
from motion_in_ocean.management._watch import FleetWatch
from motion_in_ocean.management.outbound import (
    ActionRelay,
    FleetSweep,
    Prober,
    SnapshotRelay,
    make_outbound,
    node_trust,
)
from motion_in_ocean.management.registry import FileRegistry

__all__ = [
    "ActionRelay",
    "FileRegistry",
    "Fleet",
    "FleetCollector",
    "FleetSweep",
    "FleetWatch",
    "ManagementReports",
    "ManagementRoutes",
    "NodeClients",
    "Prober",
    "SnapshotRelay",
    "make_outbound",
    "node_trust",
    "overview_report",
]
