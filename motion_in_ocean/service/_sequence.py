"""
Parts that start and stop in order.

"""

from collections.abc import Sequence

from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger


class ServiceSequence(Service):
    """
    Start services one after the other, and stop them in the opposite order, each when the one
    before has stopped.

    ``MultiService`` stops all of them at once: the port would be closed, and with it ``/health``,
    while the camera is still being stopped.

    """

    _log = Logger()

    def __init__(self, services: Sequence[IService]) -> None:
        self._services = tuple(services)

    def privilegedStartService(self) -> None:
        """
        Let each do what needs the privileges that are dropped later.

        """
        for service in self._services:
            service.privilegedStartService()

    def startService(self) -> None:
        """
        Start the first, then the second, and so on.

        """
        super().startService()
        for service in self._services:
            service.startService()

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when the first has stopped, which is the last to do so.
        """
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        for service in reversed(self._services):
            # One that fails to stop must not keep the others running.
            try:
                await maybeDeferred(service.stopService)
            except Exception:
                self._log.failure("while stopping {service}", service=service)
