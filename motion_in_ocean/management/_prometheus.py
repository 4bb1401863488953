"""
The figures of management mode for Prometheus.

"""

from collections import Counter
from collections.abc import Iterable

from attrs import define
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from motion_in_ocean.management._fleet import Fleet
from motion_in_ocean.management._states import STATES, UNKNOWN, UNSUPPORTED
from motion_in_ocean.management.registry import NodeRegistry
from motion_in_ocean.web import counter, counters, gauge, gauges, histogram


@define(eq=False)
class FleetCollector(Collector):
    """
    Tell what is known at the moment of the scrape; no node is asked for it.

    """

    registry: NodeRegistry
    fleet: Fleet

    def collect(self) -> Iterable[Metric]:
        """
        See ``Collector.collect``.

        """
        states = self.fleet.states()
        counts = Counter(states.values())
        yield gauge(
            "ready", "1 while nodes can be read and changed.", self.registry.problem is None
        )
        yield gauges(
            "nodes",
            "Registered nodes by the state in which they were found last.",
            "state",
            {state: counts[state] for state in STATES},
        )
        yield gauges(
            "node_ready",
            "1 for a node that was ready when it was asked last, else 0; absent for one that was "
            "not asked yet, or cannot be.",
            "node_id",
            {
                node_id: state == "ready"
                for node_id, state in states.items()
                if state not in (UNKNOWN, UNSUPPORTED)
            },
        )
        yield counter(
            "node_state_changes", "Changes of state of any node.", self.fleet.events.latest
        )
        yield from self._probes()

    def _probes(self) -> Iterable[Metric]:
        last = self.fleet.last_sweep
        yield counters(
            "probes",
            "Times that a node was asked, by the state in which it was found.",
            "state",
            self.fleet.probes,
        )
        yield histogram(
            "probe_duration_seconds",
            "Time to ask one node for its health, readiness and metrics.",
            self.fleet.durations,
        )
        yield counter("sweeps", "Times that all nodes were asked.", self.fleet.sweeps)
        yield gauge(
            "sweep_duration_seconds",
            "Time that the last sweep took; absent before the first.",
            None if last is None else last.duration_seconds,
        )
        yield gauge(
            "sweep_age_seconds",
            "Time since the end of the last sweep; absent before the first.",
            self.fleet.sweep_age,
        )
