"""
The daemon as a whole, on the real Picamera2 and libcamera's virtual camera.

"""

import signal

from twisted.internet.defer import ensureDeferred, gatherResults

from tests.integration.picamera2.pictures import BARS, bars, decode
from tests.integration.picamera2.rig import CameraLocks, Daemon, RigTestCase, wait

# Docker sends SIGKILL ten seconds after SIGTERM; the daemon promises to be gone well before.
STOP_SECONDS = 6


class DaemonTests(RigTestCase):
    """
    What is promised to operators and viewers, from the camera to the wire.

    """

    async def started(self, **settings: str) -> Daemon:
        daemon = Daemon(self, settings)
        await daemon.tell("start")
        return daemon

    async def stop_cleanly(self, daemon: Daemon) -> None:
        end = await daemon.terminate()
        self.assertLess(end.seconds, STOP_SECONDS)
        # Having done everything else, twistd ends by the signal that it was sent.
        self.assertEqual(end.signal, signal.SIGTERM, (end, daemon.log))
        self.assertIn("Camera is closed", daemon.log)
        self.assertNotIn("Traceback", daemon.log)

    async def test_stream(self) -> None:
        """
        With nothing set at all, the stream shows what is before the camera, in its true colours.
        """
        daemon = await self.started()
        ready = (await daemon.until("/ready", 200)).json()
        self.assertEqual(ready["resolution"], [640, 480])
        for part in await daemon.frames(3):
            picture = decode(part.jpeg)
            self.assertEqual((picture.format, picture.size), ("JPEG", (640, 480)))
            self.assertEqual(bars(part.jpeg), BARS)

    async def test_settings_act(self) -> None:
        """
        RESOLUTION, FPS and JPEG_QUALITY are seen in the stream.
        """
        daemon = await self.started(RESOLUTION="320x240", FPS="10", JPEG_QUALITY="20")
        ready = (await daemon.until("/ready", 200)).json()
        self.assertEqual(ready["resolution"], [320, 240])
        parts = (await daemon.frames(17))[1:]  # the first is as old as it may be
        picture = decode(parts[-1].jpeg)
        self.assertEqual(picture.size, (320, 240))
        self.assertEqual(picture.quantization[0][0], 40)  # type: ignore[attr-defined]
        self.assertEqual(bars(parts[-1].jpeg), BARS)
        rate = (len(parts) - 1) / (parts[-1].came - parts[0].came)
        self.assertApproximates(rate, 10, 1)
        limits = (await daemon.tell("controls"))["FrameDurationLimits"]
        self.assertEqual(limits, [100_000, 100_000])

    async def test_camera_goes_from_one_daemon_to_the_next(self) -> None:
        """
        A daemon finds the camera taken by another, and gets it when that one is told to go.
        """
        locks = CameraLocks(self)
        first, second = Daemon(self, locks.settings), Daemon(self, locks.settings)
        await first.tell("start")
        await first.until("/ready", 200)
        await second.tell("start")
        refused = (await second.until("/ready", 503, reason="camera_failed")).json()
        self.assertIn("another program has the camera", refused["message"])
        self.assertEqual((await second.get("/stream.mjpg")).status, 503)
        await self.stop_cleanly(first)
        await second.until("/ready", 200)
        await second.frames(1)

    async def test_stop_with_viewers(self) -> None:
        """
        A stream that is being watched ends with the daemon, and does not hold it up.
        """
        daemon = await self.started()
        await daemon.until("/ready", 200)
        viewers = [ensureDeferred(daemon.frames(10_000)) for _ in range(3)]
        await wait(0.5)
        await self.stop_cleanly(daemon)
        outcomes = await gatherResults([viewer.addErrback(str) for viewer in viewers])
        self.assertTrue(all("the stream has ended" in str(each) for each in outcomes), outcomes)

    async def test_busy_camera(self) -> None:
        """
        A camera that is busy leaves the daemon healthy, and is taken as soon as it is free.
        """
        daemon = Daemon(self)
        await daemon.tell("set", "busy", True)
        await daemon.tell("start")
        refused = (await daemon.until("/ready", 503, reason="camera_failed")).json()
        self.assertIn("another program has the camera", refused["message"])
        self.assertEqual((await daemon.get("/health")).status, 200)
        await daemon.tell("set", "busy", False)
        await daemon.until("/ready", 200)
        await daemon.frames(1)

    async def test_no_camera(self) -> None:
        """
        The same for a camera that is not there, and the message says what to look at.
        """
        daemon = Daemon(self)
        await daemon.tell("no_camera")
        await daemon.tell("start")
        refused = (await daemon.until("/ready", 503, reason="camera_failed")).json()
        self.assertIn("no camera found", refused["message"])
        self.assertEqual((await daemon.get("/health")).status, 200)
        await daemon.tell("no_camera", False)
        await daemon.until("/ready", 200)
        await daemon.frames(1)

    async def test_camera_that_hangs_while_stopping(self) -> None:
        """
        A camera that never stops does not keep the daemon, and the exit status tells of it.
        """
        daemon = await self.started()
        await daemon.until("/ready", 200)
        await daemon.tell("set", "stop_delay", 60)
        end = await daemon.terminate()
        self.assertLess(end.seconds, STOP_SECONDS)
        self.assertEqual(end.status, 75, (end, daemon.log))
