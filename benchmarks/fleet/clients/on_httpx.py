"""
A careful sweep with httpx: bounded concurrency, one time limit for each node.

A client for each node, because one that is shared looks through all its connections for every
request: with a hundred nodes that costs 10 ms each time, and nodes are called dead that are well.

"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx

from benchmarks.fleet.clients.loop import ticking
from benchmarks.fleet.job import AT_ONCE, BUDGET_SECONDS, Job, Notes, allow_many_sockets
from benchmarks.fleet.nodes import PATHS


async def main() -> None:
    job = Job.from_command_line()
    slots = asyncio.Semaphore(AT_ONCE)
    kept: dict[str, list[Any]] = {}
    notes = Notes(job)

    async with AsyncExitStack() as stack:
        # Without verification, or each would read the trusted authorities anew.
        clients = {
            url: await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, timeout=None, verify=False, trust_env=False)
            )
            for url in job.urls
        }

        async def is_ready(url: str) -> bool:
            async with slots:
                try:
                    async with asyncio.timeout(BUDGET_SECONDS):
                        replies = await asyncio.gather(*map(clients[url].get, PATHS))
                        answers = [reply.json() for reply in replies]
                except (TimeoutError, httpx.HTTPError, ValueError):
                    return False
            kept[url] = answers
            return bool(answers[1]["status"] == "ready")

        async with ticking(notes):
            for _ in range(job.sweeps):
                notes.begin()
                found = await asyncio.gather(*map(is_ready, job.urls))
                notes.end(dict(zip(job.urls, found, strict=True)))
    notes.tell()


if __name__ == "__main__":
    allow_many_sockets()
    asyncio.run(main())
