"""
The camera as a service: what the rest of the house may ask of it.

"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from motion_in_ocean.camera._controls import ControlState
from motion_in_ocean.camera._core import CameraState, Core, RestartCause
from motion_in_ocean.camera._interface import Camera, CameraDescription, CameraFactory
from motion_in_ocean.camera._life import make_life
from motion_in_ocean.errors import CameraNotReady
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.worker import Worker

T = TypeVar("T")

USE_SECONDS = 5.0


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
        self._readers: list[Deferred[Sequence[ControlState]]] = []

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
        camera, trouble = core.camera, self.trouble
        if camera is None or trouble is not None:
            return fail(trouble)
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
            trouble = self.trouble
            if trouble is not None:
                raise trouble
            if not deadline.active() or core.camera is not camera:
                raise CameraNotReady("stale_stream", "The camera was opened anew meanwhile.")
            return work(camera)

        core.worker.run(work_if_wanted).addBoth(ended)
        return done

    def read_controls(self) -> Deferred[Sequence[ControlState]]:
        """
        Ask the camera for its controls; whoever asks meanwhile gets the same answer.

        :returns: As ``use`` does.
        """
        reader: Deferred[Sequence[ControlState]] = Deferred()
        self._readers.append(reader)
        if len(self._readers) == 1:
            self.use(lambda camera: camera.read_controls()).addBoth(self._answer_readers)
        return reader

    def _answer_readers(self, answer: Sequence[ControlState] | Failure) -> None:
        readers, self._readers = self._readers, []
        for reader in readers:
            # One who has left has been answered.
            if not reader.called:
                reader.callback(answer)

    @property
    def trouble(self) -> CameraNotReady | None:
        """
        Why there is no camera to be used, as ``/ready`` tells it; ``None`` while one is open,
        whether or not it gives frames. May be read in any thread.

        """
        match self.state:
            case CameraState.STREAMING | CameraState.STALE:
                return None
            case CameraState.RESTARTING:
                return CameraNotReady("stale_stream", self._restarting())
            case CameraState.OPENING | CameraState.BACKOFF if self.problem:
                message = f"The camera is unavailable: {self.problem}."
                return CameraNotReady("camera_failed", message)
            case CameraState.OPENING | CameraState.BACKOFF if self.cause:
                return CameraNotReady("stale_stream", self._restarting())
            case CameraState.OPENING:
                return CameraNotReady("camera_not_started", "The camera is being opened.")
            case _:
                return CameraNotReady("camera_not_started", "The camera is not recording.")

    def _restarting(self) -> str:
        if self.cause is RestartCause.STALL:
            why = "The camera has stopped giving pictures and is being restarted"
        else:
            why = "The camera is being restarted, as somebody wished"
        return f"{why}; {self.problem}." if self.problem else f"{why}."

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
        camera = self._core.camera if self.trouble is None else None
        return None if camera is None else camera.description
