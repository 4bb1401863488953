"""
How tests with values that nobody thought of are run.

The values are the same each time, so that what is red here is red everywhere. For others, and more
of them::

    FUZZ_EXAMPLES=5000 python -m twisted.trial tests.management.test_registry_properties

What failed is shown with how to have it again.

"""

import os
from collections.abc import Mapping
from typing import Any

import hypothesis
from hypothesis import strategies as st


def fuzzed(max_examples: int, environ: Mapping[str, str] = os.environ) -> hypothesis.settings:
    """
    :param max_examples: Of the values that are the same each time.
    """
    wished = environ.get("FUZZ_EXAMPLES")
    return hypothesis.settings(
        derandomize=not wished,
        database=None,
        deadline=None,
        print_blob=True,
        max_examples=int(wished or max_examples),
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )


odd_texts = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from(["", " ", "\0", "\ud800", "\x1b[2J", "../..", "a\r\nb", "<script>", "9" * 400]),
)

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), odd_texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(odd_texts, inner, max_size=4)
    ),
    max_leaves=10,
)
"""What Python writes as JSON, be it valid or not."""

damages: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(0)),
    st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7)),
    st.tuples(st.just("insert"), st.floats(0, 1), st.binary(max_size=4)),
    st.tuples(st.just("overwrite"), st.floats(0, 1), st.binary(max_size=4)),
    st.tuples(st.just("repeat"), st.floats(0, 1), st.integers(1, 3)),
)


def damaged(whole: bytes, damage: Any) -> bytes:
    """
    :param damage: One of ``damages``.
    """
    kind, where, what = damage
    more: bytes
    place = int(where * len(whole))
    before, after = whole[:place], whole[place:]
    if kind == "cut":
        return before
    if kind == "flip":
        return before + bytes(byte ^ (1 << what) for byte in after[:1]) + after[1:]
    more = after[:20] * what if kind == "repeat" else what
    return before + more + after[len(more) if kind == "overwrite" else 0 :]
