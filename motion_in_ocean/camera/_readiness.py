"""
Whether there is a picture worth showing, and if not, why.

"""

from collections.abc import Callable

from attrs import frozen
from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from motion_in_ocean.camera._core import CameraState
from motion_in_ocean.camera._service import CameraService
from motion_in_ocean.errors import CameraNotReady
from motion_in_ocean.frames import Frame, FrameProducer

CHECK_SECONDS = 1.0


@frozen
class Readiness:
    """
    The truth about the camera at one moment.

    """

    reason: str | None
    """``None`` if the camera is ready, else ``camera_not_started``, ``camera_failed``,
    ``no_frames_yet`` or ``stale_stream``."""

    message: str
    """The same for a person."""

    @property
    def ready(self) -> bool:
        """
        Whether recording is started and the newest frame is fresh.

        """
        return self.reason is None


class ReadinessMonitor(Service):
    """
    Say how the camera is whenever asked, and log when that changes.

    Nobody needs to ask for a change to be noticed: it looks each second, and at each frame that
    comes while the camera is not ready.

    """

    _log = Logger()

    def __init__(
        self,
        camera: CameraService,
        producer: FrameProducer,
        max_frame_age: float,
        clock: IReactorTime,
    ) -> None:
        """
        :param max_frame_age: Seconds after which the newest frame counts as stale.
        """
        self._camera = camera
        self._producer = producer
        self.max_frame_age = max_frame_age
        self._reported: str | None = "camera_not_started"
        self._loop = LoopingCall(self._check)
        self._loop.clock = clock
        self._unsubscribe: Callable[[], None] = lambda: None

    def startService(self) -> None:
        """
        Begin to watch.

        """
        super().startService()
        self._unsubscribe = self._producer.subscribe(self._frame_received)
        self._loop.start(CHECK_SECONDS, now=False)

    def stopService(self) -> None:
        """
        Watch no longer.

        """
        super().stopService()
        self._unsubscribe()
        if self._loop.running:
            self._loop.stop()

    def current(self) -> Readiness:
        """
        :returns: How the camera is now.
        """
        trouble = self._camera.trouble
        return Readiness(trouble.reason, str(trouble)) if trouble else self._by_age()

    def _by_age(self) -> Readiness:
        age, is_stale = self._producer.frame_age, self._camera.state is CameraState.STALE
        if age is None:
            reason = "stale_stream" if is_stale else "no_frames_yet"
            return Readiness(reason, "The camera has started; no picture has come yet.")
        if is_stale or age > self.max_frame_age:
            return Readiness(
                "stale_stream",
                f"The newest picture is {age:.1f} s old; {self.max_frame_age:g} s are allowed.",
            )
        return Readiness(None, "Fresh pictures are coming.")

    def require_ready(self) -> None:
        """
        :raises CameraNotReady: If there is no picture worth showing.
        """
        now = self.current()
        if now.reason is not None:
            raise CameraNotReady(now.reason, now.message)

    def _frame_received(self, _: Frame) -> None:
        if self._reported is not None:
            self._check()

    def _check(self) -> None:
        now = self.current()
        if now.reason == self._reported:
            return
        self._reported = now.reason
        if now.ready:
            self._log.info("Ready: {message}", message=now.message)
        else:
            self._log.warn("Not ready: {message}", message=now.message, reason=now.reason)
