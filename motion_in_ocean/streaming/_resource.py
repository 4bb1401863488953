"""
The stream and the snapshot as resources of twisted.web.

"""

import math
from collections.abc import Mapping, Sequence

from twisted.web.http import Request, datetimeToString
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from motion_in_ocean.errors import InvalidRequest
from motion_in_ocean.frames import Frame
from motion_in_ocean.streaming._broadcast import Broadcast
from motion_in_ocean.streaming._multipart import CONTENT_TYPE, timestamp

LOWEST_FPS, HIGHEST_FPS = 0.01, 1000.0


def requested_fps(args: Mapping[bytes, Sequence[bytes]]) -> float:
    """
    :param args: The query of the request.
    :returns: How many frames a second the viewer wants; 0 means all.
    :raises InvalidRequest: If ``fps`` is there and is no such number.
    """
    if b"fps" not in args:
        return 0.0
    try:
        fps = float(args[b"fps"][-1])
    except ValueError:
        fps = math.nan
    if fps != 0 and not LOWEST_FPS <= fps <= HIGHEST_FPS:
        raise InvalidRequest(
            "fps", f"should be a number from {LOWEST_FPS:g} to {HIGHEST_FPS:g}, or 0 for all"
        )
    return fps


def _set_headers(request: Request, headers: Mapping[bytes, bytes]) -> None:
    for name, value in headers.items():
        request.setHeader(name, value)
    request.setHeader(b"Cache-Control", b"no-cache, no-store, must-revalidate")
    request.setHeader(b"Pragma", b"no-cache")
    request.setHeader(b"Expires", b"0")


class MJPEGResource(Resource):
    """
    An endless body of JPEG parts for one viewer who has been admitted.

    """

    isLeaf = True

    def __init__(self, broadcast: Broadcast, fps: float) -> None:
        """
        :param fps: The frames a second that this viewer wants; 0 for all.
        """
        super().__init__()
        self._broadcast = broadcast
        self._interval = 1 / fps if fps else 0.0

    def render(self, request: Request) -> int:
        """
        Answer GET with the stream, and HEAD with its headers alone.

        """
        # Ended by closing the connection, as HTTP/1.0 does it: several clients cannot read a
        # chunked stream. The header alone would leave the connection open at the end.
        request.clientproto = b"HTTP/1.0"
        request.channel.persistent = False
        _set_headers(
            request,
            {
                b"Connection": b"close",
                b"Content-Type": CONTENT_TYPE,
                b"X-Accel-Buffering": b"no",
            },
        )
        request.write(b"")
        if request.method == b"HEAD":
            request.finish()
        else:
            self._broadcast.attach(request, self._interval)
        return NOT_DONE_YET


class SnapshotResource(Resource):
    """
    One picture.

    """

    isLeaf = True

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame

    def render(self, request: Request) -> int:
        """
        Answer GET and HEAD.

        """
        _set_headers(
            request,
            {
                b"Content-Type": b"image/jpeg",
                b"Content-Length": b"%d" % len(self._frame.jpeg),
                b"Last-Modified": datetimeToString(self._frame.timestamp),
                b"X-Timestamp": timestamp(self._frame),
            },
        )
        request.write(self._frame.jpeg)
        request.finish()
        return NOT_DONE_YET
