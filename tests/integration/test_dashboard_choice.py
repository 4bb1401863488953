"""
Finding one node among many on the dashboard, in Chromium.

"""

from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import NOT_READY, READY, MadeUpNode


class ChoiceTests(DashboardTestCase):
    """
    Which nodes are shown, and in what order.

    """

    def fleet_of_four(self) -> Daemon:
        """
        :returns: A manager of nodes that differ in everything that can be chosen by.
        """
        daemon = self.manage()
        cameras = {
            "Cam 2": MadeUpNode(ready={**READY, "current_fps": 30}),
            "Cam 10": MadeUpNode(ready={**READY, "current_fps": 5}),
            "Émile": MadeUpNode(ready=NOT_READY),
            "Barn": None,
        }
        for number, (name, node) in enumerate(cameras.items()):
            labels = {"place": "in" if number % 2 else "out"}
            capabilities = ["zoom"] if name == "Barn" else []
            self.add_node(
                daemon, f"n{number}", node, name=name, labels=labels, capabilities=capabilities
            )
        return daemon

    def test_order(self) -> None:
        """
        Names as people count them; or what needs somebody first, by state, age or frames.
        """
        tab = self.dashboard(self.fleet_of_four())
        self.assertEqual(self.names(tab), ["Barn", "Cam 2", "Cam 10", "Émile"])
        for order, names in (
            ("state", ["Barn", "Émile", "Cam 2", "Cam 10"]),
            ("fps", ["Barn", "Émile", "Cam 10", "Cam 2"]),
            ("name", ["Barn", "Cam 2", "Cam 10", "Émile"]),
        ):
            tab.page.select_option("select[name=sort]", order)
            self.assertEqual(self.names(tab), names)
        tab.page.select_option("select[name=sort]", "seen")
        self.assertEqual(self.names(tab)[0], "Barn")

    def test_search(self) -> None:
        """
        Name, id, address, labels and capabilities are searched for all words.
        """
        tab = self.dashboard(self.fleet_of_four())
        for words, found in (
            ("cam", ["Cam 2", "Cam 10"]),
            ("CAM in", ["Cam 10"]),
            ("n3", ["Barn"]),
            ("127.0.0.1:9", ["Barn"]),
            ("zoom", ["Barn"]),
            ("place = out", ["Cam 2", "Émile"]),
            ("nowhere", []),
        ):
            tab.page.fill("#q", words)
            wait_until(lambda: self.names(tab) == found, lambda: f"{words}: {self.names(tab)}")  # noqa: B023
        self.assertEqual(tab.page.inner_text("#shown"), "0 of 4 shown")
        tab.page.click("#all")
        self.assertEqual(len(self.names(tab)), 4)
        self.assertTrue(tab.page.is_hidden("#shown"))

    def test_labels(self) -> None:
        """
        The labels that there are can be chosen from, and narrow what a tile has chosen.
        """
        tab = self.dashboard(self.fleet_of_four())
        self.assertEqual(
            tab.page.locator("#label option").all_inner_texts(),
            ["Any", "place = in", "place = out"],
        )
        tab.page.select_option("#label", "place = out")
        self.assertEqual(self.names(tab), ["Cam 2", "Émile"])
        tab.page.click("#tiles button:has-text('Not ready')")
        self.assertEqual(self.names(tab), ["Émile"])

    def test_address(self) -> None:
        """
        What is chosen stands in the address: as a bookmark, it shows the same again; Back leaves
        the node that was opened last.
        """
        daemon = self.fleet_of_four()
        tab = self.dashboard(daemon)
        tab.page.select_option("select[name=view]", "wall")
        tab.page.select_option("#label", "place = out")
        tab.page.select_option("select[name=sort]", "state")
        other = self.dashboard(daemon, tab.page.url.partition("#")[2])
        self.assertEqual(self.names(other), ["Émile", "Cam 2"])
        self.assertTrue(other.page.is_visible("#wall"))
        other.page.click("#wall a")
        self.assertEqual(other.page.inner_text("#drawer-name"), "Émile")
        self.assertIn("node=n2", other.page.url)
        other.page.go_back()
        wait_until(lambda: other.page.is_hidden("#drawer"), "the way back")
        self.assertEqual(self.names(other), ["Émile", "Cam 2"])

    def test_remembered(self) -> None:
        """
        The next visit begins with the same view and order, but hides no node.
        """
        daemon, context = self.fleet_of_four(), self.context()
        tab = self.dashboard(daemon, context=context)
        tab.page.select_option("select[name=view]", "wall")
        tab.page.select_option("select[name=sort]", "state")
        tab.page.select_option("#label", "place = out")
        other = self.dashboard(daemon, context=context)
        self.assertEqual(self.names(other), ["Barn", "Émile", "Cam 2", "Cam 10"])
        self.assertTrue(other.page.is_visible("#wall"))

    def test_storage_refused(self) -> None:
        """
        A browser that keeps nothing for pages is no reason not to show them.
        """
        daemon, context = self.fleet_of_four(), self.context()
        context.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
        )
        tab = self.dashboard(daemon, context=context)
        tab.page.select_option("select[name=sort]", "state")
        self.assertEqual(self.names(tab)[0], "Barn")
        self.assertEqual(tab.complaints, [])

    def test_refresh_leaves_user_alone(self) -> None:
        """
        Whoever has the focus on a node, has marked text or has scrolled is not disturbed by news,
        not even where they change the order.
        """
        daemon = self.manage()
        nodes = [MadeUpNode() for _ in range(40)]
        for number, node in enumerate(nodes):
            self.add_node(daemon, f"n{number:02}", node, name=f"{number:02}")
        tab = self.dashboard(daemon, "sort=state")
        page = tab.page
        page.locator("#nodes a", has_text="30").focus()
        marked = page.locator("#nodes a", has_text="20")
        marked.evaluate("(link) => getSelection().selectAllChildren(link)")
        marked.evaluate("(link) => link.scrollIntoView({ block: 'center' })")
        before = marked.bounding_box()
        nodes[30].ready = nodes[31].ready = NOT_READY
        wait_until(lambda: self.names(tab)[0] == "30", lambda: str(self.names(tab)))
        now = page.evaluate("[document.activeElement.textContent, String(getSelection())]")
        self.assertEqual(now, ["30", "20"])
        self.assertEqual(marked.bounding_box(), before)
