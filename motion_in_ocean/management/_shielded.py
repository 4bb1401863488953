"""
Work that goes on when whoever asked for it has left.

"""

from typing import Any, ClassVar, TypeVar

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest

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


class ShieldedApp(Klein):
    """
    An app whose routes go on although the client has left: others may wait for the same, and a
    change is made or not made, but never left half way.

    """

    ENDS_WITH_CLIENT: ClassVar = frozenset({"snapshot", "status"})
    """The names of the routes that have nothing to do for one who has left."""

    def execute_endpoint(self, endpoint: str, request: IRequest, *args: Any, **kwargs: Any) -> Any:
        """
        See ``Klein.execute_endpoint``; what this returns is cancelled when the client leaves.

        """
        answer = super().execute_endpoint(endpoint, request, *args, **kwargs)
        if isinstance(answer, Deferred) and endpoint not in self.ENDS_WITH_CLIENT:
            return shielded(answer)
        return answer
