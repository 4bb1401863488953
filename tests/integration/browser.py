"""
A real browser that talks to nobody but the daemon.

"""

import atexit
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Literal

from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.integration.accessibility import violations
from tests.integration.components import require_program
from tests.integration.daemon import PATIENCE_SECONDS, Daemon, DaemonTestCase, wait_until
from tests.integration.pictures import number_of

REBOUND_HOST = "evil.example"
"""A name that is an attacker's, and is said to be the address of this machine."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {REBOUND_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

DESKTOP = (1280, 800)
PHONE = (390, 844)
SMALL_PHONE = (360, 740)

NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
"""
What becomes of everything that a browser loads when the machine gets or loses an interface, such
as those of containers that other tests start.
"""

Scheme = Literal["dark", "light"]
SCHEMES: Sequence[Scheme] = ("dark", "light")

WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) => console.error(`CSP ${event.blockedURI}`));
"""

PIXEL = """(image) => {
  if (image.naturalWidth === 0) return null;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return Array.from(context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data);
}"""

PIXELS = """(image) => {
  if (image.naturalWidth === 0) return "";
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL();
}"""


@define(eq=False)
class Tab:
    """
    One page, and what went wrong in it.

    """

    page: Page
    complaints: list[str] = field(factory=list)
    """Errors on its console, among them what its content security policy forbade."""
    addresses: list[str] = field(factory=list)
    """What it asked for."""

    @property
    def state(self) -> str:
        """
        What the page says of the camera.

        """
        return self.page.inner_text("#state")

    @property
    def detail(self) -> str:
        """
        What it says of that over the picture.

        """
        return self.page.inner_text("#detail")

    def until(self, state: str, seconds: float = PATIENCE_SECONDS) -> None:
        """
        Wait until the page says that of the camera.

        """
        wait_until(lambda: self.state == state, lambda: f"{self.state}: {self.detail}", seconds)

    def until_live(self, seconds: float = PATIENCE_SECONDS) -> None:
        """
        Wait until the page says that it is live, and shows a picture that moves.

        """
        self.until("Live", seconds)
        shown = self._pixels()
        wait_until(lambda: self._pixels() not in ("", shown), "a picture that moves")

    def _pixels(self) -> str:
        pixels: str = self.page.locator("#stream").evaluate(PIXELS)
        return pixels

    def figure(self, name: str) -> str:
        """
        :returns: One of the figures below the picture.
        """
        return self.page.inner_text(f"#{name}")

    def picture(self) -> int | None:
        """
        :returns: Which of the known pictures is shown; ``None`` before the first.
        """
        pixel = self.page.locator("#stream").evaluate(PIXEL)
        return None if pixel is None else number_of(pixel[:3])

    def wait_for_picture(self, other_than: int | None = None) -> int:
        """
        Wait until a picture is shown.

        """
        seen: list[int | None] = []

        def is_shown() -> bool:
            seen.append(self.picture())
            return seen[-1] not in (None, other_than)

        wait_until(is_shown, f"a picture other than {other_than}")
        assert seen[-1] is not None
        return seen[-1]


class BrowserTestCase(DaemonTestCase):
    """
    Tests that share one browser.

    """

    _browser: ClassVar[list[Browser]] = []

    @property
    def browser(self) -> Browser:
        """
        Chromium, started when it is first asked for and ended with the process.

        """
        if not self._browser:
            program = require_program("chromium", "apt-get install chromium")
            stack = ExitStack()
            atexit.register(stack.close)
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
            stack.callback(browser.close)
            self._browser.append(browser)
        return self._browser[0]

    def context(
        self,
        size: tuple[int, int] = DESKTOP,
        credentials: Sequence[str] | None = None,
        **more: Any,
    ) -> BrowserContext:
        """
        :param size: Width and height of the window.
        :param credentials: User name and password that its user would type.
        :param more: What else Playwright's ``new_context`` takes, such as ``color_scheme``.
        :returns: A browser that remembers nothing of another one.
        """
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            http_credentials=(
                {"username": credentials[0], "password": credentials[1]} if credentials else None
            ),
            **more,
        )
        self.addCleanup(context.close)
        context.add_init_script(WATCH_POLICY)
        return context

    def open(
        self, daemon: Daemon, context: BrowserContext | None = None, url: str | None = None
    ) -> Tab:
        """
        :param url: Where the page is, if not directly at the daemon.
        :returns: A tab with the daemon's page.
        """
        page = (context or self.context()).new_page()
        tab = Tab(page)
        disturbances: list[str] = []

        def told(message: ConsoleMessage) -> None:
            if message.type == "error":
                kept = disturbances if NETWORK_CHANGED in message.text else tab.complaints
                kept.append(message.text)

        page.on("console", told)
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("request", lambda request: tab.addresses.append(request.url))
        # Not until everything is loaded: the stream never is.
        page.goto(url or daemon.url, wait_until="domcontentloaded")
        while disturbances:
            disturbances.clear()
            page.reload(wait_until="domcontentloaded")
        return tab

    def assert_accessible(self, tab: Tab) -> None:
        """
        Nothing on the page as it is now, in either colour scheme, keeps anyone out (WCAG 2.2 AA).

        """
        for scheme in SCHEMES:
            tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.assertEqual(violations(tab.page), [], scheme)
        tab.page.emulate_media(color_scheme="null", reduced_motion="null")
