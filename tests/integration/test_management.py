"""
Management mode as its users run it: one process that watches over others.

"""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.integration.daemon import (
    REPOSITORY,
    Daemon,
    DaemonTestCase,
    Reply,
    environment,
    run_twistd,
    wait_until,
)
from tests.integration.loopback import address

STOP_SECONDS = 6

TOKEN = "correct-horse"


class ManagementTestCase(DaemonTestCase):
    """
    Tests with a registry of their own.

    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)
        self.path = self.folder / "nodes.json"

    def make_management(self, **settings: str) -> Daemon:
        """
        :returns: A daemon in management mode, not started.
        """
        return self.make_daemon(
            {"APP_MODE": "management", "NODE_REGISTRY_PATH": str(self.path), **settings}
        )

    def node(self, node_id: str, url: str, token: str = "") -> dict[str, Any]:
        """
        :returns: A node.
        """
        return {
            "id": node_id,
            "name": f"Camera {node_id}",
            "base_url": url,
            "auth": {"type": "bearer", "token": token} if token else {"type": "none"},
            "labels": {},
            "last_seen": "2026-01-01T00:00:00Z",
            "capabilities": ["stream"],
            "transport": "http",
        }

    def register(self, management: Daemon, node_id: str, url: str, token: str = "") -> Reply:
        """
        Register a node.
        """
        return management.ask("POST", "/api/nodes", self.node(node_id, url, token))

    def watch(self, look: Callable[[], Any]) -> Callable[[], list[Any]]:
        """
        Look again and again beside the test.

        :returns: Ends it and returns what was seen.
        """
        seen: list[Any] = []
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.is_set():
                seen.append(look())

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()

        def end() -> list[Any]:
            is_over.set()
            thread.join()
            self.assertGreater(len(seen), 3)
            return seen

        self.addCleanup(is_over.set)
        return end


class FleetTests(ManagementTestCase):
    """
    The daemon against itself.

    """

    def start_cameras(self) -> dict[str, Daemon]:
        """
        :returns: Five nodes that are ready; the last one wants to see a token.
        """
        settings: list[dict[str, str]] = [{"FPS": "5"} for _ in range(4)]
        cameras = [self.make_daemon(each) for each in (*settings, {"AUTH_TOKEN": TOKEN})]
        with ThreadPoolExecutor(len(cameras)) as pool:
            list(pool.map(lambda camera: camera.start().wait_until_ready(), cameras))
        return {f"n{number}": camera for number, camera in enumerate(cameras, 1)}

    def statuses(self, management: Daemon) -> dict[str, str]:
        """
        :returns: How each node is, asked now.
        """
        reply = management.get("/api/management/overview")
        self.assertEqual(reply.status, 200)
        return {entry["node_id"]: entry["status"] for entry in reply.json()["nodes"]}

    def test_one_that_dies_and_comes_back(self) -> None:
        """
        The overview and the events tell what happens to it, and nothing about the others, which
        nothing happens to.
        """
        cameras = self.start_cameras()
        management = self.make_management(PROBE_INTERVAL_SECONDS="0.5").start()
        for node_id, camera in cameras.items():
            token = TOKEN if node_id == "n5" else ""
            self.assertEqual(self.register(management, node_id, camera.url, token).status, 201)
        all_ready = dict.fromkeys(cameras, "ready")
        wait_until(lambda: self.statuses(management) == all_ready, "all ready")

        seen = self.watch(lambda: self.statuses(management))
        cameras["n3"].kill()
        wait_until(lambda: self.statuses(management)["n3"] == "error", "noticed")
        entry = management.get("/api/management/overview?max_age=60").json()["nodes"][2]
        self.assertEqual(entry["error"]["code"], "NODE_UNREACHABLE")
        self.assertEqual(management.get("/api/nodes/n3/status").status, 503)
        cameras["n3"].start()
        wait_until(lambda: self.statuses(management) == all_ready, "all ready again")

        for statuses in seen():
            del statuses["n3"]
            self.assertEqual(set(statuses.values()), {"ready"})
        events = management.get("/api/management/events").json()["events"]
        changes = [(each["node_id"], each["before"], each["state"]) for each in events]
        others = [change for change in changes if change[0] != "n3"]
        self.assertEqual(sorted(others), [(i, "unknown", "ready") for i in cameras if i != "n3"])
        states = [state for node_id, _, state in changes if node_id == "n3"]
        self.assertEqual((states[:2], states[-1]), (["ready", "unreachable"], "ready"))
        self.assertIn("Node n3 is unreachable, was ready", management.log)

        picture = management.get("/api/nodes/n5/snapshot.jpg")
        self.assertEqual((picture.status, picture.headers["Content-Type"]), (200, "image/jpeg"))
        self.assertTrue(picture.body.startswith(b"\xff\xd8"))
        self.assertTrue(picture.body.endswith(b"\xff\xd9"))
        self.assert_unauthorized(management)
        self.assertNotIn("Traceback", management.log)
        self.assertNotIn(TOKEN, management.log)
        self.assertLess(management.stop().seconds, STOP_SECONDS)

    def assert_unauthorized(self, management: Daemon) -> None:
        """
        See what becomes of a node whose token is wrong.
        """
        wrong = {"auth": {"type": "bearer", "token": "wrong"}}
        self.assertEqual(management.ask("PUT", "/api/nodes/n5", wrong).status, 200)
        for method, path in (
            ("GET", "/api/nodes/n5/status"),
            ("GET", "/api/nodes/n5/snapshot.jpg"),
            ("POST", "/api/nodes/n5/actions/restart"),
        ):
            reply = management.ask(method, path)
            self.assertEqual(reply.status, 401, path)
            self.assertEqual(reply.json()["error"]["code"], "NODE_UNAUTHORIZED")
        self.assertEqual(self.statuses(management)["n5"], "error")


class LargeFleetTests(ManagementTestCase):
    """
    More nodes than anybody can look at, some of which hang.

    """

    NODES, HANGING = 300, 30
    TIMEOUT_SECONDS = 2.5

    def test_nodes_that_hang_harm_nobody(self) -> None:
        """
        All that are well are told to be well, all that hang to be too slow, and the daemon has
        time for others meanwhile.
        """
        numbers = (str(self.NODES), str(self.HANGING))
        fleet = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.fake_fleet", *numbers],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(fleet.wait)
        self.addCleanup(fleet.kill)
        assert fleet.stdout is not None
        self.addCleanup(fleet.stdout.close)
        port = int(fleet.stdout.readline())
        self.path.write_text(json.dumps({"version": 1, "nodes": self.stored(port)}))
        management = self.make_management(PROBE_INTERVAL_SECONDS="0").start()
        memory = management.rss_bytes()
        for _ in range(2):
            healthy = self.watch(lambda: management.get("/health").status)
            begin = time.monotonic()
            overview = management.get("/api/management/overview").json()
            seconds = time.monotonic() - begin
            self.assertEqual(set(healthy()), {200})
            statuses = [entry["status"] for entry in overview["nodes"]]
            ready = self.NODES - self.HANGING
            self.assertEqual(statuses, ["error"] * self.HANGING + ["ready"] * ready)
            reasons = [
                entry["error"]["details"]["reason"] for entry in overview["nodes"][: self.HANGING]
            ]
            self.assertEqual(set(reasons), {"timeout"})
            # Three seconds more than one budget on a machine that has nothing else to do.
            self.assertLess(seconds, self.TIMEOUT_SECONDS + 3 * 3)
        self.assertLess(management.rss_bytes() - memory, 20 * 1024 * 1024)
        # Also in the middle of a sweep.
        asking = threading.Thread(target=self.ask_in_vain, args=(management,), daemon=True)
        asking.start()
        wait_until(lambda: self.probes(management) > 2 * self.NODES, "a third sweep")
        self.assertLess(management.stop().seconds, STOP_SECONDS)
        asking.join()
        self.assertNotIn("Traceback", management.log)

    def probes(self, management: Daemon) -> int:
        """
        :returns: How often nodes were asked so far.
        """
        count: int = management.get("/metrics").json()["probes"]["total"]
        return count

    def ask_in_vain(self, management: Daemon) -> None:
        """
        Ask for an overview that there may be no time for.
        """
        with contextlib.suppress(OSError, http.client.HTTPException):
            management.get("/api/management/overview")

    def stored(self, port: int) -> list[dict[str, Any]]:
        """
        :returns: All nodes, as the registry's file has them.
        """
        return [
            self.node(f"n{number}", f"http://{address(number)}:{port}")
            for number in range(self.NODES)
        ]


class RegistryTests(ManagementTestCase):
    """
    The file that the nodes are in.

    """

    def test_survives_a_restart(self) -> None:
        """
        Also one that nobody has announced, as when the power fails.
        """
        management = self.make_management().start()
        created = self.register(management, "a", "http://127.0.0.1:9", TOKEN)
        self.assertEqual(created.status, 201)
        management.kill()
        again = management.start().get("/api/nodes/a")
        self.assertEqual((again.status, again.body), (200, created.body))
        self.assertEqual(again.headers["ETag"], created.headers["ETag"])
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_second_process(self) -> None:
        """
        Whoever starts it twice reads one line that says what is wrong.
        """
        first = self.make_management().start()
        run = run_twistd(
            *("-n", "motion-in-ocean"),
            cwd=self.folder,
            settings={
                "APP_MODE": "management",
                "NODE_REGISTRY_PATH": str(self.path),
                "BIND_HOST": "127.0.0.1",
                "PORT": "0",
            },
        )
        said = run.stdout + run.stderr
        complaints = [line for line in said.splitlines() if " critical " in line]
        self.assertEqual(len(complaints), 1, said)
        self.assertIn(str(self.path), complaints[0])
        self.assertNotIn("Traceback", said)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(first.get("/ready").status, 200)

    def test_unusable_path(self) -> None:
        """
        As ``/data`` on a bare machine: it is up, not ready, and says what to do.
        """
        self.path = Path("/proc/x/nodes.json")
        management = self.make_management().start()
        self.assertEqual(management.get("/health").status, 200)
        reply = management.get("/ready")
        report = reply.json()
        self.assertEqual((reply.status, report["reason"]), (503, "registry_unavailable"))
        for told in (report["message"], management.log):
            self.assertIn("/proc/x", told)
            self.assertIn("NODE_REGISTRY_PATH", told)
        self.assertEqual(self.health_check(management), (0, ""))
        status, said = self.health_check(management, HEALTHCHECK_READY="yes")
        self.assertEqual(status, 1)
        self.assertIn("registry_unavailable", said)
        reply = self.register(management, "a", "http://127.0.0.1:9")
        self.assertEqual(reply.json()["error"]["code"], "REGISTRY_UNAVAILABLE")
        self.assertLess(management.stop().seconds, STOP_SECONDS)

    def health_check(self, management: Daemon, **settings: str) -> tuple[int, str]:
        """
        :returns: Exit status of what containers ask, and what it says.
        """
        run = subprocess.run(
            [sys.executable, "-m", "motion_in_ocean.healthcheck"],
            env=environment({"PORT": str(management.port), "APP_MODE": "management", **settings}),
            capture_output=True,
            text=True,
            check=False,
        )
        return run.returncode, run.stderr
