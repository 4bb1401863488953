"""
The dashboard in a tab that nobody looks at.

"""

import time
from pathlib import Path

from tests.integration.daemon import wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import MadeUpNode
from tests.integration.test_viewer_hidden import Chromium

LOOK_SECONDS = 10
BACK_SECONDS = 2


class HiddenTests(DashboardTestCase):
    """
    Ten forgotten tabs are no burden.

    """

    def test_hidden_and_shown(self) -> None:
        """
        Hardly anything is asked while the tab is hidden, and no picture fetched; when it is shown
        again, both begin at once.
        """
        manager = self.manage(LOG_LEVEL="debug")
        self.add_node(manager, "shed", MadeUpNode())
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(parents=True)
        browser = Chromium(folder)
        self.addCleanup(browser.close)

        def questions() -> int:
            return manager.log.count("/api/management/events")

        def while_looking() -> tuple[int, int]:
            before = questions(), self.fleet.pictures
            time.sleep(LOOK_SECONDS)
            return questions() - before[0], self.fleet.pictures - before[1]

        tab = browser.open(f"{manager.url}%23view=wall")
        wait_until(lambda: self.fleet.pictures, "a picture")
        asked, pictures = while_looking()
        self.assertGreaterEqual(asked, 2)
        self.assertGreaterEqual(pictures, 1)
        browser.open("about:blank")
        time.sleep(1)
        asked, pictures = while_looking()
        self.assertLessEqual(asked, 1)
        self.assertEqual(pictures, 0)
        asked, pictures = questions(), self.fleet.pictures
        browser.show(tab)
        wait_until(lambda: questions() > asked, "a question", BACK_SECONDS)
        wait_until(lambda: self.fleet.pictures > pictures, "a picture", BACK_SECONDS)
