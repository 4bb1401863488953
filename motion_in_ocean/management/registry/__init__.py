"""
What a node is, and the list of nodes in a file that survives what may happen to it.

Knows no HTTP.

"""

from motion_in_ocean.management.registry._file_registry import FileRegistry
from motion_in_ocean.management.registry._interface import NodeRegistry, StoredNode
from motion_in_ocean.management.registry._node import Node, merge_node, parse_node

__all__ = [
    "FileRegistry",
    "Node",
    "NodeRegistry",
    "StoredNode",
    "merge_node",
    "parse_node",
]
