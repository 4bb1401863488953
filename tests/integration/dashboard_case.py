"""
The dashboard in Chromium, over nodes that do what they are told.

"""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.integration.browser import BrowserTestCase, Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.made_up_nodes import MadeUpNode, MadeUpNodes

NOBODY = "http://127.0.0.1:9"
"""Where nothing listens."""


class DashboardTestCase(BrowserTestCase):
    """
    Tests with a fleet of their own.

    """

    def setUp(self) -> None:
        self.fleet = MadeUpNodes().start()
        self.addCleanup(self.fleet.stop)

    def manage(self, **settings: str) -> Daemon:
        """
        :returns: A daemon that watches over nobody yet.
        """
        registry = Path(self.mktemp()).absolute() / "nodes.json"
        return self.make_daemon(
            {
                "APP_MODE": "management",
                "NODE_REGISTRY_PATH": str(registry),
                "PROBE_INTERVAL_SECONDS": "1",
                **settings,
            }
        ).start()

    def add_node(self, daemon: Daemon, node_id: str, says: MadeUpNode | None, **more: Any) -> None:
        """
        Register a node.

        :param says: How it behaves; nothing listens there if ``None``.
        :param more: What is not as usual about what is registered.
        """
        if says is not None:
            self.fleet.nodes[node_id] = says
        node = {
            "id": node_id,
            "name": node_id.capitalize(),
            "base_url": NOBODY if says is None else self.fleet.url(node_id),
            "auth": {"type": "none"},
            "labels": {},
            "last_seen": "2026-01-01T00:00:00Z",
            "capabilities": [],
            "transport": "http",
            **more,
        }
        reply = daemon.ask("POST", "/api/nodes", node)
        self.assertEqual(reply.status, 201, reply.body)

    def dashboard(
        self, daemon: Daemon, fragment: str = "", context: BrowserContext | None = None
    ) -> Tab:
        """
        :param fragment: What is chosen to be seen.
        :returns: The page, when it is up to date.
        """
        tab = self.open(daemon, context, f"{daemon.url}#{fragment}")
        self.wait_for_state(tab, "Up to date")
        return tab

    def wait_for_state(self, tab: Tab, state: str) -> None:
        """
        Wait until the page says so of itself.
        """
        wait_until(lambda: state in tab.state, lambda: tab.state)

    def wait_for_text(self, page: Page, selector: str, text: str) -> None:
        """
        Wait until an element holds the text.
        """
        where = page.locator(selector).first
        wait_until(lambda: text in where.inner_text(), lambda: f"{text} in {where.inner_text()}")

    def names(self, tab: Tab) -> list[str]:
        """
        :returns: Those of the nodes that are shown, in order.
        """
        return tab.page.locator("#nodes a, #wall a").all_inner_texts()
