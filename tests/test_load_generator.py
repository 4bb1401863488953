"""
How the benchmarks' load generator takes a stream apart.

"""

import itertools
from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.mjpeg_load import Quantiles
from benchmarks.mjpeg_load.wire import Body, Garbled, Picture, stream

JPEGS = [b"\xff\xd8" + bytes([number]) * 3000 * number + b"\xff\xd9" for number in range(1, 4)]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"


def parts(jpegs: Sequence[bytes], *, has_length: bool) -> bytes:
    """
    :returns: The body of a stream, up to the delimiter after the last picture.
    """
    wire = b""
    for jpeg in jpegs:
        length = b"Content-Length: %d\r\n" % len(jpeg) if has_length else b""
        wire += b"--frame\r\nX-Timestamp: 5.25\r\n" + length + b"\r\n" + jpeg + b"\r\n"
    return wire + b"--frame\r\n"


def chunked(body: bytes, size: int = 997) -> bytes:
    """
    :returns: It, in chunks that end where nothing else does.
    """
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def read(wire: bytes, *, is_read: bool, at_once: int = 1_000_000) -> tuple[list[Picture], int]:
    """
    :param at_once: No more bytes come together.
    :returns: The pictures, and how many bytes were dropped unread.
    """
    told: list[Body] = []
    came: list[Picture] = []
    dropped = 0
    flow = stream(told.append, came.append, is_read=is_read)
    wanted = next(flow)
    while wire:
        count = min(abs(wanted), at_once, len(wire))
        got, wire = wire[:count], wire[count:]
        dropped += count if wanted < 0 else 0
        wanted = flow.send(count if wanted < 0 else got)
    assert len(told) == 1
    return came, dropped


class StreamTests(SynchronousTestCase):
    """
    Whatever a server does that may be done, its pictures are counted and compared.

    """

    def test_every_framing(self) -> None:
        """
        With chunks or not, with lengths or not, and wherever the network cuts it.
        """
        for has_length, is_chunked, at_once in itertools.product(
            (True, False), (True, False), (1, 7, 1_000_000)
        ):
            body = parts(JPEGS, has_length=has_length)
            wire = HEAD + (
                b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body)
                if is_chunked
                else b"\r\n" + body
            )
            came, dropped = read(wire, is_read=True, at_once=at_once)
            expected = [Picture(len(jpeg), jpeg, 5.25, has_length) for jpeg in JPEGS]
            self.assertEqual((came, dropped), (expected, 0), (has_length, is_chunked, at_once))

    def test_dropped(self) -> None:
        """
        Of viewers who only count, the kernel drops most bytes, so that measuring costs little.
        """
        for wire in (
            HEAD + b"\r\n" + parts(JPEGS, has_length=True),
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(parts(JPEGS, has_length=True)),
        ):
            came, dropped = read(wire, is_read=False)
            self.assertEqual(
                came, [Picture(len(jpeg), b"", 5.25, has_length=True) for jpeg in JPEGS]
            )
            self.assertGreater(dropped, len(wire) / 3)

    def test_no_stream(self) -> None:
        """
        What is refused, or is something else, is no picture.
        """
        for wire in (
            HEAD.replace(b"200 OK", b"503 Busy") + b"\r\n" + parts(JPEGS, has_length=True),
            b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + JPEGS[0],
            HEAD + b"\r\n" + parts(JPEGS, has_length=True).replace(b"--frame", b"--other"),
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ):
            with self.assertRaises(Garbled):
                read(wire, is_read=True)


class QuantilesTests(SynchronousTestCase):
    """
    How many figures are told as a few.

    """

    def test_of_many(self) -> None:
        """
        They are those of the nearest rank.
        """
        self.assertEqual(
            Quantiles.of([float(number) for number in range(100, -1, -1)]),
            Quantiles(101, 50.0, 50.0, 90.0, 99.0, 100.0),
        )

    def test_of_none(self) -> None:
        """
        Where there is nothing, no figure looks like one.
        """
        self.assertEqual(Quantiles.of([]), Quantiles(0, -1, -1, -1, -1, -1))
