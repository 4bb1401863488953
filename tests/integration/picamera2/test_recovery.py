"""
The daemon when the camera fails it, on the real Picamera2.

"""

import http.client
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.threads import deferToThread

from motion_in_ocean.camera import CLOSE_SECONDS
from tests.integration.picamera2.rig import Daemon, RigTestCase, StreamWatch, wait

MAX_FRAME_AGE_SECONDS = 1.0
STOP_SECONDS = 6


class HealthPolls:
    """
    Ask ``/health`` again and again, in a thread, and remember how long each answer took.

    """

    def __init__(self, port: int) -> None:
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self._port = port
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.01):
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
            begin = time.monotonic()
            try:
                connection.request("GET", "/health")
                reply = connection.getresponse()
                if reply.status != 200:
                    self.failures.append(str(reply.status))
                reply.read()
            except OSError as error:
                self.failures.append(repr(error))
            finally:
                connection.close()
            self.seconds.append(time.monotonic() - begin)

    def p99(self) -> float:
        """
        :returns: Seconds, of the answers since the last call.
        """
        seconds, self.seconds = sorted(self.seconds), []
        return seconds[int(len(seconds) * 0.99)]

    def end(self) -> None:
        """
        Ask no more.

        """
        self._ended.set()
        self._thread.join()


class RecoveryTests(RigTestCase):
    """
    Frames come again by themselves, and until then the truth is told.

    """

    async def started(self, **settings: str) -> Daemon:
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": f"{MAX_FRAME_AGE_SECONDS}", **settings})
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        return daemon

    async def recovers(
        self, daemon: Daemon, *fault: Any, repair: Callable[[], Awaitable[None]]
    ) -> None:
        """
        Break the camera, and see what those see who watch and who ask.

        """
        watch = StreamWatch(daemon.port)
        self.addCleanup(watch.end)
        polls = HealthPolls(daemon.port)
        self.addCleanup(polls.end)
        await wait(0.7)
        idle = polls.p99()

        broken_at = time.monotonic()
        await daemon.tell(*fault)
        await daemon.until("/ready", 503, reason="stale_stream")
        self.assertLess(time.monotonic() - broken_at, MAX_FRAME_AGE_SECONDS + 1)
        await repair()
        ready = (await daemon.until("/ready", 200)).json()
        self.assertLess(ready["last_frame_age_seconds"], MAX_FRAME_AGE_SECONDS)
        shown = time.time()
        await deferToThread(watch.wait_for_picture_after, shown)

        self.assertEqual(polls.failures, [])
        self.assertLess(polls.p99(), max(3 * idle, 0.1))

    async def test_stall(self) -> None:
        """
        The most frequent trouble there is: frames stop, and nothing says so.
        """
        daemon = await self.started()

        async def repair() -> None:
            # Whether the camera is well again only another instance finds out.
            await daemon.logged("Closing the silent camera")
            await daemon.tell("resume")

        await self.recovers(daemon, "stall", repair=repair)
        self.assertEqual((await daemon.restarts())["stall"], 1)

    async def test_output_that_raises(self) -> None:
        """
        Picamera2's output thread dies without a word; another instance has another.
        """
        daemon = await self.started()

        async def repair() -> None:
            await daemon.tell("output_raises", False)

        await self.recovers(daemon, "output_raises", True, repair=repair)
        self.assertEqual((await daemon.restarts())["stall"], 1)

    async def test_event_loop_that_dies(self) -> None:
        """
        So does its event loop.
        """
        daemon = await self.started()

        async def repair() -> None:
            pass

        await self.recovers(daemon, "kill_loop", repair=repair)
        self.assertEqual((await daemon.restarts())["stall"], 1)

    async def test_capture_that_hangs_the_stop(self) -> None:
        """
        A capture that waits for a picture stands in the way of ``stop``, but not of us.
        """
        daemon = await self.started()
        await daemon.tell("stall")
        await daemon.tell("hold_capture")

        async def repair() -> None:
            await daemon.logged("Closing the silent camera")
            await daemon.tell("resume")

        await self.recovers(daemon, "stall", repair=repair)

    async def test_camera_that_is_gone_after_a_stall(self) -> None:
        """
        A cable that came off is told as what it is, and found when it is back.
        """
        daemon = await self.started()
        await daemon.tell("no_camera")
        await daemon.tell("stall")
        failed = (await daemon.until("/ready", 503, reason="camera_failed")).json()
        self.assertIn("no camera found", failed["message"])
        await daemon.tell("reset")
        await daemon.until("/ready", 200)

    async def test_encoder_that_fails_to_start(self) -> None:
        """
        An encoder that is not there today may be there in a second.
        """
        daemon = Daemon(self)
        await daemon.tell("encoder_fails", True)
        await daemon.tell("start")
        await daemon.until("/ready", 503, reason="camera_failed")
        await daemon.tell("encoder_fails", False)
        await daemon.until("/ready", 200)
        self.assertGreaterEqual((await daemon.restarts())["failure"], 1)

    async def test_restart_under_viewers(self) -> None:
        """
        Whoever presses the button keeps the page open.
        """
        daemon = await self.started()
        watch = StreamWatch(daemon.port)
        self.addCleanup(watch.end)
        await wait(0.2)
        replies = [await daemon.post("/api/actions/restart") for _ in range(3)]
        self.assertEqual([reply.status for reply in replies], [202] * 3)
        await daemon.until("/ready", 200)
        await deferToThread(watch.wait_for_picture_after, time.time())
        self.assertEqual((await daemon.restarts())["request"], 1)


class HangTests(RigTestCase):
    """
    A camera that cannot be closed any more takes the process with it.

    """

    async def test_close_that_hangs(self) -> None:
        """
        Docker or systemd get what they need to start a fresh process: the port and the status.
        """
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": "0.5"})
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        await daemon.tell("set", "stop_delay", 600)
        await daemon.tell("stall")
        await daemon.logged("Closing the silent camera")
        end = await daemon.ended()
        self.assertEqual(end.status, 75, (end, daemon.log))
        self.assertLess(end.seconds, CLOSE_SECONDS + 3)
        self.assertEqual(daemon.log.count("closing the camera has not ended within"), 1)

    async def test_staying(self) -> None:
        """
        Who has no one to start a fresh process can have the daemon stay and tell the truth.
        """
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": "0.5", "EXIT_ON_HUNG_CAMERA": "false"})
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        await daemon.tell("set", "close_delay", CLOSE_SECONDS + 2)
        await daemon.tell("stall")
        await daemon.logged("EXIT_ON_HUNG_CAMERA is false")
        not_ready = (await daemon.until("/ready", 503, reason="stale_stream")).json()
        self.assertIn("closing the camera has not ended", not_ready["message"])
        self.assertEqual((await daemon.get("/health")).status, 200)
        await daemon.tell("reset")
        await daemon.until("/ready", 200)


class EndTests(RigTestCase):
    """
    SIGTERM ends the daemon in every state of its camera.

    """

    async def ends(self, daemon: Daemon, state: str) -> None:
        """
        Wait for the state, send SIGTERM, and find the camera released.

        """
        await daemon.until_state(state)
        end = await daemon.terminate()
        self.assertLess(end.seconds, STOP_SECONDS)
        self.assertEqual(end.signal, signal.SIGTERM, (end, daemon.log))

    async def test_opening(self) -> None:
        """
        While the camera takes its time to start.
        """
        daemon = Daemon(self)
        await daemon.tell("set", "start_delay", 3)
        await daemon.tell("start")
        await self.ends(daemon, "opening")

    async def test_stale(self) -> None:
        """
        While a silent camera may still come back by itself.
        """
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": "2"})
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        await daemon.tell("stall")
        await self.ends(daemon, "stale")

    async def test_restarting(self) -> None:
        """
        While it is being closed already.
        """
        daemon = Daemon(self, {"MAX_FRAME_AGE_SECONDS": "0.5"})
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        await daemon.tell("set", "stop_delay", 3)
        await daemon.tell("stall")
        await self.ends(daemon, "restarting")

    async def test_backoff(self) -> None:
        """
        While it waits for a camera that is not there.
        """
        daemon = Daemon(self)
        await daemon.tell("no_camera")
        await daemon.tell("start")
        await self.ends(daemon, "backoff")
