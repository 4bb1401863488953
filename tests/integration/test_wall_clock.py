"""
That a daemon does not care how late it is.

A Raspberry Pi has no clock battery: soon after its start, its clock is set forward by as long as it
was switched off. Only what people read may follow.

"""

import itertools
import re
import statistics
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from tests.integration.daemon import Daemon, DaemonTestCase, wait_until
from tests.integration.pictures import Part, StreamReader
from tests.integration.wall_clock import WallClock
from tests.notified import NotifiedSocket

HOUR = 3600.0
YEAR = 365 * 24 * HOUR

FPS = 2
MAX_FRAME_AGE_SECONDS = 3
WATCHDOG_SECONDS = 1.0

WATCHED_SECONDS = 4.0
TOLERANCE_SECONDS = 1.0
"""What a busy machine may add to anything that is timed here; far less than any step."""

STOP_SECONDS = 6.0


class SteppedDaemonTestCase(DaemonTestCase):
    """
    A test case that has a daemon with a wall clock of its own, in any mode.

    """

    settings: Mapping[str, str] = {}

    def setUp(self) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(parents=True)
        self.clock = WallClock(folder / "wall-clock")
        self.systemd = NotifiedSocket(self.addCleanup)
        self.stepped = self.make_daemon(
            {
                "NOTIFY_SOCKET": self.systemd.address,
                "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)),
                **self.settings,
                **self.clock.environment(),
            }
        ).start()

    def step(self, offset: float) -> None:
        """
        Set the daemon's clock, and make sure that it has been.

        """
        self.clock.set(offset)
        told = datetime.fromisoformat(self.stepped.get("/health").json()["timestamp"])
        self.assert_now(told)

    def assert_now(self, shown: datetime) -> None:
        """
        That is what the daemon's clock shows, to the second.
        """
        self.assertLess(abs(shown.timestamp() - self.clock.now()), 1 + TOLERANCE_SECONDS)

    def lag(self) -> tuple[int, float]:
        """
        :returns: How often the daemon has measured how late its timers are, and by how much they
            were in all.
        """
        text = self.stepped.get("/metrics", {"Accept": "text/plain"}).body.decode()
        count, total = (
            re.search(rf"^motion_in_ocean_reactor_lag_seconds_{name} (\S+)$", text, re.M)
            for name in ("count", "sum")
        )
        assert count is not None
        assert total is not None
        return int(float(count[1])), float(total[1])

    def feeds(self) -> int:
        """
        :returns: How often the watchdog has been fed since it was looked at last.
        """
        return self.systemd.received().count("WATCHDOG=1")

    def assert_timers_go_on(self, seconds: float, lag: tuple[int, float], feeds: int) -> None:
        """
        Timers have fired neither early, nor late, nor never.

        :param lag: As it was so many seconds ago.
        :param feeds: How often the watchdog has been fed since then.
        """
        count, total = (now - then for now, then in zip(self.lag(), lag, strict=True))
        self.assertLess(abs(count - seconds / 0.5), 2 * TOLERANCE_SECONDS / 0.5)
        self.assertLess(total, TOLERANCE_SECONDS)
        half = WATCHDOG_SECONDS / 2
        self.assertLess(abs(feeds - seconds / half), 2 * TOLERANCE_SECONDS / half)


class WebcamTests(SteppedDaemonTestCase):
    """
    A node with a viewer, whose clock is set.

    """

    settings: Mapping[str, str] = {
        "FPS": str(FPS),
        "RESOLUTION": "64x48",
        "MAX_FRAME_AGE_SECONDS": str(MAX_FRAME_AGE_SECONDS),
    }

    def assert_unmoved(self, offset: float) -> None:
        """
        Set the clock of a node that is being watched, and look whether anything follows that
        should not, or does not that should.
        """
        node = self.stepped.wait_until_ready()
        # The second picture comes early, because the first takes longer than the others.
        wait_until(lambda: node.get("/ready").json()["frames_captured"] >= 6, "a steady rate")
        with node.stream() as stream:
            reader = StreamReader(stream)
            reader.parts(2 * 2)
            logged = len(node.log)
            uptime, lag = node.get("/ready").json()["uptime_seconds"], self.lag()
            self.feeds()
            begin = time.monotonic()

            self.step(offset)
            parts, feeds = [], 0
            while time.monotonic() < begin + WATCHED_SECONDS:
                self.assert_ready(node, uptime - begin)
                parts.append(reader.part())
                feeds += self.feeds()
            self.assert_timers_go_on(time.monotonic() - begin, lag, feeds)
        self.assert_repeated(parts)
        self.assertEqual("", node.log[logged:])

        # What people read.
        snapshot = node.get("/snapshot.jpg")
        self.assertLess(
            abs(float(snapshot.headers["X-Timestamp"]) - self.clock.now()),
            1 / FPS + TOLERANCE_SECONDS,
        )
        self.assert_now(parsedate_to_datetime(snapshot.headers["Date"]))
        end = node.stop()
        self.assertLess(end.seconds, STOP_SECONDS)
        self.assert_now(datetime.fromisoformat(node.log.splitlines()[-1].split()[0]))

    def assert_ready(self, node: Daemon, uptime_less_monotonic: float) -> None:
        """
        It says the truth about itself.
        """
        reply = node.get("/ready")
        report = reply.json()
        self.assertEqual(200, reply.status, report)
        self.assertGreaterEqual(report["last_frame_age_seconds"], 0)
        self.assertLess(report["last_frame_age_seconds"], 1 / FPS + TOLERANCE_SECONDS)
        self.assertLess(abs(report["current_fps"] - FPS), FPS / 2, report)
        late = time.monotonic() + uptime_less_monotonic - report["uptime_seconds"]
        self.assertLess(abs(late), TOLERANCE_SECONDS)
        self.assert_now(datetime.fromisoformat(report["timestamp"]))

    def assert_repeated(self, parts: list[Part]) -> None:
        """
        Each picture came at its time, and once more soon after that.
        """
        self.assertLess(
            abs(len(parts) - WATCHED_SECONDS * FPS * 2), 2 * TOLERANCE_SECONDS * FPS * 2
        )
        times = [len(list(same)) for _, same in itertools.groupby(p.timestamp for p in parts)]
        # Not each: the first may have been cut, and a busy machine may be late for one.
        self.assertEqual(2, statistics.median(times), times)

    def test_an_hour_forward(self) -> None:
        """
        A network that comes late.
        """
        self.assert_unmoved(HOUR)

    def test_an_hour_back(self) -> None:
        """
        An operator who corrects a clock that was wrong.
        """
        self.assert_unmoved(-HOUR)

    def test_a_year_forward(self) -> None:
        """
        A Raspberry Pi that was in a drawer.
        """
        self.assert_unmoved(YEAR)

    def test_a_year_back(self) -> None:
        """
        A clock that was set to nonsense, and then to the time.
        """
        self.assert_unmoved(-YEAR)
