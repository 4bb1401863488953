"""
One node on the dashboard, in Chromium: what it says, what it was, what it can be told.

"""

import json
import re

from playwright.sync_api import Page, Route, expect

from tests.integration.browser import Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import NOT_READY, MadeUpNode


class DrawerTests(DashboardTestCase):
    """
    All that is known of it.

    """

    def drawer(self, daemon: Daemon, node_id: str) -> Tab:
        """
        :returns: The page with the drawer of that node, reached by its address.
        """
        tab = self.dashboard(daemon, f"node={node_id}")
        tab.page.wait_for_selector("#drawer[open]")
        return tab

    def facts(self, tab: Tab) -> dict[str, str]:
        """
        :returns: What is told of the node, by its heading.
        """
        pairs = [row.inner_text().splitlines() for row in tab.page.locator("#facts > div").all()]
        return {pair[0]: pair[-1] for pair in pairs}

    def test_what_it_says(self) -> None:
        """
        All that the node has answered can be read, with how long that took.
        """
        daemon = self.manage()
        self.add_node(
            daemon,
            "shed",
            MadeUpNode(),
            labels={"place": "garden", "owner": "Anna"},
            capabilities=["stream", "zoom"],
        )
        tab = self.drawer(daemon, "shed")
        facts = self.facts(tab)
        self.assertRegex(facts.pop("It took"), r"^\d+ ms$")
        self.assertEqual(
            facts,
            {
                "Id": "shed",
                "Address": self.fleet.url("shed"),
                "Token": "None",
                "Labels": "place = garden, owner = Anna",
                "Capabilities": "stream, zoom",
                "Transport": "http",
                "Last answer": "just now",
                "Last asked": "just now",
            },
        )
        self.assertEqual(
            tab.page.locator("#probes summary").all_inner_texts(),
            ["/health: 200", "/ready: 200", "/metrics: 200"],
        )
        tab.page.click("#probes summary >> nth=1")
        said = json.loads(tab.page.inner_text("#probes pre >> nth=1"))
        self.assertEqual(said, dict(self.fleet.nodes["shed"].ready))
        self.assertEqual(tab.complaints, [])

    def test_own_page(self) -> None:
        """
        One click leads to the node's own page, which does not learn where from.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        link = self.drawer(daemon, "shed").page.locator("#page")
        self.assertEqual(link.get_attribute("href"), self.fleet.url("shed") + "/")
        self.assertEqual(link.get_attribute("rel"), "noreferrer noopener")

    def test_history(self) -> None:
        """
        What has changed, and why, the newest first; of this node alone.
        """
        daemon = self.manage()
        node = MadeUpNode()
        self.add_node(daemon, "shed", node)
        self.add_node(daemon, "barn", None)
        tab = self.drawer(daemon, "shed")
        changes = tab.page.locator("#drawer-events li")
        wait_until(lambda: changes.count() == 1, "what was found first")
        node.ready = NOT_READY
        wait_until(lambda: changes.count() == 2, "the change")
        self.assertIn("Not ready", changes.first.inner_text())
        self.assertIn("stale_stream", changes.first.inner_text())

    def test_ask_now(self) -> None:
        """
        Whoever has mended something need not wait for the next round.
        """
        daemon = self.manage(PROBE_INTERVAL_SECONDS="3600")
        node = MadeUpNode(ready=NOT_READY)
        self.add_node(daemon, "shed", node)
        tab = self.drawer(daemon, "shed")
        self.assertEqual(tab.page.inner_text("#drawer-state"), "Not ready")
        node.ready = MadeUpNode().ready
        tab.page.click("#again")
        self.wait_for_text(tab.page, "#asked", "Asked now: Streaming")
        self.assertEqual(tab.page.inner_text("#drawer-state"), "Streaming")

    def test_late_answers(self) -> None:
        """
        What is answered about one node is not said of another that is looked at by then, nor does
        its form open there.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        self.add_node(daemon, "barn", MadeUpNode(ready=NOT_READY))
        page = self.dashboard(daemon).page
        held: list[Route] = []
        about_shed = re.compile(r"/api/nodes/shed($|/status|/actions)")

        def hold(route: Route) -> None:
            held.append(route)

        page.route(about_shed, hold)
        page.click("#nodes a[data-node=shed]")
        page.click("summary:has-text('Something else')")
        page.fill("#action", "controls")
        for button in ("#again", "#edit", "#delete", "#custom button"):
            page.click(button)
        wait_until(lambda: page.title() and len(held) == 4, "questions")
        self.assertEqual(page.inner_text("#answer"), "Sent; waiting…")
        page.click("#close")
        page.click("#nodes a[data-node=barn]")
        self.assertEqual(page.inner_text("#drawer-name"), "Barn")
        answered: list[str] = []
        page.on("response", lambda response: answered.append(response.url))
        for route in held:
            route.continue_()
        wait_until(
            lambda: page.title() and len(list(filter(about_shed.search, answered))) == 4, "answers"
        )
        # What is to be done with them is done at once.
        page.wait_for_timeout(100)
        self.assertEqual((page.inner_text("#asked"), page.inner_text("#answer")), ("", ""))
        self.assertTrue(page.is_hidden("#editor"))
        self.assertTrue(page.is_hidden("#confirm"))
        self.assertEqual(page.inner_text("#drawer-name"), "Barn")

    def test_no_such_node(self) -> None:
        """
        An old bookmark leads to an explanation, and out of it again.
        """
        tab = self.drawer(self.manage(), "gone")
        self.wait_for_text(tab.page, "#drawer-why", "There is no such node")
        tab.page.click("#close")
        self.assertTrue(tab.page.is_hidden("#drawer"))
        self.assertNotIn("node", tab.page.url)

    def test_keyboard_alone(self) -> None:
        """
        Without a mouse a node is found, opened, read and left, and the focus is where it was.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        self.add_node(daemon, "barn", None)
        page = self.dashboard(daemon).page

        def focused() -> str:
            text: str = page.evaluate(
                "document.activeElement.textContent.trim() || document.activeElement.id"
            )
            return text

        for _ in range(30):
            page.keyboard.press("Tab")
            if focused() == "Shed":
                break
        page.keyboard.press("Enter")
        page.wait_for_selector("#drawer[open]")
        self.assertEqual(focused(), "Shed")
        seen = []
        for _ in range(5):
            page.keyboard.press("Tab")
            seen.append(focused())
        self.assertEqual(seen, ["✕", "Its own page", "Ask now", "Edit", "Remove"])
        page.keyboard.press("Enter")
        page.wait_for_selector("#confirm[open]")
        self.assertEqual(focused(), "Cancel")
        page.keyboard.press("Escape")
        self.assertEqual(focused(), "Remove")
        page.keyboard.press("Escape")
        wait_until(lambda: page.is_hidden("#drawer"), "that it is closed")
        self.assertEqual(focused(), "Shed")
        self.assertEqual(page.evaluate("document.activeElement.tagName"), "A")

    def remove(self, page: Page) -> None:
        """
        Remove the node that is looked at, with the keyboard.
        """
        page.focus("#delete")
        page.keyboard.press("Enter")
        page.wait_for_selector("#confirm[open]")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        wait_until(lambda: page.is_hidden("#drawer"), "that it is closed")

    def test_focus_after_removal(self) -> None:
        """
        Where a node was removed, by whoever is here or by somebody else, the focus is not lost to
        those who have no mouse: reading goes on at the top.
        """
        daemon = self.manage()
        for node in ("shed", "barn", "attic"):
            self.add_node(daemon, node, MadeUpNode())
        tab = self.dashboard(daemon)
        page = tab.page
        heading = page.get_by_role("heading", name="Fleet")
        page.focus("#nodes a[data-node=shed]")
        page.keyboard.press("Enter")
        self.remove(page)
        wait_until(lambda: self.names(tab) == ["Attic", "Barn"], "that it is gone")
        expect(heading).to_be_focused()
        page.focus("#nodes a[data-node=attic]")
        daemon.ask("DELETE", "/api/nodes/attic")
        page.evaluate("dispatchEvent(new Event('online'))")
        wait_until(lambda: self.names(tab) == ["Barn"], "that the other is gone", 25)
        expect(heading).to_be_focused()
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.id"), "add")
        by_its_address = self.drawer(daemon, "barn").page
        self.remove(by_its_address)
        expect(by_its_address.get_by_role("heading", name="Fleet")).to_be_focused()


class ActionTests(DashboardTestCase):
    """
    What a node can be told.

    """

    def setUp(self) -> None:
        super().setUp()
        self.manager = self.manage()
        self.node = MadeUpNode()
        self.add_node(self.manager, "shed", self.node)
        self.tab = self.dashboard(self.manager, "node=shed")
        self.page = self.tab.page

    def send(self, action: str, body: str) -> None:
        """
        Fill in the form of other actions, and send it.
        """
        if self.page.is_hidden("#custom"):
            self.page.click("summary:has-text('Something else')")
        self.page.fill("#action", action)
        self.page.fill("#body", body)
        self.page.click("#custom button")

    def test_restart(self) -> None:
        """
        It is asked first; then the answer is shown.
        """
        self.page.click("#restart")
        self.wait_for_text(self.page, "#question", "Send “restart” to Shed?")
        self.page.click("#confirm button:has-text('Cancel')")
        self.page.click("#restart")
        self.page.click("#sure")
        self.wait_for_text(self.page, "#answer", "It answered with 202.")
        self.assertIn('"status": "restarting"', self.page.inner_text("#answer"))
        self.assertEqual(self.node.received, [("restart", {})])

    def test_custom(self) -> None:
        """
        Controls are set without a question; an answer that is a refusal is shown as what it is.
        """
        self.node.action = (400, {"error": {"message": "no such control"}})
        self.send("controls", '{"Brightness": 0.1}')
        self.wait_for_text(self.page, "#answer", "It answered with 400.")
        self.assertIn("no such control", self.page.inner_text("#answer"))
        self.assertEqual(self.node.received, [("controls", {"Brightness": 0.1})])
        self.assertEqual([each for each in self.tab.complaints if "400" not in each], [])

    def test_nonsense(self) -> None:
        """
        What is no action or no JSON object is said to be so, and not sent.
        """
        self.send("Restart!", "")
        self.wait_for_text(self.page, "#answer", "lower-case letters")
        for body in ("[]", "{", "null", '"text"'):
            self.send("controls", body)
            self.wait_for_text(self.page, "#answer", "JSON is an object")
        self.assertEqual(self.node.received, [])

    def test_node_gone(self) -> None:
        """
        A node that does not answer is told apart from one that refuses.
        """
        self.fleet.stop()
        self.send("controls", "")
        self.wait_for_text(self.page, "#answer", "Is motion-in-ocean running there")


class RealNodeTests(DashboardTestCase):
    """
    A node that is motion-in-ocean itself, with a token.

    """

    def test_looked_at_and_restarted(self) -> None:
        """
        Its picture is seen and its camera restarted, without its token in the browser.
        """
        token = "correct-horse"
        camera = self.make_daemon({"AUTH_TOKEN": token, "FPS": "10"}).start().wait_until_ready()
        manager = self.manage()
        auth = {"type": "bearer", "token": token}
        self.add_node(manager, "shed", None, base_url=camera.url, auth=auth)
        tab = self.dashboard(manager, "node=shed")
        self.wait_for_text(tab.page, "#drawer figcaption", "s ago")
        self.assertEqual(tab.page.inner_text("#drawer-state"), "Streaming")
        tab.page.click("#restart")
        tab.page.click("#sure")
        self.wait_for_text(tab.page, "#answer", "It answered with 202.")
        wait_until(lambda: "to open it anew" in camera.log, lambda: camera.log)
        self.assertNotIn(token, tab.page.content())
        self.assertEqual(tab.complaints, [])
