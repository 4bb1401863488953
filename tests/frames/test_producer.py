"""
Tests for the newest frame and those who want it.

"""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.frames import Frame, FrameProducer
from tests.fakes import make_frame


class FrameProducerTests(SynchronousTestCase):
    """
    What everyone to the right of the mailbox relies on.

    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.producer = FrameProducer(self.clock.seconds)

    def capture(self, count: int, interval: float) -> None:
        """
        Let frames come at a steady pace.

        """
        first = self.producer.frames_captured + 1
        for number in range(first, first + count):
            self.clock.advance(interval)
            self.producer.publish(make_frame(number, self.clock.seconds()))

    def test_nothing_is_known_before_the_first_frame(self) -> None:
        """
        No picture is not a picture of age zero.
        """
        self.assertEqual(
            (self.producer.newest, self.producer.frame_age, self.producer.frames_captured),
            (None, None, 0),
        )

    def test_age_grows_until_the_next_frame(self) -> None:
        """
        Readiness hangs on this figure alone.
        """
        self.capture(1, 1.0)
        self.clock.advance(2.5)
        self.assertEqual(self.producer.frame_age, 2.5)
        self.capture(1, 1.0)
        self.assertEqual(self.producer.frame_age, 0.0)

    def test_rate_is_that_of_the_camera(self) -> None:
        """
        Operators compare it with what they have set.
        """
        self.capture(200, 1 / 25)
        self.assertAlmostEqual(self.producer.current_fps, 25.0)

    def test_rate_counts_frames_that_were_lost_on_the_way(self) -> None:
        """
        A busy reactor does not make the camera look slow.
        """
        for number in range(1, 61, 2):
            self.clock.advance(2 / 30)
            self.producer.publish(make_frame(number, self.clock.seconds()))
        self.assertAlmostEqual(self.producer.current_fps, 30.0)

    def test_rate_follows_a_change_within_seconds(self) -> None:
        """
        Whoever turns a knob sees what it does.
        """
        self.capture(300, 1 / 30)
        self.capture(51, 1 / 10)
        self.assertAlmostEqual(self.producer.current_fps, 10.0)

    def test_rate_of_a_slow_camera_is_known(self) -> None:
        """
        One picture in ten seconds is a rate too: a garden camera on a small battery.
        """
        self.capture(3, 10.0)
        self.assertAlmostEqual(self.producer.current_fps, 0.1)

    def test_rate_falls_when_frames_stop(self) -> None:
        """
        A dead camera does not go on claiming 30 frames a second.
        """
        self.capture(150, 1 / 30)
        self.clock.advance(60.0)
        self.assertLess(self.producer.current_fps, 3.0)

    def test_rate_after_an_outage_is_that_of_now(self) -> None:
        """
        A camera that has come back is not called slow for the time in which it was away.
        """
        self.capture(150, 1 / 30)
        self.clock.advance(60.0)
        self.capture(3, 1 / 30)
        self.assertAlmostEqual(self.producer.current_fps, 30.0)

    def test_every_subscriber_gets_every_frame(self) -> None:
        """
        Viewers share one camera.
        """
        one: list[Frame] = []
        two: list[Frame] = []
        self.producer.subscribe(one.append)
        self.producer.subscribe(two.append)
        self.capture(3, 0.1)
        self.assertEqual([frame.number for frame in one], [1, 2, 3])
        self.assertEqual(one, two)

    def test_subscriber_may_leave_while_a_frame_is_passed_on(self) -> None:
        """
        A viewer that goes away costs the next one nothing.
        """
        seen: list[Frame] = []
        self.producer.subscribe(lambda _: leave())
        leave = self.producer.subscribe(seen.append)
        self.producer.subscribe(seen.append)
        self.capture(2, 0.1)
        self.assertGreaterEqual(len(seen), 2)
        leave()

    def test_a_subscriber_that_fails_does_not_harm_the_others(self) -> None:
        """
        One bug is not a black picture for everybody.
        """
        seen: list[Frame] = []

        def fail(frame: Frame) -> None:
            raise ZeroDivisionError

        self.producer.subscribe(fail)
        self.producer.subscribe(seen.append)
        self.capture(1, 0.1)
        self.assertEqual(len(seen), 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
