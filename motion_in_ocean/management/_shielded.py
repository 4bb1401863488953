"""
Work that goes on when whoever asked for it has left.

"""

from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.errors import MotionInOceanError
from motion_in_ocean.service import without_words

T = TypeVar("T")

_log = Logger(namespace="motion_in_ocean.management")


def shielded(work: Deferred[T]) -> Deferred[T]:
    """
    :param work: What must not be given up half way, such as a change of the registry.
    :returns: Fires as ``work`` does. To cancel it leaves ``work`` alone.
    """
    waiting: Deferred[T] = Deferred()

    def done(result: T | Failure) -> None:
        if not waiting.called:
            waiting.callback(result)
        elif isinstance(result, Failure) and not result.check(MotionInOceanError):
            _log.failure("after the client had left", without_words(result))

    work.addBoth(done)
    return waiting
