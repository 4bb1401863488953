"""
What clients on asyncio share.

"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.fleet.job import TICK_SECONDS, Notes


@asynccontextmanager
async def ticking(notes: Notes) -> AsyncIterator[None]:
    """
    Note how punctual the event loop is.

    """

    async def tick() -> None:
        while True:
            notes.tick()
            await asyncio.sleep(TICK_SECONDS)

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()
