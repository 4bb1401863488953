"""
What is in a registry at one moment.

"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from motion_in_ocean.errors import NodeInvalid, NodeNotFound, RevisionMismatch
from motion_in_ocean.management.registry._interface import StoredNode
from motion_in_ocean.management.registry._node import Node


@frozen
class Contents:
    """
    Nodes in their order, and the revision of the next change.

    A value: each change gives another one, so that a change that cannot be written is undone by
    forgetting it, and a thread can write one while the next is being made.

    """

    nodes: Mapping[str, StoredNode] = field(factory=dict)
    """By id; nobody changes it."""

    next_revision: int = 1
    """Only ever grows, also where the newest node was deleted."""

    extra: Mapping[str, Any] = field(factory=dict)
    """What else the file has at its top; kept for whoever put it there."""

    def get(self, node_id: str, expected_revision: int | None = None) -> StoredNode:
        """
        :raises NodeNotFound: If there is no such node.
        :raises RevisionMismatch: If a revision is expected that it does not have.
        """
        stored = self.nodes.get(node_id)
        if stored is None:
            raise NodeNotFound(node_id)
        if expected_revision not in (None, stored.revision):
            raise RevisionMismatch(node_id)
        return stored

    def create(self, node: Node) -> tuple["Contents", StoredNode]:
        """
        :raises NodeInvalid: If its id is taken.
        """
        self._require_free(node.id)
        stored = StoredNode(node, self.next_revision)
        return self._changed({**self.nodes, node.id: stored}), stored

    def replace(
        self, node_id: str, node: Node, expected_revision: int
    ) -> tuple["Contents", StoredNode]:
        """
        See ``NodeRegistry.replace``.

        """
        self.get(node_id, expected_revision)
        if node.id != node_id:
            self._require_free(node.id)
        stored = StoredNode(node, self.next_revision)
        return (
            self._changed(
                {
                    (node.id if key == node_id else key): (stored if key == node_id else other)
                    for key, other in self.nodes.items()
                }
            ),
            stored,
        )

    def delete(self, node_id: str, expected_revision: int | None) -> tuple["Contents", StoredNode]:
        """
        See ``NodeRegistry.delete``.

        """
        stored = self.get(node_id, expected_revision)
        remaining = {key: other for key, other in self.nodes.items() if key != node_id}
        return self._changed(remaining), stored

    def _changed(self, nodes: Mapping[str, StoredNode]) -> "Contents":
        return evolve(self, nodes=nodes, next_revision=self.next_revision + 1)

    def _require_free(self, node_id: str) -> None:
        if node_id in self.nodes:
            raise NodeInvalid({"id": "is already that of another node"})
