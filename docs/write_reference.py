"""
Writes the reference from the code: ``make reference``.

The pages are kept in the repository, so that they can be read without being built; a test fails
when they no longer say what the code does.

"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from docs.markup import entry, plain, title
from docs.write_endpoints import MODES, endpoints
from motion_in_ocean.settings import Settings, masked, setting_of
from tests.memory_management import MemoryManagement
from tests.memory_node import MemoryNode

FOLDER = Path(__file__).parent / "reference"
OPEN_METRICS = {"Accept": "application/openmetrics-text"}
FREE_LABELS = {"node_id", "version", "python", "twisted"}
"""Their values are not ours to list."""

PREFACE = """\
.. Written by "make reference" from the code. Changes made here are lost.

"""


def settings() -> str:
    """
    :returns: The page of all settings.
    """
    fields = [field for field in Settings.model_fields if field != "locked"]
    controls = [field for field in fields if setting_of(field).control is not None]
    management = [field for field in fields if _is_for_management(field)]
    others = [field for field in fields if field not in (*controls, *management)]
    return "\n".join(
        [
            PREFACE + title("All settings", "="),
            "`Settings <../settings.rst>`_ says where they can be set, and which to think about.\n",
            title("The daemon and its camera"),
            *map(_setting, others),
            title("The camera's controls"),
            "What is not set is left to the camera.\n",
            *map(_setting, controls),
            title("Management mode"),
            *map(_setting, management),
        ]
    )


def _is_for_management(field: str) -> bool:
    return setting_of(field).help.startswith("management:")


def _setting(field: str) -> str:
    setting = setting_of(field)
    name = field.upper()
    default = masked(Settings())[name]
    facts = [f"Default: ``{_shown(default)}``." if default not in (None, []) else "Not set."]
    if setting.control is not None:
        facts = []
    if setting.credential:
        facts.append(f"Or ``{name}_FILE``, a file that holds it. No option.")
    else:
        facts.append(f"Option: ``--{field.replace('_', '-')}``.")
    if setting.credential:
        facts.append("Unusable: nothing but ``/health`` and ``/ready`` answers.")
    elif setting.closed is not None:
        taken = _shown(setting.closed) or "nothing"
        facts.append(f"Unusable: {'none' if setting.closed == () else taken}.")
    help_text = setting.help.removeprefix("management: ")
    return entry(f"``{name}``", plain(help_text), " ".join(facts))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return ",".join(value) if isinstance(value, list) else str(value)


def metrics() -> str:
    """
    :returns: The page of all metrics.
    """
    node, fleet = node_metrics(), management_metrics()
    told = {(family.name, family.documentation) for family in fleet}
    both = [family for family in node if (family.name, family.documentation) in told]
    names = {family.name for family in both}
    return "\n".join(
        [
            PREFACE + title("All metrics", "="),
            "What ``/metrics`` gives to Prometheus: `Monitoring <../monitoring.rst>`_ says how. A\n"
            "histogram has ``…_bucket``, ``…_sum`` and ``…_count``.\n",
            title("Both modes"),
            *(_metric(family, both) for family in both),
            title(MODES["webcam"]),
            *(_metric(family, node) for family in node if family.name not in names),
            title(MODES["management"]),
            *(_metric(family, fleet) for family in fleet if family.name not in names),
        ]
    )


def node_metrics() -> list[Metric]:
    """
    :returns: What a node really exports, once it has had frames and a restart.
    """
    node = MemoryNode()
    node.open_camera()
    node.deliver()
    exposition = node.get("/metrics", **OPEN_METRICS).body.decode()
    node.stop()
    return list(text_string_to_metric_families(exposition))


def management_metrics() -> list[Metric]:
    """
    :returns: What management mode really exports, once it has asked a node in each state.
    """
    with tempfile.TemporaryDirectory() as folder:
        daemon = MemoryManagement(f"{folder}/nodes.json")
        daemon.register_one_of_each()
        daemon.ask("/api/management/overview")
        exposition = daemon.ask("/metrics", headers=OPEN_METRICS).body.decode()
        daemon.stop()
    return list(text_string_to_metric_families(exposition))


def _metric(family: Metric, others: Iterable[Metric]) -> str:
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    labels: dict[str, dict[str, None]] = {}
    # camera_state_age_seconds only tells of states that there were; camera_state knows them all.
    for each in (other for other in others if family.name.startswith(other.name)):
        for sample in each.samples:
            for label, value in sample.labels.items():
                labels.setdefault(label, {})[value] = None
    labels.pop("le", None)
    return entry(
        f"``{family.name}{suffix}`` ({family.type})",
        plain(family.documentation),
        *(_label(label, list(values)) for label, values in labels.items()),
    )


def _label(name: str, values: list[str]) -> str:
    if name in FREE_LABELS:
        return f"Label ``{name}``."
    return f"Label ``{name}``: {', '.join(f'``{value}``' for value in values)}."


def all_endpoints() -> str:
    """
    :returns: The page of what can be asked for.
    """
    return "\n".join(
        [
            PREFACE + title("All endpoints", "="),
            "Programs find the same, with the schema of every body, at ``/openapi.yaml``\n"
            "(OpenAPI 3.1).\n",
            *(part for mode in MODES for part in endpoints(mode)),
        ]
    )


PAGES = {"settings": settings, "endpoints": all_endpoints, "metrics": metrics}
"""What makes each page."""


def main() -> None:
    """
    Write all pages.

    """
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / f"{name}.rst").write_text(make(), "utf-8")
        sys.stdout.write(f"{FOLDER / name}.rst\n")


if __name__ == "__main__":
    main()
