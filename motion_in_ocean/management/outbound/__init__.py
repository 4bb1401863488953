"""
What goes out to nodes: probes, sweeps over all of them, actions and pictures; within limits of time
and size, and to allowed addresses alone.

Only ``_outbound.py`` knows treq.

"""

from motion_in_ocean.management.outbound._authorities import node_trust
from motion_in_ocean.management.outbound._failures import internal
from motion_in_ocean.management.outbound._outbound import make_outbound
from motion_in_ocean.management.outbound._picture import Picture, PictureCutShort
from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.management.outbound._prober import ProbedNode, Prober
from motion_in_ocean.management.outbound._relay import (
    ActionRelay,
    RelayedAction,
    SnapshotRelay,
)
from motion_in_ocean.management.outbound._results import (
    Answered,
    Failed,
    InvalidResponse,
    Outcome,
    ProbeAnswer,
    ProbeResult,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from motion_in_ocean.management.outbound._sweep import FleetSweep, Probes, SweepResult

__all__ = [
    "ActionRelay",
    "Answered",
    "Busy",
    "Failed",
    "FleetSweep",
    "InvalidResponse",
    "Outcome",
    "Picture",
    "PictureCutShort",
    "ProbeAnswer",
    "ProbeResult",
    "ProbedNode",
    "Prober",
    "Probes",
    "RelayedAction",
    "SnapshotRelay",
    "SweepResult",
    "Unauthorized",
    "Unreachable",
    "Unsupported",
    "internal",
    "make_outbound",
    "node_trust",
]
