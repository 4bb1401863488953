"""
The life of the camera, as a machine.

::

              start             opened              no frame for too long
        Idle ───────► Opening ─────────► Streaming ───────────────────────► Stale
                       ▲   │                 ▲  │                            │  │
                 retry │   │ failed          │  │ restart                    │  │
                       │   ▼                 │  ▼              patience ended │  │
                      Backoff ◄────────── Restarting ◄────────────────────────┘  │
                                 closed      │                frame              │
                                             └───────────────────────────────────┘
        from everywhere: stop ► Closing ► Stopped, at once where nothing is open

Opening and closing block, so a worker thread does them, one thing at a time; everything here runs
in the reactor thread. What the worker, a timer or the camera has to say can arrive late, so every
state takes every event.

"""

from collections.abc import Callable
from typing import Protocol

from automat import TypeMachineBuilder
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from motion_in_ocean.camera._core import (
    CLOSE_SECONDS,
    OPEN_SECONDS,
    PATIENCE_SECONDS,
    SETTLED_SECONDS,
    CameraState,
    Core,
    RestartCause,
)
from motion_in_ocean.camera._interface import Camera
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.frames import Frame

_log = Logger(namespace="motion_in_ocean.camera")


class Life(Protocol):
    """
    What can happen to the camera.

    """

    def start(self) -> None: ...

    def stop(self) -> Deferred[None]: ...

    def restart(self) -> None: ...

    def opened(self) -> None: ...

    def failed(self, failure: Failure) -> None: ...

    def closed(self) -> None: ...

    def look(self) -> None: ...

    def went_silent(self) -> None: ...

    def frame_came(self) -> None: ...

    def patience_ended(self) -> None: ...

    def retry(self) -> None: ...


# ---- what each event does; the table below says from where to where it leads


def _start(life: Life, core: Core) -> None:
    core.settle()
    core.problem, core.cause = None, None
    _open(life, core)


def _open(life: Life, core: Core) -> None:
    again = core.problem is not None
    core.enter(
        CameraState.OPENING, "Opening the camera", LogLevel.debug if again else LogLevel.info
    )
    if core.cause is not None:
        core.restarts[core.cause] += 1
    core.camera = camera = core.make_camera()
    core.after(OPEN_SECONDS, "overdue", lambda: _hang(core, "opening", OPEN_SECONDS))
    core.worker.run(lambda: camera.open(core.deliver)).addCallbacks(
        lambda _: life.opened(), life.failed
    )


def _open_sooner(life: Life, core: Core) -> None:
    core.wished()
    _open(life, core)


def _failed(life: Life, core: Core, failure: Failure) -> None:
    core.hang, core.camera, core.cause = None, None, RestartCause.FAILURE
    core.troubles, core.stalls = core.troubles + 1, 0
    delay = core.delay_before_attempt(core.troubles)
    _enter_backoff_after(core, failure, delay)
    core.after(delay, "retry", life.retry)


def _opened(life: Life, core: Core) -> None:
    core.hang, core.problem, core.cause = None, None, None
    core.opened_at = core.clock.seconds()
    core.enter(CameraState.STREAMING, "Camera is recording: {camera}", camera=_summary(core.camera))
    _watch(life, core)


def _frame_came(life: Life, core: Core) -> None:
    core.enter(CameraState.STREAMING, "Camera gives pictures again")
    _watch(life, core)


def _watch(life: Life, core: Core) -> None:
    core.after(SETTLED_SECONDS, "settled", core.settle)
    _look(life, core)


def _look(life: Life, core: Core) -> None:
    # One timer for the earliest moment at which the newest frame can be too old, whatever the
    # number of frames until then, the first one too. Exactly as old as allowed is still fresh.
    left = core.allowed_silence - core.silence
    if left >= 0:
        core.after(min(left, core.max_frame_age) + 0.001, "look", life.look)
    else:
        core.after(0.0, "silent", life.went_silent)


def _went_silent(life: Life, core: Core) -> None:
    core.enter(
        CameraState.STALE,
        "Camera has given no picture for {silence:.1f} s",
        LogLevel.warn,
        silence=core.silence,
    )
    core.unsubscribe = core.producer.subscribe(_once(life.frame_came))
    core.after(min(PATIENCE_SECONDS, core.max_frame_age), "patience", life.patience_ended)


def _restart_stalled(life: Life, core: Core) -> None:
    core.cause = RestartCause.STALL
    core.troubles += 1
    core.stalls += 1
    if core.stalls > 1:
        core.problem = f"it has stopped giving pictures {core.stalls} times in a row"
    core.enter(CameraState.RESTARTING, "Closing the silent camera to open it anew", LogLevel.warn)
    _close_for_restart(life, core)


def _restart_wished(life: Life, core: Core) -> None:
    core.wished()
    core.enter(CameraState.RESTARTING, "Closing the camera to open it anew, as somebody wished")
    _close_for_restart(life, core)


def _join_restart(life: Life, core: Core) -> None:
    # Whoever wishes it does not want to wait for an attempt longer than for the close.
    core.wished()
    core.problem = None


def _close_for_restart(life: Life, core: Core) -> None:
    core.after(CLOSE_SECONDS, "overdue", lambda: _hang(core, "closing", CLOSE_SECONDS))
    _close(life, core)


def _closed_for_restart(life: Life, core: Core) -> None:
    core.hang, core.camera = None, None
    # The first time, and when somebody waits for it, there is nothing to wait for.
    delay = core.delay_before_attempt(core.troubles - 1) if core.troubles > 1 else 0.0
    core.enter(
        CameraState.BACKOFF,
        "Camera is closed, and opened again in {delay:.1f} s",
        LogLevel.info if delay else LogLevel.debug,
        delay=delay,
    )
    core.after(delay, "retry", life.retry)


def _close_for_stop(life: Life, core: Core) -> Deferred[None]:
    # Behind an opening that is still under way: the worker does one thing at a time.
    _close(life, core)
    return _stop_during_close(life, core)


def _stop_during_close(life: Life, core: Core) -> Deferred[None]:
    core.enter(CameraState.CLOSING, "Closing the camera")
    return _wait_for_stop(life, core)


def _wait_for_stop(life: Life, core: Core) -> Deferred[None]:
    if core.hang is not None:
        # Nothing can be waited for: the end of the process is what closes it.
        return succeed(None)
    waiting: Deferred[None] = Deferred()
    core.waiting_for_stop.append(waiting)
    return waiting


def _stop_at_once(life: Life, core: Core) -> Deferred[None]:
    core.camera = None
    core.enter(CameraState.STOPPED, "There is no camera to close")
    return _stop_again(life, core)


def _stop_again(life: Life, core: Core) -> Deferred[None]:
    return succeed(None)


def _closed(life: Life, core: Core) -> None:
    core.hang, core.camera = None, None
    core.enter(CameraState.STOPPED, "Camera is closed")
    core.waiting_for_stop, waiting = [], core.waiting_for_stop
    for stop in waiting:
        stop.callback(None)


def _build_machine() -> Callable[[Core], Life]:
    machine = TypeMachineBuilder(Life, Core)
    idle = machine.state("Idle")
    opening = machine.state("Opening")
    streaming = machine.state("Streaming")
    stale = machine.state("Stale")
    restarting = machine.state("Restarting")
    backoff = machine.state("Backoff")
    closing = machine.state("Closing")
    stopped = machine.state("Stopped")

    idle.upon(Life.start).to(opening)(_start)
    stopped.upon(Life.start).to(opening)(_start)

    opening.upon(Life.opened).to(streaming)(_opened)
    opening.upon(Life.failed).to(backoff)(_failed)
    backoff.upon(Life.retry).to(opening)(_open)
    backoff.upon(Life.restart).to(opening)(_open_sooner)

    streaming.upon(Life.look).loop()(_look)
    streaming.upon(Life.went_silent).to(stale)(_went_silent)
    stale.upon(Life.frame_came).to(streaming)(_frame_came)

    stale.upon(Life.patience_ended).to(restarting)(_restart_stalled)
    stale.upon(Life.restart).to(restarting)(_restart_wished)
    streaming.upon(Life.restart).to(restarting)(_restart_wished)
    restarting.upon(Life.restart).loop()(_join_restart)
    restarting.upon(Life.closed).to(backoff)(_closed_for_restart)

    opening.upon(Life.stop).to(closing)(_close_for_stop)
    streaming.upon(Life.stop).to(closing)(_close_for_stop)
    stale.upon(Life.stop).to(closing)(_close_for_stop)
    restarting.upon(Life.stop).to(closing)(_stop_during_close)
    closing.upon(Life.stop).loop()(_wait_for_stop)
    closing.upon(Life.closed).to(stopped)(_closed)
    idle.upon(Life.stop).to(stopped)(_stop_at_once)
    backoff.upon(Life.stop).to(stopped)(_stop_at_once)
    stopped.upon(Life.stop).loop()(_stop_again)

    # What comes late, or means nothing where it comes.
    everywhere = {idle, opening, streaming, stale, restarting, backoff, closing, stopped}
    for event, meant in {
        Life.start: {idle, stopped},
        Life.restart: {streaming, stale, restarting, backoff},
        Life.opened: {opening},
        Life.closed: {restarting, closing},
        Life.look: {streaming},
        Life.went_silent: {streaming},
        Life.frame_came: {stale},
        Life.patience_ended: {stale},
        Life.retry: {backoff},
    }.items():
        for state in everywhere - meant:
            state.upon(event).loop().returns(None)
    for state in everywhere - {opening}:
        state.upon(Life.failed).loop().returns(None)
    return machine.build()


make_life = _build_machine()


def _close(life: Life, core: Core) -> None:
    assert core.camera is not None
    core.worker.run(core.camera.close).addErrback(
        lambda failure: _log.failure("while closing the camera", failure)
    ).addCallback(lambda _: life.closed())


def _hang(core: Core, doing: str, seconds: float) -> None:
    core.hang = f"{doing} the camera has not ended within {seconds:g} s"
    core.hung(core.hang)


def _once(happen: Callable[[], None]) -> Callable[[Frame], None]:
    return lambda _: happen()


def _summary(camera: Camera | None) -> str:
    assert camera is not None
    it = camera.description
    width, height = it.resolution
    rate = f"{it.fps:g} fps" if it.fps else "its own frame rate"
    note = f" ({it.note})" if it.note else ""
    return f"{it.model}, {width}x{height}, {rate}, {it.encoder}{note}"


def _enter_backoff_after(core: Core, failure: Failure, delay: float) -> None:
    """
    Log a failure to open once, however often it repeats itself.

    """
    problem = failure.getErrorMessage() or type(failure.value).__name__
    again = problem == core.problem
    core.problem = problem
    if not failure.check(CameraUnavailable) and not again:
        _log.failure("Opening the camera failed in an unforeseen way", failure)
    core.enter(
        CameraState.BACKOFF,
        "Camera is unavailable: {problem}; trying again in {delay:.1f} s and from then on",
        LogLevel.debug if again else LogLevel.warn,
        problem=problem,
        delay=delay,
    )
