"""
The viewer page in a tab that nobody looks at.

"""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

from tests.integration.browser import FLAGS
from tests.integration.components import require_program
from tests.integration.daemon import Daemon, DaemonTestCase, wait_until

BACK_SECONDS = 2.0


class Chromium:
    """
    A browser that shows its tabs one at a time, as for people; for Playwright all are visible.

    """

    def __init__(self, folder: Path) -> None:
        program = require_program("chromium", "apt-get install chromium")
        self._process = subprocess.Popen(
            [program, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = folder / "DevToolsActivePort"
        wait_until(lambda: port.exists() and port.read_text().count("\n"), "its port")
        self._url = f"http://127.0.0.1:{port.read_text().splitlines()[0]}/json"

    def open(self, url: str) -> str:
        """
        :returns: A new tab, which is shown.
        """
        request = urllib.request.Request(f"{self._url}/new?{url}", method="PUT")
        with urllib.request.urlopen(request) as reply:
            tab: str = json.load(reply)["id"]
        self.show(tab)
        return tab

    def show(self, tab: str) -> None:
        """
        Bring a tab to the front, before all others.

        """
        with urllib.request.urlopen(f"{self._url}/activate/{tab}"):
            pass

    def close(self) -> None:
        """
        End it.

        """
        self._process.terminate()
        self._process.wait()


class HiddenTabTests(DaemonTestCase):
    """
    Ten tabs that somebody forgot.

    """

    def test_hidden_tab_costs_nothing(self) -> None:
        """
        It lets go of its stream and asks nothing; when it is looked at, it is live at once.
        """
        daemon = self.make_daemon({"FPS": "10", "LOG_LEVEL": "debug"}).start().wait_until_ready()
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        browser = Chromium(folder)
        self.addCleanup(browser.close)
        tab = browser.open(daemon.url)
        wait_until(lambda: self.viewers(daemon) == 1, "a viewer")
        browser.open("about:blank")
        wait_until(lambda: self.viewers(daemon) == 0, "no viewer")
        asked = daemon.log.count(" GET /ready ")
        time.sleep(5)
        self.assertEqual(daemon.log.count(" GET /ready "), asked)
        browser.show(tab)
        wait_until(lambda: self.viewers(daemon) == 1, "a viewer again", BACK_SECONDS)
        wait_until(lambda: daemon.log.count(" GET /ready ") > asked, "questions again")

    def viewers(self, daemon: Daemon) -> int:
        """
        :returns: How many streams the daemon sends.
        """
        return len(daemon.get("/api/viewers").json()["viewers"])
