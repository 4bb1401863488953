"""
How a frame reaches one viewer: multipart framing, back-pressure, the stream and the snapshot.

Raises domain exceptions; ``motion_in_ocean.web`` turns them into replies.

"""

from motion_in_ocean.streaming._broadcast import Broadcast
from motion_in_ocean.streaming._counts import ViewerCounts
from motion_in_ocean.streaming._resource import MJPEGResource, SnapshotResource, requested_fps
from motion_in_ocean.streaming._viewer import Viewer

__all__ = [
    "Broadcast",
    "MJPEGResource",
    "SnapshotResource",
    "Viewer",
    "ViewerCounts",
    "requested_fps",
]
