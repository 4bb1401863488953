"""
One connection that watches.

"""

from collections.abc import Callable

from attrs import define, field
from twisted.python.failure import Failure
from twisted.web.http import Request

from motion_in_ocean.streaming._counts import ViewerCounts
from motion_in_ocean.streaming._outlet import Outlet, make_outlet
from motion_in_ocean.streaming._rate import SentRate
from motion_in_ocean.streaming._schedule import FrameSchedule

REPEAT_AFTER_SECONDS = 0.2
"""Browsers show a part when the next one begins; later than this, it is sent twice."""

STALL_SECONDS = 30.0
"""A viewer that has taken nothing for so long is disconnected."""


@define(eq=False)
class Viewer:
    """
    Send parts to one client as fast as it takes them, always the newest.

    A client that cannot keep up skips parts: all that it costs is the part that is on its way, and
    one reference to the newest, which other viewers share.

    Use in the reactor thread only.

    """

    request: Request
    """Its headers are written. Nobody else writes to it from now on."""

    schedule: FrameSchedule
    """Which frames this viewer gets."""

    connected_at: float
    """Monotonic seconds."""

    gone: Callable[["Viewer"], None]
    """Called once, when the connection has ended for whatever reason."""

    counts: ViewerCounts = field(init=False, factory=ViewerCounts)

    _rate: SentRate = field(init=False)

    _outlet: Outlet = field(init=False)
    _pending: bytes | None = field(init=False, default=None)
    _last: bytes | None = field(init=False, default=None)
    _last_is_repeated: bool = field(init=False, default=False)
    _repeat_at_once: bool = field(init=False, default=False)
    _stalled_since: float | None = field(init=False, default=None)
    _progress: object = field(init=False, default=None)

    @_rate.default
    def _make_rate(self) -> SentRate:
        return SentRate(self.connected_at)

    @_outlet.default
    def _make_outlet(self) -> Outlet:
        return make_outlet(self.request, self._drained)

    def start(self, first_bytes: bytes, part_size: int) -> None:
        """
        Begin the body.

        """
        self.request.notifyFinish().addBoth(self._finished)
        self._outlet.start(first_bytes, part_size)

    def offer(self, part: bytes, now: float, frame_interval: float) -> None:
        """
        Send a new part now, or, if the client is behind, once it can take one.

        :param now: Monotonic seconds.
        :param frame_interval: Seconds between the camera's frames; 0 if not known.
        """
        # With a thousand viewers this runs thirty thousand times a second.
        wanted_interval = self.schedule.interval
        if wanted_interval:
            if not self.schedule.take(now):
                self.counts.skipped_rate += 1
                return
            frame_interval = max(frame_interval, wanted_interval)
        self.show(part, frame_interval > REPEAT_AFTER_SECONDS)

    def show(self, part: bytes, repeat_at_once: bool) -> None:  # noqa: FBT001
        """
        Send a part, due or not.

        :param repeat_at_once: No other part will follow soon.
        """
        self._repeat_at_once = repeat_at_once
        if self._outlet.is_idle:
            self._send(part)
        else:
            self.counts.skipped_slow += self._pending is not None
            self._pending = part

    def repeat(self, *, again: bool) -> None:
        """
        Send the last part once more, because no other is coming.

        :param again: Even if it has been repeated already.
        """
        if self._last is None or not self._outlet.is_idle:
            return
        if self._last_is_repeated and not again:
            return
        self._last_is_repeated = True
        self.counts.repeated += 1
        self.counts.bytes_sent += len(self._last)
        self._outlet.send(self._last)

    def remember_rate(self, now: float) -> None:
        """
        Note how much has been sent; to be called every second or so.

        """
        self._rate.sample(now, self.counts.sent)

    def current_fps(self, now: float) -> float:
        """
        :returns: The frames a second that this viewer got over the last few seconds, repeats aside.
        """
        return self._rate.at(now, self.counts.sent)

    def abort_if_stalled(self, now: float) -> bool:
        """
        Look whether the client still takes anything; to be called every now and then.

        :returns: Whether the connection has just been ended for that.
        """
        progress = self._outlet.progress
        if self._outlet.is_idle or progress != self._progress or self._stalled_since is None:
            self._stalled_since, self._progress = now, progress
        elif now - self._stalled_since >= STALL_SECONDS:
            self._stalled_since = None
            self._outlet.abort()
            return True
        return False

    def close(self) -> None:
        """
        End the stream and the connection.

        """
        if self._outlet.is_idle:
            self._outlet.stop()
            self.request.finish()
        else:
            # It would wait for the client to take what it is not taking.
            self._outlet.abort()

    def _send(self, part: bytes) -> None:
        self._last, self._last_is_repeated = part, False
        counts = self.counts
        counts.sent += 1
        counts.bytes_sent += len(part)
        self._outlet.send(part)
        if self._repeat_at_once:
            self.repeat(again=False)

    def _drained(self) -> None:
        if self._pending is not None:
            part, self._pending = self._pending, None
            self._send(part)
        elif self._repeat_at_once:
            self.repeat(again=False)

    def _finished(self, _: Failure | None) -> None:
        self._pending = None
        self.gone(self)
