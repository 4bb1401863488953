"""
Tests for tracebacks that can be shown to anyone who may read the log.

"""

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import without_words


class WithoutWordsTests(SynchronousTestCase):
    """
    What an exception says may quote a secret.

    """

    def test_kind_and_place_are_kept(self) -> None:
        """
        Enough to find the bug.
        """
        secret = "".join(("sword", "fish"))
        try:
            raise ZeroDivisionError(secret) from ValueError(secret)
        except ZeroDivisionError:
            kept = without_words(Failure())
        told = kept.getTraceback()
        self.assertIn("ZeroDivisionError", told)
        self.assertIn("test_kind_and_place_are_kept", told)
        self.assertTrue(kept.check(ZeroDivisionError))
        self.assertNotIn(secret, told)
