"""
That a daemon which cannot go on leaves, with a status that says so.

"""

import atexit
import contextlib
import os
import sys
from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.interfaces import IReactorCore
from twisted.logger import Logger


@define(eq=False)
class Departure:
    """
    Leave, so that whoever started the process starts a fresh one.

    Everything stops in its order, as after SIGTERM, for at most as long as ``ShutdownDeadline``
    allows; its status should be ``self.status`` from then on. Use in the reactor thread only.

    """

    reactor: IReactorCore

    close_ports: Callable[[], object]
    """Lets nobody connect any more; may return a Deferred, and is called again by the shutdown."""

    at_exit: Callable[[Callable[[], None]], object] = atexit.register
    """Has something called at the interpreter's end."""

    exit_process: Callable[[int], object] = os._exit
    """Ends the process at once, with that status."""

    status: int | None = field(init=False, default=None)
    """What the process will leave with; ``None`` as long as it stays."""

    _log = Logger()

    def leave(self, status: int, why: str) -> None:
        """
        Begin to leave, because something hangs that cannot be ended. Once is enough: nothing
        happens at further calls.

        :param status: The exit status.
        :param why: For the log, without a full stop.
        """
        if self.status is not None:
            return
        self.status = status
        self._log.critical(
            "{why}. Leaving with status {status}, so that a fresh process can take over. A thread "
            "that is stuck in the kernel can outlive even that: should the next process not get "
            "the camera, restart the machine, or let a hardware watchdog do so",
            why=why,
            status=status,
        )
        # At once: sockets stay open as long as any thread lives, and the next process wants them.
        closed = maybeDeferred(self.close_ports).addErrback(
            lambda failure: self._log.failure("while closing the ports", failure)
        )
        # A port closes in the reactor's next turn, which a shutdown with nothing to wait for has
        # not got.
        self.reactor.addSystemEventTrigger("before", "shutdown", lambda: closed)
        # Registered last and so called first, when twistd has tidied up, whose own status would be
        # 0: what comes after it, such as a camera library's own end, might wait for what hangs.
        self.at_exit(self._exit)
        with contextlib.suppress(ReactorNotRunning):
            self.reactor.stop()

    def _exit(self) -> None:
        assert self.status is not None
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        self.exit_process(self.status)
