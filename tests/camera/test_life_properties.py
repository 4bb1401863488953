"""
Tests of the camera's life in any order of events.

"""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CameraService, CameraState
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.frames import FrameProducer
from tests.fakes import FakeCamera, HandWorker, make_frame
from tests.fuzz import fuzzed

SECONDS = st.sampled_from([0.0, 0.5, 1.5, 2.0, 9.9, 10.1, 61.0, 3600.0])


class _World:
    """
    What there is only one of: the camera that all instances open.

    """

    def __init__(self) -> None:
        self.opens = 0
        self.held_by: _Camera | None = None
        self.refuses = False
        self.breaks_on_close = False


class _Camera(FakeCamera):
    """
    An instance that notices when it is treated otherwise than ``Camera`` promises.

    """

    def __init__(self, world: _World) -> None:
        super().__init__()
        self.world = world
        self.was_opened = False

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        Take the camera.

        """
        assert not self.was_opened, "an instance is opened once"
        assert self.world.held_by is None, "two are open at once"
        self.was_opened = True
        self.world.opens += 1
        if self.world.refuses:
            raise CameraUnavailable("it refuses")
        self.world.held_by, self.deliver = self, deliver

    def close(self) -> None:
        """
        Let go of it.

        """
        if self.world.held_by is self:
            self.world.held_by = None
        if self.world.breaks_on_close:
            raise OSError("broken")


class CameraLife(RuleBasedStateMachine):
    """
    Everything that can happen, in any order.

    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.worker = HandWorker()
        self.world = _World()
        self.cameras: list[_Camera] = []
        self.producer = FrameProducer(self.clock.seconds)
        self.stops: list[Deferred[None]] = []
        self.hung: list[str] = []
        self.service = CameraService(
            self.make_camera,
            self.arrived,
            self.producer,
            self.worker,
            self.clock,
            max_frame_age=10.0,
            delay_before_attempt=lambda n: min(float(n), 60.0),
            hung=self.hung.append,
        )

    def make_camera(self) -> _Camera:
        """
        Count the instances.

        """
        self.cameras.append(_Camera(self.world))
        return self.cameras[-1]

    def arrived(self, jpeg: bytes) -> None:
        """
        Stand for the mailbox.

        """
        self.producer.publish(
            make_frame(self.producer.frames_captured + 1, self.clock.seconds(), jpeg)
        )

    @initialize()
    def begin(self) -> None:
        """
        The daemon starts.

        """
        self.service.startService()

    @rule()
    def start(self) -> None:
        """
        It is started again, perhaps while it runs.

        """
        if not self.service.running:
            self.service.startService()

    @rule()
    def stop(self) -> None:
        """
        It is told to stop, perhaps more than once.

        """
        self.stops.append(self.service.stopService())

    @rule()
    def restart(self) -> None:
        """
        Somebody presses the button.

        """
        self.service.restart()

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        """
        Time passes.

        """
        self.clock.advance(seconds)

    @precondition(lambda self: self.worker.waiting)
    @rule()
    def work(self) -> None:
        """
        The worker gets one thing done.

        """
        self.worker.step()

    @rule(refuses=st.booleans(), breaks=st.booleans())
    def change(self, *, refuses: bool, breaks: bool) -> None:
        """
        The camera is plugged, unplugged, broken or repaired.

        """
        self.world.refuses, self.world.breaks_on_close = refuses, breaks

    @precondition(lambda self: self.cameras)
    @rule(data=st.data())
    def frame(self, data: st.DataObject) -> None:
        """
        A camera gives a frame, perhaps one that was closed long ago.

        """
        camera = data.draw(st.sampled_from(self.cameras))
        if camera.deliver is not None:
            camera.deliver(b"late or not")

    @rule()
    def use(self) -> None:
        """
        Somebody asks for something.

        """
        self.service.use(lambda camera: camera.description).addErrback(lambda _: None)

    @invariant()
    def does_one_thing_at_a_time(self) -> None:
        """
        The worker's queue holds no second opening.
        """
        assert len(self.cameras) - self.world.opens <= 1

    def teardown(self) -> None:
        """
        Whatever was before, a stop ends with everything closed.

        """
        self.stops.append(self.service.stopService())
        while self.worker.waiting:
            self.worker.step()
        assert self.service.state is CameraState.STOPPED
        assert self.world.held_by is None
        assert all(stop.called for stop in self.stops)
        self.clock.advance(USES_END_WITHIN_SECONDS)
        assert self.clock.getDelayedCalls() == []


USES_END_WITHIN_SECONDS = 60.0


class PropertyTests(SynchronousTestCase):
    """
    Months bring every order of events.

    """

    def test_any_order_of_events(self) -> None:
        """
        Nothing raises, no two cameras are open at once, and a stop ends with all closed.
        """
        run_state_machine_as_test(
            CameraLife,
            settings=settings(fuzzed(200), stateful_step_count=40),
        )
        self.flushLoggedErrors(OSError)
