"""
Tests of nodes that repeat the token that they were sent.

"""

import json
import time
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._answers import parse_json
from motion_in_ocean.management.outbound._redaction import MASK, may_repeat, without_token
from motion_in_ocean.management.outbound._results import (
    Answered,
    ProbeAnswer,
)
from tests.fuzz import fuzzed
from tests.management.probing_case import ProbingCase
from tests.management.wire import GOOD, Wire


class EchoTests(ProbingCase):
    """
    A node that repeats what it was sent, as pages for debugging do.

    """

    def answered(self, token: str, answers: dict[str, Any]) -> Answered:
        """
        :returns: What is made of a node's answers.
        """
        probing = self.probe(auth={"type": "bearer", "token": token})
        node = self.wire.accept()
        for path, payload in answers.items():
            self.assertEqual(node.asked(), path)
            node.answer(payload)
        outcome = self.outcome_of(probing)
        assert isinstance(outcome, Answered)
        return outcome

    def test_token_is_not_shown(self) -> None:
        """
        Nobody who may read how a node is gets to know how to command it.
        """
        token = 'ca"nary'
        echo = {"got": [f"Bearer {token}"], f"x-{token}": {"n": 1}}
        answers = {path: {**payload, **echo} for path, payload in GOOD.items()}
        outcome = self.answered(token, answers)
        for answer in (outcome.health, outcome.ready_probe, outcome.metrics):
            assert isinstance(answer, ProbeAnswer)
            self.assertNotIn("nary", str(answer.payload))
            self.assertEqual(answer.payload["got"], ["Bearer ********"])
            self.assertEqual(answer.payload["x-********"], {"n": 1})

    def test_other_ways_to_write_it(self) -> None:
        """
        PHP writes a slash with a backslash, others write any character as they like.
        """
        for token, written in (
            ("c2V/cmV0+w==", b"c2V\\/cmV0+w=="),
            ("\u00e9ab", b"\\u00E9ab"),
            ("canary", b"\\u0063anary"),
        ):
            said = b'{"status": "ready", "got": "Bearer %b", "%b": 1}' % (written, written)
            # A node of its own, so that it is connected to anew.
            self.wire = Wire()
            self.prober.outbound = self.wire.outbound
            outcome = self.answered(token, dict.fromkeys(GOOD, said))
            for answer in (outcome.health, outcome.ready_probe, outcome.metrics):
                assert isinstance(answer, ProbeAnswer)
                expected = {"status": "ready", "got": f"Bearer {MASK}", MASK: 1}
                self.assertEqual(answer.payload, expected)

    def test_what_it_says_counts_as_before(self) -> None:
        """
        A token may be any word, also one that nodes use.
        """
        self.assertTrue(self.answered("ready", GOOD).ready)


def _all_escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02x}" for at in range(0, len(units), 2))


WAYS: list[Callable[[str], str]] = [
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: json.dumps(text.encode().decode("latin-1"))[1:-1],
    _all_escaped,
]
"""In which text stands in JSON."""

TOKENS = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="*", codec="utf-8"
    ),
    min_size=1,
    max_size=30,
).map(lambda text: f"{text}/\u00e9")


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for each in value.values() for text in _texts(each))]
    return [value] if isinstance(value, str) else []


def _unpacked(text: str) -> list[str]:
    try:
        return _texts(json.loads(text))
    except ValueError:
        return []


class RedactionTests(SynchronousTestCase):
    """
    What is left of an answer.

    """

    @fuzzed(100)
    @given(TOKENS, st.sampled_from(WAYS), st.lists(st.sampled_from(WAYS), max_size=2))
    def test_any_token_in_any_way(
        self, token: str, way: Callable[[str], str], layers: list[Callable[[str], str]]
    ) -> None:
        """
        Whatever a token is, and however often it has been put into text: whoever unpacks what is
        left does not find it.
        """
        said = f'{{"a {way(token)}": {{"b": "c {way(token)} d"}}}}'
        for layer in layers:
            said = f'{{"log": "{layer(said)}"}}'
        body = said.encode()
        self.assertTrue(may_repeat(body, token))
        texts = _texts(without_token(parse_json(body), token))
        self.assertIn(MASK, "".join(texts))
        while texts:
            for text in texts:
                self.assertNotIn(token, text)
                self.assertNotIn(token.encode().decode("latin-1"), text)
            texts = [inner for text in texts for inner in _unpacked(text)]

    def test_number(self) -> None:
        """
        A token of digits comes back as a number from some.
        """
        payload = {"got": 20261124, "more": [20261124.0, 120261124, True, None]}
        self.assertTrue(may_repeat(json.dumps(payload).encode(), "20261124"))
        expected = {"got": MASK, "more": [20261124.0, 120261124, True, None]}
        self.assertEqual(without_token(payload, "20261124"), expected)
        self.assertEqual(without_token({"is": True}, "true"), {"is": True})

    def test_what_is_no_token(self) -> None:
        """
        Of a node that repeats nothing, all is shown as it is.
        """
        payload = {"path": "C:\\temp\\x", "note": 'say "hi"\n', "smile": "\U0001f600", "n": 1.5}
        self.assertEqual(without_token(payload, "canary"), payload)
        self.assertEqual(without_token("a\\new", "anew"), "a\\new")
        self.assertFalse(may_repeat(b'{"a": "b"}', "canary"))

    def test_takes_no_time(self) -> None:
        """
        A node that is hostile cannot make it a lot of work.
        """
        begun = time.process_time()
        for text in ("\\" * 65536, "\\\\" * 32768 + "x", "\\u005c" * 10922, "a" * 65536):
            without_token([text], "a" * 4095 + "b")
        self.assertLess(time.process_time() - begun, 1.0)
