"""
What is to be known of a camera during its life, and how it goes from one state to the next.

"""

from collections import Counter
from collections.abc import Callable
from enum import Enum

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger, LogLevel

from motion_in_ocean.camera._interface import Camera, CameraFactory
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.worker import Worker

_log = Logger(namespace="motion_in_ocean.camera")

PATIENCE_SECONDS = 2.0
"""
How long a stale camera may at most still come back by itself, as it does when the whole process
was held up and not the camera.
"""

FIRST_FRAME_SECONDS = 10.0
"""How long a camera may take to its first frame, however small the age that is allowed later."""

FRAMES_MISSED = 3
"""So many frames in a row that did not come are no accident, however slow the camera."""

OPEN_SECONDS = 60.0
"""Longer than a small Pi takes to import Picamera2 for the first time."""

CLOSE_SECONDS = 10.0
"""Ten times what a healthy camera takes."""

SETTLED_SECONDS = 60.0
"""After so long with frames, troubles before count no more."""


class CameraState(Enum):
    """
    Where the camera is in its life.

    """

    IDLE = "idle"
    OPENING = "opening"
    STREAMING = "streaming"
    STALE = "stale"
    RESTARTING = "restarting"
    BACKOFF = "backoff"
    CLOSING = "closing"
    STOPPED = "stopped"


class RestartCause(Enum):
    """
    Why a camera is opened anew.

    """

    STALL = "stall"
    """It gave no more frames."""

    FAILURE = "failure"
    """It could not be opened."""

    REQUEST = "request"
    """Somebody wished it."""


@define(eq=False)
class Core:
    """
    What all states of the machine share.

    """

    make_camera: CameraFactory
    deliver: Callable[[bytes], None]
    producer: FrameProducer
    worker: Worker
    clock: IReactorTime
    max_frame_age: float
    delay_before_attempt: Callable[[int], float]
    hung: Callable[[str], None]
    """Told when a call into the camera does not return, and which."""

    state: CameraState = CameraState.IDLE
    entered: dict[CameraState, float] = field(factory=dict)
    """When each state was entered last, in monotonic seconds."""
    restarts: Counter[RestartCause] = field(factory=Counter)
    camera: Camera | None = None
    opened_at: float = 0.0
    problem: str | None = None
    """Why there is no camera, in words for the operator; ``None`` while one is open."""
    cause: RestartCause | None = None
    """Why the camera is being opened anew, until it is open."""
    troubles: int = 0
    """Restarts and failures in a row that nobody wished for."""
    stalls: int = 0
    """Those of them in a row that were stalls."""
    hang: str | None = None
    """The call into the camera that does not return; ``None`` while none is overdue."""

    timers: dict[str, IDelayedCall] = field(factory=dict)
    unsubscribe: Callable[[], None] = field(default=lambda: None)
    waiting_for_stop: list[Deferred[None]] = field(factory=list)

    def enter(
        self, state: CameraState, message: str, level: LogLevel = LogLevel.info, **fields: object
    ) -> None:
        """
        Be in another state: nothing that the last one has waited for counts any more.

        """
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()
        self.unsubscribe()
        self.state = state
        self.entered[state] = self.clock.seconds()
        _log.emit(level, message, state=state.value, **fields)

    def settle(self) -> None:
        """
        Count the troubles before this no more.

        """
        self.troubles = self.stalls = 0

    def wished(self) -> None:
        """
        From now on the restart is one that somebody wished for.

        """
        self.settle()
        self.cause = RestartCause.REQUEST

    def after(self, seconds: float, name: str, happen: Callable[[], object]) -> None:
        """
        Let something happen unless another state is entered before.

        """

        def due() -> None:
            del self.timers[name]
            happen()

        self.timers[name] = self.clock.callLater(max(0.0, seconds), due)

    @property
    def silence(self) -> float:
        """
        Seconds without a frame while this camera was open.

        """
        age = self.producer.frame_age
        open_for = self.clock.seconds() - self.opened_at
        return open_for if age is None else min(age, open_for)

    @property
    def allowed_silence(self) -> float:
        """
        How many seconds of it are no reason to worry.

        """
        newest, fps = self.producer.newest, self.camera.description.fps if self.camera else None
        # A camera that is meant to be that slow is not restarted for it, stale as it is between.
        allowed = max(self.max_frame_age, FRAMES_MISSED / fps if fps else 0.0)
        if newest is None or newest.captured_at < self.opened_at:
            return max(allowed, FIRST_FRAME_SECONDS)
        return allowed
