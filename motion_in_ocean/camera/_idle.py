"""
A camera that rests while nobody watches.

"""

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from motion_in_ocean.camera._core import CameraState
from motion_in_ocean.camera._service import CameraService
from motion_in_ocean.errors import CameraNotReady

TICK_SECONDS = 1.0
QUIET_SECONDS = 10.0
"""
How long nobody must have watched, and how long a new camera has to find its exposure.
"""


class IdleRate(Service):
    """
    Slow the camera down when nobody has watched for a while, and wake it when somebody comes.

    It looks at what the camera says that it does, so a camera that was opened anew is slowed down
    again. Use in the reactor thread only.

    """

    _log = Logger()

    def __init__(
        self,
        camera: CameraService,
        viewer_count: Callable[[], int],
        fps: float,
        clock: IReactorTime,
    ) -> None:
        """
        :param viewer_count: How many are watching now.
        :param fps: Frames a second while nobody does; 0 is as always.
        """
        self._camera = camera
        self._viewer_count = viewer_count
        self._fps = fps
        self._clock = clock
        self._last_reason = 0.0
        self._is_busy = False
        self._problem: str | None = None
        self._ticks = LoopingCall(self._tick)
        self._ticks.clock = clock

    def startService(self) -> None:
        """
        Begin to look whether anyone watches.

        """
        super().startService()
        if self._fps:
            self._keep_awake()
            self._ticks.start(TICK_SECONDS, now=False)

    def stopService(self) -> None:
        """
        Look no longer; the camera keeps its rate.

        """
        super().stopService()
        if self._ticks.running:
            self._ticks.stop()

    def viewer_came(self) -> None:
        """
        Wake the camera now.

        """
        if self._ticks.running:
            self._keep_awake()
            self._adjust()

    def _keep_awake(self) -> None:
        self._last_reason = self._clock.seconds()

    def _tick(self) -> None:
        with self._log.failuresHandled("while looking whether anyone watches"):
            if self._viewer_count() or self._camera.description is None:
                self._keep_awake()
            self._adjust()

    def _wanted_fps(self) -> float:
        quiet_for = self._clock.seconds() - self._last_reason
        opened_for = self._camera.ages_of_states.get(CameraState.OPENING, 0.0)
        return self._fps if min(quiet_for, opened_for) >= QUIET_SECONDS else 0.0

    def _adjust(self) -> None:
        now, wanted = self._camera.description, self._wanted_fps()
        if self._is_busy or now is None or now.is_idling == (wanted > 0):
            return
        self._is_busy = True
        changing = self._camera.use(lambda camera: camera.set_fps(wanted))
        changing.addCallbacks(self._changed, self._failed, callbackArgs=(wanted,))

    def _changed(self, _: None, fps: float) -> None:
        self._is_busy, self._problem = False, None
        self._log.debug("Camera rests" if fps else "Camera is awake", fps=fps)
        # Somebody may have come meanwhile.
        if self._wanted_fps() != fps:
            self._adjust()

    def _failed(self, failure: Failure) -> None:
        self._is_busy = False
        # Not again at each tick, unless it is to be woken.
        self._keep_awake()
        problem = failure.getErrorMessage()
        is_news = problem != self._problem and not failure.check(CameraNotReady)
        self._problem = problem
        self._log.emit(
            LogLevel.warn if is_news else LogLevel.debug,
            "The rate of the camera could not be changed: {reason}",
            reason=problem,
        )
