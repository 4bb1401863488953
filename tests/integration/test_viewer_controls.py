"""
The camera's controls on the viewer page, in Chromium.

"""

import json
from typing import Any

from playwright.sync_api import Request, Route

from tests.integration.browser import Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.viewer_case import ViewerTestCase


class ControlTests(ViewerTestCase):
    """
    They act while they are moved.

    """

    daemon_of_test: Daemon

    def opened(self) -> Tab:
        """
        :returns: A page with the controls of a camera that has some of each kind.
        """
        self.daemon_of_test = self.faltering().wait_until_ready()
        tab = self.open(self.daemon_of_test)
        tab.until_live()
        tab.page.click("#camera summary")
        wait_until(lambda: tab.page.is_visible("#control-brightness"), "the controls")
        return tab

    def value(self, name: str) -> Any:
        """
        :returns: What the camera says that a control is set to.
        """
        return self.daemon_of_test.get("/api/camera").json()["controls"][name]["value"]

    def until_set(self, name: str, value: Any) -> None:
        """
        Wait until the camera says so.

        """
        wait_until(lambda: self.value(name) == value, lambda: f"{name}: {self.value(name)}")

    def test_slider(self) -> None:
        """
        What a finger or a key moves is what the camera gets, a few times a second at most and never
        twice at once; what it does by itself is one press away.
        """
        tab = self.opened()
        posts: list[dict[str, Any]] = []
        under_way: list[Request] = []
        at_once: list[int] = []

        def begun(request: Request) -> None:
            if request.method == "POST":
                posts.append(json.loads(request.post_data or ""))
                under_way.append(request)
                at_once.append(len(under_way))

        def ended(request: Request) -> None:
            if request in under_way:
                under_way.remove(request)

        tab.page.on("request", begun)
        tab.page.on("requestfinished", ended)
        slider = tab.page.locator("#control-brightness")
        slider.focus()
        for _ in range(40):
            tab.page.keyboard.press("ArrowRight")
        self.until_set("brightness", 0.4)
        # Until the browser has told of all of them.
        tab.page.wait_for_timeout(1000)
        self.assertEqual(under_way, [])
        self.assertLess(len(posts), 20)
        self.assertEqual(posts[-1], {"brightness": 0.4})
        self.assertEqual(set(at_once), {1})
        self.assertEqual(slider.get_attribute("aria-valuetext"), "0.40")
        # Who listens hears it once, from the slider.
        self.assertEqual(tab.page.locator(".control output").count(), 0)
        tab.page.get_by_role("button", name="Reset: Brightness").click()
        self.until_set("brightness", 0)
        self.assertEqual(tab.page.evaluate("document.activeElement.id"), "control-brightness")
        self.assertEqual(tab.complaints, [])

    def test_normal_is_in_the_middle(self) -> None:
        """
        Contrast goes from 0 to 32, and 1 is normal: half of the way, not a thirtieth.
        """
        slider = self.opened().page.locator("#control-contrast")
        self.assertEqual(slider.input_value(), "100")
        slider.press("End")
        self.until_set("contrast", 32)
        slider.press("Home")
        self.until_set("contrast", 0)

    def test_choice_and_switch(self) -> None:
        """
        Each kind of control has what fits it: a list; automatic, or a value of one's own.
        """
        tab = self.opened()
        page = tab.page
        page.select_option("#control-awb_mode", "cloudy")
        self.until_set("awb_mode", "cloudy")
        exposure = page.locator("#control-exposure_time_microseconds")
        self.assertTrue(exposure.is_disabled())
        automatic = page.get_by_role("switch", name="Automatic: Exposure time", exact=True)
        automatic.click()
        self.assertFalse(exposure.is_disabled())
        exposure.press("End")
        self.until_set("exposure_time_microseconds", 60_000)
        self.assertEqual(exposure.get_attribute("aria-valuetext"), "60.0 ms")
        exposure.press("Home")
        self.until_set("exposure_time_microseconds", 100)
        automatic.click()
        self.until_set("exposure_time_microseconds", 0)
        self.assertIn("Sharpness", page.inner_text("#absent"))
        self.assertNotIn("Brightness", page.inner_text("#absent"))
        self.assert_accessible(tab)

    def test_refusal(self) -> None:
        """
        What the camera does not take is told beside the control, in its own words.
        """
        tab = self.opened()

        def spoil(route: Route) -> None:
            route.continue_(post_data=json.dumps({"brightness": 9}))

        tab.page.route("**/api/actions/controls", spoil)
        tab.page.locator("#control-brightness").press("End")
        problem = tab.page.locator("#control-brightness-problem")
        wait_until(lambda: problem.inner_text() == "should be from -1 to 1", problem.inner_text)
        self.assert_accessible(tab)
        tab.page.unroute("**/api/actions/controls")
        tab.page.locator("#control-brightness").press("Home")
        self.until_set("brightness", -1)
        wait_until(lambda: problem.inner_text() == "", problem.inner_text)

    def test_camera_that_does_not_run(self) -> None:
        """
        Controls that cannot act say so, and are back with the camera.
        """
        tab = self.opened()
        slider = tab.page.locator("#control-brightness")
        (self.daemon_of_test.cwd / "stalled").touch()
        wait_until(slider.is_disabled, "controls that are off")
        self.assertIn("not running", tab.page.inner_text("#asleep"))
        self.assert_accessible(tab)
        (self.daemon_of_test.cwd / "stalled").unlink()
        wait_until(slider.is_enabled, "controls that are on")
