"""
What systemd is told: that the daemon is up, how it is, and that it lives.

Its protocol, ``sd_notify(3)``, is datagrams of ``NAME=value`` lines.

"""

import socket
from collections.abc import Callable, Mapping

from attrs import define, field, frozen
from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

LOOK_SECONDS = 1.0
"""How often the status is looked at; it is told when it has changed."""

_USEC_INFINITY = 2**64 - 1


@frozen
class Supervision:
    """
    What the one who started the process wants to be told.

    """

    address: str | None = None
    """Where to: the path of a socket, or ``@`` and the name of an abstract one; ``None`` for
    nobody."""

    watchdog_seconds: float | None = None
    """How long a daemon may be silent before it is taken for dead; ``None`` for ever."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], pid: int) -> "Supervision":
        """
        Read ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` as ``sd_watchdog_enabled(3)``
        does.

        :param pid: The number of this process: a child inherits what is not meant for it.
        """
        address = environ.get("NOTIFY_SOCKET") or None
        microseconds = environ.get("WATCHDOG_USEC", "")
        is_number = microseconds.isascii() and microseconds.isdigit() and len(microseconds) <= 20
        is_meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        if is_number and is_meant and 0 < int(microseconds) < _USEC_INFINITY:
            return cls(address, int(microseconds) / 1e6)
        return cls(address)


@define(eq=False)
class NotifySocket:
    """
    Sends without ever waiting, and takes no failure amiss: nobody may be there.

    """

    address: str
    """See ``Supervision.address``."""

    _socket: socket.socket = field(init=False)
    _has_complained: bool = field(init=False, default=False)
    _log = Logger()

    @_socket.default
    def _open(self) -> socket.socket:
        it = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        it.settimeout(0)
        return it

    def send(self, *assignments: str) -> bool:
        """
        :param assignments: Each ``NAME=value``; what would end its line becomes a space.
        :returns: Whether it was sent.
        """
        lines = (" ".join(assignment.splitlines()) for assignment in assignments)
        address = self.address
        if address.startswith("@"):
            address = "\0" + address[1:]
        try:
            self._socket.sendto("\n".join(lines).encode("utf-8", "replace"), address)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                self._log.warn(
                    "Cannot notify {address}: {reason}",
                    address=self.address,
                    reason=error.strerror or str(error),
                )
            return False
        return True

    def close(self) -> None:
        """
        Send nothing any more.

        """
        self._socket.close()


class SystemdNotifier(Service):
    """
    Keep systemd, or whoever else started the process and speaks its protocol, informed.

    Started last and so stopped first. ``READY=1`` once the reactor runs, whether or not there is a
    picture; ``STATUS=`` when it has changed; ``WATCHDOG=1`` twice in the time that systemd grants.

    """

    _log = Logger()

    def __init__(
        self,
        supervision: Supervision,
        status: Callable[[], str],
        is_well: Callable[[], bool],
        grace_seconds: float,
        clock: IReactorTime,
    ) -> None:
        """
        :param status: How the daemon is, in one line for people.
        :param is_well: Whether it does what it is there for. Asked each second.
        :param grace_seconds: If it has not been well for longer than that, the watchdog is no
            longer fed, and systemd will restart the daemon.
        """
        self._supervision = supervision
        self._status = status
        self._is_well = is_well
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._socket: NotifySocket | None = None
        self._beginning: IDelayedCall | None = None
        self._looks = LoopingCall(self._look)
        self._feeds = LoopingCall(self._feed)
        self._looks.clock = self._feeds.clock = clock
        self._is_announced = False
        self._told_status = ""
        self._well_at = 0.0
        self._withholds = False

    def startService(self) -> None:
        """
        Begin with the reactor's first turn, which is when requests are answered.

        """
        super().startService()
        if self._supervision.address is not None:
            self._socket = NotifySocket(self._supervision.address)
            self._beginning = self._clock.callLater(0, self._begin)

    def stopService(self) -> None:
        """
        Say that the daemon stops, and nothing after that.

        """
        super().stopService()
        if self._socket is None:
            return
        if self._beginning is not None and self._beginning.active():
            self._beginning.cancel()
        for loop in (self._looks, self._feeds):
            if loop.running:
                loop.stop()
        self._socket.send("STOPPING=1", "STATUS=stopping")
        self._socket.close()
        self._socket = None

    def _begin(self) -> None:
        self._well_at = self._clock.seconds()
        self._looks.start(LOOK_SECONDS)
        if self._supervision.watchdog_seconds is not None:
            self._feeds.start(self._supervision.watchdog_seconds / 2)

    def _look(self) -> None:
        assert self._socket is not None
        if not self._is_announced:
            self._is_announced = self._socket.send("READY=1")
        with self._log.failuresHandled("while looking at the status"):
            status = self._status()
            if status != self._told_status and self._socket.send(f"STATUS={status}"):
                self._told_status = status
        with self._log.failuresHandled("while looking whether all is well"):
            if self._is_well():
                self._well_at = self._clock.seconds()

    def _feed(self) -> None:
        assert self._socket is not None
        unwell_for = self._clock.seconds() - self._well_at
        withholds = unwell_for > self._grace_seconds
        if withholds and not self._withholds:
            self._log.critical(
                "Not ready for {seconds:.0f} s: the watchdog is no longer fed, so that systemd "
                "restarts the daemon",
                seconds=unwell_for,
            )
        self._withholds = withholds
        if not withholds:
            self._socket.send("WATCHDOG=1")
