"""
The viewer page of a camera that is not for everyone, in Chromium.

"""

from collections.abc import Mapping
from pathlib import Path

from tests.integration.browser import BrowserTestCase
from tests.integration.pictures import write_pictures

TOKEN = "correct-horse"


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
