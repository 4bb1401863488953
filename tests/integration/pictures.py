"""
Pictures that can be told apart, and the stream that carries them.

"""

import http.client
import io
import itertools
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen
from PIL import Image

Colour = tuple[int, int, int]

_LEVELS = (0, 128, 255)

COLOURS: Sequence[Colour] = tuple((r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS)
"""What the pictures are filled with, in the order in which they are played, over and over."""


def write_pictures(
    folder: Path, size: tuple[int, int] = (160, 120), padded_to: int | None = None
) -> Path:
    """
    Write one JPEG for each colour.

    :param padded_to: How many bytes each file has, more than the picture needs.
    :returns: A folder for ``MOCK_FRAMES``.
    """
    frames = folder / "frames"
    frames.mkdir(parents=True)
    for number, colour in enumerate(COLOURS):
        jpeg = io.BytesIO()
        Image.new("RGB", size, colour).save(jpeg, "JPEG", quality=95)
        content = jpeg.getvalue()
        if padded_to is not None:
            # Fill bytes may stand before any marker, such as the one at the end (ISO 10918-1,
            # B.1.1.2).
            content = content[:-2].ljust(padded_to - 2, b"\xff") + content[-2:]
        (frames / f"{number:02}.jpg").write_bytes(content)
    return frames


def number_of(colour: Sequence[int]) -> int:
    """
    :returns: Which of ``COLOURS`` it is, allowing for what encoders do to it.
    :raises AssertionError: If it is none of them.
    """
    differences = [
        max(abs(one - other) for one, other in zip(colour, known, strict=True)) for known in COLOURS
    ]
    nearest = min(differences)
    assert nearest < 40, f"{tuple(colour)} is not among the pictures"
    return differences.index(nearest)


def number_in(jpeg: bytes) -> int:
    """
    :returns: Which of ``COLOURS`` a picture is filled with.
    """
    with Image.open(io.BytesIO(jpeg)) as picture:
        pixel = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return number_of(pixel)


def steps(numbers: Sequence[int]) -> list[int]:
    """
    :returns: How many pictures further each is than the one before; a step back is a large number.
    """
    return [(later - earlier) % len(COLOURS) for earlier, later in itertools.pairwise(numbers)]


@frozen
class Part:
    """
    One frame of a stream.

    """

    timestamp: float
    jpeg: bytes


class StreamReader:
    """
    Read a stream and accept nothing but what is promised, to the byte.

    """

    def __init__(self, reply: http.client.HTTPResponse) -> None:
        """
        :param reply: The body is not read yet.
        """
        assert reply.status == 200, (reply.status, reply.read())
        content_type = reply.headers["Content-Type"]
        assert content_type == "multipart/x-mixed-replace; boundary=frame", content_type
        self._reply = reply
        self._expect(b"--frame\r\n")

    def part(self) -> Part:
        """
        :returns: The next frame; the boundary behind it has been read too.
        :raises EOFError: If the stream has ended.
        """
        self._expect(b"Content-Type: image/jpeg\r\n")
        length = self._header(b"Content-Length: ")
        timestamp = self._header(b"X-Timestamp: ")
        assert len(timestamp.partition(b".")[2]) == 6, timestamp
        self._expect(b"\r\n")
        jpeg = self._read(int(length))
        self._expect(b"\r\n--frame\r\n")
        assert (jpeg[:2], jpeg[-2:]) == (b"\xff\xd8", b"\xff\xd9"), "a JPEG from start to end"
        return Part(float(timestamp), jpeg)

    def lateness(self) -> float:
        """
        :returns: How many seconds old the next frame is when all of it has come.
        """
        timestamp = self.part().timestamp
        return time.time() - timestamp

    def parts(self, count: int) -> list[Part]:
        """
        :returns: The next frames.
        """
        return [self.part() for _ in range(count)]

    def read_to_end(self) -> None:
        """
        Read until the daemon has closed the connection.

        """
        with suppress(EOFError):
            while True:
                self.part()

    def _header(self, name: bytes) -> bytes:
        line = self._reply.readline(100)
        assert line.startswith(name), line
        assert line.endswith(b"\r\n"), line
        return line[len(name) : -2]

    def _expect(self, wanted: bytes) -> None:
        found = self._read(len(wanted))
        assert found == wanted, (found, wanted)

    def _read(self, count: int) -> bytes:
        data = self._reply.read(count)
        if len(data) < count:
            raise EOFError
        return data
