"""
Work that is done once for all who want it at the same time.

"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


@define(eq=False)
class _Group(Generic[T]):
    waiting: list[Deferred[T]] = field(init=False, factory=list)
    work: Deferred[None] | None = field(init=False, default=None)


@define(eq=False)
class Shared(Generic[T]):
    """
    Let those who want the same wait for the same. When the last of them has left, it is given up.

    """

    _groups: dict[Hashable, _Group[T]] = field(init=False, factory=dict)

    def join(self, key: Hashable, begin: Callable[[], Deferred[T]]) -> Deferred[T]:
        """
        :param key: What is wanted.
        :param begin: Begins with it; not called if it is under way.
        :returns: Fires as what ``begin`` has returned. Cancel it to leave.
        """
        group = self._groups.get(key)
        is_new = group is None
        if group is None:
            group = self._groups[key] = _Group()
        joined = group
        waiting: Deferred[T] = Deferred(lambda one: self._leave(key, joined, one))
        group.waiting.append(waiting)
        if is_new:
            group.work = begin().addBoth(self._done, key, group)
        return waiting

    def _leave(self, key: Hashable, group: _Group[T], waiting: Deferred[T]) -> None:
        group.waiting.remove(waiting)
        if not group.waiting and group.work is not None:
            self._forget(key, group)
            group.work.cancel()

    def _done(self, result: T | Failure, key: Hashable, group: _Group[T]) -> None:
        self._forget(key, group)
        while group.waiting:
            group.waiting.pop(0).callback(result)

    def _forget(self, key: Hashable, group: _Group[T]) -> None:
        if self._groups.get(key) is group:
            del self._groups[key]
