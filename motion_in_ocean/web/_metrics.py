"""
Figures for Prometheus: how they are written, and those that both modes have.

"""

import platform
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import define
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from twisted.web.http import Request

from motion_in_ocean import __version__
from motion_in_ocean.durations import Durations
from motion_in_ocean.web._accept import preferred
from motion_in_ocean.web._connections import Connections
from motion_in_ocean.web._replies import body, json_body, vary
from twisted import __version__ as twisted_version

PREFIX = "motion_in_ocean_"
EXPOSITIONS = ("text/plain", "application/openmetrics-text")


def gauge(name: str, help_text: str, value: float | None) -> Metric:
    """
    :param value: ``None`` if there is none at the moment.
    """
    return GaugeMetricFamily(PREFIX + name, help_text, value)


def counter(name: str, help_text: str, value: float) -> Metric:
    """
    :param name: Without the ``_total`` that it gets.
    """
    return CounterMetricFamily(PREFIX + name, help_text, value)


def gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    """
    :param values: By what stands in the label.
    """
    family = GaugeMetricFamily(PREFIX + name, help_text, labels=[label])
    for label_value, value in values.items():
        family.add_metric([label_value], value)
    return family


def counters(name: str, help_text: str, label: str, values: Mapping[str, float]) -> Metric:
    """
    :param name: Without the ``_total`` that it gets.
    :param values: By what stands in the label.
    """
    family = CounterMetricFamily(PREFIX + name, help_text, labels=[label])
    for label_value, value in values.items():
        family.add_metric([label_value], value)
    return family


def histogram(name: str, help_text: str, durations: Durations) -> Metric:
    """
    :param name: Ends in ``_seconds``.
    """
    buckets = [(floatToGoString(bound), count) for bound, count in durations.cumulative()]
    return HistogramMetricFamily(PREFIX + name, help_text, buckets, durations.total)


@define(eq=False)
class DaemonCollector(Collector):
    """
    What can be said of any daemon.

    """

    started_at: float
    """Monotonic seconds."""
    seconds: Callable[[], float]
    reactor_lag: Durations
    connections: Connections

    def collect(self) -> Iterable[Metric]:
        """
        See ``Collector.collect``.

        """
        yield InfoMetricFamily(
            f"{PREFIX}build",
            "What is running.",
            {
                "version": __version__,
                "python": platform.python_version(),
                "twisted": twisted_version,
            },
        )
        yield gauge("uptime_seconds", "Since the start.", self.seconds() - self.started_at)
        yield histogram(
            "reactor_lag_seconds",
            "How much later than asked for a timer fires, measured twice a second.",
            self.reactor_lag,
        )
        yield gauge(
            "connections", "Connections at this moment, streams aside.", self.connections.count
        )
        yield counter(
            "connections_refused",
            "Connections for which there was no place.",
            self.connections.refused,
        )


def make_registry(*collectors: Collector) -> CollectorRegistry:
    """
    :param collectors: Asked at each scrape.
    """
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return registry


def metrics_body(
    request: Request, report: Callable[[], Mapping[str, Any]], registry: CollectorRegistry
) -> bytes:
    """
    :param report: The figures for JSON, which a client gets who does not ask for the other.
    :param registry: The figures for Prometheus.
    """
    vary(request, "Accept")
    accept = ",".join(
        value.decode("latin-1") for value in request.requestHeaders.getRawHeaders(b"Accept", [])
    )
    chosen = preferred(accept, "application/json", EXPOSITIONS)
    if chosen not in EXPOSITIONS:
        return json_body(request, report())
    # Not the client's own words: choose_encoder ignores qualities, repeats versions that it does
    # not write, and fails at some.
    encode, content_type = choose_encoder(chosen)
    return body(request, encode(registry), content_type, 200)
