"""
Processes that change a registry as fast as they can, to be killed.

``python -m tests.integration.registry_writer PATH``: for each line of its input it starts one,
with a fork, because that is quick; prints ``started PID``; and, when the other has ended,
``ended``. Each change that a writer was told to be durable is a line between the two:
``create|replace|delete ID REVISION``.

"""

import os
import queue
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from motion_in_ocean.management.registry._file_registry import FileRegistry
from motion_in_ocean.management.registry._interface import StoredNode
from motion_in_ocean.worker import ThreadWorker
from tests.management.nodes import make_node

LASTING = [f"lasting-{number}" for number in range(10)]
"""Nodes that are made once and changed from then on."""

PASSING = "passing"
"""What the ids of nodes begin with that are made and deleted, each one once."""

LANES = 3
"""How many of those a writer has at once."""


def main() -> None:
    """
    Start writers until there is no more input.

    """
    path = Path(sys.argv[1])
    for number, _ in enumerate(sys.stdin):
        pid = os.fork()
        if pid == 0:
            # Not by the one that waits: the first change may be quicker.
            _say(f"started {os.getpid()}")
            _write(path, number)
        os.waitpid(pid, 0)
        _say("ended")


def _say(line: str) -> None:
    # One call for one line: whatever happens to the process, no half of it is heard.
    os.write(1, f"{line}\n".encode())


def _write(path: Path, number: int) -> None:
    calls: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
    registry = FileRegistry(path, ThreadWorker("disk", calls.put), Clock())
    registry.startService()
    Deferred.fromCoroutine(_begin(registry, number)).addErrback(_end)
    while True:
        calls.get()()


def _end(failure: Any) -> None:
    try:
        _say(f"failed {failure.getErrorMessage()}")
    finally:
        os._exit(1)


async def _begin(registry: FileRegistry, number: int) -> None:
    nodes = {stored.node.id: stored for stored in await registry.list_nodes()}
    for node_id in LASTING:
        Deferred.fromCoroutine(_change(registry, node_id, nodes.get(node_id))).addErrback(_end)
    left_over = [node_id for node_id in nodes if node_id.startswith(PASSING)]
    Deferred.fromCoroutine(_clear(registry, left_over)).addErrback(_end)
    for lane in range(LANES):
        make_id = partial("{}-{}-{}-{}".format, PASSING, number, lane)
        Deferred.fromCoroutine(_come_and_go(registry, make_id)).addErrback(_end)


async def _clear(registry: FileRegistry, left_over: Sequence[str]) -> None:
    for node_id in left_over:
        stored = await registry.delete(node_id)
        _say(f"delete {node_id} {stored.revision}")


async def _change(registry: FileRegistry, node_id: str, stored: StoredNode | None) -> None:
    if stored is None:
        stored = await registry.create(make_node(node_id))
        _say(f"create {node_id} {stored.revision}")
    for attempt in count():
        node = make_node(node_id, name=f"name {attempt}")
        stored = await registry.replace(node_id, node, stored.revision)
        _say(f"replace {node_id} {stored.revision}")


async def _come_and_go(registry: FileRegistry, make_id: Callable[[int], str]) -> None:
    for attempt in count():
        node_id = make_id(attempt)
        stored = await registry.create(make_node(node_id))
        _say(f"create {node_id} {stored.revision}")
        await registry.delete(node_id, stored.revision)
        # That is no revision of its own; the one of what was deleted says which.
        _say(f"delete {node_id} {stored.revision}")


if __name__ == "__main__":
    main()
