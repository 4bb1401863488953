"""
The viewer page when some of its questions have no answer, in Chromium.

"""

import time

from playwright.sync_api import Route

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase

DASH = "\N{EN DASH}"
SLOWNESS_SECONDS = 1.4


def lose(route: Route) -> None:
    """
    Let a question have no answer.

    """
    route.abort("connectionreset")


class QuestionTests(ViewerTestCase):
    """
    Whether the camera is there is for ``/ready`` to tell, and for the picture; the rest is extra.

    """

    def test_figures_that_get_lost(self) -> None:
        """
        A picture is not taken away because nobody tells how many look at it.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        context = self.context()
        context.route("**/api/viewers", lose)
        context.route("**/metrics", lose)
        tab = self.open(daemon, context)
        tab.until_live()
        viewers = f"{daemon.url}api/viewers"
        # Looking at the page lets the browser tell of its questions.
        wait_until(lambda: tab.state and tab.addresses.count(viewers) == 2, "two questions")
        tab.page.wait_for_timeout(1000)
        self.assertEqual(tab.state, "Live")
        self.assertEqual(len([url for url in tab.addresses if "stream.mjpg" in url]), 1)
        self.assertEqual([tab.figure(name) for name in ("viewers", "bandwidth")], [DASH, DASH])

    def test_figures_that_come_back(self) -> None:
        """
        What is not known is not shown, and one failure of a proxy is not the end of it.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        tab = self.open(daemon)
        tab.until_live()
        wait_until(lambda: "bit/s" in tab.figure("bandwidth"), "a figure")
        refused: list[Route] = []

        def refuse(route: Route) -> None:
            refused.append(route)
            route.fulfill(status=502, body="<p>")

        tab.page.route("**/api/viewers", refuse)
        wait_until(lambda: tab.state and refused, "the next question")
        wait_until(lambda: tab.figure("bandwidth") == DASH, lambda: tab.figure("bandwidth"))
        wait_until(lambda: tab.figure("viewers") == "1 of 100", lambda: tab.figure("viewers"))
        tab.page.unroute("**/api/viewers")
        wait_until(lambda: "bit/s" in tab.figure("bandwidth"), "a figure again")
        self.assertEqual(tab.figure("viewers"), "1 of 100")

    def test_slow_network(self) -> None:
        """
        Where each answer takes more than a second, there is a picture all the same.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        proxy = self.proxy(daemon)
        proxy.delay_seconds = SLOWNESS_SECONDS
        tab = self.open(daemon, url=proxy.url)
        tab.until_live(30)
        deadline = time.monotonic() + 12
        while time.monotonic() < deadline:
            self.assertEqual(tab.state, "Live")
            tab.page.wait_for_timeout(100)
        self.assertEqual(tab.complaints, [])
