"""
A node's picture as a resource of twisted.web.

"""

from typing import cast

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import ITCPTransport
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from motion_in_ocean.management._replies import trouble_of
from motion_in_ocean.management.outbound import Picture, PictureCutShort
from motion_in_ocean.service import without_words


class SnapshotResource(Resource):
    """
    One picture, passed on as it comes.

    """

    isLeaf = True

    _log = Logger()

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture

    def render(self, request: Request) -> int:
        """
        Answer GET with the picture, and HEAD with its headers alone.

        """
        for name, value in self._headers().items():
            request.setHeader(name, value)
        if request.method == b"HEAD":
            self._picture.discard()
            request.write(b"")
            request.finish()
            return NOT_DONE_YET
        delivered = self._picture.deliver_to(request)
        request.notifyFinish().addErrback(lambda _: delivered.cancel())
        delivered.addCallbacks(lambda _: request.finish(), self._end_early, errbackArgs=(request,))
        return NOT_DONE_YET

    def _headers(self) -> dict[bytes, bytes]:
        headers = {b"Content-Type": b"image/jpeg", b"Cache-Control": b"no-store"}
        for name, value in (
            (b"Content-Length", self._picture.content_length),
            (b"X-Timestamp", self._picture.x_timestamp),
            (b"Last-Modified", self._picture.last_modified),
        ):
            if value is not None:
                headers[name] = str(value).encode("ascii")
        return headers

    def _end_early(self, failure: Failure, request: Request) -> None:
        if failure.check(CancelledError):
            return
        error = failure.value
        if not isinstance(error, PictureCutShort):
            self._log.failure("while passing on a picture", without_words(failure))
            return
        if request.startedWriting:
            # A reply that has begun can only be broken off, so that nobody takes it for whole.
            cast("ITCPTransport", request.channel.transport).abortConnection()
            return
        for name in self._headers():
            request.responseHeaders.removeHeader(name)
        request.write(trouble_of(error.outcome).body(request))
        request.finish()
