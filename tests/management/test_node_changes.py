"""
Tests of what becomes of a node that is changed.

"""

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._node import (
    merge_node,
)
from tests.management.node_case import NodeTestCase
from tests.management.nodes import CANARY, make_node


class MergeTests(NodeTestCase):
    """
    Nodes that are changed in part.

    """

    def test_top_level(self) -> None:
        """
        What is named is replaced whole; the rest stays.
        """
        merged = merge_node(make_node(), {"name": "Back porch", "labels": {"floor": "2"}})
        self.assertEqual(make_node(name="Back porch", labels={"floor": "2"}), merged)

    def test_nothing(self) -> None:
        """
        An empty change changes nothing.
        """
        self.assertEqual(make_node(), merge_node(make_node(), {}))

    def test_rename(self) -> None:
        """
        The id is a field like others.
        """
        self.assertEqual(make_node("attic"), merge_node(make_node(), {"id": "attic"}))

    def test_what_was_shown(self) -> None:
        """
        A client that sends back what it got loses nothing: the token stays.
        """
        node = make_node()
        self.assertEqual(node, merge_node(node, node.public()))

    def test_fresh_token(self) -> None:
        """
        A token that is given replaces the old one, for any address.
        """
        merged = merge_node(
            make_node(), {"base_url": "http://h", "auth": {"type": "bearer", "token": "new"}}
        )
        self.assertEqual("new", merged.token)

    def test_token_dropped(self) -> None:
        """
        A node can stop wanting a token, and then moves freely.
        """
        merged = merge_node(make_node(), {"base_url": "http://h", "auth": {"type": "none"}})
        self.assertIsNone(merged.token)

    def test_token_needed(self) -> None:
        """
        There is none to keep where there was none.
        """
        node = make_node(auth={"type": "none"})
        error = self.assertRaises(NodeInvalid, merge_node, node, {"auth": {"type": "bearer"}})
        self.assertEqual({"auth.token": "is required"}, error.problems)

    def test_token_stays_home(self) -> None:
        """
        Nobody learns a token by pointing its node to a machine of their own.
        """
        for base_url in (
            "https://192.168.1.20:8000",
            "http://192.168.1.21:8000",
            "http://192.168.1.20:8001",
            "http://192.168.1.20",
        ):
            for auth in ({}, {"auth": {"type": "bearer"}}):
                patch = {"base_url": base_url, **auth}
                error = self.assertRaises(NodeInvalid, merge_node, make_node(), patch)
                self.assertEqual(["auth.token"], list(error.problems))

    def test_same_address(self) -> None:
        """
        Another way to write the address, or another path there, needs no fresh token.
        """
        for before, after in (
            ("http://cam.local", "HTTP://CAM.local:80/"),
            ("https://cam.local:443/a", "https://cam.local/b"),
            ("http://[fd00::1]", "http://[FD00:0:0::1]:80"),
        ):
            merged = merge_node(make_node(base_url=before), {"base_url": after})
            self.assertEqual(CANARY, merged.token)

    def test_result_is_validated(self) -> None:
        """
        A change is held to the same rules as a new node.
        """
        for patch, path in (
            ({"name": None}, "name"),
            ({"nmae": "x"}, "nmae"),
            ({"auth": {"type": "bearer", "x": 1}}, "auth.x"),
            ({"auth": {"type": "basic"}}, "auth.type"),
            ({"auth": {}}, "auth.type"),
            ({"auth": None}, "auth"),
            ([], "body"),
            (None, "body"),
        ):
            error = self.assertRaises(NodeInvalid, merge_node, make_node(), patch)
            self.assertEqual([path], list(error.problems))
