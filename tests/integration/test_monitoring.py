"""
Tests of what the guides have for Prometheus and Grafana, with Prometheus itself.

"""

import json
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.guides import CAMERA, DOCS, HUB, blocks
from tests.integration.components import require_program
from tests.integration.daemon import Daemon, DaemonTestCase, environment, wait_until

REMEDY = "apt-get install prometheus"
TOKEN = "a long random text"
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}
ALERTS = DOCS / "prometheus/alerts.yml"


class MonitoringCase(DaemonTestCase):
    """
    A node and what watches over it, both with a token.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"AUTH_TOKEN": TOKEN}

    def setUp(self) -> None:
        self.promtool = require_program("promtool", REMEDY)
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        (self.folder / "token").write_text(TOKEN)

    def start_hub(self) -> Daemon:
        """
        :returns: A daemon in management mode.
        """
        path = self.folder / "nodes.json"
        settings = {"APP_MODE": "management", "NODE_REGISTRY_PATH": str(path), "AUTH_TOKEN": TOKEN}
        return self.make_daemon(settings).start()

    def write_configuration(self, addresses: Mapping[str, str]) -> Path:
        """
        :param addresses: What stands there for the names in the guide.
        :returns: The guide's configuration of Prometheus, with the files of this test.
        """
        (block,) = blocks("as a Prometheus configuration")
        files = {
            "/etc/prometheus/motion-in-ocean-alerts.yml": str(ALERTS),
            "/etc/prometheus/camera-token": str(self.folder / "token"),
            "15s": "1s",
        }
        code = block.code
        for given, real in {**files, **addresses}.items():
            self.assertIn(given, code)
            code = code.replace(given, real)
        path = self.folder / "prometheus.yml"
        path.write_text(code)
        return path


class PromtoolTests(MonitoringCase):
    """
    What its own tool says, which knows no daemon.

    """

    def run_promtool(self, *arguments: str, given: bytes | None = None) -> str:
        """
        :returns: What it says; it has to be content.
        """
        done = subprocess.run(
            [self.promtool, *arguments],
            cwd=self.folder,
            input=given,
            capture_output=True,
            timeout=60,
            check=False,
        )
        said = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, 0, said)
        return said

    def test_configuration(self) -> None:
        """
        It is taken, together with the rules.
        """
        said = self.run_promtool("check", "config", str(self.write_configuration({})))
        self.assertIn("1 rule files found", said)

    def test_alerts_sound_when_they_should(self) -> None:
        """
        And only then: Prometheus plays through what happens.
        """
        scenario = Path(__file__).parent / "alerts_scenario.yml"
        text = scenario.read_text().replace("ALERTS", str(ALERTS))
        (self.folder / "scenario.yml").write_text(text)
        self.run_promtool("test", "rules", "scenario.yml")
        alerts = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
        for alert in alerts:
            self.assertRegex(text, rf"alertname: {alert['alert']}\n")

    def test_what_is_exported(self) -> None:
        """
        Its linter finds nothing in either mode that others would name otherwise.
        """
        for daemon in (self.daemon, self.start_hub()):
            reply = daemon.get("/metrics", {"Accept": "text/plain", **SIGNED_IN})
            self.run_promtool("check", "metrics", given=reply.body)


class PrometheusTests(MonitoringCase):
    """
    A real server, with the guide's configuration.

    """

    def start(self, camera: Daemon, hub: Daemon) -> None:
        """
        Have it scrape both.
        """
        program = require_program("prometheus", REMEDY)
        addresses = {CAMERA: f"127.0.0.1:{camera.port}", HUB: f"127.0.0.1:{hub.port}"}
        log = (self.folder / "prometheus.log").open("wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            [
                program,
                f"--config.file={self.write_configuration(addresses)}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            cwd=self.folder,
            env=environment({}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        def address() -> str | None:
            said = (self.folder / "prometheus.log").read_text(errors="replace")
            assert process.poll() is None, said
            match = re.search(r"msg=\"Listening on\" address=(\S+)", said)
            return match[1] if match and "ready to receive web requests" in said else None

        self.address = wait_until(address, "Prometheus is ready")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """
        :returns: What it knows.
        """
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{query}") as reply:
            answer: list[dict[str, Any]] = json.load(reply)["data"]["result"]
        return answer

    def panels(self) -> Iterator[tuple[str, str]]:
        """
        :returns: Each query of the dashboard, as Grafana would send it, with its panel's title.
        """
        dashboard = json.loads((DOCS / "grafana/motion-in-ocean.json").read_text("utf-8"))
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                query = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".+")
                yield panel["title"], query

    def test_dashboard_shows_something_everywhere(self) -> None:
        """
        Every panel gets figures of a node with a viewer and of a fleet with a node.
        """
        camera, hub = self.daemon, self.start_hub()
        node = {
            "id": "garden",
            "name": "Garden",
            "base_url": f"http://127.0.0.1:{camera.port}",
            "auth": {"type": "bearer", "token": TOKEN},
            "labels": {},
            "last_seen": "2026-01-01T00:00:00Z",
            "capabilities": ["stream"],
            "transport": "http",
        }
        self.assertEqual(hub.ask("POST", "/api/nodes", node, SIGNED_IN).status, 201)
        hub.get("/api/management/overview", SIGNED_IN)
        self.start(camera, hub)
        with camera.stream(headers=SIGNED_IN):
            wait_until(lambda: len(self.query("up == 1")) == 2, "both are scraped", 30)
            for title, query in self.panels():
                wait_until(partial(self.query, query), f"{title}: {query}", 30)
        self.assertEqual(self.query("ALERTS{alertstate='firing'}"), [])
