"""
The HTTP server: twisted.web's, with bodies that are bounded, and connections that are.

"""

from io import BytesIO
from typing import Any, cast

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

from motion_in_ocean.web._channel import CUT_OFF, Channel
from motion_in_ocean.web._connections import Connections

MAX_BODY_BYTES = 64 * 1024
MAX_DISCARDED_BYTES = 1024 * 1024
"""How much more of a body that is too large is read, so that the client can read the reply."""


class LimitedRequest(Request):
    """
    A request whose body stays in memory because it cannot be large.

    """

    body_is_too_large = False
    _body_received = 0

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

    def process(self) -> None:
        """
        The request is complete: have it answered.

        """
        if self.path == b"*":
            # Twisted would answer it past the door.
            self.path = b"/*"
        super().process()

    def setHeader(self, name: str | bytes, value: str | bytes) -> None:
        """
        Set a header of the reply.

        """
        # Twisted would tell everybody which version of itself is running.
        if name != b"Server":
            super().setHeader(name, value)

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
        elif self._body_received > MAX_BODY_BYTES + MAX_DISCARDED_BYTES:
            cast("Channel", self.channel).turn_away(CUT_OFF)


class _Site(Site):
    _log = Logger()

    def __init__(
        self, resource: IResource, connections: Connections, reactor: IReactorTime
    ) -> None:
        super().__init__(
            resource,
            requestFactory=LimitedRequest,
            parsePOSTFormSubmission=False,
            # The channel has deadlines of its own.
            timeout=None,
            reactor=reactor,
        )
        self.protocol: Any = lambda: Channel(connections, reactor.seconds)
        self.noisy = False

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


def let_watch(request: HTTPRequest) -> None:
    """
    Let the connection of a request go on for as long as anybody watches: it is counted as a viewer
    from now on, and no longer among the others.

    """
    cast("Channel", request.channel).give_up_place()


def make_site(resource: IResource, connections: Connections, reactor: IReactorTime) -> Site:
    """
    :param resource: Answers every request.
    :param connections: How many there may be.
    :param reactor: For their deadlines.
    """
    return _Site(resource, connections, reactor)
