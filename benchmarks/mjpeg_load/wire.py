"""
A stream as it comes from the network, taken apart.

All here are generators that yield how many bytes they can take at most, and are sent bytes. With a
negative number they leave the choice: then so many bytes or fewer may be dropped unread, and they
are sent how many have been.

"""

import re
from collections.abc import Callable, Generator
from typing import TypeVar

from attrs import define, frozen

T = TypeVar("T")
Taking = Generator[int, bytes | int, T]

LINE_BYTES = 2048
HEAD_BYTES = 1024
SEARCHED_BYTES = 262144


class Garbled(Exception):
    """
    What came is not what was agreed on.

    """


@frozen
class Picture:
    """
    One that has come whole.

    """

    size: int
    jpeg: bytes
    """Empty, if it was not to be read."""

    timestamp: float
    """In seconds since the epoch; 0 if it was not told."""

    has_length: bool


def _some(most: int) -> Taking[bytes]:
    got = yield most
    assert isinstance(got, bytes)
    return got


@define(eq=False)
class Body:
    """
    The body of a reply, without the chunks that it may have come in.

    """

    is_chunked: bool
    _raw: bytes
    """What has come and was not taken yet."""

    _chunk_left: int = 0

    def take(self, most: int, *, unread: bool = False) -> Taking[bytes | int]:
        """
        :param unread: It is enough to know how many there were.
        """
        if self.is_chunked:
            if not self._chunk_left:
                yield from self._begin_chunk()
            most = min(most, self._chunk_left)
        got: bytes | int
        if self._raw:
            got, self._raw = self._raw[:most], self._raw[most:]
        else:
            got = yield -most if unread else most
        if self.is_chunked:
            self._chunk_left -= got if isinstance(got, int) else len(got)
            if not self._chunk_left:
                yield from self._end_chunk()
        return got

    def _begin_chunk(self) -> Taking[None]:
        while b"\n" not in self._raw:
            self._raw += yield from _some(HEAD_BYTES)
        line, self._raw = self._raw.split(b"\n", 1)
        self._chunk_left = int(line.split(b";")[0], 16)
        if not self._chunk_left:
            raise Garbled("the stream has ended")

    def _end_chunk(self) -> Taking[None]:
        while len(self._raw) < 2:
            self._raw += yield from _some(2 - len(self._raw))
        self._raw = self._raw[2:]


@define(eq=False)
class Parts:
    """
    The parts of a body.

    """

    body: Body
    delimiter: bytes
    is_read: bool
    """Whether every byte is looked at."""

    _taken: bytes = b""

    def part(self) -> Taking[Picture]:
        """
        The next one.

        :raises Garbled: If it does not begin as it should.
        """
        line = b""
        while not line:
            line = yield from self._line()
        if not line.startswith(self.delimiter):
            raise Garbled(line)
        length, timestamp = None, 0.0
        while line := (yield from self._line()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"x-timestamp":
                timestamp = float(value)
        if length is None:
            jpeg = yield from self._until_delimiter()
            return Picture(len(jpeg), jpeg, timestamp, has_length=False)
        jpeg = yield from self._of_length(length)
        return Picture(length, jpeg, timestamp, has_length=True)

    def _line(self) -> Taking[bytes]:
        while b"\n" not in self._taken:
            yield from self._take(LINE_BYTES)
        line, self._taken = self._taken.split(b"\n", 1)
        return line.rstrip(b"\r")

    def _of_length(self, length: int) -> Taking[bytes]:
        pieces = [self._taken[:length]]
        self._taken = self._taken[length:]
        left = length - len(pieces[0])
        while left:
            got = yield from self.body.take(left, unread=not self.is_read)
            if isinstance(got, bytes):
                pieces.append(got)
                got = len(got)
            left -= got
        return b"".join(pieces) if self.is_read else b""

    def _until_delimiter(self) -> Taking[bytes]:
        begin = 0
        while (end := self._taken.find(self.delimiter, begin)) < 0:
            begin = max(0, len(self._taken) - len(self.delimiter))
            yield from self._take(SEARCHED_BYTES)
        jpeg, self._taken = self._taken[:end], self._taken[end:]
        return jpeg.removesuffix(b"\r\n")

    def _take(self, most: int) -> Taking[None]:
        got = yield from self.body.take(most)
        assert isinstance(got, bytes)
        self._taken += got


def stream(
    told: Callable[[Body], object], came: Callable[[Picture], object], *, is_read: bool
) -> Taking[None]:
    """
    Take a reply apart, until it is no use.

    :param told: Called with the body, once the head has come.
    :param came: Called with each picture.
    :raises Garbled: If it is no stream, or ends.
    """
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += yield from _some(HEAD_BYTES)
    head, raw = raw.split(b"\r\n\r\n", 1)
    boundary = re.search(rb'boundary="?([^";\r\n ]+)', head, re.IGNORECASE)
    if boundary is None or not re.match(rb"HTTP/1\.[01] 200\b", head):
        raise Garbled(head)
    body = Body(b"transfer-encoding: chunked" in head.lower(), raw)
    told(body)
    delimiter = boundary[1] if boundary[1].startswith(b"--") else b"--" + boundary[1]
    parts = Parts(body, delimiter, is_read)
    while True:
        came((yield from parts.part()))
