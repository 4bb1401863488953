"""
Tests of what the settings choose: the camera, its position, the size and the encoder.

"""

from motion_in_ocean.camera import SensorMode
from motion_in_ocean.camera._hardware import FRAME_BYTES, bitrate
from motion_in_ocean.camera._picamera2 import HARDWARE, SOFTWARE
from tests.camera.fake_picamera2 import JPEG, FakeHardwareEncoder, FakeTransform, Picamera2TestCase

CAMERAS = [
    {"Model": "imx708", "Id": "/base/imx708@1a", "Num": 1},
    {"Model": "ov5647", "Id": "/base/ov5647@36", "Num": 0},
]


class WhichCameraTests(Picamera2TestCase):
    """
    A machine with several cameras.

    """

    def setUp(self) -> None:
        super().setUp()
        self.machine.cameras = list(CAMERAS)

    def test_first_is_the_default(self) -> None:
        """
        With nothing set it is the camera that every other program takes too.
        """
        self.assertEqual(self.opened().description.model, "imx708")
        self.assertEqual(self.machine.constructed, [0])

    def test_by_index(self) -> None:
        """
        The place in the list counts, not what libcamera numbers cameras by.
        """
        description = self.opened(camera_index=1).description
        self.assertEqual((description.model, description.camera_id), ("ov5647", "/base/ov5647@36"))
        self.assertEqual(self.machine.constructed, [1])

    def test_by_id(self) -> None:
        """
        Who names a camera gets that one, whatever comes first after the next boot.
        """
        camera = self.opened(camera_id="/base/ov5647@36", camera_index=0)
        self.assertEqual(camera.description.model, "ov5647")

    def test_missing_index(self) -> None:
        """
        The message lists what could have been chosen.
        """
        self.assertEqual(
            self.why_not(camera_index=2),
            "there is no camera with CAMERA_INDEX 2: 0 is imx708, /base/imx708@1a, "
            "1 is ov5647, /base/ov5647@36",
        )

    def test_missing_id(self) -> None:
        """
        The same for an id; no other camera is opened in its place.
        """
        message = self.why_not(camera_id="/base/imx219@10", camera_index=1)
        self.assertIn("no camera with CAMERA_ID /base/imx219@10: 0 is imx708", message)
        self.assertEqual(self.machine.constructed, [])

    def test_camera_that_comes_late(self) -> None:
        """
        The second camera may need longer to boot than the first.
        """
        self.machine.late_cameras = [self.machine.cameras.pop()]
        self.why_not(camera_index=1)
        self.assertEqual(self.opened(camera_index=1).description.model, "ov5647")


class FlipTests(Picamera2TestCase):
    """
    Cameras are mounted as the wall allows.

    """

    def test_flips(self) -> None:
        """
        Half a turn is both flips, and another flip takes one of them back.
        """
        for rotation, hflip, vflip, expected in (
            (0, False, False, (False, False)),
            (0, True, False, (True, False)),
            (0, False, True, (False, True)),
            (180, False, False, (True, True)),
            (180, True, False, (False, True)),
            (180, True, True, (False, False)),
        ):
            description = self.opened(rotation=rotation, hflip=hflip, vflip=vflip).description
            asked_for = self.machine.configurations[-1]["transform"]
            self.assertEqual(asked_for, FakeTransform(*expected))
            self.assertEqual((description.hflip, description.vflip), expected)
            self.assertIsNone(description.note)

    def test_sensor_that_cannot(self) -> None:
        """
        Who sees the world upside down nevertheless learns that it was tried.
        """
        self.machine.can_flip = False
        description = self.opened(rotation=180).description
        self.assertEqual((description.hflip, description.vflip), (False, False))
        self.assertIn("cannot flip", description.note or "")


class SizeTests(Picamera2TestCase):
    """
    Sizes that the hardware likes.

    """

    def test_odd_sides(self) -> None:
        """
        Picamera2 refuses odd sides, so the next lower ones are asked for, and told.
        """
        description = self.opened(resolution=(641, 481)).description
        self.assertEqual(description.resolution, (640, 480))
        self.assertIn("does not offer 641x481", description.note or "")

    def test_aligned(self) -> None:
        """
        A Pi 5 reads rows of whole 64 pixels; the real size is told.
        """
        self.machine.alignment = 64
        description = self.opened(resolution=(800, 600)).description
        self.assertEqual(description.resolution, (768, 600))
        self.assertIn("does not offer 800x600", description.note or "")

    def test_smaller_than_that(self) -> None:
        """
        Nothing is rounded down to nothing.
        """
        self.machine.alignment = 64
        self.assertEqual(self.opened(resolution=(32, 24)).description.resolution, (32, 24))
        self.assertEqual(self.opened(resolution=(1, 1)).description.resolution, (2, 2))

    def test_sensor_modes(self) -> None:
        """
        What the sensor offers can be looked up.
        """
        self.machine.modes = [{"format": "SRGGB10_CSI2P", "size": (1536, 864)}]
        modes = self.opened().description.sensor_modes
        self.assertEqual(modes, (SensorMode("SRGGB10_CSI2P", (1536, 864)),))


class EncoderTests(Picamera2TestCase):
    """
    JPEG by software or by hardware.

    """

    def test_software_is_the_default(self) -> None:
        """
        It runs on every Pi, and knows what quality is.
        """
        self.assertEqual(self.opened().description.encoder, SOFTWARE)
        self.assertNotIsInstance(self.machine.encoders[0], FakeHardwareEncoder)

    def test_hardware(self) -> None:
        """
        It is told a bitrate, and its frames arrive.
        """
        description = self.opened(use_hardware=True, jpeg_quality=80).description
        self.assertEqual((description.encoder, description.note), (HARDWARE, None))
        (encoder,) = self.machine.encoders
        self.assertIsInstance(encoder, FakeHardwareEncoder)
        self.assertEqual((encoder.q, encoder.bitrate), (None, bitrate(80, (640, 480))))
        encoder.encoded(JPEG)
        self.assertEqual(self.frames, [JPEG])

    def test_no_hardware(self) -> None:
        """
        On a Pi 5 there are pictures too, and the reason why the CPU is busy.
        """
        self.machine.has_hardware_encoder = False
        description = self.opened(use_hardware=True, jpeg_quality=42).description
        self.assertEqual(description.encoder, SOFTWARE)
        self.assertIn("no hardware JPEG encoder", description.note or "")
        self.assertEqual(self.machine.encoders[0].q, 42)

    def test_hardware_that_does_not_start(self) -> None:
        """
        A container without its device falls back to an encoder that was not touched before.
        """
        missing = FileNotFoundError(2, "No such file or directory", "/dev/video11")
        self.machine.faults["start hardware"] = missing
        description = self.opened(use_hardware=True).description
        self.assertEqual(description.encoder, SOFTWARE)
        self.assertIn("does not start", description.note or "")
        self.assertIn("/dev/video11", description.note or "")
        (encoder,) = self.machine.encoders
        encoder.encoded(JPEG)
        self.assertEqual(self.frames, [JPEG])

    def test_memory_that_is_not_ours(self) -> None:
        """
        What an encoder lends is copied before it writes the next picture into it.
        """
        self.opened()
        lent = bytearray(JPEG)
        self.machine.encoders[0].encoded(memoryview(lent))
        lent[:] = bytes(len(lent))
        self.assertEqual(self.frames, [JPEG])
        self.assertIs(type(self.frames[0]), bytes)


class BitrateTests(Picamera2TestCase):
    """
    From quality to bits a second.

    """

    def test_table(self) -> None:
        """
        The README's table, at both ends of each step.
        """
        for low, high, mbits in ((1, 25, 16), (26, 35, 20), (36, 50, 30), (51, 65, 40)):
            for quality in (low, high):
                self.assertEqual(bitrate(quality, (1920, 1080)), mbits * 1_000_000)
        for quality in (66, 100):
            self.assertEqual(bitrate(quality, (1920, 1080)), 50_000_000)

    def test_size(self) -> None:
        """
        A quarter of the pixels gets a quarter of the bits.
        """
        self.assertEqual(bitrate(50, (960, 540)), 7_500_000)

    def test_room(self) -> None:
        """
        No size asks for pictures that the encoder has no room for.
        """
        self.assertLess(bitrate(100, (4096, 4096)) / 8 / 30, FRAME_BYTES)
