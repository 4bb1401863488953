"""
The viewer page while the camera has trouble, in Chromium.

"""

from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase, is_dimmed, seconds_old

COUNT_ANNOUNCEMENTS = """() => {
  window.announced = [];
  const state = document.getElementById("state");
  new MutationObserver(() => announced.push(state.textContent))
    .observe(state, { childList: true, characterData: true, subtree: true });
}"""


class CameraTests(ViewerTestCase):
    """
    The daemon answers, but there is no picture, or no new one.

    """

    def test_camera_that_is_not_there(self) -> None:
        """
        The page says so in the daemon's words, asks for no stream that cannot come, and shows the
        picture as soon as there is one.
        """
        daemon = self.faltering("broken")
        tab = self.open(daemon)
        wait_until(lambda: "No camera is connected" in tab.detail, lambda: tab.detail)
        self.assertEqual(tab.state, "Connecting")
        self.assert_accessible(tab)
        self.assertFalse([url for url in tab.addresses if "stream.mjpg" in url])
        (daemon.cwd / "broken").unlink()
        tab.until_live()
        self.assertFalse(is_dimmed(tab))

    def test_camera_that_stops(self) -> None:
        """
        A frozen picture looks frozen, its age counts up before one's eyes, and whoever listens to
        the page hears of it once.
        """
        daemon = self.faltering()
        tab = self.open(daemon)
        tab.until_live()
        tab.page.evaluate(COUNT_ANNOUNCEMENTS)
        (daemon.cwd / "stalled").touch()
        tab.until("Stale")
        self.assertTrue(is_dimmed(tab))
        ages: list[float] = []
        for _ in range(4):
            ages.append(seconds_old(tab))
            tab.page.wait_for_timeout(700)
        self.assertGreater(ages[0], 2)
        self.assertEqual(ages, sorted(set(ages)))
        self.assert_accessible(tab)
        self.assertEqual(tab.page.evaluate("announced"), ["Stale"])
        (daemon.cwd / "stalled").unlink()
        tab.until_live()
        self.assertEqual(tab.page.evaluate("announced"), ["Stale", "Live"])
