"""
Tests that SECURITY.rst names tests that there are.

"""

import re
from pathlib import Path

from twisted.python.reflect import ObjectNotFound
from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent


def count(name: str) -> int:
    """
    :returns: How many tests go by a name, that of a module, a class or a method.
    """
    try:
        tests: int = TestLoader().loadByName(name).countTestCases()
    except (AttributeError, ImportError, ObjectNotFound):
        return 0
    return tests


class SecurityTableTests(SynchronousTestCase):
    """
    Whoever reads the table can run what it names.

    """

    def setUp(self) -> None:
        text = (ROOT / "SECURITY.rst").read_text("utf-8")
        self.rows = re.split(r"^   \* - ", text, flags=re.MULTILINE)[2:]
        self.named = re.findall(r"``(tests\.[a-zA-Z0-9_.]+)``", text)

    def test_every_test_exists(self) -> None:
        """
        A test that was renamed or removed leaves no promise behind.
        """
        missing = [name for name in self.named if not count(name)]
        self.assertEqual(missing, [])

    def test_every_row_names_one(self) -> None:
        """
        A threat that nothing proves to be dealt with is not in the table.
        """
        self.assertGreater(len(self.rows), 20)
        for row in self.rows:
            self.assertRegex(row, r"``tests\.", row)

    def test_readme_leads_there(self) -> None:
        """
        Newcomers find it.
        """
        self.assertIn("SECURITY.rst", (ROOT / "README.rst").read_text("utf-8"))
