"""
All who watch, and what they are sent.

"""

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.web.http import Request

from motion_in_ocean.errors import CameraNotReady, TooManyViewers
from motion_in_ocean.frames import Frame, FrameProducer
from motion_in_ocean.streaming._multipart import FIRST_DELIMITER, part
from motion_in_ocean.streaming._schedule import FrameSchedule
from motion_in_ocean.streaming._viewer import REPEAT_AFTER_SECONDS, Viewer

KEEP_ALIVE_SECONDS = 1.0
"""How often a viewer gets the last part again while the camera gives no new one."""


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
        max_viewers: int,
        clock: IReactorTime,
    ) -> None:
        """
        :param require_ready: Raises ``CameraNotReady`` while there is no picture worth showing.
        :param max_viewers: How many may watch at once; 0 is no limit.
        """
        self.max_viewers = max_viewers
        self._producer = producer
        self._require_ready = require_ready
        self._clock = clock
        self._viewers: list[Viewer] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._quiet: IDelayedCall | None = None
        self._stopping = False

    @property
    def viewer_count(self) -> int:
        """
        How many are watching now.

        """
        return len(self._viewers)

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
        viewer = Viewer(request, FrameSchedule(interval), self._viewer_gone)
        self._viewers.append(viewer)
        self._log.debug("Viewer from {address} came", address=request.getClientAddress())
        if self._unsubscribe is None:
            self._unsubscribe = self._producer.subscribe(self._frame_received)
        frame = self._producer.newest
        viewer.start(FIRST_DELIMITER, len(frame.jpeg) if frame is not None else 0)
        if frame is not None:
            viewer.offer(part(frame), self._clock.seconds(), self._frame_interval())
            self._expect_quiet(REPEAT_AFTER_SECONDS)

    def stopService(self) -> None:
        """
        Take no more viewers, and end the streams of those who are there.

        """
        super().stopService()
        self._stopping = True
        for viewer in tuple(self._viewers):
            viewer.close()

    def _frame_interval(self) -> float:
        fps = self._producer.current_fps
        return 1 / fps if fps else 0.0

    def _frame_received(self, frame: Frame) -> None:
        shared, now, interval = part(frame), self._clock.seconds(), self._frame_interval()
        for viewer in tuple(self._viewers):
            viewer.offer(shared, now, interval)
        self._expect_quiet(REPEAT_AFTER_SECONDS)

    def _viewer_gone(self, viewer: Viewer) -> None:
        self._viewers.remove(viewer)
        self._log.debug(
            "Viewer from {address} left: {sent} frames, {repeated} repeated, {skipped} skipped",
            address=viewer.request.getClientAddress(),
            sent=viewer.parts_sent,
            repeated=viewer.parts_repeated,
            skipped=viewer.parts_skipped,
        )
        if not self._viewers and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            if self._quiet is not None:
                self._quiet.cancel()
                self._quiet = None

    def _expect_quiet(self, delay: float) -> None:
        if not self._viewers:
            return
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = self._clock.callLater(delay, self._camera_is_quiet, again=False)

    def _camera_is_quiet(self, *, again: bool) -> None:
        self._quiet = None
        try:
            self._require_ready()
        except CameraNotReady:
            return
        self._quiet = self._clock.callLater(KEEP_ALIVE_SECONDS, self._camera_is_quiet, again=True)
        for viewer in tuple(self._viewers):
            viewer.repeat(again=again)
