"""
One request to one node, below treq.

"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web._newclient import Request, RequestNotSent
from twisted.web.client import RequestTransmissionFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from motion_in_ocean.management.outbound._connections import Connection, Connections
from motion_in_ocean.management.outbound._destinations import Destination
from motion_in_ocean.management.outbound._failures import UnusableResponse

LONGEST_LINE = LineReceiver.MAX_LENGTH
"""Of the head of a response, in bytes."""

_NEVER_ANSWERED = (RequestNotSent, RequestTransmissionFailed, ResponseNeverReceived)


@frozen
class Limits:
    """
    How much a node may send in answer to one request.

    """

    wire_bytes: int
    """Of everything: what precedes the body, and what TLS and chunks add."""

    body_bytes: int


SMALL = Limits(wire_bytes=128 * 1024, body_bytes=64 * 1024)
PICTURE = Limits(wire_bytes=17 * 1024 * 1024, body_bytes=16 * 1024 * 1024)


@implementer(IAgent)
class NodeAgent:
    """
    Where treq's requests go: to one node, whatever host their URL would name.

    The node's address, path and token are known here and nowhere above, so that nothing that a
    node says (a redirect, a cookie) can lead the token elsewhere. What treq would unpack is refused
    before it can: it has no limit for that.

    """

    def __init__(
        self, connections: Connections, destination: Destination, limits: Limits, *, reuse: bool
    ) -> None:
        """
        :param reuse: Whether a connection that is open may be used. A node may just be closing it,
            and the request is then repeated: not for those that must be sent once.
        """
        self.connection: Connection | None = None
        self.is_reusing = False
        self.is_aborted = False
        self.has_head = False
        """Whether the head of the response has come."""

        self._connections = connections
        self._destination = destination
        self._limits = limits
        self._may_reuse = reuse

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """
        See ``IAgent``.

        :param uri: A path. What the node's own URL has in front is put there.
        """
        node = self._destination
        request = _request(node, method, uri, headers or Headers(), bodyProducer)
        kept = self._connections.take(node.origin) if self._may_reuse else None
        if kept is None:
            return self._connect(request)
        self.is_reusing = True
        repeat: Callable[..., Any] = self._repeat
        return self._send(kept, request).addErrback(repeat, request)

    @property
    def refusal(self) -> str | None:
        """
        Why we have ended the connection, if we have: a reason of ``InvalidResponse``.

        """
        if self.connection is None:
            return None
        if not self.has_head and self.connection.received_bytes > LONGEST_LINE:
            # Twisted has, and does not say so.
            return self.connection.refusal or "too_large"
        return self.connection.refusal

    def abort(self) -> None:
        """
        Whatever is under way is no longer wanted.

        """
        self.is_aborted = True
        self.end()

    def end(self) -> None:
        """
        Close the connection, if there is one.

        """
        if self.connection is not None:
            self.connection.end()

    def _connect(self, request: Request) -> Deferred[IResponse]:
        connecting = self._connections.connect(self._destination.origin)
        return connecting.addCallback(self._send, request)

    def _send(self, connection: Connection, request: Request) -> Deferred[IResponse]:
        self.connection = connection
        connection.begin(self._limits.wire_bytes)
        return connection.request(request).addCallback(self._examine)

    def _repeat(self, failure: Failure, request: Request) -> Deferred[IResponse] | Failure:
        self.is_reusing = False
        if self.is_aborted or self.refusal or not failure.check(*_NEVER_ANSWERED):
            return failure
        return self._connect(request)

    def _examine(self, response: IResponse) -> IResponse:
        self.has_head = True
        if 300 <= response.code < 400:
            raise UnusableResponse("redirect")
        encodings = response.headers.getRawHeaders(b"Content-Encoding", ())
        if any(encoding.strip().lower() not in (b"", b"identity") for encoding in encodings):
            raise UnusableResponse("encoded")
        if response.length is not UNKNOWN_LENGTH and response.length > self._limits.body_bytes:
            raise UnusableResponse("too_large")
        return response


class _Question(Request):
    """
    A request without a body, put together once and sent again and again.

    """

    def __init__(self, uri: bytes, headers: Headers) -> None:
        super().__init__(b"GET", uri, headers, None, persistent=True)
        pieces: list[bytes] = []
        super().writeTo(SimpleNamespace(writeSequence=pieces.extend))
        self._wire = b"".join(pieces)

    def writeTo(self, transport: Any) -> Deferred[None]:
        """
        See ``Request.writeTo``.

        """
        transport.write(self._wire)
        return succeed(None)


def _request(
    node: Destination, method: bytes, uri: bytes, given: Headers, body: IBodyProducer | None
) -> Request:
    # treq asks for compressed answers by itself.
    added = [pair for pair in given.getAllRawHeaders() if pair[0] != b"Accept-Encoding"]
    if method == b"GET" and not added:
        question = node.questions.get(uri)
        if question is None:
            question = node.questions[uri] = _Question(node.prefix + uri, node.headers)
        return question
    headers = node.headers.copy()
    for name, values in added:
        headers.setRawHeaders(name, values)
    return Request(method, node.prefix + uri, headers, body, persistent=True)
