"""
How many connections there may be.

"""

from collections.abc import Callable
from typing import Protocol

from attrs import define, field
from twisted.internet.interfaces import IAddress
from twisted.logger import Logger

from motion_in_ocean.web._peers import address_of, is_on_this_machine

MAX_CONNECTIONS = 256
MAX_CONNECTIONS_OF_ADDRESS = 32
"""From another machine; the many clients of a reverse proxy on this one share its address."""

RESERVED_SHARE = 8
"""One place in so many is kept for this machine, so that its health checks always get in."""

LOG_SECONDS = 60.0


class Connection(Protocol):
    """
    What has to be known of a connection.

    """

    def getPeer(self) -> IAddress:
        """
        See ``ITransport.getPeer``.

        """
        ...

    @property
    def is_sending(self) -> bool:
        """
        Whether the client has not taken all yet that it has been sent.

        """
        ...

    def abort(self) -> None:
        """
        End it at once.

        """
        ...


@define(eq=False)
class Connections:
    """
    Give each connection a place, as long as there are any.

    Those that watch the stream have left: it has a limit of its own. Where all places are taken,
    the one makes room that has let us wait longest for a request; so neither who keeps connections
    nor who has a request trickle in keeps others out. If there is none, it is the one that has not
    taken anything of its answer for longest. Those whose answer is being made stay.

    """

    _seconds: Callable[[], float]

    capacity: int = MAX_CONNECTIONS

    refused: int = field(init=False, default=0)
    """How many have found no place, since the start."""

    _open: dict[Connection, str] = field(init=False, factory=dict)
    _waiting: dict[Connection, None] = field(init=False, factory=dict)
    """
    Those for which there is nothing to do until they have sent a request, or taken the answer; the
    one that has not moved for longest first.
    """
    _turned_away: set[Connection] = field(init=False, factory=set)
    _logged_at: float = field(init=False, default=float("-inf"))
    _log = Logger()

    @classmethod
    def within(cls, descriptors: int, seconds: Callable[[], float]) -> "Connections":
        """
        :param descriptors: How many files the process may have open; half of them are for others:
            streams, nodes, the registry.
        :param seconds: The monotonic clock.
        """
        return cls(seconds, min(MAX_CONNECTIONS, descriptors // 2))

    @property
    def count(self) -> int:
        """
        How many have a place.

        """
        return len(self._open)

    def admit(self, connection: Connection) -> bool:
        """
        :returns: Whether there is a place for it, which it then has.
        """
        address = address_of(connection.getPeer())
        if self._has_room_for(address):
            self._open[connection] = address
            self.wait_for(connection)
            return True
        self.refused += 1
        self._say_so(address)
        return False

    def may_be_told(self, connection: Connection) -> bool:
        """
        :returns: Whether one that was not admitted may stay for the moment that it takes to read
            why.
        """
        if len(self._turned_away) >= self.capacity // RESERVED_SHARE:
            return False
        self._turned_away.add(connection)
        return True

    def wait_for(self, connection: Connection) -> None:
        """
        Note that nothing is being done for it at the moment.

        """
        if connection in self._open:
            self._waiting[connection] = None

    def has_moved(self, connection: Connection) -> None:
        """
        Note that it has taken something of what it has been sent.

        """
        if connection in self._waiting:
            del self._waiting[connection]
            self._waiting[connection] = None

    def work_for(self, connection: Connection) -> None:
        """
        Note that it has asked for something.

        """
        self._waiting.pop(connection, None)

    def forget(self, connection: Connection) -> None:
        """
        Give its place away.

        """
        self._turned_away.discard(connection)
        self._open.pop(connection, None)
        self._waiting.pop(connection, None)

    def _has_room_for(self, address: str) -> bool:
        if is_on_this_machine(address):
            return self.count < self.capacity or self._make_room(lambda _: True)
        of_address = self._count_of(address)
        if of_address >= MAX_CONNECTIONS_OF_ADDRESS and not self._make_room(address.__eq__):
            return False
        for_strangers = self.capacity - self.capacity // RESERVED_SHARE
        return self.count < for_strangers or self._make_room(
            lambda other: not is_on_this_machine(other)
        )

    def _count_of(self, address: str) -> int:
        return sum(other == address for other in self._open.values())

    def _make_room(self, may_go: Callable[[str], bool]) -> bool:
        candidates = [each for each in self._waiting if may_go(self._open[each])]
        if not candidates:
            return False
        idle = (each for each in candidates if not each.is_sending)
        leaver = next(idle, candidates[0])
        self.forget(leaver)
        leaver.abort()
        return True

    def _say_so(self, address: str) -> None:
        # A flood of connections is no reason for a flood of lines.
        now = self._seconds()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            self._log.warn(
                "No place for a connection from {address}: {count} of {capacity} are taken, "
                "{of_address} by it; {refused} have been refused since the start",
                address=address,
                count=self.count,
                capacity=self.capacity,
                of_address=self._count_of(address),
                refused=self.refused,
            )
