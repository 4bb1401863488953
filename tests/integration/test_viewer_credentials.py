"""
The viewer page of a camera that is not for everyone, in Chromium.

"""

from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.integration.browser import BrowserTestCase
from tests.integration.daemon import wait_until
from tests.integration.pictures import write_pictures
from tests.integration.viewer_case import seconds_old

TOKEN = "correct-horse"

ANSWER_AGAIN = """async () => {
  const ask = window.fetch;
  const answer = await (await ask("ready")).text();
  window.fetch = async (path, options) =>
    path === "ready" ? new Response(answer) : await ask(path, options);
  window.askAnew = () => (window.fetch = ask);
}"""
"""Answers the page's questions how the camera is as they were answered last."""


class CredentialsTests(BrowserTestCase):
    """
    A camera that is not for everyone.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder)), "AUTH_TOKEN": TOKEN}

    def test_token_as_password(self) -> None:
        """
        The browser asks, and the token opens page and stream with whatever name is typed.
        """
        tab = self.open(self.daemon, self.context(credentials=("anyone", TOKEN)))
        tab.until("Live")
        tab.wait_for_picture()
        self.assertEqual(tab.complaints, [])

    def test_without_credentials(self) -> None:
        """
        Who types something wrong, and gives up, reads what was asked for, in a page that looks as
        if it were meant.
        """
        context = self.context(credentials=("admin", "admin"))
        tab = self.open(self.daemon, context)
        self.assertIn("the token is the password", tab.page.inner_text("body"))
        colour = "getComputedStyle(document.body).backgroundColor"
        tab.page.emulate_media(color_scheme="dark")
        dark = tab.page.evaluate(colour)
        tab.page.emulate_media(color_scheme="light")
        self.assertNotEqual(tab.page.evaluate(colour), dark)
        self.assert_accessible(tab)
        self.assertEqual([text for text in tab.complaints if "401" not in text], [])

    def test_token_that_is_set(self) -> None:
        """
        Where a browser would have to ask its user for credentials, and only waits, the page says
        what helps.
        """
        self.changed(self.context(), before=None)

    def test_token_that_is_changed(self) -> None:
        """
        So it does where what was typed once is not taken any more.
        """
        self.changed(self.context(credentials=("anyone", TOKEN)), before=TOKEN)

    def test_guesses_from_the_same_address(self) -> None:
        """
        Who must wait because somebody nearby guesses tokens goes on watching, reads why when the
        picture is asked for anew, and gets it when the wait is over.
        """
        daemon = self.make_daemon({"FPS": "10", "AUTH_TOKEN": TOKEN}).start().wait_until_ready()
        tab = self.open(daemon, self.context(credentials=("anyone", TOKEN)))
        tab.until_live()
        for number in range(10):
            guess = {"Authorization": f"Bearer {number}"}
            self.assertEqual(daemon.get("/api/camera", headers=guess).status, 401)
        tab.until_live()
        tab.page.click("#refresh")
        wait_until(lambda: "Too many wrong credentials" in tab.detail, lambda: tab.detail)
        self.assertEqual(tab.state, "Reconnecting")
        tab.until_live(60)

    def changed(self, context: BrowserContext, before: str | None) -> None:
        """
        Watch a camera whose token becomes another, and is what it was in the end.

        """
        settings = {"FPS": "10"} if before is None else {"FPS": "10", "AUTH_TOKEN": before}
        daemon = self.make_daemon(settings).start().wait_until_ready()
        tab = self.open(daemon, context)
        tab.until_live()
        daemon.stop()
        daemon.settings = {**settings, "AUTH_TOKEN": "another-one"}
        daemon.start().wait_until_ready()
        wait_until(lambda: "Reload the page to sign in again." in tab.detail, lambda: tab.detail)
        self.assertEqual(tab.state, "Reconnecting")
        self.assert_accessible(tab)
        asked = len(tab.addresses)
        # It stays so, and does not have the browser ask over and over again.
        for _ in range(50):
            self.assertIn("Reload the page to sign in again.", tab.detail)
            tab.page.wait_for_timeout(200)
        # The picture on the page is the old one, however new that of the camera may be.
        self.assertGreater(seconds_old(tab), 10)
        self.assertFalse([url for url in tab.addresses[asked:] if "stream.mjpg" in url])
        # Back so quickly that no question of the page is lost.
        tab.page.evaluate(ANSWER_AGAIN)
        daemon.stop()
        daemon.settings = settings
        daemon.start().wait_until_ready()
        tab.page.evaluate("askAnew()")
        tab.until_live()
