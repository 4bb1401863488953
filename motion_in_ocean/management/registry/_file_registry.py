"""
The registry in a JSON file.

"""

import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredLock, fail, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._contents import Contents
from motion_in_ocean.management.registry._durable_file import DurableFile, FileInUse
from motion_in_ocean.management.registry._interface import StoredNode
from motion_in_ocean.management.registry._node import Node
from motion_in_ocean.management.registry._registry_store import OpenedRegistry, RegistryStore
from motion_in_ocean.service import without_words
from motion_in_ocean.worker import Worker

T = TypeVar("T")

SECONDS_BETWEEN_CHECKS = 60.0
"""How often it is tried whether the file could be written."""

SECONDS_BETWEEN_ATTEMPTS = 5.0
"""How often it is tried to get over a problem."""

SLOW_SECONDS = 10.0
"""How long the disk may take before that is a problem."""

_OPENING = "the registry is being opened"
_STOPPED = "the registry is stopped"


@frozen
class _Change:
    """
    What an operator wants, and who waits for it.

    """

    apply: Callable[[Contents], tuple[Contents, StoredNode]]
    done: Deferred[StoredNode]
    ended_id: str | None = None
    """An id that afterwards is that of no node, or of another one."""


class FileRegistry(Service):
    """
    A ``NodeRegistry`` in a JSON file, which no other process may have while this one runs.

    A change is applied to the contents, which are a value; then the worker writes them; then
    they are published. All changes that come in while others are being written are written
    together next.

    What fails is tried again by itself, so that readiness comes back without anybody's doing: the
    file is opened until it can be read, and what could not be written is written as soon as that
    is possible. The one exception is a registry that is lost: see ``OpenedRegistry``.

    Use in the reactor thread only.

    """

    _log = Logger()

    def __init__(
        self,
        path: Path,
        worker: Worker,
        clock: IReactorTime,
        *,
        open_file: Callable[[Path], DurableFile] = DurableFile,
        wall_time: Callable[[], float] = time.time,
    ) -> None:
        """
        :param path: The file; it and its folder are made when they are needed.
        :param worker: Does what blocks, and nothing else that could take long.
        :param open_file: Makes what reads and writes the file.
        :param wall_time: Seconds since the epoch.
        """
        self._store = RegistryStore(open_file(path), wall_time)
        self._path = path
        self._worker = worker
        self._clock = clock
        self._turn = DeferredLock()
        self._opened: OpenedRegistry | None = None
        self._contents: Contents | None = None
        self._is_lost = False
        self._problem: str | None = _STOPPED
        self._waiting_for_opening: list[Deferred[None]] = []
        self._pending: list[_Change] = []
        self._last_seen: dict[str, datetime] = {}
        self._has_unsaved_sightings = False
        self._busy_since: float | None = None
        self._next_check: IDelayedCall | None = None

    def startService(self) -> None:
        """
        Claim the file, and begin to read it.

        :raises SystemExit: If another process has it: two would undo each other's changes.
        """
        super().startService()
        try:
            self._store.claim()
        except FileInUse:
            self._log.critical(
                "The registry {path} is in use by another process: stop that one, or set "
                "NODE_REGISTRY_PATH to another file",
                path=str(self._path),
            )
            raise SystemExit(1) from None
        except RegistryUnavailable:
            pass  # opening it says so, and goes on trying
        self._problem = _OPENING
        self._check()

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when changes and sightings are in the file, or could not be written.
        """
        super().stopService()
        if self._next_check is not None:
            self._next_check.cancel()
            self._next_check = None
        return self._in_turn(self._close)

    @property
    def problem(self) -> str | None:
        """
        See ``NodeRegistry.problem``.

        """
        if self._busy_since is not None:
            waited = self._clock.seconds() - self._busy_since
            if waited > SLOW_SECONDS:
                return f"{self._path} has been waiting for its disk for {waited:.0f} s"
        return self._problem

    @property
    def notices(self) -> Sequence[str]:
        """
        See ``NodeRegistry.notices``.

        """
        return () if self._opened is None else self._opened.notices

    def list_nodes(self) -> Deferred[Sequence[StoredNode]]:
        """
        See ``NodeRegistry.list_nodes``.

        """
        return self._read(
            lambda contents: [self._as_seen(stored) for stored in contents.nodes.values()]
        )

    def get(self, node_id: str) -> Deferred[StoredNode]:
        """
        See ``NodeRegistry.get``.

        """
        return self._read(lambda contents: self._as_seen(contents.get(node_id)))

    def create(self, node: Node) -> Deferred[StoredNode]:
        """
        See ``NodeRegistry.create``.

        """
        return self._change(lambda contents: contents.create(node))

    def replace(self, node_id: str, node: Node, expected_revision: int) -> Deferred[StoredNode]:
        """
        See ``NodeRegistry.replace``.

        """
        return self._change(
            lambda contents: contents.replace(node_id, node, expected_revision),
            ended_id=node_id if node.id != node_id else None,
        )

    def delete(self, node_id: str, expected_revision: int | None = None) -> Deferred[StoredNode]:
        """
        See ``NodeRegistry.delete``.

        """
        return self._change(
            lambda contents: contents.delete(node_id, expected_revision), ended_id=node_id
        )

    def seen(self, node_id: str, at: datetime) -> None:
        """
        See ``NodeRegistry.seen``.

        """
        if self._contents is not None and node_id in self._contents.nodes:
            self._last_seen[node_id] = at
            self._has_unsaved_sightings = True

    def _read(self, read: Callable[[Contents], T]) -> Deferred[T]:
        def read_now() -> T:
            if self._contents is None:
                raise RegistryUnavailable(self._problem)
            return read(self._contents)

        if self._problem is not _OPENING:
            return maybeDeferred(read_now)
        opened: Deferred[None] = Deferred()
        self._waiting_for_opening.append(opened)
        return opened.addCallback(lambda _: read_now())

    def _as_seen(self, stored: StoredNode) -> StoredNode:
        at = self._last_seen.get(stored.node.id)
        return stored if at is None else StoredNode(stored.node.seen(at), stored.revision)

    def _change(
        self,
        apply: Callable[[Contents], tuple[Contents, StoredNode]],
        ended_id: str | None = None,
    ) -> Deferred[StoredNode]:
        if not self.running:
            return fail(RegistryUnavailable(_STOPPED))
        change = _Change(apply, Deferred(), ended_id)
        self._pending.append(change)
        if len(self._pending) == 1:
            self._in_turn(self._commit)
        return change.done

    async def _commit(self) -> None:
        """
        Make all changes that wait.

        """
        changes, self._pending = self._pending, []
        try:
            outcomes = await self._outcomes(changes)
        except RegistryUnavailable as error:
            self._report(str(error))
            outcomes = [Failure(error) for _ in changes]
        for change, outcome in zip(changes, outcomes, strict=True):
            if isinstance(outcome, Failure):
                change.done.errback(outcome)
            else:
                change.done.callback(self._as_seen(outcome))

    async def _outcomes(self, changes: Sequence[_Change]) -> Sequence[StoredNode | Failure]:
        if self._contents is None:
            raise RegistryUnavailable(self._problem)
        contents, outcomes, ended_ids = self._contents, list[StoredNode | Failure](), set[str]()
        for change in changes:
            try:
                contents, stored = change.apply(contents)
            except Exception:
                outcomes.append(Failure())
                continue
            outcomes.append(stored)
            if change.ended_id is not None:
                ended_ids.add(change.ended_id)
        # Refusals wait too: what they say of others' changes holds only if those are written.
        if contents is not self._contents:
            await self._save(contents, without=ended_ids)
            self._contents, self._is_lost = contents, False
            for ended_id in ended_ids:
                self._last_seen.pop(ended_id, None)
            self._report(None)
        return outcomes

    async def _save(self, contents: Contents, without: set[str] | frozenset[str]) -> None:
        last_seen = {key: at for key, at in self._last_seen.items() if key not in without}
        self._has_unsaved_sightings = False
        try:
            await self._in_worker(partial(self._store.save, contents, last_seen))
        except BaseException:
            self._has_unsaved_sightings = bool(self._last_seen)
            raise

    def _check(self) -> None:
        self._next_check = None
        self._in_turn(self._attempt).addCallback(lambda _: self._checked())

    def _checked(self) -> None:
        waiting, self._waiting_for_opening = self._waiting_for_opening, []
        for opened in waiting:
            opened.callback(None)
        if self.running:
            delay = SECONDS_BETWEEN_CHECKS if self._problem is None else SECONDS_BETWEEN_ATTEMPTS
            self._next_check = self._clock.callLater(delay, self._check)

    async def _attempt(self) -> None:
        """
        Get over whatever problem there is, or find out that there is one.

        """
        try:
            if self._contents is None or self._is_lost:
                self._publish(await self._in_worker(self._store.open))
            elif self._problem is not None:
                await self._save(self._contents, without=frozenset())
                self._report(None)
            else:
                await self._in_worker(self._store.rehearse)
        except RegistryUnavailable as error:
            self._report(str(error))

    def _publish(self, opened: OpenedRegistry) -> None:
        self._opened, self._contents, self._is_lost = opened, opened.contents, opened.is_lost
        for notice in opened.notices:
            self._log.warn("Registry {path}: {notice}", path=str(self._path), notice=notice)
        self._report(opened.problem)

    def _report(self, problem: str | None) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        if problem is not None:
            self._log.error("The registry is not ready: {problem}", problem=problem)
            if self._next_check is not None:
                self._next_check.reset(SECONDS_BETWEEN_ATTEMPTS)
        elif self._contents is not None:
            self._log.info(
                "The registry {path} is ready, with {count} nodes",
                path=str(self._path),
                count=len(self._contents.nodes),
            )

    async def _close(self) -> None:
        if self._has_unsaved_sightings and self._contents is not None:
            try:
                await self._save(self._contents, without=frozenset())
            except RegistryUnavailable as error:
                self._log.warn(
                    "When nodes were last seen could not be saved: {problem}", problem=str(error)
                )
        await self._in_worker(self._store.close)
        self._contents, self._problem = None, _STOPPED
        self._last_seen.clear()

    async def _in_worker(self, work: Callable[[], T]) -> T:
        self._busy_since = self._clock.seconds()
        try:
            return await self._worker.run(work)
        except RegistryUnavailable:
            raise
        except Exception:
            self._log.failure(
                "while looking after the registry {path}",
                without_words(Failure()),
                path=str(self._path),
            )
            raise RegistryUnavailable(
                f"{self._path} cannot be used for an unforeseen reason, which is in the log"
            ) from None
        finally:
            self._busy_since = None

    def _in_turn(self, step: Callable[[], Coroutine[Deferred[Any], Any, None]]) -> Deferred[None]:
        return self._turn.run(lambda: Deferred.fromCoroutine(step()))
