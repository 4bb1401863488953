"""
The viewer page when its stream has ended unnoticed, in Chromium.

"""

import signal

from playwright.sync_api import Route

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase, is_dimmed


class ReturnTests(ViewerTestCase):
    """
    What looks connected, and is not.

    """

    def test_quick_restart(self) -> None:
        """
        The picture is back even if the daemon was before the page could notice: browsers do not
        tell pages that the connection of a stream has ended.
        """
        daemon, tab = self.watched()
        questions: list[Route] = []

        def keep(question: Route) -> None:
            questions.append(question)

        tab.page.route("**/ready", keep)
        daemon.stop()
        daemon.start().wait_until_ready()
        tab.page.unroute("**/ready")
        for question in questions:
            question.continue_()
        tab.until_live()

    def test_question_for_the_stream_that_gets_lost(self) -> None:
        """
        Who has asked for the stream and hears nothing asks again, and reads meanwhile what holds
        pictures back.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        context = self.context()
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)
            if len(held) > 2:
                route.continue_()

        context.route("**/stream.mjpg*", hold)
        tab = self.open(daemon, context)
        wait_until(lambda: "virus scanner" in tab.detail, lambda: tab.detail)
        self.assertEqual(tab.state, "Connecting")
        self.assertTrue(tab.page.is_hidden("#frozen"))
        self.assert_accessible(tab)
        wait_until(lambda: tab.state and len(held) == 2, "another attempt", 5)
        self.assertIn("virus scanner", tab.detail)
        tab.until_live(40)
        for route in held[:2]:
            route.abort()
        tab.page.click("#refresh")
        self.assertNotIn("virus scanner", tab.detail)

    def test_picture_that_freezes_while_nothing_else_gets_through(self) -> None:
        """
        Where the picture alone tells that the camera is there, it is looked at.
        """
        daemon, tab = self.watched()
        questions: list[Route] = []

        def keep(question: Route) -> None:
            questions.append(question)

        tab.page.route("**/ready", keep)
        wait_until(lambda: tab.page.is_visible("#starved"), "the notice")
        self.assertEqual(tab.state, "Live")
        self.assertNotIn("tabs", tab.page.inner_text("#starved"))
        self.assert_accessible(tab)
        asked = len(questions)
        wait_until(lambda: tab.state and len(questions) == asked + 2, "two more questions")
        # The next is eight seconds after this one has had no answer.
        tab.page.wait_for_timeout(3000)
        self.assertEqual(tab.state, "Live")
        daemon.kill()
        wait_until(lambda: tab.state != "Live", "the truth", 6)
        self.assertTrue(is_dimmed(tab))
        for question in questions:
            question.abort()
        tab.page.unroute("**/ready")
        daemon.start()
        tab.until_live()

    def test_daemon_that_hangs(self) -> None:
        """
        A daemon that does not answer any more is not called live.
        """
        daemon, tab = self.watched()
        daemon.signal(signal.SIGSTOP)
        tab.until("Disconnected")
        self.assertIn("does not answer", tab.detail)
        daemon.signal(signal.SIGCONT)
        tab.until_live()
