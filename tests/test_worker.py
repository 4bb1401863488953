"""
Tests for threads for calls that block.

"""

import threading
from queue import SimpleQueue

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.worker import ThreadWorker


class ThreadWorkerTests(SynchronousTestCase):
    """
    Calls that block do so elsewhere.

    """

    def setUp(self) -> None:
        self.calls: SimpleQueue[object] = SimpleQueue()
        self.worker = ThreadWorker("test worker", self.calls.put)

    def let_one_call_in(self) -> None:
        """
        Do in this thread what the worker's thread has asked for.

        """
        call = self.calls.get(timeout=10)
        assert callable(call)
        call()

    def test_runs_in_one_thread_of_its_own(self) -> None:
        """
        The reactor answers while a camera is being opened.
        """
        threads = [self.worker.run(threading.current_thread) for _ in range(2)]
        for _ in threads:
            self.let_one_call_in()
        one, two = (self.successResultOf(thread) for thread in threads)
        self.assertIs(one, two)
        self.assertIsNot(one, threading.current_thread())
        self.assertTrue(one.daemon)

    def test_result_comes_through_the_reactor(self) -> None:
        """
        No callback ever runs in the worker's thread.
        """
        done = self.worker.run(lambda: 42)
        self.assertNoResult(done)
        self.let_one_call_in()
        self.assertEqual(self.successResultOf(done), 42)

    def test_error_reaches_the_caller(self) -> None:
        """
        What goes wrong in the thread is not lost there, and the thread goes on.
        """
        failed = self.worker.run(lambda: 1 // 0)
        self.let_one_call_in()
        failure: Failure = self.failureResultOf(failed, ZeroDivisionError)
        self.assertIn("test_worker", failure.getTraceback())
        done = self.worker.run(lambda: 1)
        self.let_one_call_in()
        self.assertEqual(self.successResultOf(done), 1)
