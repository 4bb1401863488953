"""
Tests that months of viewers and pictures leave nothing behind.

"""

import gc
import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import MemoryNode, streaming_node

ROUNDS = 40
VIEWERS = 25
"""In one round, who come, see a few pictures and leave; some of them slow, some at once."""

LESS_THAN_ANY_OBJECT = 24
"""In bytes; a number takes 28, and what is kept for each viewer also has to be held somewhere."""


class EnduranceTests(SynchronousTestCase):
    """
    A camera is left running for years.

    """

    def live(self, node: MemoryNode) -> None:
        """
        Let viewers come, see and leave.
        """
        viewers = [node.watch("?fps=5" if number % 3 else "") for number in range(VIEWERS)]
        for number, viewer in enumerate(viewers):
            if number % 5 == 0:
                viewer.stop_reading()
            if number % 7 == 0:
                viewer.leave()
        node.run_camera(seconds=2)
        for number, viewer in enumerate(viewers):
            viewer.received()
            if number % 7:
                viewer.leave()
        for path in ("/snapshot.jpg", "/metrics", "/ready", "/api/viewers", "/nothing"):
            node.get(path)
        node.run_camera(seconds=2)

    def test_nothing_is_left_behind(self) -> None:
        """
        A thousand viewers later there is no object more, no text, no picture and no timer, than
        after the first.
        """
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        node = streaming_node(self.addCleanup)

        def left() -> tuple[int, int, int]:
            # Connections that ask for nothing more are closed by and by.
            node.run_camera(seconds=70, fps=1)
            gc.collect()
            # Objects are those that can hold others; bytes are in all of them.
            size, _ = tracemalloc.get_traced_memory()
            return len(gc.get_objects()), size, len(node.reactor.getDelayedCalls())

        for _ in range(3):
            self.live(node)
        objects, size, timers = left()
        for _ in range(ROUNDS):
            self.live(node)
        more_objects, more_size, more_timers = left()
        self.assertEqual(more_timers, timers)
        self.assertLess(more_objects - objects, ROUNDS)
        self.assertLess(more_size - size, LESS_THAN_ANY_OBJECT * VIEWERS * ROUNDS)
