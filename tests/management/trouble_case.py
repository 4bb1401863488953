"""
What tests of registries in trouble share.

"""

import json
from typing import Any

from motion_in_ocean.errors import RegistryUnavailable
from tests.management.nodes import make_node
from tests.management.registries import RegistryTestCase


class TroubleTestCase(RegistryTestCase):
    """
    A test case that can ask what the problem is.

    """

    def write(self, content: Any) -> bytes:
        """
        Put that into the file: bytes, or JSON.

        :returns: The bytes.
        """
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.path.write_bytes(data)
        return data

    @property
    def problem(self) -> str:
        """
        What keeps the registry from being ready.

        """
        problem = self.registry.problem
        assert problem is not None
        return problem

    def assert_unwritable(self, words: str) -> None:
        """
        Make sure that a change fails, for a reason that is a problem too, and changes nothing.

        """
        before = self.revisions(), self.path.read_bytes() if self.path.exists() else None
        self.assert_problem_with_change(words)
        after = self.revisions(), self.path.read_bytes() if self.path.exists() else None
        self.assertEqual(before, after)

    def assert_problem_with_change(self, words: str) -> None:
        """
        Make sure that a change fails, for a reason that is a problem too.

        """
        error = self.failed(self.registry.create(make_node("more")), RegistryUnavailable)
        self.assertIn(words, str(error))
        self.assertEqual(str(error), self.problem)

    def assert_unreadable(self, words: str) -> None:
        """
        Make sure that nothing can be done, for a reason that is a problem too.

        """
        for tried in (self.registry.list_nodes(), self.registry.create(make_node("more"))):
            error = self.failed(tried, RegistryUnavailable)
            self.assertIn(words, str(error))
            self.assertEqual(str(error), self.problem)
