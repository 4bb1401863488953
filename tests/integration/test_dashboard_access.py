"""
Whom the dashboard could keep out, and what it costs, in Chromium.

"""

from tests.integration.browser import SMALL_PHONE, Tab
from tests.integration.daemon import Daemon
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import NOT_READY, MadeUpNode

WIDE = (1440, 900)
MOST_MILLISECONDS = 50

TASKS = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => {
    window.tasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: "longtask" });
}"""


class AccessTests(DashboardTestCase):
    """
    axe-core finds nothing wrong, in any part, dark or light, on a phone or a desk.

    """

    def watched(self) -> Daemon:
        """
        :returns: A manager of nodes that are well and that are not.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", MadeUpNode(), labels={"floor": "top"})
        self.add_node(daemon, "barn", MadeUpNode(ready=NOT_READY))
        self.add_node(daemon, "cellar", None)
        return daemon

    def check(self, tab: Tab) -> None:
        """
        Look at every part.

        """
        self.assert_accessible(tab)
        tab.page.select_option("select[name=view]", "wall")
        tab.page.fill("#q", "a")
        self.wait_for_text(tab.page, "#wall figcaption", "ago")
        self.assert_accessible(tab)
        tab.page.click("#wall a")
        tab.page.click("#probes summary >> nth=1")
        self.assert_accessible(tab)
        tab.page.click("#restart")
        self.assert_accessible(tab)
        tab.page.click("#sure")
        self.wait_for_text(tab.page, "#answer", "It answered")
        tab.page.click("#edit")
        tab.page.wait_for_selector("#editor[open]")
        tab.page.fill("#form [name=name]", "")
        tab.page.click("#form button:has-text('Save')")
        tab.page.wait_for_selector("[aria-invalid]")
        tab.page.click("#more summary")
        self.assert_accessible(tab)

    def test_desk(self) -> None:
        """
        At a desk.
        """
        self.check(self.dashboard(self.watched(), context=self.context(WIDE)))

    def test_phone(self) -> None:
        """
        On a small phone.
        """
        self.check(self.dashboard(self.watched(), context=self.context(SMALL_PHONE)))

    def test_stale(self) -> None:
        """
        What is grey can still be read.
        """
        daemon = self.watched()
        tab = self.dashboard(daemon, context=self.context(WIDE))
        daemon.kill()
        self.wait_for_state(tab, "does not answer")
        self.assert_accessible(tab)

    def test_nobody(self) -> None:
        """
        Nor on the first visit.
        """
        self.assert_accessible(self.dashboard(self.manage()))
