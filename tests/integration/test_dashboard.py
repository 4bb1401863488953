"""
The dashboard as people see it, in Chromium: which nodes there are, and how each is.

"""

from collections.abc import Mapping

from playwright.sync_api import Locator, Route

from tests.integration.browser import PHONE, SMALL_PHONE, Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import NOT_READY, MadeUpNode

EVERY_STATE = {
    "attic": "Streaming",
    "barn": "Not ready",
    "cellar": "Unreachable",
    "dock": "Unauthorized",
    "eaves": "Odd answer",
    "field": "Not asked",
}


class FleetTests(DashboardTestCase):
    """
    What is seen at a glance.

    """

    def in_every_state(self) -> Daemon:
        """
        :returns: A manager of nodes that are as ``EVERY_STATE`` says.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", MadeUpNode(), labels={"floor": "top"})
        self.add_node(daemon, "barn", MadeUpNode(ready=NOT_READY))
        self.add_node(daemon, "cellar", None, labels={"floor": "bottom"})
        self.add_node(daemon, "dock", MadeUpNode(token="other"))
        self.add_node(daemon, "eaves", MadeUpNode(html=b"<p>A router</p>"))
        self.add_node(daemon, "field", None, transport="docker")
        return daemon

    def tiles(self, tab: Tab) -> Mapping[str, int]:
        """
        :returns: The number on each tile that can be seen.
        """
        texts = tab.page.locator("#tiles button:visible").all_inner_texts()
        pairs = [text.split(maxsplit=1) for text in texts]
        return {label: int(count) for count, label in pairs}

    def states(self, tab: Tab) -> Mapping[str, str]:
        """
        :returns: The state of each node that is shown, by its id.
        """
        rows = tab.page.locator("#nodes tr").all()
        return {
            row.locator("a").inner_text().lower(): row.locator(".pill").inner_text() for row in rows
        }

    def edge(self, tile: Locator) -> str:
        """
        :returns: How thick the outline of a tile is, whose colour can be seen on any surface.
        """
        width: str = tile.evaluate("(tile) => getComputedStyle(tile).borderTopWidth")
        return width

    def test_every_state(self) -> None:
        """
        Each node is shown as it is, and the tiles count them; a click on one shows those alone, as
        its outline says, and another all again.
        """
        tab = self.dashboard(self.in_every_state())
        self.assertEqual(self.states(tab), EVERY_STATE)
        seen = tab.page.locator("#nodes td:last-child").all_inner_texts()
        self.assertEqual(seen[:2], ["just now", "just now"])
        self.assertRegex(seen[2], r"^\d+ d ago$")
        once = dict.fromkeys(EVERY_STATE.values(), 1)
        self.assertEqual(self.tiles(tab), {"Total": 6, **once})
        self.assertEqual(tab.page.title(), "(4) Fleet \N{EN DASH} motion-in-ocean")
        for node, state in EVERY_STATE.items():
            tile = tab.page.locator("#tiles button", has_text=state)
            others = tab.page.locator("#tiles [aria-pressed=false]").last
            tile.click()
            self.assertEqual(self.states(tab), {node: state})
            self.assertEqual(tile.get_attribute("aria-pressed"), "true")
            self.assertEqual((self.edge(tile), self.edge(others)), ("3px", "1px"))
            tile.click()
        self.assertEqual(self.states(tab), EVERY_STATE)
        self.assertEqual(tab.complaints, [])

    def test_why(self) -> None:
        """
        Whoever has to mend it reads what is wrong, and what to try.
        """
        tab = self.dashboard(self.in_every_state())
        self.wait_for_text(tab.page, "#nodes", "gives no pictures any more")
        for node, why, advice in (
            ("barn", "gives no pictures any more", "Restarting its camera"),
            ("cellar", "nothing listens there", "running there"),
            ("dock", "does not accept the credentials", "AUTH_TOKEN"),
            ("eaves", "no JSON", "motion-in-ocean that answers there"),
            ("field", "docker", "transport http"),
        ):
            tab.page.click(f"#nodes a[data-node={node}]")
            self.assertIn(why.lower(), tab.page.inner_text("#drawer-why").lower())
            self.assertIn(advice, tab.page.inner_text("#drawer-advice"))
            tab.page.keyboard.press("Escape")
        self.assertEqual(tab.complaints, [])

    def test_changes_by_itself(self) -> None:
        """
        A node that fails is seen to fail without a reload, and said once to those who listen.
        """
        daemon = self.manage()
        node = MadeUpNode()
        self.add_node(daemon, "attic", node)
        tab = self.dashboard(daemon)
        self.assertEqual(self.states(tab), {"attic": "Streaming"})
        node.ready = NOT_READY
        wait_until(lambda: self.states(tab) == {"attic": "Not ready"}, "that it is not ready")
        news = tab.page.text_content("#news") or ""
        self.assertTrue(news.endswith("Attic: Not ready."), news)
        self.assertEqual(self.tiles(tab)["Not ready"], 1)

    def test_added_and_removed_by_others(self) -> None:
        """
        What somebody else adds or removes comes and goes by itself.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", MadeUpNode())
        tab = self.dashboard(daemon)
        self.add_node(daemon, "barn", MadeUpNode())
        wait_until(lambda: self.names(tab) == ["Attic", "Barn"], "the new one")
        daemon.ask("DELETE", "/api/nodes/attic")
        wait_until(lambda: self.names(tab) == ["Barn"], "the other alone", 25)

    def test_nobody(self) -> None:
        """
        Whoever has just started it is told what to do next.
        """
        tab = self.dashboard(self.manage())
        self.assertIn("Add one", tab.page.inner_text("#empty"))
        self.assertTrue(tab.page.is_hidden("#table"))
        self.assertEqual(self.tiles(tab)["Total"], 0)
        self.assertEqual(tab.complaints, [])

    def test_talks_to_manager_alone(self) -> None:
        """
        The browser needs no way to the nodes, and tells nobody else about them.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", MadeUpNode())
        tab = self.dashboard(daemon, "view=wall")
        tab.page.click("#wall a")
        others = [url for url in tab.addresses if not url.startswith(daemon.url)]
        self.assertEqual(others, [])

    def sides(self, tab: Tab, selector: str) -> tuple[float, float]:
        """
        :returns: Where the left and the right one of it are.
        """
        box = tab.page.locator(selector).bounding_box()
        assert box is not None
        return box["x"], box["x"] + box["width"]

    def test_phone(self) -> None:
        """
        On a phone nothing has to be pushed sideways, words stay whole, and all that is worked with
        is large enough for a thumb; nor does any name push away what closes its node.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode(), name="Shed with a rather long name")
        self.add_node(daemon, "way", MadeUpNode(), name="Driveway" + 20 * "-and-street")
        for size in (PHONE, SMALL_PHONE):
            context = self.context(size, has_touch=True, is_mobile=True)
            tab = self.dashboard(daemon, context=context)
            width = tab.page.evaluate("document.documentElement.scrollWidth")
            self.assertEqual(width, size[0])
            name = tab.page.locator("#nodes th", has_text="Shed").bounding_box()
            assert name is not None
            self.assertLess(name["height"], 60)
            for control in tab.page.locator("button:visible, .field:visible").all():
                box = control.bounding_box()
                assert box is not None
                self.assertGreaterEqual(box["height"], 44, control.inner_text())
            for node in ("shed", "way"):
                tab.page.tap(f"#nodes a[data-node={node}]")
                self.assertEqual(self.sides(tab, "#drawer"), (0, size[0]))
                self.assertLess(self.sides(tab, "#close")[1], size[0])
                tab.page.tap("#close")
                wait_until(lambda: tab.page.is_hidden("#drawer"), "that it is closed")  # noqa: B023

    def test_registry_that_cannot_be_used(self) -> None:
        """
        The page says why, instead of showing an empty fleet.
        """
        settings = {"APP_MODE": "management", "NODE_REGISTRY_PATH": "/proc/x/nodes.json"}
        tab = self.open(self.make_daemon(settings).start())
        self.wait_for_state(tab, "/proc/x")
        self.assertTrue(tab.page.is_hidden("#empty"))


class BannerTests(DashboardTestCase):
    """
    Who else can manage the nodes.

    """

    def test_open_to_network(self) -> None:
        """
        Where anyone can, it says so; where nobody else can, it does not.
        """
        daemon, context = self.manage(), self.context()
        self.assertTrue(self.dashboard(daemon, context=context).page.is_hidden("#open"))

        def open_to_network(route: Route) -> None:
            page = route.fetch()
            body = page.text().replace('open-to-network="no"', 'open-to-network="yes"')
            route.fulfill(response=page, body=body)

        context.route(daemon.url, open_to_network)
        self.assertTrue(self.dashboard(daemon, context=context).page.is_visible("#open"))

    def test_credentials(self) -> None:
        """
        With a token, the browser's own prompt lets people in, and nothing is said any more.
        """
        daemon = self.manage(AUTH_TOKEN="correct-horse")
        context = self.context(credentials=("anyone", "correct-horse"))
        tab = self.dashboard(daemon, context=context)
        self.assertTrue(tab.page.is_hidden("#open"))
        self.assertEqual(tab.complaints, [])
