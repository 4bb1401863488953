"""
The dashboard when its manager cannot be had, in Chromium.

"""

import signal
import time
from itertools import pairwise

from playwright.sync_api import Request

from tests.integration.browser import SMALL_PHONE, Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import MadeUpNode

STRANGERS = (
    (502, "<h1>Bad Gateway</h1>"),
    (200, "<h1>Welcome to our guest network</h1>"),
    (200, '{"login": "required"}'),
    (200, '{"events": 1, "nodes": 1, "latest": 1, "timestamp": 1}'),
    (200, "null"),
    (403, '{"error": "sign in first"}'),
)
"""What may answer in the place of the manager, each in its own words."""


class OutageTests(DashboardTestCase):
    """
    What was true a moment ago passes for nothing else.

    """

    def watched(self) -> tuple[Daemon, Tab]:
        """
        :returns: A manager with one node, and its page.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        return daemon, self.dashboard(daemon)

    def assert_stale(self, tab: Tab) -> None:
        """
        The page says how old it is, which grows, and is grey, but can still be read.

        """
        self.assertRegex(tab.page.inner_text("#since"), r"^This is how it was \d+ s ago\.$")
        first = tab.page.inner_text("#since")
        wait_until(lambda: tab.page.inner_text("#since") != first, "that it grows older")
        look = tab.page.locator("main").evaluate("(main) => getComputedStyle(main).filter")
        self.assertEqual(look, "grayscale(1)")
        self.assertEqual(self.names(tab), ["Shed"])

    def test_killed_and_restarted(self) -> None:
        """
        The page says that the manager is gone, and is up to date by itself when it is back.
        """
        daemon, tab = self.watched()
        daemon.kill()
        self.wait_for_state(tab, "The manager does not answer.")
        self.assert_stale(tab)
        daemon.start()
        self.wait_for_state(tab, "Up to date")
        self.assertEqual(tab.page.inner_text("#since"), "")
        self.assertEqual(self.names(tab), ["Shed"])

    def test_offline(self) -> None:
        """
        So it is when the network of this machine is gone.
        """
        _, tab = self.watched()
        tab.page.context.set_offline(True)
        self.wait_for_state(tab, "The manager does not answer.")
        self.assert_stale(tab)
        tab.page.context.set_offline(False)
        self.wait_for_state(tab, "Up to date")

    def test_hangs(self) -> None:
        """
        A manager that says nothing, or a browser that has no connection left, is told before the
        time is up.
        """
        daemon, tab = self.watched()
        daemon.signal(signal.SIGSTOP)
        self.wait_for_state(tab, "Waiting for the manager.")
        self.assert_stale(tab)
        daemon.signal(signal.SIGCONT)
        self.wait_for_state(tab, "Up to date")

    def test_in_drawer(self) -> None:
        """
        Whoever looks at one node, which on a phone hides all else, sees and hears it too.
        """
        daemon = self.manage()
        self.add_node(daemon, "shed", MadeUpNode())
        context = self.context(SMALL_PHONE)
        page = self.dashboard(daemon, "node=shed", context).page
        page.wait_for_selector("#drawer[open]")
        problem = page.get_by_role("dialog").get_by_role("status").first
        self.assertEqual((problem.inner_text(), page.inner_text("#drawer-since")), ("", ""))
        daemon.kill()
        wait_until(lambda: "does not answer" in problem.inner_text(), "the problem")
        self.assertRegex(page.inner_text("#drawer-since"), r"^This is how it was \d+ s ago\.$")
        for part in ("#drawer-body", "#drawer-state"):
            look = page.locator(part).evaluate("(part) => getComputedStyle(part).filter")
            self.assertEqual(look, "grayscale(1)", part)
        daemon.start()
        wait_until(lambda: problem.inner_text() == "", "that it is over")
        self.assertEqual(page.inner_text("#drawer-since"), "")

    def test_stranger_answers(self) -> None:
        """
        What a proxy in between has to say, or a network that wants to be paid, is not taken for the
        fleet, nor its words for ours.
        """
        _, tab = self.watched()
        for status, body in STRANGERS:
            tab.page.route("**/api/**", lambda route: route.fulfill(status=status, body=body))  # noqa: B023
            tab.page.evaluate("dispatchEvent(new Event('online'))")
            self.wait_for_state(tab, f"Something else answers in its place, with {status}.")
            tab.page.unroute("**/api/**")
            tab.page.evaluate("dispatchEvent(new Event('online'))")
            self.wait_for_state(tab, "Up to date")
        self.assertEqual(self.names(tab), ["Shed"])

    def test_stranger_answers_about_node(self) -> None:
        """
        Nor for a node, whatever it was asked about; and what was typed is not taken for saved.
        """
        _, tab = self.watched()
        page = tab.page
        page.click("#nodes a")
        page.click("#edit")
        page.wait_for_selector("#editor[open]")
        page.fill("#form [name=name]", "The shed")
        page.route("**/api/nodes/**", lambda route: route.fulfill(json={"login": "required"}))
        page.click("#form button:has-text('Save')")
        stranger = "Something else answers in its place, with 200."
        self.wait_for_text(page, "#form-problem", stranger)
        self.assertEqual(page.input_value("#form [name=name]"), "The shed")
        page.click("#cancel")
        for button in ("#again", "#edit"):
            page.evaluate("document.getElementById('asked').textContent = ''")
            page.click(button)
            self.wait_for_text(page, "#asked", stranger)
        self.assertEqual(page.inner_text("#drawer-state"), "Streaming")

    def test_credentials_changed(self) -> None:
        """
        Who is not let in any more is told how to sign in.
        """
        _, tab = self.watched()
        body = '{"error": {"code": "UNAUTHORIZED", "message": "Credentials are needed."}}'
        tab.page.route("**/api/**", lambda route: route.fulfill(status=401, body=body))
        self.wait_for_state(tab, "Reload the page to sign in again.")

    def test_one_question_at_a_time(self) -> None:
        """
        The next question is not asked before the last one was answered, and later each time while
        nobody answers.
        """
        daemon, tab = self.watched()
        under_way: list[Request] = []
        most: list[int] = []
        times: list[float] = []

        def asked(request: Request) -> None:
            under_way.append(request)
            most.append(len(under_way))
            times.append(time.monotonic())

        def answered(request: Request) -> None:
            if request in under_way:
                under_way.remove(request)

        tab.page.on("request", asked)
        tab.page.on("requestfinished", answered)
        tab.page.on("requestfailed", answered)
        # Looking at the page lets what has happened be told.
        wait_until(lambda: tab.state and len(most) >= 4, "questions")
        self.assertEqual(max(most), 1)
        daemon.kill()
        self.wait_for_state(tab, "The manager does not answer.")
        # The one that was not answered, and those after it.
        first = len(times) - 1
        wait_until(lambda: tab.state and len(times) > first + 2, "two more questions")
        waits = [later - before for before, later in pairwise(times[first:])]
        self.assertGreater(waits[1], 1.5 * waits[0], waits)
        self.assertEqual(max(most), 1)
