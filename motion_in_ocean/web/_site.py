"""
The HTTP server: twisted.web's, with bodies that are bounded.

"""

from io import BytesIO
from typing import cast

from twisted.internet.interfaces import IReactorTime, ITransport
from twisted.logger import Logger
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

MAX_BODY_BYTES = 64 * 1024
MAX_DISCARDED_BYTES = 1024 * 1024
"""How much more of a body that is too large is read, so that the client can read the reply."""

CUT_OFF = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class LimitedRequest(Request):
    """
    A request whose body stays in memory because it cannot be large.

    """

    body_is_too_large = False
    _body_received = 0
    _cut_off = False

    @property
    def has_body(self) -> bool:
        """
        Whether the client has sent a body.

        """
        return self._body_received > 0

    def getRequestHostname(self) -> bytes:
        """
        :returns: The host that the client named, or else the one that it has reached.
        """
        try:
            hostname: bytes = super().getRequestHostname()
        except AttributeError:
            # Twisted asks the listening address for its host, and that of a Unix socket has none.
            return b"localhost"
        return hostname

    def gotLength(self, length: int | None) -> None:
        """
        The headers have been received.

        :param length: What they promise; ``None`` for a chunked body.
        """
        self.content = BytesIO()
        self.body_is_too_large = length is not None and length > MAX_BODY_BYTES

    def handleContentChunk(self, data: bytes) -> None:
        """
        A piece of the body has been received.

        """
        self._body_received += len(data)
        if self._body_received > MAX_BODY_BYTES:
            self.body_is_too_large = True
            self.content = BytesIO()
        if not self.body_is_too_large:
            super().handleContentChunk(data)
        elif self._body_received > MAX_BODY_BYTES + MAX_DISCARDED_BYTES and not self._cut_off:
            self._cut_off = True
            transport = cast("ITransport", self.channel.transport)
            transport.write(CUT_OFF)
            transport.loseConnection()


class _Site(Site):
    _log = Logger()

    def acceptableProtocols(self) -> list[bytes]:
        # Not HTTP/2, which uses another channel, even where the system has the library for it.
        return [b"http/1.1"]

    def log(self, request: HTTPRequest) -> None:
        # At debug level, because monitors and pages ask every few seconds for months.
        self._log.debug(
            "{client} {method} {path} {status} {sent}",
            client=request.getClientAddress(),
            method=request.method.decode("ascii", "replace"),
            path=request.path.decode("ascii", "replace"),
            status=request.code,
            sent=request.sentLength,
        )


def make_site(resource: IResource, reactor: IReactorTime) -> Site:
    """
    :param resource: Answers every request.
    :param reactor: For the idle timeout of connections without a request under way.
    """
    site = _Site(
        resource,
        requestFactory=LimitedRequest,
        parsePOSTFormSubmission=False,
        reactor=reactor,
    )
    site.noisy = False
    return site
