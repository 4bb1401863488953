"""
Tests for work that goes on when whoever asked for it has left.

"""

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management._shielded import shielded


class ShieldedTests(SynchronousTestCase):
    """
    Clients come and go; what they have begun is finished.

    """

    def setUp(self) -> None:
        self.work: Deferred[int] = Deferred()
        self.waiting = shielded(self.work)

    def test_result(self) -> None:
        """
        Who stays gets what comes.
        """
        self.work.callback(5)
        self.assertEqual(self.successResultOf(self.waiting), 5)

    def test_failure(self) -> None:
        """
        Or what went wrong, and it is not logged besides.
        """
        self.work.errback(ZeroDivisionError())
        self.failureResultOf(self.waiting, ZeroDivisionError)

    def test_leaving(self) -> None:
        """
        The work is not told.
        """
        self.waiting.cancel()
        self.failureResultOf(self.waiting, CancelledError)
        self.assertFalse(self.work.called)
        self.work.callback(5)

    def test_bug_after_leaving(self) -> None:
        """
        It is not lost, although nobody waits.
        """
        self.waiting.cancel()
        self.failureResultOf(self.waiting, CancelledError)
        self.work.errback(ZeroDivisionError())
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_ordinary_trouble_after_leaving(self) -> None:
        """
        That a registry cannot be used is told elsewhere.
        """
        self.waiting.cancel()
        self.failureResultOf(self.waiting, CancelledError)
        self.work.errback(RegistryUnavailable("full"))
        self.assertEqual(self.flushLoggedErrors(), [])
