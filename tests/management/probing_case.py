"""
What tests of asking one node share.

"""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._prober import Prober
from motion_in_ocean.management.outbound._results import (
    ProbeResult,
)
from tests.management.nodes import make_node
from tests.management.wire import Wire

BUDGET = 2.5


PATIENCE = 0.25


class ProbingCase(SynchronousTestCase):
    """
    A prober, and the network in a test's hands.

    """

    def setUp(self) -> None:
        self.wire = Wire()
        self.prober = Prober(self.wire.outbound, self.wire.reactor, BUDGET, lambda: 1.7e9)

    def probe(self, **fields: Any) -> Deferred[ProbeResult]:
        return self.prober.probe(make_node(**fields))

    def outcome_of(self, probing: Deferred[ProbeResult]) -> Any:
        return self.successResultOf(probing).outcome

    def wait(self, seconds: float) -> None:
        self.wire.reactor.advance(seconds)
