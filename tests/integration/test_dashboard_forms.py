"""
Registering, changing and removing nodes on the dashboard, in Chromium.

"""

from typing import Any

from playwright.sync_api import Route

from tests.integration.browser import Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import NOBODY, DashboardTestCase
from tests.integration.made_up_nodes import MadeUpNode

TOKEN = "correct-horse-battery"


class FormTests(DashboardTestCase):
    """
    The form, and what becomes of it.

    """

    def stored(self, daemon: Daemon, node_id: str) -> dict[str, Any]:
        """
        :returns: The node as the manager has it.
        """
        return daemon.get(f"/api/nodes/{node_id}").json()

    def fill(self, tab: Tab, **fields: str) -> None:
        """
        Type into fields of the form, by their names.
        """
        for name, text in fields.items():
            tab.page.fill(f"#form [name={name}]", text)

    def save(self, tab: Tab) -> None:
        """
        Save, and wait until that has been done.
        """
        tab.page.click("#form button:has-text('Save')")
        wait_until(
            lambda: tab.page.is_hidden("#editor"),
            lambda: tab.page.inner_text("#form-problem") + str(self.problems(tab)),
        )

    def problems(self, tab: Tab) -> dict[str, str]:
        """
        :returns: What is said beside each field that is wrong, as those who listen find it.
        """
        found: dict[str, str] = tab.page.eval_on_selector_all(
            "#form [aria-invalid=true]",
            "(fields) => Object.fromEntries(fields.map((field) => [field.name, document"
            ".getElementById(field.getAttribute('aria-describedby')).textContent]))",
        )
        return found

    def focused(self, tab: Tab) -> str:
        """
        :returns: The name or id of what has the focus.
        """
        name: str = tab.page.evaluate("document.activeElement.name || document.activeElement.id")
        return name

    def edit(self, tab: Tab, node_id: str) -> None:
        """
        Open the form with a node.
        """
        tab.page.click(f"#nodes a[data-node={node_id}]")
        tab.page.click("#edit")
        tab.page.wait_for_selector("#editor[open]")

    def test_add(self) -> None:
        """
        A name and the address as it stands in the browser are enough; then it is tried at once.
        """
        daemon = self.manage()
        self.fleet.nodes["shed"] = MadeUpNode()
        tab = self.dashboard(daemon)
        tab.page.click("#add")
        self.assertEqual(self.focused(tab), "name")
        address = self.fleet.url("shed").removeprefix("http://")
        tab.page.keyboard.type("Old Shed, côté jardin")
        self.fill(tab, base_url=f"{address}/")
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: Streaming")
        self.assertEqual(tab.page.inner_text("#drawer-name"), "Old Shed, côté jardin")
        node = self.stored(daemon, "old-shed-cote-jardin")
        node.pop("last_seen")
        self.assertEqual(
            node,
            {
                "id": "old-shed-cote-jardin",
                "name": "Old Shed, côté jardin",
                "base_url": f"http://{address}",
                "auth": {"type": "none"},
                "labels": {},
                "capabilities": [],
                "transport": "http",
            },
        )
        tab.page.keyboard.press("Escape")
        wait_until(lambda: self.names(tab) == ["Old Shed, côté jardin"], "its row")
        self.assertEqual(tab.complaints, [])

    def test_same_name_again(self) -> None:
        """
        The id that is proposed is never one that is taken.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        tab = self.dashboard(daemon)
        tab.page.click("#add")
        self.fill(tab, name="Shed")
        self.assertEqual(tab.page.input_value("#form [name=id]"), "shed-2")
        tab.page.click("#more summary")
        self.fill(tab, id="mine", name="Shed again")
        self.assertEqual(tab.page.input_value("#form [name=id]"), "mine")

    def test_failure_after_saving(self) -> None:
        """
        A wrong address is saved, but seen to be wrong, with what to try.
        """
        tab = self.dashboard(self.manage())
        tab.page.click("#add")
        self.fill(tab, name="Shed", base_url=NOBODY)
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: Unreachable")
        self.assertIn("Is motion-in-ocean running there", tab.page.inner_text("#drawer-advice"))

    def test_everything_wrong(self) -> None:
        """
        What is wrong is said beside each field; the first one has the focus, even if it was out of
        sight; and it is not said any more when it is right.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        tab = self.dashboard(daemon)
        tab.page.click("#add")
        tab.page.click("#form button:has-text('Save')")
        wait_until(lambda: self.problems(tab), "problems")
        self.assertEqual(
            self.problems(tab),
            {
                "name": "must not be empty.",
                "base_url": "must not be empty.",
                "id": "must be 1 to 64 letters, digits, dots, hyphens and underscores, "
                "and begin with a letter or digit.",
            },
        )
        self.assertEqual(self.focused(tab), "name")
        self.fill(tab, name="Shed", base_url="http://me:secret@shed")
        tab.page.click("#form button:has-text('Save')")
        wait_until(
            lambda: list(self.problems(tab)) == ["base_url"], lambda: str(self.problems(tab))
        )
        self.assertIn("no user name or password", self.problems(tab)["base_url"])
        self.fill(tab, base_url=NOBODY, id="shed")
        tab.page.click("#form button:has-text('Save')")
        wait_until(lambda: list(self.problems(tab)) == ["id"], lambda: str(self.problems(tab)))
        self.assertEqual(self.focused(tab), "id")
        self.assertTrue(tab.page.is_visible("#form [name=id]"))

    def test_edit(self) -> None:
        """
        Labels and capabilities are lines of text; what was not changed is not sent, so that nothing
        odd is lost, and changing the id leads to the same node.
        """
        daemon = self.manage()
        odd = {"a = b": "c", "floor": "= top"}
        self.add_node(daemon, "shed", MadeUpNode(), labels=odd, capabilities=["a, b"])
        tab = self.dashboard(daemon)
        self.edit(tab, "shed")
        self.fill(tab, name="The shed")
        self.save(tab)
        self.assertEqual(self.stored(daemon, "shed")["labels"], odd)
        tab.page.click("#edit")
        tab.page.click("#more summary")
        self.fill(
            tab,
            id="hut",
            labels="place = garden\n\nfloor=ground\n  owner  =  Anna = me ",
            capabilities="stream\n a, b \n",
        )
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: ")
        node = self.stored(daemon, "hut")
        self.assertEqual(
            node["labels"], {"place": "garden", "floor": "ground", "owner": "Anna = me"}
        )
        self.assertEqual(node["capabilities"], ["stream", "a, b"])
        self.assertEqual(node["name"], "The shed")
        self.assertIn("node=hut", tab.page.url)

    def test_token(self) -> None:
        """
        A token goes in and never comes out; an empty field keeps it, unless it would go to another
        address; and it can be forgotten.
        """
        daemon = self.manage()
        self.fleet.nodes["shed"] = MadeUpNode(token=TOKEN)
        tab = self.dashboard(daemon)
        replies: list[str] = []
        tab.page.on(
            "response",
            lambda reply: replies.append(reply.text() if "api/" in reply.url else ""),
        )
        tab.page.click("#add")
        self.fill(tab, name="Shed", base_url=self.fleet.url("shed"), auth=TOKEN)
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: Streaming")
        tab.page.click("#edit")
        self.assertEqual(tab.page.input_value("#form [name=auth]"), "")
        self.fill(tab, name="The shed")
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: Streaming")
        tab.page.click("#edit")
        self.fill(tab, base_url="http://127.0.0.1:9")
        tab.page.click("#form button:has-text('Save')")
        wait_until(lambda: self.problems(tab), "the reason")
        self.assertIn("is required again", self.problems(tab)["auth"])
        self.assertEqual(self.focused(tab), "auth")
        tab.page.check("#form [name=forget]")
        self.fill(tab, base_url=self.fleet.url("shed"))
        self.save(tab)
        self.wait_for_text(tab.page, "#asked", "Asked now: Unauthorized")
        self.assertEqual(self.stored(daemon, "shed")["auth"], {"type": "none"})
        values: list[str] = tab.page.eval_on_selector_all(
            "input, textarea", "(fields) => fields.map((field) => field.value)"
        )
        for text in (tab.page.content(), *values, *replies):
            self.assertNotIn(TOKEN, text)

    def test_changed_meanwhile(self) -> None:
        """
        What somebody else has changed since is not overwritten; one button shows what it is now.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        tab = self.dashboard(daemon)
        self.edit(tab, "shed")
        daemon.ask("PUT", "/api/nodes/shed", {"name": "Theirs"})
        self.fill(tab, name="Mine")
        tab.page.click("#form button:has-text('Save')")
        self.wait_for_text(tab.page, "#form-problem", "Somebody else has changed it")
        self.assertEqual(self.stored(daemon, "shed")["name"], "Theirs")
        tab.page.click("#reload")
        wait_until(lambda: tab.page.input_value("#form [name=name]") == "Theirs", "what it is now")
        self.fill(tab, name="Ours")
        self.save(tab)
        self.assertEqual(self.stored(daemon, "shed")["name"], "Ours")

    def test_remove(self) -> None:
        """
        Removing asks first, names the node, and can be thought better of.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        tab = self.dashboard(daemon, "node=shed")
        tab.page.click("#delete")
        self.wait_for_text(tab.page, "#question", "Remove Shed?")
        tab.page.keyboard.press("Escape")
        wait_until(lambda: tab.page.is_hidden("#confirm"), "that it is called off")
        tab.page.click("#delete")
        tab.page.click("#confirm button:has-text('Cancel')")
        self.assertEqual(self.stored(daemon, "shed")["id"], "shed")
        tab.page.click("#delete")
        tab.page.click("#sure")
        wait_until(lambda: tab.page.is_hidden("#drawer"), "the end of it")
        self.wait_for_text(tab.page, "#empty", "There are no nodes yet")
        self.assertEqual(daemon.get("/api/nodes/shed").status, 404)

    def test_remove_what_was_changed_meanwhile(self) -> None:
        """
        A node that somebody has changed while its removal was thought over stays.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        tab = self.dashboard(daemon, "node=shed")
        tab.page.click("#delete")
        tab.page.wait_for_selector("#confirm[open]")
        daemon.ask("PUT", "/api/nodes/shed", {"name": "Needed"})
        tab.page.click("#sure")
        self.wait_for_text(tab.page, "#asked", "Somebody else has changed it")
        self.assertEqual(self.stored(daemon, "shed")["name"], "Needed")

    def test_manager_gone(self) -> None:
        """
        What was typed is still there when the manager is back.
        """
        daemon = self.manage()
        tab = self.dashboard(daemon)
        tab.page.click("#add")
        self.fill(tab, name="Shed", base_url=NOBODY)
        daemon.kill()
        tab.page.click("#form button:has-text('Save')")
        self.wait_for_text(tab.page, "#form-problem", "The manager does not answer.")
        daemon.start()
        self.save(tab)
        self.assertEqual(self.stored(daemon, "shed")["name"], "Shed")

    def test_double_click(self) -> None:
        """
        Who clicks twice adds one node.
        """
        daemon = self.manage()
        tab = self.dashboard(daemon)
        posts = self.held(tab)
        tab.page.click("#add")
        self.fill(tab, name="Shed", base_url=NOBODY)
        tab.page.dblclick("#form button:has-text('Save')")
        wait_until(lambda: posts, "the question")
        tab.page.wait_for_timeout(500)
        self.assertEqual(len(posts), 1)
        posts[0].continue_()
        self.wait_for_text(tab.page, "#asked", "Asked now: Unreachable")

    def test_late_answer(self) -> None:
        """
        What comes of a form that was closed does nothing to the one that is open: neither good news
        nor bad. The node that was saved is among the others.
        """
        daemon = self.manage()
        tab = self.dashboard(daemon)
        for problem in (False, True):
            posts = self.held(tab)
            tab.page.click("#add")
            self.fill(tab, name="Shed", base_url=NOBODY)
            tab.page.click("#form button:has-text('Save')")
            wait_until(lambda: posts, "the question")  # noqa: B023
            tab.page.click("#cancel")
            tab.page.click("#add")
            self.fill(tab, name="Another")
            if problem:
                posts[0].abort()
            else:
                posts[0].continue_()
                wait_until(lambda: self.names(tab) == ["Shed"], "the node")
            tab.page.wait_for_timeout(500)
            self.assertEqual(tab.page.input_value("#form [name=name]"), "Another")
            self.assertEqual(tab.page.inner_text("#form-problem"), "")
            self.assertTrue(tab.page.is_visible("#editor"))
            tab.page.click("#cancel")

    def held(self, tab: Tab) -> list[Route]:
        """
        :returns: Where new nodes get stuck on their way to the manager from now on.
        """
        posts: list[Route] = []

        def hold(route: Route) -> None:
            if route.request.method == "POST":
                posts.append(route)
            else:
                route.fallback()

        tab.page.route("**/api/nodes", hold)
        return posts
