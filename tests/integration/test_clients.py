"""
The stream as others read it: programs and libraries that are not ours, in the ways their users do.

"""

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase

from tests.integration.components import missing, require_program
from tests.integration.daemon import DaemonTestCase
from tests.integration.pictures import (
    Part,
    StreamReader,
    number_in,
    number_of,
    steps,
    write_pictures,
)

FPS = 20
PICTURES = 15
"""How many each client reads."""

FFMPEG_REMEDY = CURL_REMEDY = "apt-get install ffmpeg curl"

OPENCV = """
import json, sys
import cv2
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
pictures = []
while capture.isOpened() and len(pictures) < int(sys.argv[2]):
    there, picture = capture.read()
    if not there:
        break
    pictures.append([int(value) for value in picture[60, 80][::-1]])
print(json.dumps(pictures))
"""


class ClientTests(DaemonTestCase):
    """
    Each sees the pictures that were taken, in the order in which they were taken.

    """

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder)), "FPS": str(FPS)}

    def ffmpeg(self, *options: str) -> list[int]:
        """
        Have FFmpeg decode the stream, each picture to one pixel.

        """
        program = require_program("ffmpeg", FFMPEG_REMEDY)
        run = subprocess.run(
            [
                *(program, "-nostdin", "-loglevel", "error", *options),
                *("-frames:v", str(PICTURES), "-fps_mode", "passthrough"),
                *("-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
            ],
            capture_output=True,
            timeout=30,
            check=False,
        )
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(len(run.stdout), 3 * PICTURES)
        return [number_of(run.stdout[at : at + 3]) for at in range(0, 3 * PICTURES, 3)]

    def test_ffmpeg(self) -> None:
        """
        Frigate, MediaMTX and scripts that record time-lapses read it through FFmpeg, which goes by
        the type that it is told.
        """
        url = f"{self.daemon.url}stream.mjpg"
        assert_in_order(self, self.ffmpeg("-f", "mpjpeg", "-i", url))

    def test_ffmpeg_guesses(self) -> None:
        """
        The same where the user gives nothing but the address.
        """
        assert_in_order(self, self.ffmpeg("-i", f"{self.daemon.url}stream.mjpg"))

    def test_opencv(self) -> None:
        """
        So do Python scripts with OpenCV.
        """
        command = [sys.executable, "-c", OPENCV, f"{self.daemon.url}stream.mjpg", str(PICTURES)]
        # A process of its own: VideoCapture can block for ever.
        run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        if "No module named 'cv2'" in run.stderr:
            raise missing("OpenCV", "pip install opencv-python-headless")
        pictures = json.loads(run.stdout)
        self.assertEqual(len(pictures), PICTURES, run.stderr)
        assert_in_order(self, [number_of(picture) for picture in pictures])

    @contextmanager
    def curl(self, *options: str) -> Iterator[http.client.HTTPResponse]:
        """
        Have curl print headers and body, and read that.

        """
        program = require_program("curl", CURL_REMEDY)
        url = f"{self.daemon.url}stream.mjpg"
        ours, theirs = socket.socketpair()
        # --raw: were the body chunked, the chunks would be seen.
        command = [program, "--silent", "--show-error", "--include", "--raw", "-N", *options, url]
        with ours, subprocess.Popen(command, stdout=theirs.fileno()) as process:
            theirs.close()
            ours.settimeout(15)
            reply = http.client.HTTPResponse(ours)
            try:
                reply.begin()
                yield reply
            finally:
                process.kill()
                reply.close()

    def assert_read_by_curl(self, *options: str) -> None:
        """
        Check headers and pictures.

        """
        with self.curl(*options) as reply:
            self.assertIsNone(reply.headers["Transfer-Encoding"])
            self.assertIsNone(reply.headers["Content-Length"])
            self.assertEqual(reply.headers["Connection"], "close")
            self.assertIn("no-store", reply.headers["Cache-Control"])
            self.assertEqual(reply.headers["X-Accel-Buffering"], "no")
            parts = StreamReader(reply).parts(PICTURES)
        assert_in_order(self, [number_in(part.jpeg) for part in parts])

    def test_curl(self) -> None:
        """
        Home Assistant, motionEye and Synology's NAS cannot read a chunked stream.
        """
        self.assert_read_by_curl("--http1.1")

    def test_curl_http_1_0(self) -> None:
        """
        Neither can clients that are older than chunks.
        """
        self.assert_read_by_curl("--http1.0")

    def test_aliases(self) -> None:
        """
        Addresses that users of OctoPrint, Mainsail and mjpg-streamer have in their settings, with
        what clients add to get round caches.
        """
        for path in (
            "/stream.mjpg?1700000000",
            "/?action=stream",
            "/?action=stream&_=123",
            "/?action=stream?123",
            "/webcam/?action=stream",
        ):
            with self.daemon.stream(path) as reply:
                number_in(StreamReader(reply).part().jpeg)
        for path in (
            "/snapshot.jpg?123",
            "/?action=snapshot",
            "/?action=snapshot?123",
            "/webcam/?action=snapshot",
            "/webcam/?action=snapshot&_=123",
        ):
            snapshot = self.daemon.get(path)
            self.assertEqual(snapshot.status, 200)
            self.assertEqual(snapshot.headers["Content-Type"], "image/jpeg")
            self.assertEqual(int(snapshot.headers["Content-Length"]), len(snapshot.body))
            number_in(snapshot.body)

    def test_snapshot_is_now(self) -> None:
        """
        A snapshot for a time-lapse shows the present, and its time is that of the picture.
        """
        before = time.time()
        reply = self.daemon.get("/snapshot.jpg")
        age = before - float(reply.headers["X-Timestamp"])
        self.assertLess(abs(age), 1.0)

    def test_each_viewer_its_own_rate(self) -> None:
        """
        A dashboard with many small pictures asks for fewer of them, and others do not notice.
        """
        with (
            self.daemon.stream("/stream.mjpg?fps=5&_=1") as few,
            self.daemon.stream() as all_of_them,
        ):
            thinned = StreamReader(few).parts(11)
            reader = StreamReader(all_of_them)
            reader.parts(PICTURES)
            every = reader.parts(PICTURES)
        self.assertApproximates(rate(thinned[1:]), 5, 1)
        self.assertApproximates(rate(every), FPS, 3)


class EndOfStreamTests(DaemonTestCase):
    """
    What clients notice when the daemon goes.

    """

    def test_keep_alive(self) -> None:
        """
        A client that asks to keep the connection sees the end instead of waiting for more.
        """
        daemon = self.make_daemon().start().wait_until_ready()
        with daemon.stream(headers={"Connection": "keep-alive"}) as reply:
            reader = StreamReader(reply)
            reader.part()
            threading.Thread(target=daemon.stop).start()
            reader.read_to_end()
            self.assertEqual(reply.read(), b"")


class SlowReaderTests(DaemonTestCase):
    """
    One bad connection.

    """

    fps = 25
    picture_bytes = 30_000
    bytes_a_second = 100_000
    seconds = 4

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        frames = write_pictures(folder, padded_to=self.picture_bytes)
        return {"MOCK_FRAMES": str(frames), "FPS": str(self.fps)}

    def test_slow_reader(self) -> None:
        """
        A viewer on bad Wi-Fi sees fewer pictures, but of the present; the others see all of them,
        and the daemon keeps nothing for it that it cannot take.
        """
        daemon = self.daemon
        slow: list[Sighting] = []
        stop = threading.Event()
        reader = threading.Thread(target=self.read_slowly, args=(daemon.port, slow, stop))
        with daemon.stream() as reply:
            fast = StreamReader(reply)
            fast.parts(self.fps)
            before = daemon.rss_bytes()
            reader.start()
            self.addCleanup(reader.join)
            self.addCleanup(stop.set)
            parts = fast.parts(self.fps * self.seconds)
            grown = daemon.rss_bytes() - before
            later = list(slow)

        self.assertApproximates(rate(parts), self.fps, 2)
        assert_in_order(self, [number_in(part.jpeg) for part in parts])
        self.assertLess(grown, 4 * 1024 * 1024)

        self.assertGreater(len(later), self.seconds)
        could_take = self.bytes_a_second / self.picture_bytes
        self.assertLess(len(later), 2 * could_take * self.seconds)
        # Without limits of its own, the kernel would keep megabytes, and it would see the past.
        self.assertLess(max(sighting.age for sighting in later), 2.0)
        shown = [sighting.timestamp for sighting in later]
        self.assertGreater((shown[-1] - shown[0]) * self.fps, 3 * len(shown))

    def read_slowly(self, port: int, seen: list["Sighting"], stop: threading.Event) -> None:
        """
        Read at a fixed rate.

        """
        with socket.socket() as connection:
            # As little as the kernel allows: what is in the air belongs to neither side.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(15)
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET /stream.mjpg HTTP/1.0\r\n\r\n")
            pause, data = 0.02, b""
            begun, taken = time.monotonic(), 0
            while not stop.wait(pause):
                allowed = int((time.monotonic() - begun) * self.bytes_a_second) - taken
                received = connection.recv(allowed)
                taken += len(received)
                *whole, data = (data + received).split(b"--frame\r\n")
                for part in whole:
                    if match := re.search(rb"X-Timestamp: ([0-9.]+)\r\n", part):
                        timestamp = float(match[1])
                        seen.append(Sighting(timestamp, time.time() - timestamp))


@frozen
class Sighting:
    """
    A picture that a viewer has received, and how old it was by then, in seconds.

    """

    timestamp: float
    age: float


def rate(parts: Sequence[Part]) -> float:
    """
    :returns: How many different pictures a second were captured for these parts.
    """
    times = sorted({part.timestamp for part in parts})
    return (len(times) - 1) / (times[-1] - times[0])


def assert_in_order(test: SynchronousTestCase, numbers: Sequence[int]) -> None:
    """
    Check what a client saw that was fast enough for every picture.

    """
    found = steps(numbers)
    # One may be missed or repeated on a machine with much else to do, but none goes back.
    test.assertLessEqual(set(found), {0, 1, 2, 3}, numbers)
    test.assertGreater(found.count(1), len(found) // 2, numbers)
