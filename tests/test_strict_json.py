"""
Tests for JSON from outside.

"""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.strict_json import strict_object
from tests.fuzz import fuzzed

CANARY = "canary-4711"


class StrictJSONTests(SynchronousTestCase):
    """
    Bodies, before anyone looks at what they mean.

    """

    def test_object(self) -> None:
        """
        What a client writes in JSON arrives, also with a byte order mark.
        """
        self.assertEqual({"a": [1, "é"]}, strict_object('{"a": [1, "é"]}'.encode()))
        self.assertEqual({}, strict_object(b"\xef\xbb\xbf{}"))

    def test_deep(self) -> None:
        """
        Ordinary depth is fine, and none is too deep to be refused.
        """
        self.assertEqual(1, len(strict_object(b'{"a":' + b"[" * 100 + b"]" * 100 + b"}")))
        for body in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 500 + b"]" * 500):
            self.refused(body)

    def test_refused(self) -> None:
        """
        What other programs would understand otherwise, or not at all, is refused.
        """
        for body in (
            b"",
            b" ",
            b"{",
            b"{} {}",
            b"[]",
            b"null",
            b'"x"',
            b"{'a': 1}",
            b'{"a": NaN}',
            b'{"a": Infinity}',
            b'{"a": -Infinity}',
            b'{"a": 1e400}',
            b'{"a": [-1e999]}',
            b'{"a": ' + b"1" * 5000 + b"}",
            b'{"a": "\\ud800"}',
            b'{"\\udfff": 1}',
            b'{"a": "\xff"}',
            b'{"a": "\n"}',
            b'{"a": 1, "a": 2}',
            b'{"x": {"a": 1, "b": 2, "a": 1}}',
            '{"a": 1}'.encode("utf-16"),
            b"\x00",
        ):
            self.refused(body)

    def test_content_is_not_repeated(self) -> None:
        """
        A token in a body with a slip in it is not shown.
        """
        for body in (
            f'{{"token": "{CANARY}"',
            f'{{"{CANARY}": 1, "{CANARY}": 1}}',
            f'{{"token": "{CANARY}\\ud800"}}',
            f"{CANARY}",
        ):
            self.assertNotIn(CANARY, str(self.refused(body.encode())))

    def refused(self, body: bytes) -> ValueError:
        """
        :returns: The refusal of the body as a whole.
        """
        error: ValueError = self.assertRaises(ValueError, strict_object, body)
        return error

    @fuzzed(200)
    @given(st.binary())
    def test_any_bytes(self, body: bytes) -> None:
        """
        Whatever bytes are sent, they give an object or a refusal in one line.
        """
        try:
            given = strict_object(body)
        except ValueError as error:
            self.assertRegex(str(error), r"\A[a-z ]+\b.*\Z")
        else:
            self.assertIsInstance(given, dict)
