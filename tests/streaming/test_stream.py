"""
Tests for the stream on the wire.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_node import Client, streaming_node
from tests.streaming.parts import read_parts

INTERVAL = 1 / 30


class StreamTests(SynchronousTestCase):
    """
    What one viewer gets.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)
        self.watch_steadily(30)

    def watch_steadily(self, count: int, *clients: Client) -> None:
        """
        Let frames come as from a camera of 30 frames a second.

        """
        for _ in range(count):
            self.node.reactor.advance(INTERVAL)
            self.number = getattr(self, "number", 0) + 1
            self.node.deliver(b"frame %d" % self.number)

    def watch(self, path: str = "/stream.mjpg") -> Client:
        """
        :returns: A viewer who has received the first part.
        """
        client = self.node.client()
        self.opening = client.request(path)
        return client

    def test_headers(self) -> None:
        """
        Home Assistant, OctoPrint, Mainsail and reverse proxies each look at another one.
        """
        self.watch()
        self.assertEqual(self.opening.status_line, "HTTP/1.0 200 OK")
        expected = {
            "Content-Type": "multipart/x-mixed-replace; boundary=frame",
            "Connection": "close",
            "Cache-Control": "no-cache, no-store, must-revalidate",
            "Pragma": "no-cache",
            "Expires": "0",
            "X-Accel-Buffering": "no",
            "Transfer-Encoding": None,
            "Content-Length": None,
            "Cross-Origin-Resource-Policy": None,
            "Server": None,
        }
        self.assertEqual({name: self.opening.headers[name] for name in expected}, expected)

    def test_body_begins_with_a_delimiter_and_the_newest_frame(self) -> None:
        """
        A viewer sees something at once.
        """
        self.watch()
        self.assertTrue(self.opening.body.startswith(b"--frame\r\nContent-Type: image/jpeg\r\n"))
        (part,) = read_parts(self.opening.body.removeprefix(b"--frame\r\n"))
        self.assertEqual(part.jpeg, b"frame 30")

    def test_each_frame_is_one_part_with_true_headers(self) -> None:
        """
        FFmpeg wants the type, go2rtc the length, and everyone the delimiter at once.
        """
        viewer = self.watch()
        self.watch_steadily(2)
        one, two = read_parts(viewer.received())
        self.assertEqual([one.jpeg, two.jpeg], [b"frame 31", b"frame 32"])
        self.assertEqual(list(one.headers), ["Content-Type", "Content-Length", "X-Timestamp"])
        self.assertEqual(one.headers["Content-Type"], "image/jpeg")
        self.assertRegex(one.headers["X-Timestamp"], r"^\d{10}\.\d{6}$")

    def test_head_is_the_headers_alone(self) -> None:
        """
        Home Assistant asks with HEAD before it embeds a camera.
        """
        client = self.node.client()
        reply = client.request("/stream.mjpg", method="HEAD")
        self.assertEqual((reply.status, reply.body), (200, b""))
        get = self.node.get("/stream.mjpg")
        self.assertEqual(reply.headers["Content-Type"], get.headers["Content-Type"])
        self.assertTrue(client.transport.disconnecting)

    def test_thinned_stream_repeats_each_part_at_once(self) -> None:
        """
        At one frame a second, Chromium shows the newest and not the one before.
        """
        viewer = self.watch("/stream.mjpg?fps=1")
        viewer.received()
        self.watch_steadily(60)
        parts = read_parts(viewer.received())
        self.assertEqual(len(parts), 4)
        self.assertEqual(parts[0], parts[1])
        self.assertEqual(parts[2], parts[3])
        self.assertNotEqual(parts[1], parts[2])

    def test_thinning_is_for_one_viewer_alone(self) -> None:
        """
        A phone on a thin line does not slow the printer's screen.
        """
        slow, fast = self.watch("/stream.mjpg?fps=10"), self.watch()
        fast.received()
        slow.received()
        self.watch_steadily(30)
        self.assertEqual(len(read_parts(fast.received())), 30)
        self.assertEqual(len(read_parts(slow.received())), 10)

    def test_late_frame_is_bridged_by_one_repeat(self) -> None:
        """
        When the camera hesitates, a browser still shows the newest picture.
        """
        viewer = self.watch()
        self.watch_steadily(1)
        last = read_parts(viewer.received())[-1]
        self.node.reactor.advance(0.19)
        self.assertEqual(viewer.received(), b"")
        self.node.reactor.advance(0.02)
        self.assertEqual(read_parts(viewer.received()), [last])
        self.node.reactor.advance(0.5)
        self.assertEqual(viewer.received(), b"")

    def test_silent_camera_repeats_each_second_until_it_is_stale(self) -> None:
        """
        Viewers stay attached while nobody knows yet whether it is over.
        """
        viewer = self.watch()
        self.watch_steadily(1)
        viewer.received()
        self.node.reactor.pump([0.1] * 300)
        repeats = read_parts(viewer.received())
        self.assertIn(len(repeats), (9, 10))
        self.assertEqual({part.jpeg for part in repeats}, {b"frame 31"})

    def test_slow_camera_repeats_each_part_at_once(self) -> None:
        """
        With ``FPS=2`` a browser is not half a second behind.
        """
        viewer = self.watch()
        for _ in range(20):
            self.node.reactor.advance(0.5)
            self.node.deliver(b"slow")
        viewer.received()
        self.node.reactor.advance(0.5)
        self.node.deliver(b"newest")
        last_two = read_parts(viewer.received())[-2:]
        self.assertEqual([part.jpeg for part in last_two], [b"newest", b"newest"])

    def test_slow_viewer_skips_to_the_present(self) -> None:
        """
        A viewer on bad Wi-Fi sees the present, not a growing backlog.
        """
        viewer = self.watch()
        viewer.stop_reading()
        self.watch_steadily(100)
        self.assertEqual(viewer.received(), b"")
        viewer.read_again()
        (part,) = read_parts(viewer.received())
        self.assertEqual(part.jpeg, b"frame 130")

    def test_slow_viewer_does_not_slow_another(self) -> None:
        """
        No viewer can hold up the others.
        """
        slow, fast = self.watch(), self.watch()
        fast.received()
        slow.stop_reading()
        self.watch_steadily(10)
        self.assertEqual(len(read_parts(fast.received())), 10)

    def test_paused_viewer_gets_no_repeats(self) -> None:
        """
        Repeats do not pile up in front of a viewer who cannot take them.
        """
        viewer = self.watch()
        viewer.received()
        viewer.stop_reading()
        self.node.reactor.pump([0.1] * 50)
        self.assertEqual(viewer.received(), b"")

    def test_viewer_may_leave_while_a_frame_is_passed_on(self) -> None:
        """
        Whoever goes just then costs the others nothing, not even this frame.
        """
        viewers = [self.watch() for _ in range(3)]
        for viewer in viewers:
            viewer.received()
        first, second, third = viewers

        def send_second_away(data: bytes) -> None:
            if not second.transport.disconnected:
                second.transport.disconnected = True
                second.leave()

        first.transport.write = send_second_away  # type: ignore[method-assign]
        self.watch_steadily(2)
        self.assertEqual(second.received(), b"")
        self.assertEqual(len(read_parts(third.received())), 2)

    def test_viewer_who_left_is_forgotten(self) -> None:
        """
        Months of coming and going leave nothing behind.
        """
        viewer = self.watch()
        viewer.leave()
        self.node.deliver()
        connections = self.node.get("/metrics")
        self.assertIn(b'"stream_connections":{"current":0,', connections.body)

    def test_nothing_is_done_without_viewers(self) -> None:
        """
        An idle Pi stays cool: no part is built and no timer runs.
        """
        self.watch().leave()
        before = len(self.node.reactor.getDelayedCalls())
        self.watch_steadily(3)
        self.assertEqual(len(self.node.reactor.getDelayedCalls()), before)

    def test_streams_end_when_the_daemon_stops(self) -> None:
        """
        A restart is seen as an end, not as a picture that hangs.
        """
        viewer, paused = self.watch(), self.watch()
        paused.stop_reading()
        stopped = self.node.stop()
        self.assertTrue(viewer.transport.disconnecting)
        self.assertTrue(paused.transport.disconnected or paused.transport.disconnecting)
        self.assertEqual(len(stopped), 1)

    def test_no_new_viewers_while_stopping(self) -> None:
        """
        The port is open to the last for ``/health``, but not for streams.
        """
        self.node.service.stopService()
        self.assertEqual(self.node.get("/stream.mjpg").status, 503)
        self.assertEqual(self.node.get("/health").status, 200)

    def test_other_queries_are_ignored(self) -> None:
        """
        OctoPrint and Mainsail add numbers against caches.
        """
        for query in ("?1700000000", "?timestamp=17", "?_=1&bypassCache=2"):
            self.watch(f"/stream.mjpg{query}")
            self.assertEqual(self.opening.status, 200, query)

    def test_impossible_rates_are_refused(self) -> None:
        """
        Whoever mistypes the rate is told so.
        """
        for fps in ("", "abc", "-1", "nan", "inf", "1e999", "0.001"):
            reply = self.node.get(f"/stream.mjpg?fps={fps}")
            self.assertEqual(reply.status, 400, fps)
            self.assertIn(b'"details":{"fps":"should be', reply.body)

    def test_rate_zero_is_all(self) -> None:
        """
        As with the setting, 0 asks for nothing in particular.
        """
        viewer = self.watch("/stream.mjpg?fps=0")
        viewer.received()
        self.watch_steadily(5)
        self.assertEqual(len(read_parts(viewer.received())), 5)
