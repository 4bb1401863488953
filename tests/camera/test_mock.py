"""
Tests for the camera of hosts that have none.

"""

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from PIL import Image
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera import MockCamera
from motion_in_ocean.camera._look import Look
from motion_in_ocean.camera._pace import Pace
from motion_in_ocean.camera._playback import Playback
from motion_in_ocean.camera._testcard import TestCard
from motion_in_ocean.errors import CameraUnavailable, ControlsRefused

CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))
COLOURS = ((255, 0, 0), (0, 255, 0), (100, 100, 100), (0, 0, 0))


def decoded(jpeg: bytes) -> Image.Image:
    """
    :returns: The picture, wholly decoded.
    """
    picture = Image.open(BytesIO(jpeg), formats=("JPEG",))
    picture.load()
    return picture


class TestCardTests(SynchronousTestCase):
    """
    A picture that people like to look at, and can judge a stream by.

    """

    def test_size_is_as_wished_down_to_one_pixel(self) -> None:
        """
        Every ``RESOLUTION`` that the settings allow can be drawn.
        """
        for size in ((640, 480), (1, 1), (2, 3), (16, 16), (1, 300), (300, 1)):
            card = TestCard(size, 80)
            for number in (1, 2):
                self.assertEqual(decoded(card.next_picture(number)).size, size)

    def test_quality_acts(self) -> None:
        """
        ``JPEG_QUALITY`` can be tried out without a camera.
        """
        low, high = (len(TestCard((320, 240), q).next_picture(1)) for q in (10, 95))
        self.assertLess(low * 2, high)

    def test_pictures_differ(self) -> None:
        """
        A frozen stream looks frozen: at least the number of the frame changes.
        """
        card = TestCard((320, 240), 90)
        self.assertNotEqual(card.next_picture(1), card.next_picture(2))

    def test_colours_are_where_they_belong(self) -> None:
        """
        Red is red and blue is blue, left to right as on television.
        """
        picture = decoded(TestCard((700, 480), 95).next_picture(1)).convert("RGB")
        bars = [picture.getpixel((100 * bar + 50, 100)) for bar in range(7)]
        red, blue = bars[5], bars[6]
        assert isinstance(red, tuple)
        assert isinstance(blue, tuple)
        # Unless the white sweep is just there.
        self.assertTrue(red[0] > 2 * (red[1] + red[2]) or min(red) > 200, red)
        self.assertTrue(blue[2] > 2 * (blue[0] + blue[1]) or min(blue) > 200, blue)


class PaceTests(SynchronousTestCase):
    """
    The rate is kept where the machine can, and lowered where it cannot.

    """

    def make_frames(self, pace: Pace, cost: float, count: int) -> float:
        """
        :returns: How many frames a second were made.
        """
        now = first = 0.0
        for _ in range(count):
            pause = pace.frame_made(now, now + cost)
            now += cost + pause
        return count / (now - first)

    def test_rate_is_exact_if_the_machine_is_fast(self) -> None:
        """
        ``FPS=30`` is 30, not 30 less the time that drawing takes.
        """
        pace = Pace(30.0)
        self.assertAlmostEqual(self.make_frames(pace, 0.003, 300), 30.0)
        self.assertFalse(pace.is_lowered)

    def test_rate_is_lowered_if_drawing_takes_too_long(self) -> None:
        """
        4096x4096 on a small machine leaves room for the reactor.
        """
        pace = Pace(30.0)
        self.make_frames(pace, 0.1, 100)
        self.assertTrue(pace.is_lowered)
        self.assertAlmostEqual(pace.period, 0.2, places=3)

    def test_a_slow_first_frame_lowers_nothing(self) -> None:
        """
        Fonts are loaded once; that is no reason to report a slow machine.
        """
        pace = Pace(30.0)
        pace.frame_made(0.0, 0.1)
        self.assertFalse(pace.is_lowered)

    def test_missed_frames_are_not_made_up_for(self) -> None:
        """
        After a pause of the whole machine there is no burst.
        """
        pace = Pace(10.0)
        pace.frame_made(0.0, 0.001)
        pace.frame_made(60.0, 60.001)
        self.assertGreater(pace.frame_made(60.001, 60.002), 0.05)

    def test_hardly_any_frames_are_possible(self) -> None:
        """
        The smallest rate that the settings allow is no overflow.
        """
        self.assertLessEqual(Pace(5e-324).frame_made(0.0, 0.0), 3600.0)

    def test_change_of_the_rate(self) -> None:
        """
        Whoever comes to watch does not wait for the end of a long pause.
        """
        pace = Pace(0.1)
        pace.frame_made(0.0, 0.0)
        pace.aim_at(10.0)
        self.assertAlmostEqual(pace.frame_made(2.0, 2.0), 0.1)
        pace.aim_at(10.0)
        self.assertAlmostEqual(pace.frame_made(2.1, 2.1), 0.1)


class LookTests(SynchronousTestCase):
    """
    Flips and controls can be tried without a camera.

    """

    def setUp(self) -> None:
        self.picture = Image.new("RGB", (2, 2))
        for at, colour in zip(CORNERS, COLOURS, strict=True):
            self.picture.putpixel(at, colour)

    def corners(self, *, hflip: bool = False, vflip: bool = False, **values: float) -> list[Any]:
        """
        :returns: The colours of the picture with such a look.
        """
        picture = Look(hflip, vflip, values).of(self.picture)
        return [picture.getpixel(at) for at in CORNERS]

    def test_nothing_to_do(self) -> None:
        """
        Nobody pays for what they do not use.
        """
        for values in ({}, {"brightness": 0.0, "contrast": 1.0, "saturation": 1.0}):
            look = Look(hflip=False, vflip=False, values=values)
            self.assertIs(look.of(self.picture), self.picture)

    def test_flips(self) -> None:
        """
        Left is right, and top is bottom.
        """
        red, green, grey, black = COLOURS
        self.assertEqual(self.corners(hflip=True), [green, red, black, grey])
        self.assertEqual(self.corners(vflip=True), [grey, black, red, green])
        self.assertEqual(self.corners(hflip=True, vflip=True), [black, grey, green, red])

    def test_brightness(self) -> None:
        """
        1 is all white and -1 all black.
        """
        self.assertEqual(self.corners(brightness=1.0), [(255, 255, 255)] * 4)
        self.assertEqual(self.corners(brightness=-1.0), [(0, 0, 0)] * 4)

    def test_contrast(self) -> None:
        """
        0 is all grey, and more than 1 drives colours apart.
        """
        self.assertEqual(self.corners(contrast=0.0), [(128, 128, 128)] * 4)
        self.assertEqual(self.corners(contrast=2.0)[2], (72, 72, 72))

    def test_saturation(self) -> None:
        """
        0 is black and white.
        """
        for red, green, blue in self.corners(saturation=0.0):
            self.assertTrue(red == green == blue)


class PlaybackTests(SynchronousTestCase):
    """
    Benchmarks and demonstrations need known pictures.

    """

    def folder(self, **files: bytes) -> Path:
        """
        :returns: A folder with such files.
        """
        folder = Path(self.mktemp())
        folder.mkdir()
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_bytes(content)
        return folder

    def pictures(self) -> Iterator[bytes]:
        """
        :returns: JPEG files, each another.
        """
        for shade in range(3):
            stream = BytesIO()
            Image.new("L", (8, 6), shade * 100).save(stream, "JPEG")
            yield stream.getvalue()

    def test_plays_in_the_order_of_names_and_begins_anew(self) -> None:
        """
        A client can check that it got what was sent.
        """
        one, two, three = self.pictures()
        playback = Playback(self.folder(b_jpg=two, a_jpg=one, c_JPEG=three, notes_txt=b""))
        played = [playback.next_picture(number) for number in range(1, 5)]
        self.assertEqual(played, [one, two, three, one])
        self.assertEqual(playback.resolution, (8, 6))

    def test_says_what_is_wrong_with_the_folder(self) -> None:
        """
        Whoever mistyped ``MOCK_FRAMES`` reads it in ``/ready``.
        """
        one, *_ = self.pictures()
        for folder, limit, complaint in (
            (Path(self.mktemp()), 100, "No such file"),
            (self.folder(notes_txt=b""), 100, "no .jpg"),
            (self.folder(a_jpg=b"not a picture"), 100, "cannot identify"),
            (self.folder(a_jpg=one), len(one) - 1, "more than"),
        ):
            error = self.assertRaises(CameraUnavailable, Playback, folder, limit)
            self.assertIn(complaint, str(error))


class MockCameraTests(SynchronousTestCase):
    """
    The camera as a whole, with its thread.

    """

    def test_delivers_from_a_thread_until_closed(self) -> None:
        """
        It behaves as a real camera does.
        """
        frames: SimpleQueue[bytes] = SimpleQueue()
        camera = MockCamera(resolution=(32, 24), fps=120, jpeg_quality=50)
        camera.open(frames.put)
        for _ in range(3):
            self.assertEqual(decoded(frames.get(timeout=10)).size, (32, 24))
        camera.close()
        self.assertNotIn("mock camera", [thread.name for thread in threading.enumerate()])

    def test_log_names_the_picture_that_failed(self) -> None:
        """
        Whoever reads of a bug knows whether it was there from the start.
        """
        frames: SimpleQueue[bytes] = SimpleQueue()
        flaws = iter((None, None, ZeroDivisionError()))

        def deliver(jpeg: bytes) -> None:
            frames.put(jpeg)
            if (flaw := next(flaws)) is not None:
                raise flaw

        camera = MockCamera(resolution=(32, 24), fps=120, jpeg_quality=50)
        with capturedLogs() as events:
            camera.open(deliver)
            for _ in range(3):
                frames.get(timeout=10)
            camera.close()
        self.assertEqual([formatEvent(event) for event in events], ["while drawing picture 3"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_default_rate_is_thirty(self) -> None:
        """
        ``FPS=0`` leaves the choice to the camera.
        """
        camera = MockCamera(resolution=(32, 24), fps=0, jpeg_quality=50)
        self.assertEqual(camera.description.fps, 30.0)

    def test_close_without_open_does_nothing(self) -> None:
        """
        A stop that overtakes the start is harmless.
        """
        MockCamera(resolution=(32, 24), fps=0, jpeg_quality=50).close()

    def test_folder_is_read_at_open(self) -> None:
        """
        A wrong folder is a camera that is unavailable, not a daemon that does not start.
        """
        camera = MockCamera(
            resolution=(32, 24), fps=0, jpeg_quality=50, frames_folder=Path(self.mktemp())
        )
        self.assertRaises(CameraUnavailable, camera.open, [].append)

    def test_card_stands_on_its_head(self) -> None:
        """
        ``ROTATION=180`` shows blue where red was.
        """
        frames: SimpleQueue[bytes] = SimpleQueue()
        camera = MockCamera(resolution=(700, 480), fps=120, jpeg_quality=95, rotation=180)
        camera.open(frames.put)
        self.addCleanup(camera.close)
        picture = decoded(frames.get(timeout=10)).convert("RGB")
        blue = picture.getpixel((50, 400))
        assert isinstance(blue, tuple)
        # Unless the white sweep is just there.
        self.assertTrue(blue[2] > 2 * (blue[0] + blue[1]) or min(blue) > 200, blue)
        self.assertTrue(camera.description.hflip and camera.description.vflip)

    def test_controls(self) -> None:
        """
        The page can be tried out: what is set is seen in the next picture, and what is wrong is
        refused.
        """
        frames: SimpleQueue[bytes] = SimpleQueue()
        wishes = {"contrast": 0.0, "sharpness": 1.0}
        camera = MockCamera(resolution=(32, 24), fps=120, jpeg_quality=95, controls=wishes)
        camera.open(frames.put)
        self.addCleanup(camera.close)
        extrema = decoded(frames.get(timeout=10)).convert("L").getextrema()
        self.assertEqual(extrema, (128, 128))
        self.assertIn("SHARPNESS is a control that", camera.description.note or "")
        self.assertEqual(camera.set_controls({"brightness": 1}), {"brightness": 1.0})
        values = {state.control.name: state.value for state in camera.read_controls()}
        self.assertEqual(values, {"brightness": 1.0, "contrast": 0.0, "saturation": None})
        while decoded(frames.get(timeout=10)).convert("L").getextrema() != (255, 255):
            pass
        self.assertRaises(ControlsRefused, camera.set_controls, {"brightness": 2})

    def test_rate_while_nobody_watches(self) -> None:
        """
        A long pause ends as soon as somebody comes.
        """
        frames: SimpleQueue[bytes] = SimpleQueue()
        camera = MockCamera(resolution=(32, 24), fps=30, jpeg_quality=50)
        camera.open(frames.put)
        self.addCleanup(camera.close)
        camera.set_fps(0.001)
        self.assertEqual((camera.description.fps, camera.description.is_idling), (0.001, True))
        while not frames.empty():
            frames.get()
        camera.set_fps(0)
        for _ in range(3):
            frames.get(timeout=10)
        self.assertEqual((camera.description.fps, camera.description.is_idling), (30, False))
        camera.set_fps(60)
        self.assertEqual(camera.description.fps, 30)

    def test_files_are_shown_as_they_are(self) -> None:
        """
        Nobody is told that they could be changed.
        """
        folder = Path(self.mktemp())
        folder.mkdir()
        Image.new("L", (8, 6)).save(folder / "a.jpg")
        camera = MockCamera(
            resolution=(32, 24),
            fps=30,
            jpeg_quality=50,
            frames_folder=folder,
            hflip=True,
            controls={"contrast": 2.0},
        )
        camera.open(lambda _: None)
        self.addCleanup(camera.close)
        self.assertEqual(list(camera.read_controls()), [])
        self.assertFalse(camera.description.hflip)
        self.assertIn("files are not mirrored", camera.description.note or "")
        self.assertIn("CONTRAST is a control that", camera.description.note or "")
