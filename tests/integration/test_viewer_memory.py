"""
The viewer page on a shelf, for as long as the shelf holds.

``VIEWER_MINUTES=60`` watches it for an hour; without, it is watched for half a minute.

"""

import os
from typing import Any

from tests.integration.browser import Tab
from tests.integration.daemon import wait_until
from tests.integration.viewer_case import ViewerTestCase

MINUTES = float(os.environ.get("VIEWER_MINUTES", "0.5"))
WARM_UP_MINUTES = max(5 / 60, MINUTES / 3)
"""Until engines have what they keep for themselves, at most twenty minutes; what leaks goes on."""
REFRESH = "setInterval(() => document.getElementById('refresh').click(), 5000)"
MOST_GROWTH_BYTES = 200_000
"""What three minutes of a sparkline may take, and what engines keep for themselves."""


class MemoryTests(ViewerTestCase):
    """
    A page that nobody closes.

    """

    def test_page_does_not_grow(self) -> None:
        """
        Neither its objects nor its elements become more, with all panels open and a stream that is
        taken up anew each few seconds.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        tab = self.open(daemon)
        tab.until_live()
        for panel in ("camera", "embed"):
            tab.page.click(f"#{panel} summary")
        wait_until(lambda: tab.page.is_visible("#control-brightness"), "the controls")
        # By the page itself: each click from outside leaves something of the tool's in it.
        tab.page.evaluate(REFRESH)
        tab.page.wait_for_timeout(WARM_UP_MINUTES * 60_000)
        before = self.measured(tab)
        tab.page.wait_for_timeout((MINUTES - WARM_UP_MINUTES) * 60_000)
        after = self.measured(tab)
        growth = {name: after[name] - before[name] for name in before}
        print(f" after {MINUTES:g} min: {growth} ", end="")  # noqa: T201
        self.assertLess(growth["heap"], MOST_GROWTH_BYTES, (before, after))
        self.assertLessEqual(growth["listeners"], 0, (before, after))
        self.assertLess(growth["nodes"], 20, (before, after))
        self.assertEqual(tab.complaints, [])

    def measured(self, tab: Tab) -> dict[str, int]:
        """
        :returns: What the page takes after it has been tidied up.
        """
        session = tab.page.context.new_cdp_session(tab.page)
        session.send("HeapProfiler.enable")
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        heap: dict[str, Any] = session.send("Runtime.getHeapUsage")
        counters: dict[str, Any] = session.send("Memory.getDOMCounters")
        session.detach()
        return {
            "heap": round(heap["usedSize"]),
            "nodes": counters["nodes"],
            "listeners": counters["jsEventListeners"],
        }
