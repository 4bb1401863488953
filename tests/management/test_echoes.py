"""
Tests of nodes that repeat the token that they were sent.

"""

from typing import Any

from motion_in_ocean.management.outbound._results import (
    Answered,
    ProbeAnswer,
)
from tests.management.probing_case import ProbingCase
from tests.management.wire import GOOD


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

    def test_what_it_says_counts_as_before(self) -> None:
        """
        A token may be any word, also one that nodes use.
        """
        self.assertTrue(self.answered("ready", GOOD).ready)
