"""
Tests for the way out of the camera's thread.

"""

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.frames import Frame, FrameMailbox
from tests.fakes import ThreadedMemoryReactor


class FrameMailboxTests(SynchronousTestCase):
    """
    The camera's thread must never wait for the reactor, nor fill its memory.

    """

    def setUp(self) -> None:
        self.reactor = ThreadedMemoryReactor()
        self.published: list[Frame] = []
        self.mailbox = FrameMailbox(
            self.reactor.callFromThread,
            self.published.append,
            self.reactor.seconds,
            lambda: 1_700_000_000.5,
        )

    def test_frame_arrives_in_the_reactor_thread(self) -> None:
        """
        Nothing of the reactor's is touched in the camera's thread.
        """
        self.mailbox.put(b"one")
        self.assertEqual(self.published, [])
        self.reactor.run_calls_from_threads()
        self.assertEqual([frame.jpeg for frame in self.published], [b"one"])

    def test_busy_reactor_gets_one_call_and_the_newest_frame(self) -> None:
        """
        A Pi that is busy for a moment loses frames, not memory, and shows the present after it.
        """
        for number in range(1000):
            self.mailbox.put(b"%d" % number)
        self.assertEqual(self.reactor.run_calls_from_threads(), 1)
        self.assertEqual([frame.jpeg for frame in self.published], [b"999"])

    def test_numbers_count_lost_frames_too(self) -> None:
        """
        The count of captured frames is true whether or not anyone had time for them.
        """
        for _ in range(5):
            self.mailbox.put(b"")
        self.reactor.run_calls_from_threads()
        self.mailbox.put(b"")
        self.reactor.run_calls_from_threads()
        self.assertEqual([frame.number for frame in self.published], [5, 6])

    def test_frame_keeps_the_time_of_its_capture(self) -> None:
        """
        Waiting for the reactor does not make a picture younger.
        """
        self.reactor.advance(7.0)
        self.mailbox.put(b"")
        self.reactor.advance(3.0)
        self.reactor.run_calls_from_threads()
        (frame,) = self.published
        self.assertEqual((frame.captured_at, frame.timestamp), (7.0, 1_700_000_000.5))
