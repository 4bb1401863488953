"""
The viewer page when its stream has ended unnoticed, in Chromium.

"""

import signal

from playwright.sync_api import Route

from tests.integration.viewer_case import ViewerTestCase


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
