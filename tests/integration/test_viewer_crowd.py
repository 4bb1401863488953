"""
The viewer page where streams or connections have an end, in Chromium.

"""

from playwright.sync_api import Route

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase, is_dimmed


class FullHouseTests(ViewerTestCase):
    """
    A camera that more people, or more tabs, want to watch than may.

    """

    def test_no_place(self) -> None:
        """
        Who finds no place is told so, asks for nothing that cannot come, and gets the next place.
        """
        daemon = self.make_daemon({"MAX_STREAM_CONNECTIONS": "1", "FPS": "10"}).start()
        with daemon.wait_until_ready().stream():
            tab = self.open(daemon)
            wait_until(lambda: "All 1 places are taken" in tab.detail, lambda: tab.detail)
            self.assertEqual(tab.state, "Connecting")
        tab.until_live()
        self.assertEqual(tab.complaints, [])

    def test_too_many_tabs(self) -> None:
        """
        Browsers make six connections to a server. The last is left free, so that the sixth tab can
        say why it waits; it goes on when another is closed.
        """
        daemon = self.make_daemon({"FPS": "5"}).start().wait_until_ready()
        context = self.context()
        tabs = [self.open(daemon, context) for _ in range(5)]
        for tab in tabs:
            tab.until("Live")
        last = self.open(daemon, context)
        wait_until(lambda: "Too many tabs" in last.detail, lambda: last.detail)
        self.assert_accessible(last)
        self.assertEqual(len(daemon.get("/api/viewers").json()["viewers"]), 5)
        tabs[0].page.close()
        last.until_live()
        self.assertEqual(last.complaints, [])

    def test_late_answers(self) -> None:
        """
        Tabs are blamed only if there are others.
        """
        daemon, tab = self.watched()
        questions: list[Route] = []

        def keep(question: Route) -> None:
            questions.append(question)

        tab.page.route("**/ready", keep)
        notice = tab.page.locator("#starved")
        wait_until(lambda: "the network is slow" in notice.inner_text(), notice.inner_text)
        self.open(daemon, tab.page.context).until("Live")
        wait_until(lambda: "too many tabs" in notice.inner_text(), notice.inner_text)
        self.assertEqual(tab.state, "Live")
        for question in questions:
            question.abort()

    def test_connections_that_others_have(self) -> None:
        """
        Where streams of other kinds have taken all connections, the picture is still called live,
        because it is, and the page says why there are no figures.
        """
        daemon = self.make_daemon({"FPS": "5"}).start().wait_until_ready()
        context = self.context()
        for _ in range(5):
            context.new_page().goto(f"{daemon.url}stream.mjpg", wait_until="commit")
        tab = self.open(daemon, context)
        tab.until_live()
        wait_until(lambda: tab.page.is_visible("#starved"), "the reason")
        self.assertEqual(tab.state, "Live")
        self.assertFalse(is_dimmed(tab))
        context.pages[0].close()
        wait_until(lambda: not tab.page.is_visible("#starved"), "no reason any more")
        tab.until_live()
