"""
Nodes for tests.

"""

from typing import Any

from motion_in_ocean.management.registry._node import Node, parse_node

CANARY = "canary-3f9c"
"""A token that must not be found anywhere."""


def node_payload(node_id: str = "porch", **fields: Any) -> dict[str, Any]:
    """
    :returns: What a client would send for a node.
    """
    return {
        "id": node_id,
        "name": "Front porch",
        "base_url": "http://192.168.1.20:8000",
        "auth": {"type": "bearer", "token": CANARY},
        "labels": {"site": "home"},
        "last_seen": "2026-01-31T12:00:00Z",
        "capabilities": ["stream"],
        "transport": "http",
        **fields,
    }


def make_node(node_id: str = "porch", **fields: Any) -> Node:
    """
    :returns: A node with that id.
    """
    return parse_node(node_payload(node_id, **fields))
