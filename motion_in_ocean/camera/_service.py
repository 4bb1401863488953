"""
The camera as a service: what the rest of the house may ask of it.

"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from motion_in_ocean.camera._interface import Camera, CameraDescription, CameraFactory
from motion_in_ocean.camera._life import CameraState, Core, RestartCause, make_life
from motion_in_ocean.errors import CameraNotReady
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.worker import Worker

T = TypeVar("T")

USE_SECONDS = 5.0
USABLE = (CameraState.STREAMING, CameraState.STALE)


class CameraService(Service):
    """
    Open the camera when the daemon starts, bring it back when it stops giving frames, try again
    while it cannot be had, close it at the end.

    Use in the reactor thread only.

    """

    def __init__(
        self,
        make_camera: CameraFactory,
        deliver: Callable[[bytes], None],
        producer: FrameProducer,
        worker: Worker,
        clock: IReactorTime,
        *,
        max_frame_age: float,
        delay_before_attempt: Callable[[int], float],
        hung: Callable[[str], None],
    ) -> None:
        """
        :param make_camera: Called for each attempt; a camera is never opened twice.
        :param deliver: Takes each JPEG in the camera's thread: ``FrameMailbox.put``.
        :param producer: Tells how old the newest frame is.
        :param worker: Where the camera is opened and closed.
        :param max_frame_age: Seconds without a frame after which the camera is restarted, but for
            a little patience.
        :param delay_before_attempt: Seconds to wait after so many troubles in a row.
        :param hung: Told when opening or closing does not end, in words for the operator: nothing
            in this process can help then.
        """
        self._core = Core(
            make_camera, deliver, producer, worker, clock, max_frame_age, delay_before_attempt, hung
        )
        self._life = make_life(self._core)

    def startService(self) -> None:
        """
        Begin to open the camera; returns at once.

        """
        super().startService()
        self._life.start()

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when the camera has been closed, however long that takes; at once if it is
            known to hang.
        """
        super().stopService()
        return self._life.stop()

    def restart(self) -> None:
        """
        Close the camera and open it anew; returns at once.

        Joins a restart that is under way, and shortens the wait for the next attempt.

        """
        self._life.restart()

    def use(self, work: Callable[[Camera], T]) -> Deferred[T]:
        """
        Do something with the open camera that may block.

        :param work: Called in the worker's thread, after what the worker is doing.
        :returns: Fires with what ``work`` returned or raised, or with ``CameraNotReady`` if no
            camera is open or it does not answer in time.
        """
        core = self._core
        camera = core.camera
        if camera is None or core.state not in USABLE:
            return fail(CameraNotReady("camera_not_started", "The camera is not recording."))
        done: Deferred[T] = Deferred()

        def give_up() -> None:
            message = f"The camera has not answered within {USE_SECONDS:g} s."
            done.errback(CameraNotReady("camera_failed", message))

        def ended(result: T | Failure) -> None:
            # What comes after the deadline is of no interest any more.
            if deadline.active():
                deadline.cancel()
                done.callback(result)

        deadline = core.clock.callLater(USE_SECONDS, give_up)

        def work_if_wanted() -> T:
            # In the worker's thread. What comes too late must not hold up a close besides.
            if not deadline.active() or core.camera is not camera or core.state not in USABLE:
                raise CameraNotReady("camera_not_started", "The camera is not recording.")
            return work(camera)

        core.worker.run(work_if_wanted).addBoth(ended)
        return done

    @property
    def state(self) -> CameraState:
        """
        Where the camera is in its life.

        """
        return self._core.state

    @property
    def ages_of_states(self) -> Mapping[CameraState, float]:
        """
        Seconds since each state was entered last, for those that ever were.

        """
        now = self._core.clock.seconds()
        return {state: now - entered for state, entered in self._core.entered.items()}

    @property
    def restarts(self) -> Mapping[RestartCause, int]:
        """
        How often the camera was opened anew since the start, for each cause.

        """
        return {cause: self._core.restarts[cause] for cause in RestartCause}

    @property
    def cause(self) -> RestartCause | None:
        """
        Why the camera is being opened anew; ``None`` once it is open, and at the first time.

        """
        return self._core.cause

    @property
    def problem(self) -> str | None:
        """
        Why there is no camera, in words for the operator; ``None`` once it is open.

        """
        return self._core.hang or self._core.problem

    @property
    def is_hung(self) -> bool:
        """
        Whether a call into the camera does not return.

        """
        return self._core.hang is not None

    @property
    def description(self) -> CameraDescription | None:
        """
        The camera as it runs now; ``None`` unless it is recording.

        """
        recording = self._core.state in (CameraState.STREAMING, CameraState.STALE)
        return self._core.camera.description if recording and self._core.camera else None
