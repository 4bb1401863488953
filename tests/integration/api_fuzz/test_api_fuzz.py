"""
Both modes under requests that schemathesis makes up from the API documents.

::

    EXAMPLES=100 SEED=1 python -m twisted.trial tests.integration.api_fuzz.test_api_fuzz

It prints its seed and how many requests it has made. Without the two, it makes few requests, and
always the same.

"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.integration.daemon import REPOSITORY, Daemon, DaemonTestCase, environment, wait_until

EXAMPLES = os.environ.get("EXAMPLES") or "10"
SEED = os.environ.get("SEED") or "1"

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
SETTINGS = REPOSITORY / "tests/integration/api_fuzz/schemathesis.toml"
LONGEST_SECONDS = 900

OWN_FAULT, FAILURES = "Cannot generate an array with 1 demanded elements", "= FAILURES ="
"""With few seeds schemathesis 4.32 wants to draw from nothing, and leaves an operation out."""

MOST_SEEDS = 3

TOKEN, PASSWORD = "correct-horse", "battery-staple"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LOCKED = {"FUZZ_AUTHORIZATION": BEARER["Authorization"]}

MAX_MORE_BYTES = 24 * 1024 * 1024
MAX_MORE_DESCRIPTORS = 4

TROUBLE = re.compile(r"Traceback|^\S+ (?:error|critical) .*", re.MULTILINE)


class FuzzTestCase(DaemonTestCase):
    """
    Tests that take long for a unit test.

    """

    def fuzz(self, daemon: Daemon, *options: str, **variables: str) -> None:
        """
        Try a daemon, and see that it has borne it.

        :param options: Of schemathesis.
        :param variables: For the hooks.
        """
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(parents=True)
        document, report = folder / "openapi.yaml", folder / "report.json"
        document.write_bytes(daemon.get("/openapi.yaml", BEARER).body)
        descriptors, memory = _descriptors(daemon), daemon.rss_bytes()
        command = (
            *(SCHEMATHESIS, "--config-file", str(SETTINGS), "run", str(document)),
            *("--url", daemon.url, "--checks", "all", "--no-color"),
            *("--max-examples", EXAMPLES),
            *("--report", "json", "--report-json-path", str(report), *options),
        )
        for seed in range(int(SEED), int(SEED) + MOST_SEEDS):
            run = subprocess.run(
                (*command, "--seed", str(seed)),
                cwd=folder,
                env=environment({"FUZZ_URL": daemon.url, **variables}),
                capture_output=True,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
            if run.returncode == 0 or OWN_FAULT not in run.stdout or FAILURES in run.stdout:
                break
            _say(f"with seed {seed} schemathesis has a fault of its own; trying the next one")
        self.assertEqual(run.returncode, 0, f"{run.stdout}\n{run.stderr}")
        told = json.loads(report.read_bytes())
        more = daemon.rss_bytes() - memory
        _say(
            f"{self.id().rpartition('.')[2]}: seed {seed}, {told['test_cases']['generated']} "
            f"requests in {told['running_time']:.0f} s, {more / 2**20:+.1f} MiB"
        )
        self.assertEqual(told["operations"]["errored"], 0)
        self.assertEqual(TROUBLE.findall(daemon.log), [])
        self.assertEqual(daemon.get("/health").status, 200)
        self.assertLess(more, MAX_MORE_BYTES)
        wait_until(
            lambda: _descriptors(daemon) <= descriptors + MAX_MORE_DESCRIPTORS,
            lambda: f"{_descriptors(daemon)} descriptors, there were {descriptors}",
        )


class WebcamFuzzTests(FuzzTestCase):
    """
    A camera on a network has visitors that nobody has asked for.

    """

    def test_without_credentials(self) -> None:
        """
        Every reply is as documented, whatever is sent.
        """
        self.fuzz(self.make_daemon().start().wait_until_ready())

    def test_with_credentials(self) -> None:
        """
        Nobody comes in without, or with others.
        """
        daemon = self.make_daemon({"AUTH_TOKEN": TOKEN}).start().wait_until_ready()
        options = ("--header", f"Authorization: {BEARER['Authorization']}")
        self.fuzz(daemon, *options, **LOCKED)


class ManagementFuzzTests(FuzzTestCase):
    """
    Whoever may register nodes may send requests to any address; nothing here leaves the machine.

    """

    def make_fleet(self, **settings: str) -> tuple[Daemon, str]:
        """
        :returns: A daemon that has two nodes and some that cannot be asked, and where the two are.
        """
        path = Path(self.mktemp()).absolute()
        management = self.make_daemon(
            {
                "APP_MODE": "management",
                "NODE_REGISTRY_PATH": str(path),
                "NODE_ALLOWED_NETWORKS": "127.0.0.0/8",
                "PROBE_TIMEOUT_SECONDS": "1",
                "ACTION_TIMEOUT_SECONDS": "2",
                **settings,
            }
        ).start()
        nodes = [self.make_daemon(each).start() for each in ({}, {"AUTH_TOKEN": TOKEN})]
        urls = [node.wait_until_ready().url.rstrip("/") for node in nodes]
        for node_id, url, token, transport in (
            ("open", urls[0], "", "http"),
            ("locked", urls[1], TOKEN, "http"),
            ("closed", urls[1], "another", "http"),
            ("away", "http://127.0.0.1:1", "", "http"),
            ("box", urls[0], "", "docker"),
        ):
            node: dict[str, Any] = {
                "id": node_id,
                "name": node_id,
                "base_url": url,
                "auth": {"type": "bearer", "token": token} if token else {"type": "none"},
                "labels": {},
                "last_seen": "2026-01-01T00:00:00Z",
                "capabilities": [],
                "transport": transport,
            }
            self.assertEqual(management.ask("POST", "/api/nodes", node, BEARER).status, 201)
        return management, " ".join(urls)

    def test_without_credentials(self) -> None:
        """
        Every reply is as documented, whatever is sent, and whatever nodes do.
        """
        management, nodes = self.make_fleet()
        self.fuzz(management, FUZZ_NODES=nodes)

    def test_with_credentials(self) -> None:
        """
        Nobody comes in without, or with others.
        """
        management, nodes = self.make_fleet(
            AUTH_TOKEN=TOKEN, AUTH_USERNAME="me", AUTH_PASSWORD=PASSWORD
        )
        self.fuzz(management, "--auth", f"me:{PASSWORD}", FUZZ_NODES=nodes, **LOCKED)


def _descriptors(daemon: Daemon) -> int:
    return len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))


def _say(text: str) -> None:
    sys.stdout.write(f"\napi-fuzz: {text}\n")
    sys.stdout.flush()
