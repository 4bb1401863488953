"""
Tests for the camera that rests while nobody watches.

"""

from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import CameraService, IdleRate
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.frames import FrameProducer
from tests.fakes import FakeCamera, HandWorker, ThreadedMemoryReactor
from tests.memory_node import MemoryNode, streaming_node


class StubbornCamera(FakeCamera):
    """
    A camera whose rate cannot be changed.

    """

    def set_fps(self, fps: float) -> None:
        """
        Fail.

        """
        self.rates.append(fps)
        raise CameraUnavailable("it does not wake up")


class IdleRateTests(SynchronousTestCase):
    """
    When the rate is changed, and when it is left alone.

    """

    def setUp(self) -> None:
        self.reactor = ThreadedMemoryReactor()
        self.reactor.advance(1000.0)
        self.worker = HandWorker()
        self.viewers = 0
        self.camera = FakeCamera()

    def start(self, camera: FakeCamera | None = None, fps: float = 1.0) -> None:
        """
        Begin with an open camera.

        """
        self.camera = camera or self.camera
        self.service = CameraService(
            lambda: self.camera,
            lambda _: None,
            FrameProducer(self.reactor.seconds),
            self.worker,
            self.reactor,
            max_frame_age=3600.0,
            delay_before_attempt=lambda _: 1.0,
            hung=lambda _: None,
        )
        self.idle = IdleRate(self.service, lambda: self.viewers, fps, self.reactor)
        self.service.startService()
        self.work()
        self.idle.startService()
        self.addCleanup(self.finish)

    def finish(self) -> None:
        """
        Stop all, and make sure that nothing is left behind.

        """
        self.idle.stopService()
        self.service.stopService()
        self.work()
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def work(self) -> None:
        """
        Let the worker do all that waits.

        """
        while self.worker.waiting:
            self.worker.step()

    def wait(self, seconds: int) -> None:
        """
        Let time pass, and the worker work.

        """
        for _ in range(seconds):
            self.reactor.advance(1.0)
            self.work()

    def test_slows_down_when_nobody_watches(self) -> None:
        """
        A camera that nobody looks at costs little, but not before it has found its exposure.
        """
        self.start()
        self.wait(9)
        self.assertEqual(self.camera.rates, [])
        self.wait(1)
        self.assertEqual(self.camera.rates, [1.0])

    def test_changes_nothing_twice(self) -> None:
        """
        The worker is free for those who need it.
        """
        self.start()
        self.wait(60)
        self.assertEqual(self.camera.rates, [1.0])

    def test_wakes_with_the_first_viewer(self) -> None:
        """
        Whoever comes does not wait for the next look round.
        """
        self.start()
        self.wait(15)
        self.viewers = 1
        self.idle.viewer_came()
        self.work()
        self.assertEqual(self.camera.rates, [1.0, 0.0])
        self.wait(60)
        self.assertEqual(self.camera.rates, [1.0, 0.0])

    def test_stays_awake_for_a_while(self) -> None:
        """
        A page that is loaded anew does not make the camera stutter.
        """
        self.start()
        self.viewers = 1
        self.wait(30)
        self.viewers = 0
        self.wait(9)
        self.viewers = 1
        self.idle.viewer_came()
        self.wait(1)
        self.viewers = 0
        self.wait(9)
        self.assertEqual(self.camera.rates, [])
        self.wait(1)
        self.assertEqual(self.camera.rates, [1.0])

    def test_viewer_who_comes_while_it_slows_down(self) -> None:
        """
        It is awake again as soon as it can be.
        """
        self.start()
        self.wait(9)
        self.reactor.advance(1.0)
        self.viewers = 1
        self.idle.viewer_came()
        self.assertEqual(len(self.worker.waiting), 1)
        self.work()
        self.assertEqual(self.camera.rates, [1.0, 0.0])

    def test_after_a_restart(self) -> None:
        """
        A camera that was opened anew gets its time to settle, and then rests as before.
        """
        self.start()
        self.wait(15)
        self.camera = FakeCamera()
        self.service.restart()
        self.reactor.advance(1.0)
        self.work()
        self.reactor.advance(0.0)
        self.work()
        self.wait(9)
        self.assertEqual(self.camera.rates, [])
        self.wait(2)
        self.assertEqual(self.camera.rates, [1.0])

    def test_after_a_restart_between_two_looks(self) -> None:
        """
        However quickly a camera is opened anew, it gets its time to settle.
        """
        self.start()
        self.wait(15)
        self.camera = FakeCamera()
        self.service.restart()
        self.work()
        self.reactor.advance(0.0)
        self.work()
        self.wait(9)
        self.assertEqual(self.camera.rates, [])
        self.wait(2)
        self.assertEqual(self.camera.rates, [1.0])

    def test_after_a_restart_with_a_viewer(self) -> None:
        """
        A camera that is watched keeps its full rate.
        """
        self.start()
        self.viewers = 1
        self.wait(15)
        self.service.restart()
        self.wait(30)
        self.assertEqual(self.camera.rates, [])

    def test_without_an_idle_rate(self) -> None:
        """
        Who has not asked for it gets a camera that is always the same, and not a timer more.
        """
        self.start(fps=0.0)
        timers = len(self.reactor.getDelayedCalls())
        self.wait(30)
        self.idle.viewer_came()
        self.assertEqual(self.camera.rates, [])
        self.assertLessEqual(len(self.reactor.getDelayedCalls()), timers)

    def test_camera_that_cannot(self) -> None:
        """
        The log tells it once, however long it goes on; it is tried now and then.
        """
        self.start(StubbornCamera())
        with capturedLogs() as events:
            self.wait(31)
        warnings = [event["reason"] for event in events if event["log_level"] is LogLevel.warn]
        self.assertEqual(warnings, ["it does not wake up"])
        self.assertEqual(self.camera.rates, [1.0, 1.0, 1.0])

    def test_camera_that_goes_meanwhile(self) -> None:
        """
        That the camera is being restarted is told elsewhere.
        """
        self.start()
        self.wait(9)
        with capturedLogs() as events:
            self.reactor.advance(1.0)
            # It does not answer in time.
            self.reactor.advance(5.0)
        self.assertEqual([e for e in events if e["log_level"] >= LogLevel.warn], [])

    def test_after_the_end(self) -> None:
        """
        A viewer who comes while the daemon stops changes nothing.
        """
        self.start()
        self.wait(15)
        self.idle.stopService()
        self.idle.viewer_came()
        self.work()
        self.assertEqual(self.camera.rates, [1.0])


class NodeTests(SynchronousTestCase):
    """
    The same in a whole node.

    """

    def quiet_node(self) -> MemoryNode:
        """
        :returns: A node whose camera rests.
        """
        node = streaming_node(self.addCleanup, IDLE_FPS="1")
        for _ in range(11):
            node.reactor.advance(1.0)
            node.deliver()
            while node.worker.waiting:
                node.worker.step()
        self.assertEqual(node.camera.rates, [1.0])
        return node

    def test_resting_is_no_trouble(self) -> None:
        """
        Nobody is alarmed because nobody watches.
        """
        node = self.quiet_node()
        node.reactor.advance(1.0)
        self.assertEqual(node.get("/ready").status, 200)

    def test_stream_wakes_it(self) -> None:
        """
        The first viewer is enough.
        """
        node = self.quiet_node()
        node.watch()
        node.worker.step()
        self.assertEqual(node.camera.rates, [1.0, 0.0])
        node.watch()
        self.assertEqual(node.worker.waiting, [])

    def test_what_does_not_wake_it(self) -> None:
        """
        A monitor that asks every minute, or a timelapse, does not keep it awake.
        """
        node = self.quiet_node()
        for path in ("/snapshot.jpg", "/ready", "/metrics"):
            self.assertEqual(node.get(path).status, 200)
        node.client().request("/stream.mjpg", "HEAD")
        self.assertEqual(node.worker.waiting, [])
