"""
The process: where it listens, how it logs, what it tells systemd, and that it ends, in what order.

"""

from motion_in_ocean.service._deadline import ShutdownDeadline
from motion_in_ocean.service._descriptors import descriptor_limit, raise_descriptor_limit
from motion_in_ocean.service._lag import ReactorLag
from motion_in_ocean.service._leaving import Departure
from motion_in_ocean.service._listener import Listener
from motion_in_ocean.service._logging import make_observer
from motion_in_ocean.service._notify import NotifySocket, Supervision, SystemdNotifier
from motion_in_ocean.service._passed import listening_on, passed_descriptors
from motion_in_ocean.service._sequence import ServiceSequence
from motion_in_ocean.service._words import without_words

__all__ = [
    "Departure",
    "Listener",
    "NotifySocket",
    "ReactorLag",
    "ServiceSequence",
    "ShutdownDeadline",
    "Supervision",
    "SystemdNotifier",
    "descriptor_limit",
    "listening_on",
    "make_observer",
    "passed_descriptors",
    "raise_descriptor_limit",
    "without_words",
]
