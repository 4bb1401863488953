"""
The one way in which this process asks nodes for anything.

"""

import re
import socket
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from attrs import define, frozen
from hyperlink import EncodedURL
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IConsumer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

from motion_in_ocean.management.outbound._addresses import AddressPolicy, Network
from motion_in_ocean.management.outbound._agent import Limits, NodeAgent
from motion_in_ocean.management.outbound._authorities import node_trust
from motion_in_ocean.management.outbound._connections import Connections
from motion_in_ocean.management.outbound._destinations import Destination
from motion_in_ocean.management.outbound._failures import explain, invalid
from motion_in_ocean.management.outbound._names import LookupThreads, NodeNames
from motion_in_ocean.management.outbound._results import InvalidResponse, Unreachable
from motion_in_ocean.service import descriptor_limit

MOST_IDLE_CONNECTIONS = 2048

_ABORTED = Unreachable("timeout", "nobody waits for the answer any more")

_SECONDS = re.compile(rb"[1-9][0-9]{0,4}")


@frozen
class Reply:
    """
    A whole answer.

    """

    status_code: int
    body: bytes
    is_complete: bool
    """False where the node did not say how long it is: then the end may be missing."""

    retry_after_seconds: int | None
    """What the node says of when it is worth asking again."""


class NodeURL(EncodedURL):
    """
    A path on a node, made of segments once.

    Whatever a segment is made of, it stays one.

    treq encodes every URL that it is given, which costs as much as sending it.

    """

    def __init__(self, *segments: str) -> None:
        """
        :raises ValueError: If one is empty or made of dots, and would lead elsewhere.
        """
        if any(segment in ("", ".", "..") for segment in segments):
            raise ValueError("a segment of a path that is none")
        quoted = tuple(quote(segment, safe="") for segment in segments)
        super().__init__(path=quoted, rooted=True)
        self._text = "/" + "/".join(quoted)

    def to_uri(self) -> "NodeURL":
        """
        :returns: Itself.
        """
        return self

    def to_text(self, with_password: bool = False) -> str:  # noqa: FBT001, FBT002 - theirs
        """
        :returns: The path, percent-encoded.
        """
        return self._text


class _NoCookies(IndexableCookieJar):
    """
    Nodes cannot leave anything here.

    """

    def add_cookie_header(self, request: object) -> None:
        pass

    def extract_cookies(self, response: object, request: object) -> None:
        pass


_NO_COOKIES = _NoCookies()


@implementer(IBodyProducer)
@define(eq=False)
class _Bytes:
    """
    A request's body, which is small: it is sent at once.

    """

    body: bytes

    @property
    def length(self) -> int:
        return len(self.body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self.body)
        return succeed(None)

    def pauseProducing(self) -> None:
        pass

    def resumeProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        pass


class _WholeBody(Protocol):
    """
    Collects a body that must not be long.

    """

    def __init__(self, exchange: "Exchange", response: IResponse, most_bytes: int) -> None:
        self.received: Deferred[Reply | Unreachable | InvalidResponse] = Deferred()
        self._exchange = exchange
        self._status_code: int = response.code
        self._retry_after = _retry_after(response)
        self._left = most_bytes
        self._pieces: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left >= 0:
            self._pieces.append(data)
        else:
            self._exchange.refuse("too_large")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        is_complete = reason.check(ResponseDone) is not None
        has_ended = is_complete or (reason.check(PotentialDataLoss) and not self._exchange.refusal)
        if self._left >= 0 and has_ended:
            body = b"".join(self._pieces)
            self.received.callback(Reply(self._status_code, body, is_complete, self._retry_after))
        else:
            self.received.callback(self._exchange.explain(reason))


def _retry_after(response: IResponse) -> int | None:
    values = response.headers.getRawHeaders(b"Retry-After", [b""])
    return int(values[0]) if _SECONDS.fullmatch(values[0]) else None


class Exchange:
    """
    One request and its answer.

    """

    def __init__(self, agent: NodeAgent, reactor: Any, limits: Limits, url: NodeURL) -> None:
        self.path = url.to_text()
        self._agent = agent
        self._reactor = reactor
        self._limits = limits
        self._url = url
        self._response: Deferred[IResponse] | None = None
        self._refusal: str | None = None

    @property
    def is_connected(self) -> bool:
        """
        Whether the node has accepted a connection.

        """
        return self._agent.connection is not None

    @property
    def refusal(self) -> str | None:
        """
        Why we have closed the connection, if we have: a reason of ``InvalidResponse``.

        """
        return self._refusal or self._agent.refusal

    @property
    def is_suspect(self) -> bool:
        """
        Whether it was sent on a connection that was open before, and nothing has come back: the
        node may be well, and the connection dead.

        """
        connection = self._agent.connection
        return self._agent.is_reusing and connection is not None and not connection.has_received

    def open(
        self, method: str, headers: Headers | None = None, body: bytes = b""
    ) -> Deferred[IResponse | Unreachable | InvalidResponse]:
        """
        Send the request.

        :returns: The response as soon as its head has come; or why there is none that can be used.
            After ``abort`` what comes means nothing.
        """
        client = HTTPClient(self._agent, _NO_COOKIES, data_to_body_producer=_Bytes)
        response: Deferred[Any] = client.request(
            method,
            self._url,
            headers=headers,
            data=body,
            cookies=_NO_COOKIES,
            allow_redirects=False,
            unbuffered=True,
            reactor=self._reactor,
        )
        self._response = response
        return response.addErrback(self.explain)

    def read(
        self, method: str, headers: Headers | None = None, body: bytes = b""
    ) -> Deferred[Reply | Unreachable | InvalidResponse]:
        """
        Send the request, and collect the answer.

        :returns: The answer, or why there is none that can be used. After ``abort`` what comes
            means nothing.
        """
        return self.open(method, headers, body).addCallback(self._collect)

    def abort(self) -> None:
        """
        Close the connection, or give up making it.

        """
        self._agent.abort()
        if self._response is not None and not self._agent.has_head:
            self._response.cancel()

    def refuse(self, reason: str) -> None:
        """
        Close the connection because of what was received.

        :param reason: One of ``InvalidResponse``.
        """
        self._refusal = self._refusal or reason
        self._agent.end()

    def explain(self, failure: Failure) -> Unreachable | InvalidResponse:
        """
        :returns: Why there is no answer; the connection is closed.
        """
        self._agent.end()
        if self._agent.is_aborted:
            return _ABORTED
        refusal = self.refusal
        return explain(failure, self.path) if refusal is None else invalid(refusal, self.path)

    def _collect(
        self, response: IResponse | Unreachable | InvalidResponse
    ) -> Deferred[Reply | Unreachable | InvalidResponse] | Unreachable | InvalidResponse:
        if isinstance(response, Unreachable | InvalidResponse):
            return response
        body = _WholeBody(self, response, self._limits.body_bytes)
        response.deliverBody(body)
        return body.received


class Outbound(Service):
    """
    All connections to nodes, with what they need.

    Use in the reactor thread only.

    """

    def __init__(self, reactor: Any, connections: Connections, threads: LookupThreads) -> None:
        """
        :param reactor: ``IReactorTCP``, ``IReactorTime`` and ``IReactorFromThreads``.
        """
        self._reactor = reactor
        self._connections = connections
        self._threads = threads

    def startService(self) -> None:
        """
        See ``IService``.

        """
        super().startService()
        # Reads the trusted authorities now, because later it would hold everybody up.
        self._connections.trust.getContext()

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when all connections are closed.
        """
        super().stopService()
        self._threads.stop()
        return self._connections.stop()

    def exchange(
        self, destination: Destination, url: NodeURL, limits: Limits, *, reuse: bool
    ) -> Exchange:
        """
        :param reuse: Whether a connection that is open may be used; the request is then repeated
            if the node has just closed it. Not for what must be sent once.
        """
        agent = NodeAgent(self._connections, destination, limits, reuse=reuse)
        return Exchange(agent, self._reactor, limits, url)


def make_outbound(
    reactor: Any,
    networks: Sequence[Network] | None,
    getaddrinfo: Callable[..., Sequence[Any]] = socket.getaddrinfo,
    trust: CertificateOptions | None = None,
) -> Outbound:
    """
    :param reactor: ``IReactorTCP``, ``IReactorTime`` and ``IReactorFromThreads``.
    :param networks: ``NODE_ALLOWED_NETWORKS``.
    :param getaddrinfo: As ``socket.getaddrinfo``; called in threads.
    :param trust: Whose certificates to believe; by default those that the system does.
    """
    policy = AddressPolicy(networks)
    threads = LookupThreads(reactor)
    names = NodeNames(threads, policy, reactor, getaddrinfo)
    most_idle = min(descriptor_limit() // 4, MOST_IDLE_CONNECTIONS)
    connections = Connections(reactor, names, policy, trust or node_trust(None), most_idle)
    return Outbound(reactor, connections, threads)
