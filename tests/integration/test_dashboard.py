"""
The dashboard as people see it, in Chromium.

"""

from pathlib import Path

from tests.integration.browser import PHONE, BrowserTestCase, Tab
from tests.integration.daemon import Daemon, wait_until

NODE = {
    "id": "garden",
    "name": "Garden <script>alert(1)</script>",
    "base_url": "http://127.0.0.1:9",
    "auth": {"type": "none"},
    "labels": {},
    "last_seen": "2026-01-01T00:00:00Z",
    "capabilities": [],
    "transport": "http",
}


class DashboardTests(BrowserTestCase):
    """
    The page of management mode.

    """

    def start(self) -> Daemon:
        """
        :returns: A daemon that watches over nobody yet.
        """
        registry = Path(self.mktemp()).absolute() / "nodes.json"
        settings = {"APP_MODE": "management", "NODE_REGISTRY_PATH": str(registry)}
        return self.make_daemon(settings).start()

    def wait_for(self, tab: Tab, state: str) -> None:
        """
        Wait until the page says that of the fleet.
        """
        wait_until(lambda: tab.state == state, lambda: tab.state)

    def test_nobody(self) -> None:
        """
        Whoever has just started it is told what to do next.
        """
        tab = self.open(self.start())
        self.wait_for(tab, "0 of 0 live, 0 unavailable")
        self.assertIn("POST /api/nodes", tab.page.inner_text("#empty"))
        self.assertEqual(tab.complaints, [])

    def test_node_that_is_not_there(self) -> None:
        """
        It is named, with what is wrong; what somebody has written into its name is only text.
        """
        daemon = self.start()
        daemon.ask("POST", "/api/nodes", NODE)
        for context in (self.context(), self.context(PHONE)):
            tab = self.open(daemon, context)
            self.wait_for(tab, "0 of 1 live, 1 unavailable")
            row = tab.page.inner_text("#nodes tr")
            self.assertIn(NODE["name"], row)
            self.assertIn("Error", row)
            self.assertTrue(tab.page.is_hidden("#empty"))
            self.assertEqual(tab.complaints, [])
            others = [url for url in tab.addresses if not url.startswith(daemon.url)]
            self.assertEqual(others, [])

    def test_phone(self) -> None:
        """
        On a phone nothing has to be pushed sideways, and words stay whole.
        """
        daemon = self.start()
        daemon.ask("POST", "/api/nodes", {**NODE, "name": "Shed with a rather long name"})
        tab = self.open(daemon, self.context(PHONE))
        self.wait_for(tab, "0 of 1 live, 1 unavailable")
        main = "document.querySelector('main')"
        self.assertTrue(tab.page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth"))
        name = tab.page.locator("#nodes th").bounding_box()
        assert name is not None
        self.assertLess(name["height"], 60)

    def test_registry_that_cannot_be_used(self) -> None:
        """
        The page says why, instead of showing an empty fleet.
        """
        settings = {"APP_MODE": "management", "NODE_REGISTRY_PATH": "/proc/x/nodes.json"}
        tab = self.open(self.make_daemon(settings).start())
        wait_until(lambda: "/proc/x" in tab.state, lambda: tab.state)
        self.assertTrue(tab.page.is_hidden("#empty"))
