"""
Tests that all values that nobody thought of are tried in the same way.

"""

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz import fuzzed


class FuzzedTests(SynchronousTestCase):
    """
    What is red is red everywhere, and whoever seeks more finds more.

    """

    def test_same_each_time(self) -> None:
        """
        Neither chance nor a slow machine makes a test fail.
        """
        settings = fuzzed(60, {})
        self.assertEqual((settings.max_examples, settings.deadline), (60, None))
        self.assertTrue(settings.derandomize)

    def test_more(self) -> None:
        """
        ``FUZZ_EXAMPLES`` brings as many as that, and others each time.
        """
        settings = fuzzed(60, {"FUZZ_EXAMPLES": "5000"})
        self.assertEqual((settings.max_examples, settings.deadline), (5000, None))
        self.assertFalse(settings.derandomize)

    def test_everywhere(self) -> None:
        """
        No test has a way of its own.
        """
        found = 0
        for path in Path(__file__).parent.rglob("test_*.py"):
            before = re.findall(r"^ *(.*)\n *@(?:hypothesis\.)?given\(", path.read_text(), re.M)
            found += len(before)
            for line in before:
                self.assertRegex(line, r"^@fuzzed\(\d+\)$", path)
        self.assertGreater(found, 20)
