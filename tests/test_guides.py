"""
Tests that the guides speak of what there is, and that what can be tried in them is tried.

Those that run their commands are in ``tests/integration/test_guides.py``.

"""

import configparser
import json
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from twisted.trial.unittest import SynchronousTestCase

from docs.write_reference import PAGES, management_metrics, node_metrics
from motion_in_ocean.management import ManagementRoutes
from motion_in_ocean.node import NodeRoutes
from motion_in_ocean.settings import Settings, load_settings
from tests.guides import CAMERA, DOCS, HUB, Block, blocks, pages

WAYS = {
    "alone",
    "as a Frigate configuration",
    "as a Home Assistant configuration",
    "as a Prometheus configuration",
    "as a go2rtc configuration",
    "as a section of moonraker.conf",
    "as a settings file",
    "as YAML",
    "at a hub",
    "at a hub with a locked node",
    "at a locked node",
    "at a node",
    "at a locked node, refused",
    "at a node, with ffmpeg",
    "by a daemon that ends",
    "in a machine with systemd",
    "with Caddy",
    "with Docker Compose, at the new place",
    "with Docker Compose, at the old place",
    "with Docker Compose, in place of a checkout",
    "with nginx",
}
"""All that tests know how to try: here, with real processes, or in containers."""


class HomeAssistantLoader(yaml.SafeLoader):
    """
    Reads what Home Assistant reads, but for a key that is there twice: there the second replaces
    the first.

    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """
        See ``yaml.SafeLoader``.
        """
        keys = [self.construct_object(key) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.constructor.ConstructorError("a key twice", node.start_mark, str(keys))
        return super().construct_mapping(node, deep)


HomeAssistantLoader.add_constructor("!secret", lambda _, node: f"secret {node.value}")


def as_yaml(tried: str) -> Iterator[tuple[Block, Any]]:
    """
    :returns: The blocks that are tried in this way, with what they say.
    """
    for block in blocks(tried):
        yield block, yaml.load(block.code, HomeAssistantLoader)


class HonestyTests(SynchronousTestCase):
    """
    What a reader may rely on.

    """

    def test_each_block_is_tried_or_says_why_not(self) -> None:
        """
        A command that nobody has tried is known as one.
        """
        found = blocks()
        self.assertEqual([], [str(block) for block in found if not (block.tried or block.untried)])
        self.assertEqual(WAYS, {block.tried for block in found if block.tried})
        directives = sum(text.count(".. code-block::") for text in pages().values())
        self.assertEqual(len(found), directives)

    def test_reference_is_what_the_code_says(self) -> None:
        """
        Nobody has to keep it by hand: ``make reference`` writes it.
        """
        for name, make in PAGES.items():
            kept = (DOCS / "reference" / f"{name}.rst").read_text("utf-8")
            self.assertEqual(make(), kept, f"docs/reference/{name}.rst: run `make reference`")

    def test_no_setting_is_invented(self) -> None:
        """
        What a guide says to set can be set.
        """
        known = {field.upper() for field in Settings.model_fields} - {"LOCKED"}
        known |= {f"{name}_FILE" for name in known} | {"CONFIG_FILE"}
        for page, text in pages().items():
            if page.startswith("reference/"):
                continue
            for name in re.findall(r"``([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?``", text):
                self.assertIn(name, known | OTHERS, page)

    def test_every_make_target_exists(self) -> None:
        """
        The same holds for what contributors are told.
        """
        targets = set(re.findall(r"^([a-z0-9-]+):", (DOCS.parent / "Makefile").read_text(), re.M))
        contributing = (DOCS.parent / "CONTRIBUTING.rst").read_text("utf-8")
        for text in (contributing, *pages().values()):
            named = re.findall(r"(?:``|^ +)(?:sudo )?make ([a-z0-9-]+)(?:``|$| +#)", text, re.M)
            self.assertLessEqual(set(named), targets)

    def test_every_script_exists(self) -> None:
        """
        As do the files that a reader is to run or copy.
        """
        root = DOCS.parent
        readme = (root / "README.rst").read_text("utf-8")
        for page, text in {"README.rst": readme, **pages()}.items():
            for name in re.findall(r"\b(?:scripts|docs|benchmarks)/[\w./-]+\.(?:\w+)\b", text):
                self.assertTrue((root / name).is_file(), f"{page}: {name}")

    def test_no_environment_where_the_checkout_is(self) -> None:
        """
        Its files would be among those of the project, and one of them over ours.
        """
        made = [
            path
            for block in blocks()
            for path in re.findall(r"-m venv (?:--\S+ )*(\S+)", block.code)
        ]
        self.assertEqual([path for path in made if Path(path).name == "motion-in-ocean"], [])
        self.assertTrue(made)

    def test_every_page_can_be_found(self) -> None:
        """
        From the first page there is a link to each.
        """
        text = pages()["index.rst"]
        linked = set(re.findall(r"<([a-z/-]+\.rst)>`_", text))
        self.assertEqual(set(pages()) - {"index.rst"}, linked)

    def test_plain_links_lead_somewhere(self) -> None:
        """
        Also where the pages are read as files.
        """
        for page, text in pages().items():
            for link in re.findall(r"<([^<>\s]+\.rst)>`_", text):
                self.assertTrue((DOCS / page).parent.joinpath(link).exists(), f"{page}: {link}")

    def test_every_path_exists(self) -> None:
        """
        No guide sends anyone to a page that is not there.
        """
        for host, routes in ((CAMERA, NodeRoutes), (HUB, ManagementRoutes)):
            adapter = routes.app.url_map.bind("x")
            for page, text in pages().items():
                for url in re.findall(
                    rf"http://(?:\w+:\w+@)?{re.escape(host)}(/[^\s\"'`;]*)", text
                ):
                    path = urllib.parse.urlsplit(url).path
                    self.assertTrue(adapter.allowed_methods(path), f"{page}: {url}")


OTHERS = {
    "DEBIAN_SUITE",
    "HEALTHCHECK_READY",
    "NODE_INVALID_RESPONSE",
    "NODE_UNAUTHORIZED",
    "NODE_UNREACHABLE",
    "REGISTRY_UNAVAILABLE",
    "TRANSPORT_UNSUPPORTED",
}
"""Upper-case names in the guides that are no settings of the daemon."""


class SnippetTests(SynchronousTestCase):
    """
    What the guides have others read. The keys were taken from the sources of those that read them.

    """

    def test_settings_file(self) -> None:
        """
        It is taken without a warning.
        """
        for block in blocks("as a settings file"):
            path = Path(self.mktemp())
            path.write_text(block.code)
            loaded = load_settings({}, {"CONFIG_FILE": str(path)})
            self.assertEqual((), loaded.warnings, str(block))

    def test_home_assistant(self) -> None:
        """
        Its schemas refuse what they do not know.
        """
        kinds = set()
        for block, told in as_yaml("as a Home Assistant configuration"):
            kinds |= set(told)
            for rest in told.get("rest", []):
                self.assertLessEqual(set(rest), REST, str(block))
                for entity in (*rest.get("sensor", []), *rest.get("binary_sensor", [])):
                    self.assertLessEqual(set(entity), ENTITY, str(block))
            for automation in told.get("automation", []):
                self.assertEqual(set(automation), {"alias", "triggers", "actions"}, str(block))
            for command in told.get("rest_command", {}).values():
                self.assertLessEqual(set(command), {"url", "method", "headers"}, str(block))
        self.assertEqual(kinds, {"rest", "automation", "rest_command"})

    def test_home_assistant_with_everything(self) -> None:
        """
        Whoever copies one snippet after the other into the same file has them all.
        """
        tried = "as a Home Assistant configuration"
        whole = yaml.load("".join(block.code for block in blocks(tried)), HomeAssistantLoader)
        asked = [rest["resource"].rpartition("/")[2] for rest in whole["rest"]]
        self.assertEqual(asked, ["ready", "metrics"])

    def test_moonraker(self) -> None:
        """
        Its configuration is that of Python's own parser.
        """
        (block,) = blocks("as a section of moonraker.conf")
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.read_string(block.code)
        (section,) = parser.sections()
        self.assertTrue(section.startswith("webcam "))
        self.assertLessEqual(set(parser[section]), WEBCAM)
        self.assertIn(parser[section]["service"], {"mjpegstreamer", "mjpegstreamer-adaptive"})
        self.assertGreater(int(parser[section]["target_fps"]), 0)
        self.assertRegex(parser[section]["aspect_ratio"], r"^\d+:\d+$")

    def test_go2rtc(self) -> None:
        """
        It has the stream as it is, and as H.264.
        """
        for block, told in as_yaml("as a go2rtc configuration"):
            for source in told["streams"].values():
                self.assertRegex(source, r"^(http://camera|ffmpeg:garden#video=h264$)", str(block))

    def test_frigate(self) -> None:
        """
        Each camera has an input to detect on, and go2rtc has the one that is read from it.
        """
        for block, told in as_yaml("as a Frigate configuration"):
            streams = told.get("go2rtc", {}).get("streams", {})
            for name, camera in told["cameras"].items():
                for given in camera["ffmpeg"]["inputs"]:
                    self.assertIn("detect", given["roles"], str(block))
                    self.assertIn(given["input_args"], PRESETS, str(block))
                    if given["path"].startswith("rtsp:"):
                        self.assertEqual(given["path"], f"rtsp://127.0.0.1:8554/{name}")
                        self.assertIn(name, streams)

    def test_other_yaml(self) -> None:
        """
        It can be read at all.
        """
        for block, told in as_yaml("as YAML"):
            self.assertIsInstance(told, dict, str(block))


REST = {"resource", "scan_interval", "timeout", "sensor", "binary_sensor"} | {
    "authentication",
    "username",
    "password",
}
ENTITY = {
    "name",
    "unique_id",
    "device_class",
    "state_class",
    "unit_of_measurement",
    "value_template",
}
WEBCAM = {
    "location",
    "service",
    "enabled",
    "target_fps",
    "target_fps_idle",
    "stream_url",
    "snapshot_url",
    "flip_horizontal",
    "flip_vertical",
    "rotation",
    "aspect_ratio",
}
PRESETS = {"preset-rtsp-restream", "preset-http-mjpeg-generic"}


class MetricTests(SynchronousTestCase):
    """
    Alarms that ask for a metric that does not exist never sound.

    """

    def setUp(self) -> None:
        self.labels: dict[str, set[str]] = {}
        for family in (*node_metrics(), *management_metrics()):
            for sample in family.samples:
                self.labels.setdefault(sample.name, set()).update(sample.labels)

    def check(self, expression: str) -> None:
        """
        Find every metric and label of a query in what is really exported.
        """
        names = re.findall(r"motion_in_ocean_\w+", expression)
        self.assertTrue(names, expression)
        for name in names:
            self.assertIn(name, self.labels, expression)
        for name, matchers in re.findall(r"(motion_in_ocean_\w+)\{([^}]*)\}", expression):
            for label in re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\s*\"", matchers):
                self.assertIn(label, self.labels[name] | {"instance", "job"}, expression)

    def test_alerts(self) -> None:
        """
        Each asks for what there is, and says what it is about.
        """
        rules = [
            rule
            for group in yaml.safe_load((DOCS / "prometheus/alerts.yml").read_text())["groups"]
            for rule in group["rules"]
        ]
        for rule in rules:
            self.check(rule["expr"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description"})
        named = re.findall(r"``(MotionInOcean\w+)``", pages()["monitoring.rst"])
        self.assertEqual(sorted(rule["alert"] for rule in rules), sorted(named))

    def dashboard(self) -> dict[str, Any]:
        """
        :returns: What Grafana imports.
        """
        path = DOCS / "grafana/motion-in-ocean.json"
        dashboard: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return dashboard

    def test_dashboard_asks_for_what_there_is(self) -> None:
        """
        No panel stays empty for ever.
        """
        panels = [panel for panel in self.dashboard()["panels"] if panel["type"] != "row"]
        self.assertGreater(len(panels), 10)
        for panel in panels:
            self.assertTrue(panel["description"], panel["title"])
            for target in panel["targets"]:
                self.check(target["expr"])
                for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                    names = re.findall(r"motion_in_ocean_\w+", target["expr"])
                    told = set().union(*(self.labels[name] for name in names))
                    self.assertIn(label, told | {"instance"}, panel["title"])

    def test_dashboard_shows_what_there_is(self) -> None:
        """
        Every metric has a place in it, but for one that others are better than.
        """
        text = json.dumps(self.dashboard())
        shown = set(re.findall(r"motion_in_ocean_\w+", text))
        for name in self.labels:
            base = re.sub("_(count|sum)$", "_bucket", name)
            if base not in LEFT_OUT:
                self.assertIn(base, shown)

    def test_dashboard_has_no_overlaps(self) -> None:
        """
        It looks as it was meant to.
        """
        taken: set[tuple[int, int]] = set()
        for panel in self.dashboard()["panels"]:
            at = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            self.assertFalse(taken & cells, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells


LEFT_OUT = {
    "motion_in_ocean_camera_state_age_seconds",
    "motion_in_ocean_sweeps_total",
}
"""A panel of the dashboard shows the same better."""
