"""
Tests for the figures that Prometheus reads.

"""

import json
import math
import platform
from collections.abc import Iterable

from prometheus_client import Metric, openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text
from twisted.trial.unittest import SynchronousTestCase

import twisted
from motion_in_ocean import __version__
from motion_in_ocean.errors import CameraUnavailable
from tests.fakes import FakeCamera
from tests.memory_node import MemoryNode, streaming_node

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def samples(families: Iterable[Metric]) -> dict[str, float]:
    """
    :returns: The values by name and labels, as they would be typed in a query, without the prefix.
    """
    values = {}
    for family in families:
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            name = sample.name.removeprefix("motion_in_ocean_")
            assert name != sample.name, name
            values[name + (f"{{{labels}}}" if labels else "")] = sample.value
    return values


class NegotiationTests(SynchronousTestCase):
    """
    Who gets what.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def test_prometheus_gets_what_it_prefers(self) -> None:
        """
        With the header that a real one sends.
        """
        reply = self.node.get("/metrics", Accept=PROMETHEUS)
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, OPEN_METRICS))
        self.assertTrue(reply.body.endswith(b"# EOF\n"))
        self.assertEqual(len(reply.body), int(reply.headers["Content-Length"]))

    def test_older_scrapers_get_plain_text(self) -> None:
        """
        As do people with curl.
        """
        reply = self.node.get("/metrics", Accept="text/plain;version=0.0.4;q=1,*/*;q=0.1")
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, PLAIN_TEXT))

    def test_all_others_get_json(self) -> None:
        """
        Nobody who knew it as JSON is surprised.
        """
        for headers in (
            {},
            {"Accept": "*/*"},
            {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
            {"Accept": "application/json, text/plain, */*"},
        ):
            reply = self.node.get("/metrics", **headers)
            self.assertEqual(reply.headers["Content-Type"], "application/json")
            self.assertEqual(json.loads(reply.body)["app_mode"], "webcam")

    def test_versions_are_not_repeated(self) -> None:
        """
        The type is what is written, not what was wished for; odd wishes are no bug.
        """
        for version in ("0.0.1", "2.0.0", "99", '"1.0.0"', "x.y", "1.x", "\xe9"):
            accept = f"application/openmetrics-text;version={version}"
            reply = self.node.get("/metrics", Accept=accept)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, OPEN_METRICS))

    def test_several_headers_are_one_list(self) -> None:
        """
        A proxy may split them.
        """
        client = self.node.client()
        client.send(
            b"GET /metrics HTTP/1.0\r\nAccept: application/json;q=0.5\r\nAccept: text/plain\r\n\r\n"
        )
        self.assertIn(PLAIN_TEXT.encode(), client.received())

    def test_head(self) -> None:
        """
        The headers tell the truth without the body.
        """
        reply = self.node.client().request("/metrics", "HEAD", {"Accept": "text/plain"})
        self.assertEqual((reply.headers["Content-Type"], reply.body), (PLAIN_TEXT, b""))

    def test_caches_tell_the_two_apart(self) -> None:
        """
        Also where the reply depends on the origin too.
        """
        for accept in ("text/plain", "*/*"):
            self.assertEqual(self.node.get("/metrics", Accept=accept).headers["Vary"], "Accept")
        listed = streaming_node(self.addCleanup, CORS_ORIGINS="http://ha.example")
        reply = listed.get("/metrics", Accept="text/plain", Origin="http://ha.example")
        self.assertEqual(reply.headers.get_all("Vary"), ["Origin, Accept"])
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "http://ha.example")

    def test_credentials_are_needed(self) -> None:
        """
        A scraper has them in its configuration.
        """
        node = streaming_node(self.addCleanup, AUTH_TOKEN="t")
        self.assertEqual(node.get("/metrics", Accept=PROMETHEUS).status, 401)
        reply = node.get("/metrics", Accept=PROMETHEUS, Authorization="Bearer t")
        self.assertEqual(reply.status, 200)


class FiguresTests(SynchronousTestCase):
    """
    What is told.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup, MAX_STREAM_CONNECTIONS="7")

    def scrape(self, node: MemoryNode | None = None) -> dict[str, float]:
        """
        :returns: The values by name and labels.
        """
        reply = (node or self.node).get("/metrics", Accept="text/plain")
        return samples(parse_text(reply.body.decode()))

    def check(self, **expected: float) -> None:
        """
        Make sure of some values that have no labels.

        """
        values = self.scrape()
        self.assertEqual({name: values[name] for name in expected}, expected)

    def test_both_formats_tell_the_same(self) -> None:
        """
        And each is read by the parser made for it.
        """
        self.node.watch()
        self.node.run_camera(2)
        strict = self.node.get("/metrics", Accept=PROMETHEUS).body.decode()
        self.assertEqual(samples(parse_open(strict)), self.scrape())
        self.assertEqual(openmetrics.exposition.CONTENT_TYPE_LATEST, OPEN_METRICS)

    def test_build(self) -> None:
        """
        A fleet's versions can be compared.
        """
        (build,) = (name for name in self.scrape() if name.startswith("build_info"))
        for label, value in (
            ("version", __version__),
            ("python", platform.python_version()),
            ("twisted", twisted.__version__),
        ):
            self.assertIn(f'{label}="{value}"', build)

    def test_camera(self) -> None:
        """
        How the camera is and how fresh its pictures are.
        """
        self.node.run_camera(3)
        self.node.reactor.advance(0.5)
        self.check(
            ready=1.0,
            frames_captured_total=31.0,
            frame_age_seconds=0.5,
            frame_age_limit_seconds=10.0,
        )
        self.assertApproximates(self.scrape()["uptime_seconds"], 3.5, 1e-6)
        self.assertApproximates(self.scrape()["frames_per_second"], 8.8, 0.1)

    def test_nothing_to_see_yet(self) -> None:
        """
        There is no age of nothing, and no alarm is set off by a made-up one.
        """
        node = MemoryNode(FakeCamera(problem=CameraUnavailable("x")))
        self.addCleanup(node.stop)
        node.open_camera()
        values = self.scrape(node)
        self.assertNotIn("frame_age_seconds", values)
        self.assertEqual((values["ready"], values["frames_captured_total"]), (0.0, 0.0))
        states = {name: value for name, value in values.items() if name.startswith("camera_state{")}
        self.assertEqual(states.pop('camera_state{state="backoff"}'), 1.0)
        self.assertEqual(set(states.values()), {0.0})
        self.assertIn('camera_state{state="idle"}', states)

    def test_stale(self) -> None:
        """
        A camera that fell silent is told from one that is off.
        """
        self.node.reactor.advance(60.0)
        values = self.scrape()
        self.assertEqual((values["ready"], values["frame_age_seconds"]), (0.0, 60.0))
        self.assertEqual(values['camera_state{state="stale"}'], 1.0)
        self.assertEqual(values['camera_state_age_seconds{state="streaming"}'], 60.0)

    def test_viewers(self) -> None:
        """
        What they got, also those who have left.
        """
        slow, thin, gone = self.node.watch(), self.node.watch("?fps=5"), self.node.watch()
        slow.stop_reading()
        self.node.run_camera(4)
        sent = len(gone.received()) / 40
        gone.leave()
        values = self.scrape()
        self.check(viewers=2.0, viewers_limit=7.0, viewers_evicted_total=0.0)
        self.assertEqual(values['frames_skipped_total{reason="slow"}'], 39.0)
        got = 1 + len(thin.received()) / sent
        self.assertEqual(values['frames_skipped_total{reason="rate"}'], 41 - got)
        self.assertEqual(values["frames_sent_total"], 1 + got + 41)
        self.assertEqual(values["sent_bytes_total"], (1 + got + 41) * sent)
        self.assertEqual(values["frames_repeated_total"], 0.0)

    def test_repeats_and_evictions(self) -> None:
        """
        Signs of a camera that hesitates, and of viewers that have vanished.
        """
        self.node.watch()
        vanished = self.node.watch()
        vanished.stop_reading()
        while not vanished.transport.disconnected:
            self.node.deliver()
            self.node.reactor.advance(1.0)
        vanished.leave()
        self.check(viewers=1.0, viewers_evicted_total=1.0)
        self.assertGreaterEqual(self.scrape()["frames_repeated_total"], 30.0)

    def test_frames_that_nobody_had_time_for(self) -> None:
        """
        A daemon that is too busy says so.
        """
        assert self.node.camera.deliver is not None
        for _ in range(3):
            self.node.camera.deliver(b"too fast")
        self.node.reactor.run_calls_from_threads()
        values = self.scrape()
        self.assertEqual(values["frames_captured_total"], 4.0)
        self.assertEqual(values['frames_skipped_total{reason="mailbox"}'], 2.0)

    def test_latency_is_measured_once_per_frame(self) -> None:
        """
        From the camera to the last socket.
        """
        self.node.watch()
        self.node.watch()
        assert self.node.camera.deliver is not None
        for delay in (0.02, 0.3):
            self.node.camera.deliver(b"frame")
            self.node.reactor.advance(delay)
            self.node.reactor.run_calls_from_threads()
        values = self.scrape()
        self.assertEqual(values["frame_latency_seconds_count"], 2.0)
        self.assertApproximates(values["frame_latency_seconds_sum"], 0.32, 1e-6)
        for bound, count in (("0.01", 0), ("0.025", 1), ("0.25", 1), ("0.5", 2), ("+Inf", 2)):
            bucket = f'frame_latency_seconds_bucket{{le="{bound}"}}'
            self.assertEqual(values[bucket], count, bound)

    def test_fan_out_is_the_time_that_all_viewers_take(self) -> None:
        """
        What grows with the number of viewers can be seen before it is too much.
        """
        for client in (self.node.watch(), self.node.watch()):
            write = client.transport.write

            def slow_write(data: bytes, write: object = write) -> None:
                assert callable(write)
                self.node.reactor.advance(0.03)
                write(data)

            client.transport.write = slow_write  # type: ignore[method-assign]
        self.node.deliver()
        values = self.scrape()
        self.assertEqual(values["fan_out_seconds_count"], 1.0)
        self.assertApproximates(values["fan_out_seconds_sum"], 0.06, 1e-6)

    def test_nothing_is_measured_without_viewers(self) -> None:
        """
        A camera that nobody watches costs nothing.
        """
        self.node.run_camera(2)
        self.check(fan_out_seconds_count=0.0, frame_latency_seconds_count=0.0)

    def test_reactor_lag(self) -> None:
        """
        What holds up the daemon shows.
        """
        self.node.reactor.pump([0.5] * 10)
        self.node.reactor.advance(2.75)
        values = self.scrape()
        self.assertEqual(values["reactor_lag_seconds_count"], 11.0)
        self.assertEqual(values["reactor_lag_seconds_sum"], 2.25)
        self.assertEqual(values['reactor_lag_seconds_bucket{le="0.0001"}'], 10.0)

    def test_nothing_is_measured_after_the_end(self) -> None:
        """
        The daemon leaves no timer behind that would keep it from ending.
        """
        node = MemoryNode()
        node.open_camera()
        node.stop()
        self.assertEqual(node.reactor.getDelayedCalls(), [])

    def test_counters_never_fall(self) -> None:
        """
        Prometheus would take that for a restart.
        """
        clients = [self.node.watch() for _ in range(5)]
        before: dict[str, float] = {}
        for client in clients:
            self.node.run_camera(1)
            client.leave()
            now = {name: value for name, value in self.scrape().items() if "_total" in name}
            for name, value in now.items():
                self.assertGreaterEqual(value, before.get(name, 0.0), name)
                self.assertFalse(math.isnan(value))
            before = now
