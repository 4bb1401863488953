"""
Tests for what a client prefers.

"""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web import preferred
from tests.fuzz import fuzzed

JSON, TEXT, OPEN = "application/json", "text/plain", "application/openmetrics-text"

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_2_0 = "text/plain;version=0.0.4;q=1,*/*;q=0.1"
WITH_PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class PreferredTests(SynchronousTestCase):
    """
    People and programs get JSON, Prometheus gets what it reads best.

    """

    def check(self, expected: str, *values: str) -> None:
        """
        Make sure that each of the header's values means the same.

        """
        for value in values:
            self.assertEqual(preferred(value, JSON, (TEXT, OPEN)), expected, value)

    def test_scrapers(self) -> None:
        """
        Those of all ages.
        """
        self.check(OPEN, PROMETHEUS_3, WITH_PROTOBUF)
        self.check(TEXT, PROMETHEUS_2_0)

    def test_people_and_programs(self) -> None:
        """
        Browsers, curl, fetch, axios and Home Assistant.
        """
        self.check(JSON, FIREFOX, "*/*", "", "application/json, text/plain, */*", JSON, "text/html")

    def test_named(self) -> None:
        """
        Whoever asks for it gets it, in whatever spelling.
        """
        self.check(TEXT, "text/plain", "Text/Plain ; Q=0.1", "text/html, text/plain;q=0.001")
        self.check(OPEN, "application/openmetrics-text", "application/openmetrics-text; version=9")

    def test_quality_decides(self) -> None:
        """
        The highest wins, wherever it stands.
        """
        self.check(TEXT, f"{JSON};q=0.5, {TEXT};q=0.6", f"{OPEN};q=0.1,{TEXT};q=0.2")
        self.check(
            JSON, f"{TEXT};q=0.5, {JSON};q=0.6", f"{TEXT};q=0.5, */*", f"{TEXT};q=0.9,{JSON}"
        )
        self.check(OPEN, f"{TEXT};q=0.2, {OPEN};q=0.3, {JSON};q=0.1")

    def test_then_order(self) -> None:
        """
        The first of equals.
        """
        self.check(TEXT, f"{TEXT},{OPEN},{JSON}", f"{TEXT}, */*")
        self.check(OPEN, f"{OPEN},{TEXT},{JSON}")
        self.check(JSON, f"{JSON},{TEXT},{OPEN}", f"*/*, {TEXT}", f"application/*, {TEXT}")

    def test_zero_is_a_refusal(self) -> None:
        """
        And a named type is not covered by a wildcard.
        """
        self.check(JSON, f"{TEXT};q=0", f"{TEXT};q=0.000, text/html")
        self.check(TEXT, f"{TEXT};q=0.5, {JSON};q=0, */*", f"{JSON};q=0.1,{TEXT};q=0.2,*/*")

    def test_nonsense_is_no_wish(self) -> None:
        """
        Scanners send anything.
        """
        self.check(
            JSON, ";;;,,,", "text/plain;q=", "text/plain;q=nan", "text/plain;q=2", "q=1", "text/*"
        )

    @fuzzed(100)
    @given(st.text(st.sampled_from("*/,;=q01. \t\xffplaintext")))
    def test_anything_has_an_answer(self, value: str) -> None:
        """
        Nothing that a client sends is a bug of ours.
        """
        self.assertIn(preferred(value, JSON, (TEXT, OPEN)), (JSON, TEXT, OPEN))
