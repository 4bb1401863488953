"""
A thread for calls that block.

"""

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


class Worker(Protocol):
    """
    Runs blocking calls one after the other, in the order in which they came.

    """

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """
        :param work: Called in the worker's thread.
        :returns: Fires in the reactor thread with what ``work`` returned or raised, never before
            this method has returned.
        """
        ...


@define(eq=False)
class ThreadWorker:
    """
    One daemon thread, started by the first call.

    Not the reactor's pool: a camera call that hangs for ever in the kernel would occupy it, and
    the reactor waits for its pool when it stops.

    """

    name: str
    call_from_thread: Callable[[Callable[[], None]], object]
    """Runs a callable in the reactor thread: ``IReactorFromThreads.callFromThread``."""

    _work: queue.SimpleQueue[Callable[[], None]] = field(init=False, factory=queue.SimpleQueue)
    _thread: threading.Thread | None = field(init=False, default=None)

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """
        See ``Worker.run``.

        """
        done: Deferred[T] = Deferred()

        def work_in_thread() -> None:
            try:
                result = work()
            except BaseException:
                failure = Failure()
                self.call_from_thread(lambda: done.errback(failure))
            else:
                self.call_from_thread(lambda: done.callback(result))

        self._work.put(work_in_thread)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
        return done

    def _run(self) -> None:
        while True:
            self._work.get()()
