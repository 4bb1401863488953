"""
What has changed in the fleet lately.

"""

from collections import deque
from collections.abc import Sequence

from attrs import define, field, frozen

KEPT = 1000
"""How many changes are remembered."""


@frozen
class Event:
    """
    One change of one node's state.

    """

    id: int
    at: float
    """Seconds since the epoch."""

    node_id: str
    name: str
    before: str
    """The state that it was in, ``unknown`` before the first probe."""

    state: str
    reason: str | None
    """Why, where the state alone does not say it."""

    message: str | None
    """The same for a person."""


@define(eq=False)
class EventList:
    """
    The newest changes, numbered from 1 on. They are forgotten when the daemon stops.

    """

    latest: int = field(init=False, default=0)
    """The number of the newest; 0 before the first."""

    _events: deque[Event] = field(init=False, factory=lambda: deque(maxlen=KEPT))

    @property
    def oldest(self) -> int:
        """
        The number of the oldest that is remembered; one more than ``latest`` if there is none.

        """
        return self.latest - len(self._events) + 1

    def add(
        self,
        *,
        at: float,
        node_id: str,
        name: str,
        before: str,
        state: str,
        reason: str | None,
        message: str | None,
    ) -> None:
        """
        Remember a change, and forget the oldest if there are too many.

        """
        self.latest += 1
        self._events.append(Event(self.latest, at, node_id, name, before, state, reason, message))

    def after(self, number: int) -> Sequence[Event]:
        """
        :returns: Those that are remembered with a higher number, in order.
        """
        return [event for event in self._events if event.id > number]
