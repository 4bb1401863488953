"""
Tests for viewers of a camera that is silent, and for those who are silent themselves.

"""

from io import BytesIO

from PIL import Image
from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import streaming_node
from tests.streaming.parts import Part, read_parts


class NoSignalTests(SynchronousTestCase):
    """
    A viewer who stays is told that there is nothing to see.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup, MAX_FRAME_AGE_SECONDS="3")
        picture = BytesIO()
        Image.new("RGB", (320, 240), "red").save(picture, "JPEG")
        self.live = picture.getvalue()
        self.node.deliver(self.live)
        self.viewer = self.node.client()
        self.viewer.request("/stream.mjpg")
        self.node.reactor.pump([0.5] * 6)
        self.viewer.received()

    def parts(self, seconds: float) -> list[Part]:
        """
        :returns: What the viewer gets while time passes.
        """
        self.node.reactor.pump([0.1] * round(seconds * 10))
        return read_parts(self.viewer.received())

    def test_stale_camera_is_shown_as_no_signal_each_second(self) -> None:
        """
        A frozen picture looks frozen.
        """
        self.parts(2.0)
        self.node.artist.step()
        first = read_parts(self.viewer.received())
        later = self.parts(10.0)
        self.assertEqual(len(first), 2)
        self.assertIn(len(later), (10, 20))
        (jpeg,) = {part.jpeg for part in first + later}
        self.assertNotEqual(jpeg, self.live)
        with Image.open(BytesIO(jpeg)) as picture:
            self.assertEqual(picture.size, (320, 240))

    def test_it_is_drawn_once_and_elsewhere(self) -> None:
        """
        An outage of a day costs one drawing, and that not in the reactor thread.
        """
        self.assertEqual(self.parts(10.0), [])
        self.assertEqual(len(self.node.artist.waiting), 1)
        self.node.artist.step()
        self.parts(60.0)
        self.assertEqual(self.node.artist.waiting, [])

    def test_its_time_is_that_of_the_last_picture(self) -> None:
        """
        Programs that look at the time are not deceived either.
        """
        self.node.deliver(self.live)
        taken = read_parts(self.viewer.received())[-1].headers["X-Timestamp"]
        self.parts(5.0)
        self.node.artist.step()
        shown = read_parts(self.viewer.received())
        self.assertNotIn(self.live, [part.jpeg for part in shown])
        self.assertEqual({part.headers["X-Timestamp"] for part in shown}, {taken})

    def test_live_again(self) -> None:
        """
        The viewer need not do anything.
        """
        self.parts(2.0)
        self.node.artist.step()
        self.viewer.received()
        self.node.deliver(self.live)
        self.assertEqual(read_parts(self.viewer.received())[0].jpeg, self.live)
        self.assertEqual({part.jpeg for part in self.parts(2.0)}, {self.live})

    def test_camera_that_came_back_while_it_was_drawn(self) -> None:
        """
        No outage is shown that is over.
        """
        self.parts(2.0)
        self.node.deliver(self.live)
        self.viewer.received()
        self.node.artist.step()
        self.assertEqual({part.jpeg for part in self.parts(2.0)}, {self.live})

    def test_second_outage_is_drawn_anew(self) -> None:
        """
        Since when there is no signal is true each time.
        """
        self.parts(2.0)
        self.node.artist.step()
        self.node.deliver(self.live)
        self.parts(6.0)
        self.assertEqual(len(self.node.artist.waiting), 1)


class StallTests(SynchronousTestCase):
    """
    Who takes nothing is disconnected.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)
        self.viewer = self.node.client()
        self.viewer.request("/stream.mjpg")

    def pass_time(self, seconds: int) -> None:
        """
        Let frames come for a while.

        """
        for _ in range(seconds * 5):
            self.node.reactor.advance(0.2)
            self.node.deliver()

    def test_viewer_that_takes_nothing_for_thirty_seconds_is_aborted(self) -> None:
        """
        A laptop that was shut does not hold a place.
        """
        self.viewer.stop_reading()
        self.pass_time(29)
        self.assertFalse(self.viewer.transport.disconnected)
        self.pass_time(3)
        self.assertTrue(self.viewer.transport.disconnected)

    def test_viewer_that_takes_a_little_stays(self) -> None:
        """
        Slow is not gone.
        """
        for _ in range(10):
            self.viewer.stop_reading()
            self.pass_time(10)
            self.viewer.read_again()
            self.viewer.received()
        self.assertFalse(self.viewer.transport.disconnected)

    def test_idle_viewer_of_a_dead_camera_stays(self) -> None:
        """
        That there is nothing to send is not the viewer's fault.
        """
        self.node.reactor.pump([1.0] * 120)
        self.assertFalse(self.viewer.transport.disconnected)
