"""
What a daemon of either mode says about itself.

"""

from typing import Any

from motion_in_ocean.settings import LoadedSettings, masked
from motion_in_ocean.web._replies import iso_time


def health_report(app_mode: str, wall_time: float) -> dict[str, Any]:
    """
    :param wall_time: Now, in seconds since the epoch.
    :returns: That the daemon answers; nothing more.
    """
    return {"status": "healthy", "timestamp": iso_time(wall_time), "app_mode": app_mode}


def config_report(loaded: LoadedSettings) -> dict[str, Any]:
    """
    :returns: Every setting, where its value comes from, and what the start had to say about them.
    """
    return {
        "settings": {
            name: {"value": value, "origin": loaded.origins[name]}
            for name, value in masked(loaded.settings).items()
        },
        "warnings": list(loaded.warnings),
    }
