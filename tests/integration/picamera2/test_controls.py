"""
What can be set, and the rate while nobody watches: the daemon on the real Picamera2.

"""

import time

from motion_in_ocean.camera import QUIET_SECONDS
from tests.integration.picamera2.pictures import lines_rise
from tests.integration.picamera2.rig import Daemon, RigTestCase, wait

FULL, REST = [33_333, 33_333], [1_000_000, 1_000_000]


class ControlsTests(RigTestCase):
    """
    From the settings and over HTTP to the sensor.

    """

    async def ready(self, **settings: str) -> Daemon:
        """
        :returns: A daemon that gives pictures.
        """
        daemon = Daemon(self, settings)
        await daemon.tell("start")
        await daemon.until("/ready", 200)
        return daemon

    async def sensor(self, daemon: Daemon, name: str, expected: object, seconds: float = 5) -> None:
        """
        Wait until the sensor has been told so.

        """
        deadline = time.monotonic() + seconds
        while (now := (await daemon.tell("controls")).get(name)) != expected:
            self.assertLess(time.monotonic(), deadline, f"{name} is {now}; log:\n{daemon.log}")
            await wait(0.05)

    async def test_settings(self) -> None:
        """
        All of them together, on what looks like a Pi 4 without its encoder: what cannot be had is
        told, and there is a picture.
        """
        daemon = await self.ready(
            CAMERA_INDEX="1",
            VFLIP="yes",
            BRIGHTNESS="0.25",
            AWB_MODE="daylight",
            EXPOSURE_MODE="short",
            ENCODER="hardware",
            PICAM2_PLATFORM="vc4",
        )
        (part, *_) = await daemon.frames(1)
        self.assertFalse(lines_rise(part.jpeg))
        await self.sensor(daemon, "Brightness", 0.25)
        await self.sensor(daemon, "AwbMode", 5)
        camera = (await daemon.get("/api/camera")).json()
        self.assertEqual((camera["model"], camera["vflip"]), ("Virtual Camera A", True))
        self.assertEqual(camera["controls"]["awb_mode"]["value"], "daylight")
        self.assertEqual(camera["controls"]["exposure_time_microseconds"]["measured"], 20_000)
        for trouble in ("EXPOSURE_MODE is a control that this camera does not", "/dev/video11"):
            self.assertIn(trouble, camera["note"])
            self.assertIn(trouble, daemon.log)

    async def test_controls(self) -> None:
        """
        They reach the sensor, and again after the camera was opened anew.
        """
        daemon = await self.ready()
        path = "/api/actions/controls"
        reply = await daemon.post(path, {"brightness": 0.5, "autofocus_mode": "continuous"})
        self.assertEqual(reply.json()["applied"]["brightness"], 0.5)
        await self.sensor(daemon, "Brightness", 0.5)
        await self.sensor(daemon, "AfMode", 2)
        refused = await daemon.post(path, {"brightness": 1.5, "contrast": 2})
        self.assertEqual(refused.status, 400)
        problems = refused.json()["error"]["details"]["problems"]
        self.assertEqual(problems, {"brightness": "should be from -1 to 1"})
        await daemon.tell("reset")
        restart = await daemon.post("/api/actions/restart")
        self.assertEqual(restart.status, 202)
        await self.sensor(daemon, "Brightness", 0.5, seconds=15)
        await daemon.until("/ready", 200)
        self.assertNotIn("Contrast", await daemon.tell("controls"))

    async def test_rest(self) -> None:
        """
        With nobody watching the sensor slows down and the node stays ready; the first viewer has
        the full rate within a second; and so it goes on after a restart.
        """
        daemon = await self.ready(IDLE_FPS="1", MAX_FRAME_AGE_SECONDS="3")
        await self.sensor(daemon, "FrameDurationLimits", REST, seconds=QUIET_SECONDS + 5)
        for _ in range(8):
            self.assertEqual((await daemon.get("/ready")).status, 200)
            self.assertEqual((await daemon.get("/snapshot.jpg")).status, 200)
            await wait(0.25)
        camera = (await daemon.get("/api/camera")).json()
        self.assertEqual((camera["is_idling"], camera["target_fps"]), (True, 1.0))
        begun = time.monotonic()
        parts = await daemon.frames(60)
        taken = {part.timestamp for part in parts if 1.0 <= part.came - begun < 2.0}
        self.assertGreater(len(taken), 20)
        await self.sensor(daemon, "FrameDurationLimits", FULL, seconds=1)
        await daemon.tell("reset")
        await daemon.post("/api/actions/restart")
        await self.sensor(daemon, "FrameDurationLimits", REST, seconds=QUIET_SECONDS + 15)
        await daemon.until("/ready", 200)
        self.assertEqual((await daemon.restarts())["stall"], 0)
