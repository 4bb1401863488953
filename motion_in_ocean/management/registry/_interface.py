"""
Where the nodes are kept, as those see it who need them.

"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen
from twisted.internet.defer import Deferred

from motion_in_ocean.management.registry._node import Node


@frozen
class StoredNode:
    """
    A node, and the change of the registry that made it what it is.

    """

    node: Node
    revision: int
    """
    Counts the operators' changes to the whole registry, so that no two ever share one; being
    seen is no change.
    """


class NodeRegistry(Protocol):
    """
    All nodes, in the order in which they were created.

    Use in the reactor thread only. A change is durable when its Deferred fires; one that fails
    has changed nothing. Every verb fails with ``RegistryUnavailable`` where the nodes cannot be
    read, and those that change something also where they cannot be written.

    """

    @property
    def problem(self) -> str | None:
        """
        Why the nodes cannot be read or written now, and what would help; ``None`` while all is
        well.

        """
        ...

    @property
    def notices(self) -> Sequence[str]:
        """
        What the operator should know of how the nodes were read, such as those that were refused.

        """
        ...

    def list_nodes(self) -> Deferred[Sequence[StoredNode]]:
        """
        :returns: All of them.
        """
        ...

    def get(self, node_id: str) -> Deferred[StoredNode]:
        """
        :returns: That node; fails with ``NodeNotFound``.
        """
        ...

    def create(self, node: Node) -> Deferred[StoredNode]:
        """
        :returns: The node as it is kept; fails with ``NodeInvalid`` if another has its id.
        """
        ...

    def replace(self, node_id: str, node: Node, expected_revision: int) -> Deferred[StoredNode]:
        """
        :param node: Takes the other's place in the order, and may have another id.
        :returns: The node as it is kept; fails with ``NodeNotFound``, with ``RevisionMismatch``
            if the node has been changed since that revision, with ``NodeInvalid`` if another
            node has the new id.
        """
        ...

    def delete(self, node_id: str, expected_revision: int | None = None) -> Deferred[StoredNode]:
        """
        :param expected_revision: ``None`` deletes it however it is now.
        :returns: What was deleted; fails with ``NodeNotFound`` or ``RevisionMismatch``.
        """
        ...

    def seen(self, node_id: str, at: datetime) -> None:
        """
        Note that a probe had an answer from the node; forgotten if there is no such node.

        It shows at once, in place of whatever ``last_seen`` was given, but is no change of the
        node: it becomes durable with the next change, or when the registry stops.

        :param at: An aware time.
        """
        ...
