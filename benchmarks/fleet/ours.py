"""
The daemon's own sweep.

"""

import time
from typing import Any

from motion_in_ocean.management import FleetSweep, Prober, make_outbound
from motion_in_ocean.management.outbound._results import Answered
from motion_in_ocean.management.registry._node import parse_node
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from benchmarks.fleet.job import BUDGET_SECONDS, TICK_SECONDS, Job, Notes, allow_many_sockets


def main() -> None:
    from twisted.internet import reactor  # noqa: PLC0415, TID251 - this is a whole process

    real: Any = reactor
    real.seconds = time.monotonic

    async def work() -> None:
        job = Job.from_command_line()
        nodes = [
            parse_node(
                {
                    "id": f"n{number}",
                    "name": url,
                    "base_url": url,
                    "auth": {"type": "none"},
                    "labels": {},
                    "last_seen": "2026-01-31T12:00:00Z",
                    "capabilities": [],
                    "transport": "http",
                }
            )
            for number, url in enumerate(job.urls)
        ]
        outbound = make_outbound(real, None)
        outbound.startService()
        sweep = FleetSweep(Prober(outbound, real, BUDGET_SECONDS), real)
        notes = Notes(job)
        ticking = LoopingCall(notes.tick)
        ticking.start(TICK_SECONDS)
        for _ in range(job.sweeps):
            notes.begin()
            swept = await sweep.run(nodes)
            ready = {
                node.base_url: isinstance(outcome, Answered) and outcome.ready
                for node in nodes
                for outcome in (swept.results[node.id].outcome,)
            }
            notes.end(ready)
        ticking.stop()
        await outbound.stopService()
        notes.tell()

    def run() -> None:
        working = Deferred.fromCoroutine(work())
        working.addErrback(lambda failure: failure.printTraceback())
        working.addBoth(lambda _: real.stop())

    real.callWhenRunning(run)
    real.run()


if __name__ == "__main__":
    allow_many_sockets()
    main()
