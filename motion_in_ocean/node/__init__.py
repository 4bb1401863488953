"""
Webcam mode: its routes, and what they report.

"""

from motion_in_ocean.node._actions import ACTIONS, Actions
from motion_in_ocean.node._prometheus import NodeCollector
from motion_in_ocean.node._reports import Reports
from motion_in_ocean.node._routes import OPEN_PATHS, NodeRoutes

__all__ = ["ACTIONS", "OPEN_PATHS", "Actions", "NodeCollector", "NodeRoutes", "Reports"]
