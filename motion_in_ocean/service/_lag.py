"""
How late the reactor is.

"""

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from motion_in_ocean.durations import Durations

PERIOD_SECONDS = 0.5


class ReactorLag(Service):
    """
    Twice a second, measure how much later than asked for a timer fires.

    Whatever holds up the reactor holds up all viewers.

    """

    def __init__(self, clock: IReactorTime) -> None:
        self.durations = Durations()
        self._clock = clock
        self._call: IDelayedCall | None = None

    def startService(self) -> None:
        """
        Begin to measure.

        """
        super().startService()
        self._expect()

    def stopService(self) -> None:
        """
        Measure no longer.

        """
        super().stopService()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _expect(self) -> None:
        due = self._clock.seconds() + PERIOD_SECONDS
        self._call = self._clock.callLater(PERIOD_SECONDS, self._measure, due)

    def _measure(self, due: float) -> None:
        self.durations.observe(max(0.0, self._clock.seconds() - due))
        self._expect()
