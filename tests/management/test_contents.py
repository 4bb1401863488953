"""
Tests of changes to what is in a registry.

"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import NodeInvalid, NodeNotFound, RevisionMismatch
from motion_in_ocean.management.registry._contents import Contents
from tests.fuzz import fuzzed
from tests.management.nodes import make_node

IDS = st.sampled_from(["a", "b", "c"])
changes = st.one_of(
    st.tuples(st.just("create"), IDS),
    st.tuples(st.just("replace"), IDS, IDS, st.integers(1, 9)),
    st.tuples(st.just("delete"), IDS, st.one_of(st.none(), st.integers(1, 9))),
)


def three() -> Contents:
    """
    :returns: Nodes called a, b and c, of the revisions 1, 2 and 3.
    """
    contents = Contents()
    for node_id in "abc":
        contents, _ = contents.create(make_node(node_id))
    return contents


def revisions(contents: Contents) -> dict[str, int]:
    """
    :returns: Those of all nodes, in their order.
    """
    return {node_id: stored.revision for node_id, stored in contents.nodes.items()}


class ChangeTests(SynchronousTestCase):
    """
    Changes, one at a time.

    """

    def test_create(self) -> None:
        """
        New nodes come last, each with a revision of its own.
        """
        self.assertEqual([("a", 1), ("b", 2), ("c", 3)], list(revisions(three()).items()))

    def test_create_twin(self) -> None:
        """
        No node takes another's place by being created.
        """
        error = self.assertRaises(NodeInvalid, three().create, make_node("b"))
        self.assertEqual(["id"], list(error.problems))

    def test_replace(self) -> None:
        """
        A changed node keeps its place.
        """
        contents, stored = three().replace("b", make_node("b", name="new"), 2)
        self.assertEqual([("a", 1), ("b", 4), ("c", 3)], list(revisions(contents).items()))
        self.assertEqual(("new", 4), (stored.node.name, stored.revision))

    def test_rename(self) -> None:
        """
        A renamed one does too.
        """
        contents, _ = three().replace("b", make_node("z"), 2)
        self.assertEqual([("a", 1), ("z", 4), ("c", 3)], list(revisions(contents).items()))

    def test_rename_to_twin(self) -> None:
        """
        No node takes another's place by being renamed.
        """
        error = self.assertRaises(NodeInvalid, three().replace, "b", make_node("c"), 2)
        self.assertEqual(["id"], list(error.problems))

    def test_changed_since(self) -> None:
        """
        A change that was made of an older state is refused.
        """
        for change in (
            lambda: three().replace("b", make_node("b"), 1),
            lambda: three().replace("b", make_node("z"), 3),
            lambda: three().delete("b", 4),
        ):
            self.assertEqual("b", self.assertRaises(RevisionMismatch, change).node_id)

    def test_missing(self) -> None:
        """
        What is not there can be neither changed nor deleted.
        """
        for change in (
            lambda: three().replace("x", make_node("x"), 1),
            lambda: three().delete("x", None),
            lambda: three().get("x"),
        ):
            self.assertEqual("x", self.assertRaises(NodeNotFound, change).node_id)

    def test_delete(self) -> None:
        """
        A deleted node is gone and its revision with it, which the next one does not get.
        """
        contents, stored = three().delete("c", None)
        self.assertEqual(3, stored.revision)
        contents, stored = contents.create(make_node("c"))
        self.assertEqual({"a": 1, "b": 2, "c": 5}, revisions(contents))


class PropertyTests(SynchronousTestCase):
    """
    What holds after any changes.

    """

    @fuzzed(200)
    @given(st.lists(changes, max_size=12))
    def test_revisions(self, wanted: list[Any]) -> None:
        """
        A revision is given once, a larger one each time, and a refused change changes nothing.
        """
        contents, given = Contents(), [0]
        for verb, node_id, *more in wanted:
            before = revisions(contents)
            try:
                if verb == "create":
                    contents, stored = contents.create(make_node(node_id))
                    given.append(stored.revision)
                elif verb == "replace":
                    contents, stored = contents.replace(node_id, make_node(more[0]), more[1])
                    given.append(stored.revision)
                else:
                    contents, _ = contents.delete(node_id, more[0])
            except (NodeInvalid, NodeNotFound, RevisionMismatch):
                self.assertEqual(before, revisions(contents))
        self.assertEqual(sorted(set(given)), given)
        self.assertLess(given[-1], contents.next_revision)
        self.assertEqual(list(contents.nodes), [it.node.id for it in contents.nodes.values()])
