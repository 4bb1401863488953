"""
The process: where it listens, how it logs, in what order it stops, and that it does end.

"""

from motion_in_ocean.service._deadline import ShutdownDeadline
from motion_in_ocean.service._lag import ReactorLag
from motion_in_ocean.service._listener import Listener
from motion_in_ocean.service._logging import make_observer
from motion_in_ocean.service._sequence import ServiceSequence
from motion_in_ocean.service._words import without_words

__all__ = [
    "Listener",
    "ReactorLag",
    "ServiceSequence",
    "ShutdownDeadline",
    "make_observer",
    "without_words",
]
