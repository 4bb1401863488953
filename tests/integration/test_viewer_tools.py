"""
What can be done on the viewer page, with a mouse, a keyboard or a finger, in Chromium.

"""

import re
from pathlib import Path
from typing import Any

from tests.integration.browser import SMALL_PHONE, Tab
from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase

FINGER_PIXELS, POINTER_PIXELS = 44, 24

SIZES = """() => [...document.querySelectorAll(
    "button, a, select, summary, input, [role=switch]")]
  .filter((it) => it.checkVisibility())
  .map((it) => [it.id || it.textContent || it.value, it.getBoundingClientRect().toJSON()])"""


class ToolTests(ViewerTestCase):
    """
    The buttons below the picture, and the addresses.

    """

    def live(self, **more: Any) -> Tab:
        """
        :param more: For the browser.
        :returns: The page of the shared daemon.
        """
        tab = self.open(self.daemon, self.context(**more))
        tab.until_live()
        return tab

    def test_snapshot(self) -> None:
        """
        It is kept under a name that tells camera and time, and is a whole picture.
        """
        proxy = self.proxy(self.daemon, "/garden/")
        tab = self.open(self.daemon, url=proxy.url)
        tab.until_live()
        with tab.page.expect_download() as expected:
            tab.page.click("#snapshot")
        download = expected.value
        self.assertRegex(
            download.suggested_filename, r"^garden-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.jpg$"
        )
        content = Path(download.path()).read_bytes()
        self.assertEqual((content[:2], content[-2:]), (b"\xff\xd8", b"\xff\xd9"))

    def test_rate_is_remembered(self) -> None:
        """
        Whoever has little bandwidth says so once.
        """
        tab = self.live()
        tab.page.select_option("#rate", "5")

        def rates() -> list[Any]:
            viewers = self.daemon.get("/api/viewers").json()["viewers"]
            return [each["wanted_fps"] for each in viewers]

        wait_until(lambda: rates() == [5], lambda: str(rates()))
        tab.page.reload(wait_until="domcontentloaded")
        wait_until(lambda: rates() == [5], lambda: str(rates()))
        tab.until_live()
        self.assertEqual(tab.page.input_value("#rate"), "5")

    def test_browser_that_keeps_nothing(self) -> None:
        """
        Where pages may not store anything, all else works.
        """
        context = self.context()
        context.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
        )
        tab = self.open(self.daemon, context)
        tab.until_live()
        tab.page.select_option("#rate", "10")
        tab.until_live()
        self.assertEqual(tab.complaints, [])

    def test_addresses(self) -> None:
        """
        They are whole, and one press away from where they are needed.
        """
        tab = self.live(permissions=["clipboard-read", "clipboard-write"])
        tab.page.click("#embed summary")
        tab.page.get_by_role("button", name=re.compile("Copy: OctoPrint.*stream")).click()
        wait_until(tab.page.get_by_text("copied").first.is_visible, "the word")
        self.assertEqual(
            tab.page.evaluate("navigator.clipboard.readText()"), f"{self.daemon.url}?action=stream"
        )
        for field in tab.page.locator("#addresses input").all():
            (url,) = re.findall(r"http[^\"]*", field.input_value())
            with self.daemon.stream(url.removeprefix(self.daemon.url.rstrip("/"))) as reply:
                self.assertEqual(reply.status, 200, url)
        self.assert_accessible(tab)

    def test_addresses_without_clipboard(self) -> None:
        """
        Over plain HTTP pages have no clipboard: then the address is selected, to be copied by hand.
        """
        context = self.context()
        context.add_init_script(
            "Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });"
        )
        tab = self.open(self.daemon, context)
        tab.page.click("#embed summary")
        tab.page.get_by_role("button", name="Copy: A page of your own").click()
        self.assertIn(
            f'<img src="{self.daemon.url}stream.mjpg?fps=5"',
            tab.page.evaluate(
                "document.activeElement.value.slice("
                "document.activeElement.selectionStart, document.activeElement.selectionEnd)"
            ),
        )
        self.assertTrue(tab.page.get_by_text("selected: press").first.is_visible())

    def test_keyboard_alone(self) -> None:
        """
        Everything can be reached in the order of the page, and one sees where one is.
        """
        tab = self.live()
        page = tab.page
        for panel in ("figures", "camera", "embed"):
            wait_until(lambda: page.is_visible(f"#{panel} summary"), panel)  # noqa: B023
        reached: list[str] = []
        page.evaluate("document.activeElement.blur()")
        for _ in range(11):
            page.keyboard.press("Tab")
            name, outline = page.evaluate(
                "[document.activeElement.id || document.activeElement.textContent.trim(), "
                "getComputedStyle(document.activeElement).outlineStyle]"
            )
            reached.append(name)
            self.assertEqual(outline, "solid", name)
        self.assertEqual(
            reached[:7],
            ["refresh", "fullscreen", "snapshot", "rate", "Figures", "Camera", "Show it elsewhere"],
        )
        page.locator("#embed summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.tagName"), "INPUT")

    def test_finger(self) -> None:
        """
        On a small phone everything is large enough to be hit, and nothing has to be pushed
        sideways, whatever is open.
        """
        tab = self.live(size=SMALL_PHONE, has_touch=True, is_mobile=True)
        for panel in ("figures", "camera", "embed"):
            self.assertFalse(tab.page.locator(f"#{panel}").evaluate("(it) => it.open"), panel)
            tab.page.tap(f"#{panel} summary")
        wait_until(lambda: tab.page.is_visible("#control-brightness"), "the controls")
        sizes = tab.page.evaluate(SIZES)
        self.assertGreater(len(sizes), 15)
        for name, box in sizes:
            self.assertGreaterEqual(box["height"], FINGER_PIXELS, name)
            self.assertGreaterEqual(box["width"], FINGER_PIXELS, name)
            self.assertLessEqual(box["right"], SMALL_PHONE[0], name)
        tab.page.evaluate("document.getElementById('state').textContent = 'Disconnected'")
        pill = tab.page.locator("#state").bounding_box()
        assert pill is not None
        self.assertLess(pill["height"], 40)
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        self.assertEqual(width, SMALL_PHONE[0])
        self.assert_accessible(tab)

    def test_mouse(self) -> None:
        """
        With a mouse it may be smaller, but not too small.
        """
        tab = self.live()
        for name, box in tab.page.evaluate(SIZES):
            self.assertGreaterEqual(box["height"], POINTER_PIXELS, name)
            self.assertGreaterEqual(box["width"], POINTER_PIXELS, name)
