"""
Faults in a row, in one process: each time the picture comes back, and nothing is left behind.

::

    FAULTS=100 SEED=1 python -m twisted.trial tests.integration.picamera2.marathon

Not among the tests that run by themselves: a hundred faults take four minutes. It prints its seed
and its figures.

"""

import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.threads import deferToThread

from tests.integration.picamera2.rig import Daemon, RigTestCase, StreamWatch, wait

FAULTS = int(os.environ.get("FAULTS") or 100)
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
WARM_UP = 10
"""Faults until everything has been used once, before anything is measured."""

MAX_MORE_BYTES = 8 * 1024 * 1024
MAX_SECONDS_TO_RECOVER = 20.0

Fault = tuple[tuple[str, Any], ...]


def _set(name: str, value: object) -> tuple[str, Any]:
    return "set", (name, value)


FAULT_KINDS: dict[str, Callable[[random.Random], Fault]] = {
    "stall": lambda _: (("stall", ()),),
    "stall behind a waiting capture": lambda _: (("stall", ()), ("hold_capture", ())),
    "slow stop": lambda r: (_set("stop_delay", r.uniform(0.1, 1.0)), ("stall", ())),
    "slow close": lambda r: (_set("close_delay", r.uniform(0.1, 1.0)), ("stall", ())),
    "gone": lambda _: (("no_camera", ()), ("stall", ())),
    "busy": lambda _: (_set("busy", True), ("stall", ())),
    "no encoder": lambda _: (("encoder_fails", (True,)), ("stall", ())),
    "output raises": lambda _: (("output_raises", (True,)),),
    "event loop dies": lambda _: (("kill_loop", ()),),
}


class MarathonTests(RigTestCase):
    """
    Months in minutes.

    """

    timeout = 60 + FAULTS * 30

    async def test_faults_in_a_row(self) -> None:
        """
        A node on a shaky cable is as good after a hundred outages as on its first day.
        """
        chance = random.Random(SEED)
        _say(f"seed {SEED}, {FAULTS} faults")
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": "0.4"})
        await daemon.tell("short_retries", 0.3)
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        watch = StreamWatch(daemon.port)
        self.addCleanup(watch.end)
        outages: list[float] = []
        before: dict[str, int] = {}
        for number in range(WARM_UP + FAULTS):
            if number == WARM_UP:
                before = await daemon.tell("resources")
            kind = chance.choice(list(FAULT_KINDS))
            outages.append(await self.outage(daemon, watch, FAULT_KINDS[kind](chance), chance))
        after = await daemon.tell("resources")
        restarts = await daemon.restarts()
        _say(
            f"restarts {restarts}; outage median {sorted(outages)[len(outages) // 2]:.2f} s, "
            f"longest {max(outages):.2f} s; before {before}, after {after}"
        )
        self.assertNotIn("unforeseen", daemon.log)
        self.assertGreaterEqual(sum(restarts.values()), FAULTS // 2)
        # A few come and go with the connections of the moment.
        self.assertLessEqual(after["descriptors"], before["descriptors"] + 2)
        self.assertLessEqual(after["threads"], before["threads"] + 2)
        self.assertLess(after["rss"] - before["rss"], MAX_MORE_BYTES)

    async def outage(
        self, daemon: Daemon, watch: StreamWatch, fault: Fault, chance: random.Random
    ) -> float:
        """
        Break the camera, repair it at any moment, and wait until the viewer sees it live.

        :returns: Seconds from the repair to the picture.
        """
        for name, arguments in fault:
            await daemon.tell(name, *arguments)
        await wait(chance.uniform(0.3, 2.5))
        await daemon.tell("reset")
        repaired = time.monotonic()
        await daemon.until("/ready", 200, seconds=MAX_SECONDS_TO_RECOVER)
        await deferToThread(watch.wait_for_picture_after, time.time())
        return time.monotonic() - repaired


def _say(text: str) -> None:
    sys.stdout.write(f"\nmarathon: {text}\n")
    sys.stdout.flush()
