"""
The viewer page in a browser that runs no scripts, in Chromium.

"""

from tests.integration.browser import PHONE
from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase


class NoScriptTests(ViewerTestCase):
    """
    Those who let no page run anything.

    """

    def test_picture(self) -> None:
        """
        They have the live picture, as wide as the others do, and nothing that only scripts could
        keep true or make work.
        """
        context = self.context(PHONE, java_script_enabled=False)
        page = self.open(self.daemon, context).page
        picture = page.locator("#stage noscript img")
        is_there = "(image) => image.naturalWidth > 0"
        wait_until(lambda: picture.evaluate(is_there), "the picture")
        box = picture.bounding_box()
        assert box is not None
        self.assertEqual(box["width"], PHONE[0])
        self.assertApproximates(box["height"], PHONE[0] * 3 / 4, 1)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        on_top = page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", [x, y])
        self.assertEqual(on_top, "IMG")
        self.assertEqual(picture.evaluate("(it) => getComputedStyle(it).filter"), "none")
        for place in ("#state", "#veil", "#refresh", "#fullscreen", "#rate", "#figures", "#embed"):
            self.assertTrue(page.is_hidden(place), place)
        self.assertTrue(page.is_visible("#snapshot"))
