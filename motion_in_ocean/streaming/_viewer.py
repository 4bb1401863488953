"""
One connection that watches.

"""

import socket
from collections.abc import Callable
from typing import cast

from attrs import define, field
from twisted.internet.interfaces import (
    IPushProducer,
    ISSLTransport,
    ISystemHandle,
    ITCPTransport,
)
from twisted.python.failure import Failure
from twisted.web.http import Request
from zope.interface import implementer

from motion_in_ocean.streaming._schedule import FrameSchedule

REPEAT_AFTER_SECONDS = 0.2
"""Browsers show a part when the next one begins; later than this, it is sent twice."""

LEAST_KERNEL_QUEUE_BYTES = 16 * 1024


def limit_kernel_queue(transport: object, size: int) -> None:
    """
    Have the kernel take no more than about ``size`` bytes that it cannot send yet.

    By itself it takes megabytes, which for a slow client are many seconds of the past.

    :param transport: Left alone unless it is plain TCP.
    """
    if not ITCPTransport.providedBy(transport) or ISSLTransport.providedBy(transport):
        return
    handle = cast("socket.socket", cast("ISystemHandle", transport).getHandle())
    # Connections through a socket in the file system say that they are TCP, too.
    if handle.family in (socket.AF_INET, socket.AF_INET6):
        size = max(size, LEAST_KERNEL_QUEUE_BYTES)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, size)


@implementer(IPushProducer)
@define(eq=False)
class Viewer:
    """
    Send parts to one client as fast as it takes them, always the newest.

    A client that cannot keep up skips parts: what its transport has not taken yet is all that it
    costs, and one reference to a part that other viewers share.

    Use in the reactor thread only.

    """

    request: Request
    """Its headers are written. Nobody else writes to it from now on."""

    schedule: FrameSchedule
    """Which frames this viewer gets."""

    gone: Callable[["Viewer"], None]
    """Called once, when the connection has ended for whatever reason."""

    parts_sent: int = field(init=False, default=0)
    parts_repeated: int = field(init=False, default=0)
    parts_skipped: int = field(init=False, default=0)
    _paused: bool = field(init=False, default=False)
    _pending: bytes | None = field(init=False, default=None)
    _last: bytes | None = field(init=False, default=None)
    _last_is_repeated: bool = field(init=False, default=False)
    _repeat_at_once: bool = field(init=False, default=False)

    def start(self, first_bytes: bytes, frame_size: int) -> None:
        """
        Begin the body.

        :param frame_size: How many bytes a frame has, about.
        """
        limit_kernel_queue(self.request.channel.transport, frame_size)
        self.request.notifyFinish().addBoth(self._finished)
        self.request.registerProducer(self, streaming=True)
        self.request.write(first_bytes)

    def offer(self, part: bytes, now: float, frame_interval: float) -> None:
        """
        Send a new part now, or, if the client is behind, once it can take one.

        :param now: Monotonic seconds.
        :param frame_interval: Seconds between the camera's frames; 0 if not known.
        """
        if not self.schedule.take(now):
            return
        self._repeat_at_once = max(frame_interval, self.schedule.interval) > REPEAT_AFTER_SECONDS
        if self._paused:
            self.parts_skipped += self._pending is not None
            self._pending = part
        else:
            self._send(part)

    def repeat(self, *, again: bool) -> None:
        """
        Send the last part once more, because no other is coming.

        :param again: Even if it has been repeated already.
        """
        if self._last is None or self._paused or (self._last_is_repeated and not again):
            return
        self._last_is_repeated = True
        self.parts_repeated += 1
        self.request.write(self._last)

    def close(self) -> None:
        """
        End the stream and the connection.

        """
        if self._paused:
            # It would wait for the client to take what it is not taking.
            cast("ITCPTransport", self.request.channel.transport).abortConnection()
        else:
            self.request.unregisterProducer()
            self.request.finish()

    def pauseProducing(self) -> None:
        """
        The transport has more than it can send.

        """
        self._paused = True

    def resumeProducing(self) -> None:
        """
        The transport has sent all.

        """
        self._paused = False
        if self._pending is not None:
            part, self._pending = self._pending, None
            self._send(part)

    def stopProducing(self) -> None:
        """
        The transport is gone; ``gone`` is about to be called.

        """
        self._paused = True

    def _send(self, part: bytes) -> None:
        self._last, self._last_is_repeated = part, False
        self.parts_sent += 1
        self.request.write(part)
        if self._repeat_at_once:
            self.repeat(again=False)

    def _finished(self, _: Failure | None) -> None:
        self.gone(self)
