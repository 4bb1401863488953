"""
The viewer page on networks that go, and behind a proxy, in Chromium.

"""

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase, is_dimmed


class NetworkTests(ViewerTestCase):
    """
    A phone at the end of the garden.

    """

    def test_network_that_goes(self) -> None:
        """
        Nothing arrives any more, and nobody says so. What was connected then is lost, the stream
        too, which the browser does not tell.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        proxy = self.proxy(daemon)
        tab = self.open(daemon, url=proxy.url)
        tab.until_live()
        proxy.cut()
        tab.until("Reconnecting")
        self.assertTrue(is_dimmed(tab))
        tab.until("Disconnected")
        proxy.mend()
        tab.until_live()

    def test_network_that_goes_for_a_moment(self) -> None:
        """
        The page may not even have asked meanwhile; the stream is lost all the same.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        proxy = self.proxy(daemon)
        tab = self.open(daemon, url=proxy.url)
        tab.until_live()
        tab.page.wait_for_timeout(4000)
        proxy.cut()
        proxy.mend()
        tab.page.wait_for_timeout(6000)
        tab.until_live()

    def test_device_that_goes_offline(self) -> None:
        """
        What the device knows by itself is told at once, and nothing is waited for when it is back.
        """
        _, tab = self.watched()
        tab.page.context.set_offline(True)
        tab.until("Disconnected", 2)
        self.assertIn("This device is offline", tab.detail)
        tab.page.context.set_offline(False)
        tab.until("Live", 2)
        tab.until_live()

    def test_folder_of_a_proxy(self) -> None:
        """
        The page works below any folder: it asks for nothing outside, and is named after it.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        proxy = self.proxy(daemon, "/cameras/garden/")
        tab = self.open(daemon, url=proxy.url)
        tab.until_live()
        self.assertEqual(tab.page.title(), "garden \N{EN DASH} Live")
        wait_until(lambda: tab.figure("viewers") == "1 of 100", lambda: tab.figure("viewers"))
        tab.page.click("#camera summary")
        wait_until(lambda: tab.page.is_visible("#control-brightness"), "the controls")
        self.assertIn(
            f"{proxy.url}stream.mjpg",
            tab.page.evaluate(
                "[...document.querySelectorAll('#addresses input')].map(i => i.value)"
            ),
        )
        self.assertEqual([url for url in tab.addresses if not url.startswith(proxy.url)], [])
        self.assertEqual(tab.complaints, [])
        daemon.stop()
        wait_until(lambda: "with 502" in tab.detail, lambda: tab.detail)

    def test_folder_with_accents(self) -> None:
        """
        The page is named as people would write it, not as addresses are.
        """
        proxy = self.proxy(self.daemon, "/c%C3%B4t%C3%A9%20jardin/")
        tab = self.open(self.daemon, url=proxy.url)
        tab.until("Live")
        name = (
            "c\N{LATIN SMALL LETTER O WITH CIRCUMFLEX}t\N{LATIN SMALL LETTER E WITH ACUTE} jardin"
        )
        self.assertEqual(tab.page.inner_text("h1"), name)
        self.assertEqual(tab.page.title(), f"{name} \N{EN DASH} Live")
        with tab.page.expect_download() as expected:
            tab.page.click("#snapshot")
        self.assertTrue(expected.value.suggested_filename.startswith(f"{name}-"))
        odd = self.proxy(self.daemon, "/100%/")
        tab = self.open(self.daemon, url=odd.url)
        tab.until("Live")
        self.assertEqual(tab.page.inner_text("h1"), "100%")

    def test_name_that_the_api_does_not_answer_to(self) -> None:
        """
        Under a name that anybody could own the page has picture and figures, but nothing to set.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        tab = self.open(daemon, url=self.proxy(daemon, host="camera.example.com").url)
        tab.until_live()
        wait_until(lambda: tab.figure("viewers") == "1 of 100", lambda: tab.figure("viewers"))
        self.assertEqual(tab.figure("bandwidth"), "\N{EN DASH}")
        self.assertTrue(tab.page.is_hidden("#camera"))
        self.assertEqual([text for text in tab.complaints if "421" not in text], [])
