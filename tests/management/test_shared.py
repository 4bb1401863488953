"""
Tests for work that is done once for all who want it at the same time.

"""

from functools import partial

from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management._shared import Shared


class SharedTests(SynchronousTestCase):
    """
    Those who want the same wait for the same.

    """

    def setUp(self) -> None:
        self.begun: list[Deferred[int]] = []
        self.shared: Shared[int] = Shared()

    def begin(self) -> Deferred[int]:
        self.begun.append(Deferred())
        return self.begun[-1]

    def join(self, key: str = "a") -> Deferred[int]:
        return self.shared.join(key, self.begin)

    def test_shared(self) -> None:
        """
        All get what comes, and it is begun once.
        """
        both = [self.join(), self.join()]
        (work,) = self.begun
        work.callback(5)
        self.assertEqual([self.successResultOf(one) for one in both], [5, 5])

    def test_failure(self) -> None:
        """
        Or what went wrong, and it is not logged besides.
        """
        both = [self.join(), self.join()]
        self.begun[0].errback(ZeroDivisionError())
        for one in both:
            self.failureResultOf(one, ZeroDivisionError)

    def test_other_keys(self) -> None:
        """
        Those who want something else do not wait for it.
        """
        self.join("a")
        other = self.join("b")
        self.begun[1].callback(7)
        self.assertEqual(self.successResultOf(other), 7)

    def test_at_once(self) -> None:
        """
        What is there at once is no special case, and not kept.
        """
        for number in (1, 2):
            joined = self.shared.join("a", partial(succeed, number))
            self.assertEqual(self.successResultOf(joined), number)

    def test_last_one_leaves(self) -> None:
        """
        It goes on as long as somebody waits, and no longer; the next one begins anew.
        """
        first, second = self.join(), self.join()
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.assertFalse(self.begun[0].called)
        second.cancel()
        self.failureResultOf(second, CancelledError)
        self.assertTrue(self.begun[0].called)
        third = self.join()
        self.begun[1].callback(3)
        self.assertEqual(self.successResultOf(third), 3)

    def test_one_makes_another_leave(self) -> None:
        """
        Whoever leaves because of the answer that somebody else got gets none.
        """
        first, second, third = self.join(), self.join(), self.join()
        first.addCallback(lambda _: second.cancel())
        self.begun[0].callback(5)
        self.failureResultOf(second, CancelledError)
        self.assertEqual(self.successResultOf(third), 5)
