"""
The life of the camera.

::

    Idle ── start ──► Opening ── opened ──► Streaming
                       ▲   │                    │
                 retry │   │ failed             │ stop (from Opening too)
                       │   ▼                    ▼
                      Backoff ── stop ─┐     Closing ── closed ──► Stopped
                                       └──────────────────────────────▲

Opening and closing block, so a worker thread does them; everything here runs in the reactor
thread. What the worker has to say can arrive late, so every state takes every event.

"""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from attrs import define, field
from automat import TypeMachineBuilder, pep614
from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from motion_in_ocean.camera._interface import Camera, CameraDescription, CameraFactory
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.worker import Worker

_log = Logger(namespace="motion_in_ocean.camera")


class CameraState(Enum):
    """
    Where the camera is in its life, as far as anyone outside needs to know.

    """

    NOT_STARTED = "not started"
    RECORDING = "recording"
    FAILED = "failed"
    CLOSING = "closing"
    STOPPED = "stopped"


@define(eq=False)
class _Core:
    """
    What all states of the machine share.

    """

    make_camera: CameraFactory
    deliver: Callable[[bytes], None]
    worker: Worker
    clock: IReactorTime
    delay_before_attempt: Callable[[int], float]

    state: CameraState = CameraState.NOT_STARTED
    camera: Camera | None = None
    problem: str | None = None
    failures: int = 0
    retry: IDelayedCall | None = None
    waiting_for_stop: list[Deferred[None]] = field(factory=list)


class _Life(Protocol):
    """
    What can happen to the camera.

    """

    def start(self) -> None: ...

    def stop(self) -> Deferred[None]: ...

    def opened(self) -> None: ...

    def failed(self, failure: Failure) -> None: ...

    def retry(self) -> None: ...

    def closed(self) -> None: ...


def _build_machine() -> Callable[[_Core], _Life]:
    machine = TypeMachineBuilder(_Life, _Core)
    idle = machine.state("Idle")
    opening = machine.state("Opening")
    streaming = machine.state("Streaming")
    backoff = machine.state("Backoff")
    closing = machine.state("Closing")
    stopped = machine.state("Stopped")

    @pep614(idle.upon(_Life.start).to(opening))
    @pep614(stopped.upon(_Life.start).to(opening))
    @pep614(backoff.upon(_Life.retry).to(opening))
    def open_camera(life: _Life, core: _Core) -> None:
        core.retry = None
        core.camera = camera = core.make_camera()
        _log.debug("Opening the camera")
        core.worker.run(lambda: camera.open(core.deliver)).addCallbacks(
            lambda _: life.opened(), life.failed
        )

    @pep614(opening.upon(_Life.opened).to(streaming))
    def opened(life: _Life, core: _Core) -> None:
        core.state, core.problem, core.failures = CameraState.RECORDING, None, 0
        _log.info("Camera is recording: {camera}", camera=_summary(core.camera))

    @pep614(opening.upon(_Life.failed).to(backoff))
    def failed(life: _Life, core: _Core, failure: Failure) -> None:
        core.state, core.camera = CameraState.FAILED, None
        core.failures += 1
        delay = core.delay_before_attempt(core.failures)
        _report(core, failure, delay)
        core.retry = core.clock.callLater(delay, life.retry)

    @pep614(opening.upon(_Life.stop).to(closing))
    @pep614(streaming.upon(_Life.stop).to(closing))
    def close_camera(life: _Life, core: _Core) -> Deferred[None]:
        core.state = CameraState.CLOSING
        assert core.camera is not None
        # Behind an opening that is still under way: the worker does one thing at a time.
        core.worker.run(core.camera.close).addErrback(
            lambda failure: _log.failure("while closing the camera", failure)
        ).addCallback(lambda _: life.closed())
        return wait_for_stop(life, core)

    @pep614(closing.upon(_Life.stop).loop())
    def wait_for_stop(life: _Life, core: _Core) -> Deferred[None]:
        waiting: Deferred[None] = Deferred()
        core.waiting_for_stop.append(waiting)
        return waiting

    @pep614(closing.upon(_Life.closed).to(stopped))
    def closed(life: _Life, core: _Core) -> None:
        core.state, core.camera = CameraState.STOPPED, None
        _log.info("Camera is closed")
        core.waiting_for_stop, waiting = [], core.waiting_for_stop
        for stop in waiting:
            stop.callback(None)

    @pep614(backoff.upon(_Life.stop).to(stopped))
    def stop_waiting(life: _Life, core: _Core) -> Deferred[None]:
        assert core.retry is not None
        core.retry.cancel()
        core.retry = None
        return stop_at_once(life, core)

    @pep614(idle.upon(_Life.stop).to(stopped))
    @pep614(stopped.upon(_Life.stop).loop())
    def stop_at_once(life: _Life, core: _Core) -> Deferred[None]:
        core.state = CameraState.STOPPED
        return succeed(None)

    # An opening that was overtaken by a stop; the close behind it undoes it.
    closing.upon(_Life.opened).loop().returns(None)
    closing.upon(_Life.failed).loop().returns(None)
    for busy in (opening, streaming, backoff, closing):
        busy.upon(_Life.start).loop().returns(None)
    return machine.build()


_make_life = _build_machine()


def _summary(camera: Camera | None) -> str:
    assert camera is not None
    it = camera.description
    width, height = it.resolution
    rate = f"{it.fps:g} fps" if it.fps else "its own frame rate"
    note = f" ({it.note})" if it.note else ""
    return f"{it.model}, {width}x{height}, {rate}, {it.encoder}{note}"


def _report(core: _Core, failure: Failure, delay: float) -> None:
    """
    Log a failure to open once, however often it repeats itself.

    """
    problem = failure.getErrorMessage()
    again = problem == core.problem
    core.problem = problem
    if not failure.check(CameraUnavailable) and not again:
        _log.failure("Opening the camera failed in an unforeseen way", failure)
    elif again:
        _log.debug("Camera is still unavailable; next try in {delay:.1f} s", delay=delay)
    else:
        _log.warn(
            "Camera is unavailable: {problem}; trying again in {delay:.1f} s and from then on",
            problem=problem,
            delay=delay,
        )


class CameraService(Service):
    """
    Open the camera when the daemon starts, try again while that fails, close it at the end.

    Use in the reactor thread only.

    """

    def __init__(
        self,
        make_camera: CameraFactory,
        deliver: Callable[[bytes], None],
        worker: Worker,
        clock: IReactorTime,
        delay_before_attempt: Callable[[int], float],
    ) -> None:
        """
        :param make_camera: Called for each attempt; a camera is never opened twice.
        :param deliver: Takes each JPEG in the camera's thread: ``FrameMailbox.put``.
        :param worker: Where the camera is opened and closed.
        :param delay_before_attempt: Seconds to wait after so many failures in a row.
        """
        self._core = _Core(make_camera, deliver, worker, clock, delay_before_attempt)
        self._life = _make_life(self._core)

    def startService(self) -> None:
        """
        Begin to open the camera; returns at once.

        """
        super().startService()
        self._life.start()

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when the camera has been closed, however long that takes.
        """
        super().stopService()
        return self._life.stop()

    @property
    def state(self) -> CameraState:
        """
        Where the camera is in its life.

        """
        return self._core.state

    @property
    def problem(self) -> str | None:
        """
        Why the last attempt to open the camera failed; ``None`` once it is open.

        """
        return self._core.problem

    @property
    def description(self) -> CameraDescription | None:
        """
        The camera as it runs now; ``None`` unless it is recording.

        """
        recording = self._core.state is CameraState.RECORDING and self._core.camera is not None
        return self._core.camera.description if recording and self._core.camera else None
