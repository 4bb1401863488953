"""
The viewer page's full screen, in Chromium.

"""

from playwright.sync_api import BrowserContext, Page

from tests.integration.browser import SMALL_PHONE, Tab
from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase

NOT_THERE = "Object.defineProperty(Document.prototype, 'fullscreenEnabled', { value: false });"
REFUSED = "Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('no'));"

REACHED = """() => {
  const { activeElement } = document;
  const { x, y, width, height } = activeElement.getBoundingClientRect();
  const seen = document.elementFromPoint(x + width / 2, y + height / 2);
  return [activeElement.id || activeElement.textContent.trim(), activeElement.contains(seen)];
}"""


def is_full(page: Page) -> bool:
    """
    :returns: Whether the picture has the whole screen.
    """
    return bool(page.evaluate("document.fullscreenElement?.id === 'watch'"))


class FullScreenTests(ViewerTestCase):
    """
    A picture for a wall, or for a hand.

    """

    def live(self, context: BrowserContext | None = None) -> Tab:
        """
        :returns: The page of the shared daemon.
        """
        tab = self.open(self.daemon, context)
        tab.until_live()
        return tab

    def phone(self, script: str) -> Tab:
        """
        :param script: What is special about it.
        :returns: The page on a phone.
        """
        context = self.context(SMALL_PHONE, has_touch=True, is_mobile=True)
        context.add_init_script(script)
        return self.live(context)

    def until_label(self, page: Page, label: str) -> None:
        """
        Wait until the button says so: browsers tell the page later than they do it.

        """
        button = page.locator("#fullscreen")
        wait_until(lambda: button.inner_text() == label, button.inner_text)

    def test_full_screen(self) -> None:
        """
        By button, by key, by a double click on the picture; and back. The state stays in sight.
        """
        tab = self.live()
        page = tab.page
        for enter in (
            lambda: page.click("#fullscreen"),
            lambda: page.keyboard.press("f"),
            lambda: page.dblclick("#stage"),
        ):
            enter()
            wait_until(lambda: is_full(page), "full screen")
            self.until_label(page, "Leave full screen")
            self.assertTrue(page.is_visible("#state"))
            self.assert_accessible(tab)
            page.keyboard.press("f")
            wait_until(lambda: not is_full(page), "the page")
            self.until_label(page, "Full screen")

    def test_key_of_others(self) -> None:
        """
        A letter that is meant for something else does nothing, as when somebody speaks to the
        machine: the picture or what belongs to it has to have the focus (WCAG 2.2, 2.1.4).
        """
        page = self.live().page
        page.evaluate("document.activeElement.blur()")
        for place in (None, "#rate", "#figures summary", "footer a"):
            if place:
                page.focus(place)
            page.keyboard.press("f")
            page.wait_for_timeout(300)
            self.assertFalse(is_full(page), place)
        page.click("#stage")
        page.keyboard.press("f")
        wait_until(lambda: is_full(page), "full screen")

    def test_phone_without_full_screen(self) -> None:
        """
        Where pictures cannot have it, as on many phones, they get the whole window.
        """
        tab = self.phone(NOT_THERE)
        page = tab.page
        page.tap("#stage")
        page.tap("#stage")
        box = page.locator("#stage").bounding_box()
        assert box is not None
        self.assertEqual((box["width"], box["height"]), SMALL_PHONE)
        self.assert_accessible(tab)
        page.tap("#fullscreen")
        self.assertTrue(page.is_visible("h1"))

    def test_full_screen_that_is_refused(self) -> None:
        """
        So they do where the browser does not let them, and the way back works.
        """
        page = self.phone(REFUSED).page
        for _ in range(2):
            page.tap("#fullscreen")
            self.until_label(page, "Leave full screen")
            self.assertTrue(page.is_hidden("h1"))
            page.tap("#fullscreen")
            self.until_label(page, "Full screen")
            self.assertTrue(page.is_visible("h1"))
        page.tap("#fullscreen")
        self.until_label(page, "Leave full screen")
        page.keyboard.press("Escape")
        self.until_label(page, "Full screen")

    def test_nothing_behind_is_reached(self) -> None:
        """
        Whoever goes on with the keyboard stays at what can be seen, and can use the rest later.
        """
        page = self.phone(NOT_THERE).page
        page.tap("#fullscreen")
        self.until_label(page, "Leave full screen")
        reached = set()
        for _ in range(6):
            page.keyboard.press("Tab")
            name, is_seen = page.evaluate(REACHED)
            if page.evaluate("document.activeElement !== document.body"):
                reached.add(name)
                self.assertTrue(is_seen, name)
        self.assertEqual(reached, {"fullscreen"})
        page.tap("#fullscreen")
        self.until_label(page, "Full screen")
        page.tap("#embed summary")
        self.assertTrue(page.is_visible("#addresses"))
