"""
What tests of nodes share.

"""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._node import (
    parse_node,
)
from tests.management.nodes import node_payload


class NodeTestCase(SynchronousTestCase):
    """
    A test case that can say what is wrong with a node.

    """

    def problems(self, **wrong: Any) -> dict[str, str]:
        """
        :param wrong: Replaces fields of a good node.
        :returns: Why it was refused.
        """
        error = self.assertRaises(NodeInvalid, parse_node, node_payload(**wrong))
        return dict(error.problems)

    def assert_problem(self, path: str, words: str, **wrong: Any) -> None:
        """
        Make sure that one field is refused, for a reason that has those words in it.

        """
        problems = self.problems(**wrong)
        self.assertEqual([path], list(problems))
        self.assertIn(words, problems[path])
