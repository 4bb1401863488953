"""
Looking after the fleet when nobody asks.

"""

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management._fleet import Fleet
from motion_in_ocean.service import without_words


class FleetWatch(Service):
    """
    Sweep the fleet, wait, and begin anew.

    """

    _log = Logger()

    def __init__(self, fleet: Fleet, interval: float, clock: IReactorTime) -> None:
        """
        :param interval: Seconds from the end of one sweep to the beginning of the next; with 0
            there is none.
        """
        self.interval = interval
        self._fleet = fleet
        self._clock = clock
        self._next: IDelayedCall | None = None

    def startService(self) -> None:
        """
        Begin with the first sweep.

        """
        super().startService()
        if self.interval:
            self._next = self._clock.callLater(0, self._sweep)

    def stopService(self) -> None:
        """
        Begin no other, and give up the one that is under way.

        """
        super().stopService()
        self._fleet.stop()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _sweep(self) -> None:
        self._next = None
        swept = Deferred.fromCoroutine(self._fleet.sweep())
        swept.addErrback(self._failed).addCallback(self._wait)

    def _failed(self, failure: Failure) -> None:
        # That the registry cannot be used is told by itself, and once.
        if self.running and not failure.check(RegistryUnavailable):
            self._log.failure("while asking all nodes", without_words(failure))

    def _wait(self, result: None) -> None:
        if self.running:
            self._next = self._clock.callLater(self.interval, self._sweep)
