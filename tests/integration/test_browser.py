"""
The pages as people see them, in Chromium.

"""

import signal
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Route

from tests.integration.browser import PHONE, BrowserTestCase, Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.pictures import COLOURS, number_in, write_pictures

TOKEN = "correct-horse"


def newest(daemon: Daemon) -> int:
    """
    :returns: Which picture the daemon took last.
    """
    return number_in(daemon.get("/snapshot.jpg").body)


class ViewerPageTests(BrowserTestCase):
    """
    The page that a newcomer sees first.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder, (640, 480))), "FPS": "10"}

    def test_shows_camera(self) -> None:
        """
        Picture, state and figures are there, nothing is wrong on the console, and nothing is
        fetched from anyone else: many cameras have no way to the internet.
        """
        tab = self.open(self.daemon)
        wait_until(lambda: tab.state == "Live", lambda: tab.state)
        tab.wait_for_picture(other_than=tab.wait_for_picture())
        self.assertApproximates(float(tab.figure("fps")), 10, 2)
        self.assertRegex(tab.figure("age"), r"^0\.\d s$")
        self.assertEqual(tab.figure("resolution"), "640 \N{MULTIPLICATION SIGN} 480")
        self.assertEqual(tab.complaints, [])
        others = [url for url in tab.addresses if not url.startswith(self.daemon.url)]
        self.assertEqual(others, [])

    def test_phone(self) -> None:
        """
        On a phone nothing has to be pushed sideways, and the picture has the whole width.
        """
        tab = self.open(self.daemon, self.context(PHONE))
        tab.wait_for_picture()
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        self.assertEqual(width, PHONE[0])
        box = tab.page.locator("#stream").bounding_box()
        assert box is not None
        self.assertEqual(box["width"], PHONE[0])
        self.assertApproximates(box["height"], PHONE[0] * 3 / 4, 1)

    def test_thinned_stream_shows_newest(self) -> None:
        """
        Whoever asks for one picture a second sees each when it is taken, not a second later:
        browsers show a part when the next one begins.
        """
        tab = self.open(self.daemon)
        tab.page.locator("#stream").evaluate("(image) => { image.src = 'stream.mjpg?fps=1'; }")
        shown, behind = tab.wait_for_picture(), []
        for _ in range(3):
            shown = tab.wait_for_picture(other_than=shown)
            behind.append((newest(self.daemon) - shown) % len(COLOURS))
        # The first belongs to the stream before. The picture before would be ten behind.
        self.assertLess(max(behind[1:]), 6, behind)


class SlowCameraTests(BrowserTestCase):
    """
    A camera that takes one picture a second.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder)), "FPS": "1"}

    def test_slow_camera_shows_newest(self) -> None:
        """
        Each picture is shown when it is taken, not when the next one is.
        """
        daemon, tab = self.daemon, self.open(self.daemon)
        tab.wait_for_picture()
        current = newest(daemon)
        for _ in range(3):
            wait_until(lambda: newest(daemon) != current, "the next picture")  # noqa: B023
            current = newest(daemon)
            wait_until(lambda: tab.picture() == current, "that one on the page", 0.7)  # noqa: B023


class ReturnTests(BrowserTestCase):
    """
    Pages that stay open for days, on a shelf or in a workshop.

    """

    def watched(self) -> tuple[Daemon, Tab]:
        """
        :returns: A daemon of this test's own, and its page, with the picture.
        """
        folder = Path(self.mktemp()).absolute()
        frames = write_pictures(folder)
        daemon = self.make_daemon({"MOCK_FRAMES": str(frames), "FPS": "10"}).start()
        tab = self.open(daemon.wait_until_ready())
        self.wait_for_picture(tab)
        return daemon, tab

    def wait_for_picture(self, tab: Tab) -> None:
        """
        Wait until the page shows a picture that moves, and says so.

        """
        wait_until(lambda: tab.state == "Live", lambda: tab.state)
        tab.wait_for_picture(other_than=tab.wait_for_picture())

    def test_after_outage(self) -> None:
        """
        The page says that the daemon is gone, instead of how fresh the picture was, and shows the
        picture again once it is back.
        """
        daemon, tab = self.watched()
        daemon.stop()
        wait_until(lambda: tab.state == "Disconnected", lambda: tab.state)
        self.assertEqual((tab.figure("fps"), tab.figure("age")), ("\N{EN DASH}", "\N{EN DASH}"))
        daemon.start()
        self.wait_for_picture(tab)

    def test_after_quick_restart(self) -> None:
        """
        So it does where the daemon was back before the page could notice: browsers do not tell
        pages that the connection of a stream has ended.
        """
        daemon, tab = self.watched()
        questions: list[Route] = []

        def keep(question: Route) -> None:
            questions.append(question)

        tab.page.route("**/ready", keep)
        daemon.stop()
        daemon.start().wait_until_ready()
        tab.page.unroute("**/ready")
        for question in questions:
            question.continue_()
        self.wait_for_picture(tab)

    def test_daemon_that_hangs(self) -> None:
        """
        A daemon that does not answer any more, or a network that has gone, is not called live.
        """
        daemon, tab = self.watched()
        daemon.signal(signal.SIGSTOP)
        wait_until(lambda: tab.state == "Disconnected", lambda: tab.state)
        daemon.signal(signal.SIGCONT)
        self.wait_for_picture(tab)


class FullHouseTests(BrowserTestCase):
    """
    A camera that more people want to watch than may.

    """

    def test_no_place(self) -> None:
        """
        Who finds no place is not told that the picture is live, and gets the next place.
        """
        daemon = self.make_daemon({"MAX_STREAM_CONNECTIONS": "1", "FPS": "10"}).start()
        with daemon.wait_until_ready().stream():
            tab = self.open(daemon)
            wait_until(lambda: "Waiting" in tab.state, lambda: tab.state)
        wait_until(lambda: tab.state == "Live", lambda: tab.state)


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
        wait_until(lambda: tab.state == "Live", lambda: tab.state)
        tab.wait_for_picture()
        self.assertEqual(tab.complaints, [])

    def test_without_credentials(self) -> None:
        """
        Who types something wrong, and gives up, reads what was asked for.
        """
        page = self.context(credentials=("admin", "admin")).new_page()
        reply = page.goto(self.daemon.url)
        assert reply is not None
        self.assertEqual(reply.status, 401)
        self.assertIn("the token is the password", page.inner_text("body"))
