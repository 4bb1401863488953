"""
What went wrong with a request, told in our words.

"""

from collections.abc import Sequence

from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet import error as network
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from motion_in_ocean.management.outbound._addresses import AddressRefused
from motion_in_ocean.management.outbound._results import InvalidResponse, Unreachable
from motion_in_ocean.service import without_words

_log = Logger()

_UNREACHABLE: tuple[tuple[type[BaseException], str, str], ...] = (
    (network.ConnectionRefusedError, "connection_refused", "nothing listens there"),
    (network.TCPTimedOutError, "timeout", "the node does not accept connections"),
    (network.TimeoutError, "timeout", "the node does not accept connections"),
    (network.DNSLookupError, "dns_failure", "the host name is not known here"),
    (network.UnknownHostError, "dns_failure", "the host name is not known here"),
    (network.NoRouteError, "network_unreachable", "there is no way to the node's network"),
    (
        network.ConnectBindError,
        "out_of_sockets",
        "no sockets are left here (see ulimit -n)",
    ),
    (network.ConnectError, "network_unreachable", "the node cannot be reached"),
    (VerificationError, "tls_failure", "the certificate is for another host"),
    (SSL.Error, "tls_failure", "TLS failed, or the certificate is not one that we trust"),
)
BAD_HOST = Unreachable("dns_failure", "the host name is none")
TIMEOUT = Unreachable("timeout", "the node did not answer in time")
_RESET = Unreachable("connection_reset", "the node closed the connection without an answer")
_INTERNAL = "an error in this program; its log says more"

INVALID = {
    "encoded": "the answer is compressed, which was not asked for",
    "malformed": "the answer is no proper HTTP",
    "not_json": "the answer is no JSON",
    "no_picture": "the node has no picture at the moment",
    "redirect": "the node redirects elsewhere; redirects are never followed",
    "too_large": "the answer is too large",
    "too_many_guesses": "after too many wrong credentials, the node refuses all for a while",
    "truncated": "the answer ended early",
    "wrong_shape": "the answer is JSON, but not what a node says",
    "wrong_status": "the answer has a status that a node never gives here",
    "wrong_type": "the answer is no JPEG picture",
}


class UnusableResponse(Exception):
    """
    The head of a response is reason enough not to read on.

    """

    def __init__(self, reason: str) -> None:
        """
        :param reason: A reason of ``InvalidResponse``.
        """
        super().__init__(reason)
        self.reason = reason


def invalid(reason: str, path: str) -> InvalidResponse:
    """
    :param reason: One of ``INVALID``.
    :param path: What was asked for.
    """
    return InvalidResponse(reason, INVALID[reason], path)


def wrong_status(status_code: int, path: str) -> InvalidResponse:
    """
    :param status_code: One with which a node does not give what was asked for.
    :param path: What was asked for.
    """
    return invalid("too_many_guesses" if status_code == 429 else "wrong_status", path)


def internal() -> Unreachable:
    """
    :returns: What is answered where this program is wrong; the log has the rest.
    """
    return Unreachable("internal", _INTERNAL)


def explain(failure: Failure, path: str) -> Unreachable | InvalidResponse:
    """
    :param failure: Of a request that nobody has cancelled.
    :param path: What was asked for.
    """
    cause = _cause(failure.value)
    if isinstance(cause, UnusableResponse):
        return invalid(cause.reason, path)
    if isinstance(cause, AddressRefused):
        return Unreachable("address_refused", str(cause))
    for kind, reason, message in _UNREACHABLE:
        if isinstance(cause, kind):
            return Unreachable(reason, message)
    has_answered = failure.check(ResponseFailed) and not failure.check(ResponseNeverReceived)
    if isinstance(cause, network.ConnectionClosed | network.ConnectionAborted):
        return invalid("truncated", path) if has_answered else _RESET
    if has_answered:
        # Whatever Twisted's parser stumbled over: it has many ways to.
        what = type(cause).__name__
        _log.debug("{path} was answered with what is no HTTP: {what}", path=path, what=what)
        return invalid("malformed", path)
    _log.failure("while asking a node for {path}", without_words(failure), path=path)
    return internal()


def _cause(error: BaseException | None) -> BaseException | None:
    reasons: Sequence[Failure] = getattr(error, "reasons", ())
    return _cause(reasons[0].value) if reasons else error
