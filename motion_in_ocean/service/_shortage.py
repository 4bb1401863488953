"""
What the log says when connections cannot be accepted.

"""

import time
from collections.abc import Callable

from attrs import define, field
from twisted.logger import ILogObserver, LogEvent, LogLevel
from zope.interface import implementer

from motion_in_ocean.service._descriptors import descriptor_limit

LOG_SECONDS = 60.0

TWISTED_NAMESPACE = "twisted.internet.tcp."
"""Of what accepts connections, those of Unix sockets too."""

TWISTED_WORDS = ("EMFILE", "Could not accept new connection")


@implementer(ILogObserver)
@define(eq=False)
class ShortageObserver:
    """
    Pass on what is logged; but that the process cannot open more files once a minute at most.

    Twisted has up to three lines for each connection that it cannot accept, and there can be
    thousands a second.

    """

    _observer: ILogObserver
    _seconds: Callable[[], float] = time.monotonic
    _told_at: float = field(init=False, default=float("-inf"))

    def __call__(self, event: LogEvent) -> None:
        """
        See ``ILogObserver``.

        """
        if not _is_about_shortage(event):
            self._observer(event)
            return
        now = self._seconds()
        if now - self._told_at >= LOG_SECONDS:
            self._told_at = now
            self._observer(_in_our_words(event))


def _is_about_shortage(event: LogEvent) -> bool:
    namespace, words = event.get("log_namespace"), event.get("log_format")
    return (
        isinstance(namespace, str)
        and isinstance(words, str)
        and namespace.startswith(TWISTED_NAMESPACE)
        and any(each in words for each in TWISTED_WORDS)
    )


def _in_our_words(event: LogEvent) -> LogEvent:
    return {
        "log_format": "Connections are turned away: {reason}; {limit} files may be open. This is "
        "said once a minute at most",
        "reason": event.get("acceptError", "EMFILE"),
        "limit": descriptor_limit(),
        "log_level": LogLevel.warn,
        "log_namespace": "motion_in_ocean.service",
        "log_time": event.get("log_time"),
    }
