"""
The viewer page while the daemon is away, in Chromium.

"""

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase, is_dimmed, seconds_old


class DaemonTests(ViewerTestCase):
    """
    Pages that stay open for days, on a shelf or in a workshop.

    """

    def test_daemon_that_ends(self) -> None:
        """
        The page says so, keeps the last picture, but not as if it were live, says when it will ask
        again, and has the picture back once the daemon is.
        """
        daemon, tab = self.watched()
        daemon.stop()
        tab.until("Reconnecting")
        self.assertTrue(is_dimmed(tab))
        tab.until("Disconnected")
        wait_until(lambda: "be reached. Next try in" in tab.detail, lambda: tab.detail)
        self.assertGreater(seconds_old(tab), 1)
        self.assertEqual(tab.figure("fps"), "\N{EN DASH}")
        kept = "(still) => still.getContext('2d').getImageData(20, 20, 1, 1).data[3]"
        self.assertEqual(tab.page.locator("#still").evaluate(kept), 255)
        self.assert_accessible(tab)
        daemon.start()
        tab.until_live()

    def test_asks_less_and_less(self) -> None:
        """
        A shelf full of tablets does not hammer on a Pi that boots; who is impatient need not wait.
        """
        daemon, tab = self.watched()
        daemon.stop()
        tab.until("Disconnected")
        begin = len(tab.addresses)
        tab.page.wait_for_timeout(7000)
        # After 4 seconds, and then not before 8 more.
        self.assertEqual(len(tab.addresses) - begin, 1)
        daemon.start().wait_until_ready()
        tab.page.click("#refresh")
        tab.until("Live", 2)
