"""
One viewer, as JSON.

"""

from typing import Any

from motion_in_ocean.streaming import Viewer
from motion_in_ocean.web import iso_time


def viewer_report(viewer: Viewer, now: float, wall_time: float) -> dict[str, Any]:
    """
    :param now: Monotonic seconds.
    :param wall_time: The same moment in seconds since the epoch.
    """
    address = viewer.request.getClientAddress()
    watched, interval = now - viewer.connected_at, viewer.schedule.interval
    return {
        # A connection through a Unix socket comes from nowhere.
        "address": getattr(address, "host", None),
        "port": getattr(address, "port", None),
        "connected_since": iso_time(wall_time - watched),
        "seconds": round(watched, 3),
        "wanted_fps": round(1 / interval, 3) if interval else None,
        "current_fps": round(viewer.current_fps(now), 2),
        "sent": viewer.counts.sent,
        "repeated": viewer.counts.repeated,
        "skipped_slow": viewer.counts.skipped_slow,
        "skipped_rate": viewer.counts.skipped_rate,
        "bytes_sent": viewer.counts.bytes_sent,
    }
