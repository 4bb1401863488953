"""
That the process ends when it is told to.

"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from attrs import define
from twisted.internet.interfaces import IReactorCore
from twisted.logger import Logger

SECONDS = 5.0
LAST_RESORT_SECONDS = 5.8


@define(eq=False)
class ShutdownDeadline:
    """
    End the process five seconds after its shutdown began, whatever still hangs.

    A camera stuck in the kernel, a thread that the reactor waits for, or a library that waits for
    its own threads at the interpreter's end must not keep a container from restarting.

    """

    status: Callable[[], int]
    """The exit status, should the deadline pass. Called in a thread of its own."""

    pid_file: Path | None
    """Removed then, or it would keep the next start from starting: the number may be reused."""

    leave: Callable[[int], object] = os._exit
    """Ends the process at once, with that status."""

    _log = Logger()

    def install(self, reactor: IReactorCore) -> None:
        """
        Have the clock start with the reactor's shutdown.

        """
        reactor.addSystemEventTrigger("before", "shutdown", self.start)

    def start(self) -> None:
        """
        Start the clock. In the main thread.

        """
        # The thread cannot run once the interpreter is being torn down; the kernel's timer can.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, LAST_RESORT_SECONDS)
        timer = threading.Timer(SECONDS, self.expired)
        timer.daemon = True
        timer.start()

    def expired(self) -> None:
        """
        End the process.

        """
        status = self.status()
        self._log.critical(
            "The shutdown did not end within {seconds:g} s; leaving with status {status}",
            seconds=SECONDS,
            status=status,
        )
        if self.pid_file is not None:
            # That it cannot be removed is no reason to stay.
            with contextlib.suppress(OSError):
                self.pid_file.unlink()
        self.leave(status)
