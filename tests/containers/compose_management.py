"""
The Compose profile of management mode: ``sudo make test-containers``.

"""

from tests.containers.compose_case import ComposeTestCase
from tests.containers.rig import STOPPED, USER, Failed, ask, run, say
from tests.guides import blocks
from tests.integration.daemon import Reply

NODE = {
    "id": "garden",
    "name": "Garden",
    "base_url": "http://192.0.2.1:8000",
    "auth": {"type": "bearer", "token": "of the node"},
    "labels": {},
    "last_seen": "2026-01-01T00:00:00Z",
    "capabilities": ["stream"],
    "transport": "http",
}


class ManagementTests(ComposeTestCase):
    """
    What watches over many nodes.

    """

    def test_keeps_its_nodes(self) -> None:
        """
        The list of nodes is still there after an update of the image: ``down`` and ``up``.

        """
        self.override("management")
        self.settings(AUTH_TOKEN="secret")
        _, seconds = self.up("management")
        say(f"healthy after {seconds:.1f} s")
        made = self.ask_for_nodes("POST", NODE)
        self.assertEqual(made.status, 201, made.body)
        self.down()
        container, _ = self.up("management")
        nodes = self.ask_for_nodes().json()["nodes"]
        self.assertEqual([node["id"] for node in nodes], ["garden"])
        self.assertEqual(ask(self.management_port, "/api/nodes").status, 401)
        status, seconds = container.stop()
        say(f"stopped with {status} after {seconds:.1f} s")
        self.assertIn(status, STOPPED)

    def test_beside_a_camera(self) -> None:
        """
        Both can be on one machine.

        """
        self.override("mock")
        self.settings(AUTH_TOKEN="secret")
        self.up("mock")
        self.override("management")
        self.up("management")
        for port, app_mode in ((self.port, "webcam"), (self.management_port, "management")):
            self.assertEqual(ask(port, "/health").json()["app_mode"], app_mode)

    def test_nodes_come_from_another_machine(self) -> None:
        """
        As the guide says, and only the daemon can read them then.

        """
        self.override("management")
        self.settings(AUTH_TOKEN="secret")
        self.up("management")
        self.assertEqual(self.ask_for_nodes("POST", NODE).status, 201)
        self.do_as_the_guide_says("with Docker Compose, at the old place")
        self.down("--volumes")
        self.up("management")
        self.assertEqual(self.ask_for_nodes().json()["nodes"], [])
        self.do_as_the_guide_says("with Docker Compose, at the new place")
        container, _ = self.up("management")
        nodes = self.ask_for_nodes().json()["nodes"]
        self.assertEqual([node["id"] for node in nodes], ["garden"])
        file = container.run("stat", "-c", "%u %a", "/data/node-registry.json")
        self.assertEqual(file, f"{USER} 600")

    def ask_for_nodes(self, method: str = "GET", payload: object = None) -> Reply:
        """
        :returns: The answer to somebody who may manage them.
        """
        return ask(self.management_port, "/api/nodes", method, payload, token="secret")

    def do_as_the_guide_says(self, tried: str) -> None:
        """
        Run the one block of the guides that is tried in this way.

        """
        (block,) = blocks(tried)
        named = f"export COMPOSE_PROJECT_NAME={self.project}\n{block.code}"
        run("bash", "-euo", "pipefail", "-c", named, cwd=self.folder)

    def test_demands_a_token(self) -> None:
        """
        Nobody opens all cameras to the network by having forgotten a line.

        """
        self.override("management")
        error = self.assertRaises(Failed, self.compose, "--profile=management", "up")
        self.assertIn("Management mode needs credentials: set AUTH_TOKEN in .env", str(error))
        started = self.compose("ps", "--services", "--status=running")
        self.assertEqual(started, "")

    def test_demands_a_token_in_the_background(self) -> None:
        """
        Nor where nobody sees what the container says: what Compose itself says is enough.

        """
        self.override("management")
        error = self.assertRaises(Failed, self.compose, "--profile=management", "up", "--detach")
        self.assertIn("auth-token-is-set", str(error))
