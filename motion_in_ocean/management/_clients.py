"""
What nodes are asked with, as those see it who ask.

"""

from typing import Protocol

from attrs import frozen
from twisted.application.service import IService
from twisted.internet.defer import Deferred

from motion_in_ocean.management.outbound import Busy, Failed, Picture, Probes, RelayedAction
from motion_in_ocean.management.registry import Node


class Actions(Protocol):
    """
    ``ActionRelay``, or what a test takes for it.

    """

    def send(
        self, node: Node, action: str, body: bytes
    ) -> Deferred[RelayedAction | Failed | Busy]: ...


class Snapshots(Protocol):
    """
    ``SnapshotRelay``, or what a test takes for it.

    """

    def fetch(self, node: Node) -> Deferred[Picture | Busy | Failed]: ...


@frozen
class NodeClients:
    """
    Everything that goes out to nodes.

    """

    connections: IService
    """What all of it shares; started before it is used, stopped when nobody needs it any more."""

    prober: Probes
    actions: Actions
    snapshots: Snapshots
