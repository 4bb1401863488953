"""
The dashboard behind a reverse proxy that has given it a folder, in Chromium.

"""

from tests.integration.cuttable_proxy import CuttableProxy
from tests.integration.daemon import wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import MadeUpNode


class ProxyTests(DashboardTestCase):
    """
    An address that is not its own.

    """

    def setUp(self) -> None:
        super().setUp()
        self.manager = self.manage()
        self.proxy = CuttableProxy(self.manager.port, "/home/cameras/")
        self.addCleanup(self.proxy.close)

    def test_everything_stays_in_folder(self) -> None:
        """
        Nothing is asked of the proxy that is somebody else's, whatever is done.
        """
        self.fleet.nodes["shed"] = MadeUpNode()
        tab = self.open(self.manager, url=f"{self.proxy.url}#view=wall")
        self.wait_for_state(tab, "Up to date")
        tab.page.click("#add")
        tab.page.fill("#form [name=name]", "Shed")
        tab.page.fill("#form [name=base_url]", self.fleet.url("shed"))
        tab.page.click("#form button:has-text('Save')")
        self.wait_for_text(tab.page, "#asked", "Asked now: Streaming")
        tab.page.click("#restart")
        tab.page.click("#sure")
        self.wait_for_text(tab.page, "#answer", "It answered with 202.")
        self.wait_for_text(tab.page, "#drawer figcaption", "ago")
        tab.page.click("#delete")
        tab.page.click("#sure")
        self.wait_for_text(tab.page, "#empty", "There are no nodes yet")
        self.assertEqual(tab.complaints, [])
        outside = [url for url in tab.addresses if not url.startswith(self.proxy.url)]
        self.assertEqual(outside, [])

    def test_network_gone(self) -> None:
        """
        A network that swallows everything is noticed, and so is its return.
        """
        self.add_node(self.manager, "shed", MadeUpNode())
        tab = self.open(self.manager, url=self.proxy.url)
        self.wait_for_state(tab, "Up to date")
        self.proxy.cut()
        self.wait_for_state(tab, "Waiting for the manager.")
        self.assertRegex(tab.page.inner_text("#since"), r"This is how it was \d+ s ago")
        self.proxy.mend()
        # As a machine does that has found its network again.
        tab.page.evaluate("dispatchEvent(new Event('online'))")
        self.wait_for_state(tab, "Up to date")
        wait_until(lambda: self.names(tab) == ["Shed"], "the node")
