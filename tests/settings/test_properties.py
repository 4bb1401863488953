"""
Tests with values that nobody thought of.

"""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.settings import (
    ConfigFileUnusable,
    LoadedSettings,
    load_settings,
    masked,
    setting_of,
    to_yaml,
)
from tests.fuzz import fuzzed
from tests.settings.table import TABLE

NAMES = st.sampled_from([field.upper() for field in TABLE])
CREDENTIALS = [field.upper() for field in TABLE if setting_of(field).credential]

# With the placeholders that Python has for what is not UTF-8 in the environment.
any_text = st.text(st.characters(exclude_characters="\0"))
like_numbers = st.one_of(
    st.floats().map(str),
    st.integers().map(str),
    st.tuples(st.integers(), st.integers()).map(lambda sides: "x".join(map(str, sides))),
    st.text("0123456789.eE+-_x ", max_size=12),
)
like_lists = st.lists(
    st.sampled_from(
        ["*", "http://", "https://a", "10.0.0.0/8", "::/0", ":", "[", "a.b", "", " ", "\n", "\\"]
    )
).map(",".join)
texts = st.one_of(any_text, like_numbers, like_lists)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=20),
    st.dates(),
    texts,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(scalars, inner, max_size=3)
    ),
    max_leaves=5,
)


class AnyInputTests(SynchronousTestCase):
    """
    Whatever is given, the daemon starts with settings that it can run with, or says why not.

    """

    def _assert_fit_to_run(self, loaded: LoadedSettings) -> None:
        invalid = {
            field: getattr(loaded.settings, field)
            for field, cases in TABLE.items()
            if not cases.is_valid(getattr(loaded.settings, field))
        }
        self.assertEqual({}, invalid)
        self.assertTrue(all(warning.isprintable() for warning in loaded.warnings))
        self.assertEqual(masked(loaded.settings), yaml.safe_load(to_yaml(loaded)))

    def _load_file(self, content: bytes) -> LoadedSettings:
        path = Path(self.mktemp())
        path.write_bytes(content)
        return load_settings({}, {}, str(path))

    @fuzzed(60)
    @given(st.dictionaries(NAMES, texts, max_size=4))
    def test_environment(self, environ: dict[str, str]) -> None:
        """
        No variable keeps a camera from starting.
        """
        self._assert_fit_to_run(load_settings({}, environ))

    @fuzzed(60)
    @given(st.dictionaries(st.sampled_from([f"{name}_FILE" for name in CREDENTIALS]), any_text))
    def test_names_of_secret_files(self, environ: dict[str, str]) -> None:
        """
        Nor does the name of a secret file.
        """
        self._assert_fit_to_run(load_settings({}, environ))

    @fuzzed(60)
    @given(NAMES.filter(lambda name: name not in CREDENTIALS), texts)
    def test_option(self, name: str, value: str) -> None:
        """
        Nor does an option.
        """
        self._assert_fit_to_run(load_settings({name: value}, {}))

    @fuzzed(60)
    @given(st.dictionaries(st.one_of(NAMES, scalars), values, max_size=4))
    def test_settings_file(self, document: dict[Any, Any]) -> None:
        """
        Nor does anything that YAML can say, in names and in values.
        """
        content = yaml.safe_dump(document, allow_unicode=False)
        self._assert_fit_to_run(self._load_file(content.encode()))

    @fuzzed(60)
    @given(NAMES, st.text("abFPS019.:-[]{}&*!|>%@`'\"#,?<~=\\ \n\t", max_size=30))
    def test_text_like_yaml(self, name: str, text: str) -> None:
        """
        What is nearly YAML is refused in our words, not in the parser's.
        """
        try:
            loaded = self._load_file(f"{name}: {text}".encode())
        except ConfigFileUnusable:
            return
        self._assert_fit_to_run(loaded)

    @fuzzed(60)
    @given(
        st.sampled_from(
            ["bool", "int", "float", "timestamp", "binary", "null", "set", "omap", "pairs", "seq"]
        ),
        st.text("01279.:-+_eExbaftrueTZ[]{},? ", max_size=12),
    )
    def test_tags(self, tag: str, text: str) -> None:
        """
        Nor do values that claim to be of another type.
        """
        try:
            loaded = self._load_file(f"PORT: !!{tag} {text}".encode())
        except ConfigFileUnusable:
            return
        self._assert_fit_to_run(loaded)

    @fuzzed(60)
    @given(st.binary(max_size=50))
    def test_any_bytes(self, content: bytes) -> None:
        """
        Nor does a file that is no text.
        """
        try:
            loaded = self._load_file(content)
        except ConfigFileUnusable:
            return
        self._assert_fit_to_run(loaded)
