"""
Tests of what holds for whatever is sent for a node.

"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._node import (
    Node,
    merge_node,
    parse_node,
)
from motion_in_ocean.strict_json import strict_object
from tests.fuzz import fuzzed
from tests.management.nodes import CANARY, make_node, node_payload

texts = st.one_of(
    st.text(st.characters()),
    st.sampled_from(
        [
            *("", " ", "none", "bearer", "basic", "http", "docker", "porch", "a\nb", "\ud800"),
            *("http://h", "HTTPS://h:443/a/", "http://[::1]", "http://a:b@h", "2026-01-31T12:00Z"),
        ]
    ),
)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


fields = st.sampled_from([*node_payload(), "revision"])


near_nodes = st.dictionaries(fields, json_values, max_size=3).map(
    lambda wrong: {**node_payload(), **wrong}
)


near_auth = st.dictionaries(
    st.sampled_from(["type", "token", "username", "password", "encoded", "x"]),
    st.one_of(json_values, st.just(CANARY), st.just("bearer"), st.just("none")),
).map(lambda auth: node_payload(auth=auth))


class PropertyTests(SynchronousTestCase):
    """
    What holds for whatever is sent.

    """

    @fuzzed(200)
    @given(st.one_of(json_values, near_nodes, near_auth))
    def test_node_or_refusal(self, payload: Any) -> None:
        """
        Everything is a node that can be shown and kept, or refused with words; there is no third.
        """
        try:
            node = parse_node(payload)
        except NodeInvalid as error:
            self.assertTrue(error.problems)
            self.assertTrue(all(error.problems.values()))
            json.dumps(dict(error.problems), ensure_ascii=False).encode()
        else:
            self.assertEqual(node, parse_node(strict_object(json.dumps(node.stored()).encode())))

    @fuzzed(200)
    @given(st.one_of(near_nodes, near_auth))
    def test_token_is_not_told(self, payload: Any) -> None:
        """
        A token is not found in what is shown of a node, nor in why something is none.
        """
        try:
            shown: object = parse_node(payload)
        except NodeInvalid as error:
            shown = (error, error.problems, error.__cause__, error.__context__)
        else:
            assert isinstance(shown, Node)
            self.assertNotIn(CANARY, json.dumps(shown.public()))
        self.assertNotIn(CANARY, repr(shown) + str(shown))

    @fuzzed(200)
    @given(st.dictionaries(fields, json_values, max_size=3))
    def test_merge(self, patch: Any) -> None:
        """
        Whatever a change is, it gives a node or a refusal, and leaves the old one alone.
        """
        node = make_node()
        try:
            merged = merge_node(node, patch)
        except NodeInvalid as error:
            self.assertTrue(error.problems)
        else:
            self.assertEqual(merged, parse_node(merged.stored()))
        self.assertEqual(make_node(), node)
