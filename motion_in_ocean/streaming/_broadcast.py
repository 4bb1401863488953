"""
All who watch, and what they are sent.

"""

from collections import deque
from collections.abc import Callable

from attrs import evolve
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.http import Request

from motion_in_ocean.durations import Durations
from motion_in_ocean.errors import CameraNotReady, TooManyViewers
from motion_in_ocean.frames import Frame, FrameProducer
from motion_in_ocean.streaming._counts import ViewerCounts
from motion_in_ocean.streaming._multipart import FIRST_DELIMITER, part
from motion_in_ocean.streaming._schedule import FrameSchedule
from motion_in_ocean.streaming._viewer import REPEAT_AFTER_SECONDS, Viewer

TICK_SECONDS = 1.0
"""How often viewers get something while the camera gives nothing, and stalled ones are sought."""


class Broadcast(Service):
    """
    Pass each new frame to every viewer, as one piece of bytes that all of them share.

    With no viewer nothing is built and nothing is done. Use in the reactor thread only.

    """

    _log = Logger()

    def __init__(
        self,
        producer: FrameProducer,
        require_ready: Callable[[], None],
        draw_no_signal: Callable[[Frame], Deferred[bytes]],
        max_viewers: int,
        clock: IReactorTime,
        *,
        first_viewer_came: Callable[[], None] = lambda: None,
    ) -> None:
        """
        :param require_ready: Raises ``CameraNotReady`` while there is no picture worth showing.
        :param draw_no_signal: Makes a JPEG that says since when, of the last frame there was;
            elsewhere than in the reactor thread.
        :param max_viewers: How many may watch at once; 0 is no limit.
        :param first_viewer_came: Called when somebody comes and nobody was there.
        """
        self.max_viewers = max_viewers
        self.evicted = 0
        self.fan_out = Durations()
        self.latency = Durations()
        self._producer = producer
        self._require_ready = require_ready
        self._draw_no_signal = draw_no_signal
        self._clock = clock
        self._first_viewer_came = first_viewer_came
        self._viewers: deque[Viewer] = deque()
        self._counts_of_the_gone = ViewerCounts()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._repeat: IDelayedCall | None = None
        self._ticks = LoopingCall(self._tick)
        self._ticks.clock = clock
        self._is_quiet = False
        self._no_signal: Deferred[bytes] | bytes | None = None
        self._stopping = False

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """
        All who are watching now.

        """
        return tuple(self._viewers)

    @property
    def viewer_count(self) -> int:
        """
        How many are watching now.

        """
        return len(self._viewers)

    @property
    def counts(self) -> ViewerCounts:
        """
        What all viewers since the start got together.

        """
        now = (viewer.counts for viewer in self._viewers)
        return ViewerCounts.total((self._counts_of_the_gone, *now))

    def admit(self) -> None:
        """
        Make sure that a new viewer may come.

        :raises CameraNotReady: If there is nothing to see, or the daemon is stopping.
        :raises TooManyViewers: If all places are taken.
        """
        if self._stopping:
            raise CameraNotReady("stopping", "The daemon is stopping.")
        self._require_ready()
        if self.max_viewers and len(self._viewers) >= self.max_viewers:
            raise TooManyViewers(self.max_viewers)

    def attach(self, request: Request, interval: float) -> None:
        """
        Let a connection watch until it or the daemon ends.

        :param request: Its headers are written.
        :param interval: Seconds from one frame to the next for this viewer; 0 for all frames.
        """
        newest = self._producer.newest
        assert newest is not None
        first_part, now = part(newest), self._clock.seconds()
        viewer = Viewer(request, FrameSchedule(interval), now, self._viewer_gone)
        self._log.debug("Viewer from {address} came", address=request.getClientAddress())
        self._viewers.append(viewer)
        if len(self._viewers) == 1:
            self._unsubscribe = self._producer.subscribe(self._frame_received)
            self._ticks.start(TICK_SECONDS, now=False)
            self._first_viewer_came()
        viewer.start(FIRST_DELIMITER, len(first_part))
        viewer.offer(first_part, now, self._frame_interval())
        self._expect_frame()

    def stopService(self) -> None:
        """
        Take no more viewers, and end the streams of those who are there.

        """
        super().stopService()
        self._stopping = True
        for viewer in self.viewers:
            viewer.close()

    def _frame_interval(self) -> float:
        fps = self._producer.current_fps
        return 1 / fps if fps else 0.0

    def _frame_received(self, frame: Frame) -> None:
        shared, now, interval = part(frame), self._clock.seconds(), self._frame_interval()
        self._is_quiet, self._no_signal = False, None
        for viewer in self.viewers:
            viewer.offer(shared, now, interval)
        done = self._clock.seconds()
        self.fan_out.observe(done - now)
        self.latency.observe(done - frame.captured_at)
        # So that it is not always the same one who comes last.
        self._viewers.rotate(1)
        self._expect_frame()

    def _expect_frame(self) -> None:
        if self._repeat is not None:
            self._repeat.reset(REPEAT_AFTER_SECONDS)
        elif self._viewers:
            self._repeat = self._clock.callLater(REPEAT_AFTER_SECONDS, self._frame_is_late)

    def _frame_is_late(self) -> None:
        self._repeat = None
        for viewer in self.viewers:
            viewer.repeat(again=False)

    def _tick(self) -> None:
        with self._log.failuresHandled("while looking after viewers"):
            now = self._clock.seconds()
            for viewer in self.viewers:
                viewer.remember_rate(now)
                self.evicted += viewer.abort_if_stalled(now)
            if self._is_quiet:
                self._bridge()
            self._is_quiet = True

    def _bridge(self) -> None:
        """
        The camera has given nothing since the last tick: keep the viewers attached.

        """
        try:
            self._require_ready()
        except CameraNotReady:
            self._show_no_signal()
        else:
            for viewer in self.viewers:
                viewer.repeat(again=True)

    def _show_no_signal(self) -> None:
        last = self._producer.newest
        if self._no_signal is None and last is not None:
            drawing = self._no_signal = self._draw_no_signal(last)
            drawing.addCallback(self._no_signal_drawn, last, drawing)
            drawing.addErrback(lambda failure: self._log.failure("while drawing", failure))
        elif isinstance(self._no_signal, bytes):
            for viewer in self.viewers:
                viewer.show(self._no_signal, repeat_at_once=True)

    def _no_signal_drawn(self, jpeg: bytes, last: Frame, drawing: Deferred[bytes]) -> None:
        # A frame may have come meanwhile.
        if self._no_signal is drawing:
            self._no_signal = part(evolve(last, jpeg=jpeg))
            self._show_no_signal()

    def _viewer_gone(self, viewer: Viewer) -> None:
        self._viewers.remove(viewer)
        gone = self._counts_of_the_gone
        self._counts_of_the_gone = ViewerCounts.total((gone, viewer.counts))
        self._log.debug(
            "Viewer from {address} left: {counts}",
            address=viewer.request.getClientAddress(),
            counts=viewer.counts,
        )
        if not self._viewers:
            self._unsubscribe()
            self._ticks.stop()
            if self._repeat is not None:
                self._repeat.cancel()
                self._repeat = None
