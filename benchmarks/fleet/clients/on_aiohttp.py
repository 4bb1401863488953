"""
A careful sweep with aiohttp: one session, bounded concurrency, one time limit for each node.

Run with ``in-turn`` as the last argument, it asks each node for one thing after the other, which
costs less and makes slow nodes slower.

"""

import asyncio
import json
import sys
from typing import Any

import aiohttp

from benchmarks.fleet.clients.loop import ticking
from benchmarks.fleet.job import AT_ONCE, BUDGET_SECONDS, Job, Notes, allow_many_sockets
from benchmarks.fleet.nodes import PATHS

IN_TURN = sys.argv[-1] == "in-turn"


async def main() -> None:
    job = Job.from_command_line()
    slots = asyncio.Semaphore(AT_ONCE)
    kept: dict[str, list[Any]] = {}

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(url: str, path: str) -> Any:
            async with session.get(url + path, allow_redirects=False) as response:
                return json.loads(await response.read())

        async def is_ready(url: str) -> bool:
            async with slots:
                try:
                    async with asyncio.timeout(BUDGET_SECONDS):
                        if IN_TURN:
                            answers = [await ask(url, path) for path in PATHS]
                        else:
                            answers = await asyncio.gather(*(ask(url, path) for path in PATHS))
                except (TimeoutError, aiohttp.ClientError, ValueError):
                    return False
            kept[url] = answers
            return bool(answers[1]["status"] == "ready")

        notes = Notes(job)
        async with ticking(notes):
            for _ in range(job.sweeps):
                notes.begin()
                found = await asyncio.gather(*map(is_ready, job.urls))
                notes.end(dict(zip(job.urls, found, strict=True)))
    await asyncio.sleep(0.1)
    notes.tell()


if __name__ == "__main__":
    allow_many_sockets()
    asyncio.run(main())
