"""
A daemon that leaves when ``/leave`` is asked for, for ``twistd --python``.

``HANGS`` says what keeps it from ending: ``driver`` (a thread that never comes back from the
kernel), ``service`` (one that never stops) or ``pool`` (a thread that Python waits for).

"""

import ctypes
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from twisted.application.service import Application, IServiceCollection, Service
from twisted.internet import reactor  # noqa: TID251 - a process of its own
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorCore
from twisted.logger import Logger
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import Site

from motion_in_ocean.service import Departure, Listener, ServiceSequence, ShutdownDeadline
from motion_in_ocean.tap import EXIT_HUNG_CAMERA

HANGS = os.environ["HANGS"]

log = Logger(namespace="leaving")
core: IReactorCore = reactor


def hang() -> None:
    """
    Never return; C code that has let go of Python's lock, as a camera's driver does.

    """
    while True:
        ctypes.CDLL(None).pause()


class Stuck(Service):
    """
    Something whose stop may never end.

    """

    def startService(self) -> None:
        """
        Let a thread hang.

        """
        super().startService()
        if HANGS == "pool":
            ThreadPoolExecutor().submit(hang)
        else:
            threading.Thread(target=hang, daemon=True).start()

    def stopService(self) -> Deferred[None] | None:
        """
        :returns: What never fires, if that is what hangs.
        """
        super().stopService()
        return Deferred() if HANGS == "service" else None


class Kept(Service):
    """
    Something that has to be written before the end.

    """

    def stopService(self) -> None:
        """
        Say so.

        """
        super().stopService()
        log.info("Everything has been kept")


class Leave(Resource):
    """
    Answers, and leaves.

    """

    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        """
        See ``Resource.render``.

        """
        # When the reply is out, and twice, as a camera may hang in more than one way.
        for delay in (0.1, 0.2):
            reactor.callLater(delay, departure.leave, EXIT_HUNG_CAMERA, "The camera hangs")
        return b"Good bye"


listener = Listener("tcp:0:interface=127.0.0.1", lambda: Site(Leave()), core, is_protected=False)
departure = Departure(core, listener.stopService)
ShutdownDeadline(lambda: departure.status or 1, Path("mio.pid")).install(core)
application = Application("leaving")
ServiceSequence([listener, Stuck(), Kept()]).setServiceParent(IServiceCollection(application))
