"""
What tests of the viewer page share.

"""

import re
from pathlib import Path

from tests.integration.browser import BrowserTestCase, Tab
from tests.integration.cuttable_proxy import CuttableProxy
from tests.integration.daemon import TWISTD, Daemon

FALTERING = Path(__file__).with_name("faltering_camera.py")


def seconds_old(tab: Tab) -> float:
    """
    :returns: How old the page says that the picture is.
    """
    text = tab.page.inner_text("#frozen")
    match = re.fullmatch(r"The picture is (?:(\d+) min ?)?(?:([\d.]+) s )?old\.", text)
    assert match is not None, text
    return 60 * float(match[1] or 0) + float(match[2] or 0)


def is_dimmed(tab: Tab) -> bool:
    """
    :returns: Whether the picture looks as if it were not live.
    """
    filters = tab.page.evaluate(
        "['stream', 'still'].map((id) => getComputedStyle(document.getElementById(id)).filter)"
    )
    assert filters[0] == filters[1], filters
    return bool(filters[0] != "none")


class ViewerTestCase(BrowserTestCase):
    """
    Tests with a camera that can be disturbed.

    """

    def faltering(self, *troubles: str) -> Daemon:
        """
        :param troubles: See the program; how it begins.
        """
        command = (TWISTD, "-n", "--pidfile=", "--python", str(FALTERING))
        daemon = self.make_daemon(command=command)
        daemon.cwd.mkdir(parents=True)
        for name in troubles:
            (daemon.cwd / name).touch()
        return daemon.start()

    def proxy(self, daemon: Daemon, folder: str = "/", host: str | None = None) -> CuttableProxy:
        """
        :returns: Something in front of the daemon, for this test.
        """
        proxy = CuttableProxy(daemon.port, folder, host)
        self.addCleanup(proxy.close)
        return proxy

    def watched(self) -> tuple[Daemon, Tab]:
        """
        :returns: A daemon of this test's own, and its page, with a picture that moves.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        tab = self.open(daemon)
        tab.until_live()
        return daemon, tab
