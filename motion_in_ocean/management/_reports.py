"""
What management mode says about itself and the fleet, as JSON.

"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from attrs import define

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management._events import Event
from motion_in_ocean.management._fleet import Fleet
from motion_in_ocean.management._states import STATES
from motion_in_ocean.management.registry import NodeRegistry
from motion_in_ocean.settings import LoadedSettings, masked
from motion_in_ocean.web import config_report, health_report, iso_time

REPORTED_SETTINGS = (
    "NODE_REGISTRY_PATH",
    "PROBE_TIMEOUT_SECONDS",
    "PROBE_INTERVAL_SECONDS",
    "ACTION_TIMEOUT_SECONDS",
    "NODE_ALLOWED_NETWORKS",
    "NODE_TLS_CA_FILE",
)


@define(eq=False)
class ManagementReports:
    """
    Gather what the parts know at the moment of the question.

    """

    loaded: LoadedSettings
    registry: NodeRegistry
    fleet: Fleet
    started_at: float
    """Monotonic seconds when the daemon started."""
    seconds: Callable[[], float]
    wall_time: Callable[[], float]

    def health(self) -> dict[str, Any]:
        """
        The daemon answers; nothing more.

        """
        return health_report(self.loaded.settings.app_mode, self.wall_time())

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """
        :returns: Whether nodes can be read and changed, and why not.
        """
        problem = self.registry.problem
        report = {
            "status": "ready" if problem is None else "not_ready",
            "message": problem or "The nodes can be read and changed.",
            "notices": list(self.registry.notices),
            **self._figures(),
        }
        if problem is not None:
            report["reason"] = "registry_unavailable"
        return problem is None, report

    def status_line(self) -> str:
        """
        How the daemon and its nodes are, in one line.

        """
        problem, states = self.registry.problem, Counter(self.fleet.states().values())
        if problem is not None:
            return f"not ready: {problem}"
        return f"ready: {states.total()} nodes, {states['ready']} of them ready"

    def config(self) -> dict[str, Any]:
        """
        Every setting, where its value comes from, and what the start had to say about them.

        """
        return config_report(self.loaded)

    async def metrics(self) -> dict[str, Any]:
        """
        Everything that can be counted, and the settings that matter to it.

        """
        counts = await self.count_nodes()
        settings = masked(self.loaded.settings)
        fleet = self.fleet
        return {
            **self._figures(),
            "registry_available": self.registry.problem is None,
            "nodes": {"total": sum(counts.values()), **counts},
            "probes": {
                "total": fleet.probes.total(),
                **fleet.probes,
                "seconds": round(fleet.durations.total, 3),
            },
            "sweep": self.sweep(),
            "state_changes": fleet.events.latest,
            "configuration": {name.lower(): settings[name] for name in REPORTED_SETTINGS},
        }

    async def count_nodes(self) -> Mapping[str, int]:
        """
        :returns: How many nodes there are in each state. Of a registry that cannot be read at the
            moment, as it was when it could.
        """
        with suppress(RegistryUnavailable):
            await self.fleet.nodes()
        counts = Counter(self.fleet.states().values())
        return {state: counts[state] for state in STATES}

    def events(self, after: int) -> dict[str, Any]:
        """
        :param after: The number of the last one that the client knows.
        """
        events = self.fleet.events
        return {
            "events": [_event(each) for each in events.after(after)],
            "latest": events.latest,
            "oldest": events.oldest,
        }

    def sweep(self) -> dict[str, Any]:
        """
        How often all nodes were asked, when last, and how long that took.

        """
        last, age = self.fleet.last_sweep, self.fleet.sweep_age
        return {
            "count": self.fleet.sweeps,
            "age_seconds": None if age is None else round(age, 3),
            "duration_seconds": None if last is None else round(last.duration_seconds, 3),
        }

    def timestamp(self) -> str:
        """
        Now.

        """
        return iso_time(self.wall_time())

    def _figures(self) -> dict[str, Any]:
        return {
            "timestamp": self.timestamp(),
            "app_mode": self.loaded.settings.app_mode,
            "uptime_seconds": round(self.seconds() - self.started_at, 3),
        }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "timestamp": iso_time(event.at),
        "node_id": event.node_id,
        "name": event.name,
        "before": event.before,
        "state": event.state,
        "reason": event.reason,
        "message": event.message,
    }
