"""
The one door to the whole tree.

Every request passes here before any route sees it, so no route can forget credentials, the
names of the API, CORS, the write rule, a limit, or what browsers are told about all replies.

"""

from collections.abc import Container, Sequence

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET

from motion_in_ocean.web._cors import CrossOriginPolicy
from motion_in_ocean.web._credentials import Credentials, challenges
from motion_in_ocean.web._hosts import HostPolicy
from motion_in_ocean.web._logins import FailedLogins
from motion_in_ocean.web._pages import Pages, page_body
from motion_in_ocean.web._paths import is_api
from motion_in_ocean.web._peers import network_of
from motion_in_ocean.web._replies import error_body
from motion_in_ocean.web._site import LimitedRequest

PUBLIC_PATHS = frozenset({"/health", "/ready"})
"""The only paths that never need credentials: container engines and monitors ask them."""

READING = (b"GET", b"HEAD")


class Guard(Resource):
    """
    Let a request through to the tree, or answer it here.

    """

    isLeaf = True

    def __init__(
        self,
        tree: IResource,
        *,
        credentials: Credentials,
        cross_origin: CrossOriginPolicy,
        failed_logins: FailedLogins,
        hosts: HostPolicy,
        open_paths: Container[str],
        pages: Pages,
    ) -> None:
        """
        :param tree: What is behind the door.
        :param hosts: The names under which the API answers while no credentials are needed.
        :param open_paths: The paths that pages of any origin may read when ``CORS_ORIGINS`` is
            ``*``.
        :param pages: Where the page comes from that tells a browser about credentials.
        """
        super().__init__()
        self._tree = tree
        self._credentials = credentials
        self._cross_origin = cross_origin
        self._failed_logins = failed_logins
        self._hosts = hosts
        self._open_paths = open_paths
        self._pages = pages

    def render(self, request: IRequest) -> int:
        """
        Answer any request.

        """
        assert isinstance(request, LimitedRequest)
        refusal = self._refuse(request)
        if refusal is None:
            # The tree answers or throws in its own time.
            result: int = self._tree.render(request)
            return result
        request.write(refusal)
        request.finish()
        return NOT_DONE_YET

    def _refuse(self, request: LimitedRequest) -> bytes | None:
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Referrer-Policy", b"no-referrer")
        try:
            # As the router sees it, so that both mean the same by a path.
            path = "/" + b"/".join(request.postpath or ()).decode()
            request.getRequestHostname().decode().encode("idna")
        except UnicodeError:
            message = "The path should be UTF-8, and the host a host name."
            return error_body(request, 400, "VALIDATION_ERROR", message)

        _set_headers(request, self._cross_origin.frame_headers())
        # Browsers heed this where they send that, which is to TLS, also that of a proxy, and on the
        # same machine; elsewhere they complain about it.
        if request.getHeader(b"Sec-Fetch-Site") is not None:
            request.setHeader(b"Cross-Origin-Opener-Policy", b"same-origin")

        origin = _origin(request)
        reading = request.method in READING or _is_preflight(request)
        cors = self._cross_origin.headers(origin, open_to_all=reading and path in self._open_paths)
        if _is_preflight(request):
            return _preflight(request, cors, self._cross_origin)
        _set_headers(request, cors)

        if path not in PUBLIC_PATHS and self._credentials.required:
            refusal = self._refuse_stranger(request)
            if refusal is not None:
                return refusal
        if is_api(path) and not self._credentials.required:
            hosts = request.requestHeaders.getRawHeaders(b"Host", [])
            if not self._hosts.allows(hosts):
                return _misdirected(request, b", ".join(hosts).decode("latin-1"))
        if request.body_is_too_large:
            return error_body(request, 413, "PAYLOAD_TOO_LARGE", "The body is too large.")
        return None if reading else self._refuse_write(request, origin)

    def _refuse_stranger(self, request: Request) -> bytes | None:
        shown = request.requestHeaders.getRawHeaders(b"Authorization", [])
        client = network_of(request.getClientAddress())
        if shown and (seconds := self._failed_logins.wait_of(client)):
            # Whatever it is, right or not: otherwise one could go on guessing.
            request.setHeader(b"Retry-After", b"%d" % seconds)
            message = f"Too many wrong credentials came from {client}. Wait {seconds} s."
            return error_body(request, 429, "TOO_MANY_REQUESTS", message)
        if self._credentials.accept(shown):
            return None
        if shown:
            # Without any it is no guess: browsers ask so first.
            self._failed_logins.add(client, b"\n".join(shown))
        return self._unauthorized(request, shown)

    def _refuse_write(self, request: LimitedRequest, origin: str | None) -> bytes | None:
        # A form of another site can send neither JSON's content type nor our own origin.
        if not (_is_own_page(request, origin) or self._cross_origin.lists(origin or "")):
            return error_body(
                request, 403, "FORBIDDEN", "Pages of this origin may not change anything here."
            )
        content_type = request.getHeader(b"Content-Type") or b""
        if request.has_body and content_type.partition(b";")[0].strip().lower() != (
            b"application/json"
        ):
            return error_body(
                request, 415, "UNSUPPORTED_MEDIA_TYPE", "A body should be application/json."
            )
        return None

    def _unauthorized(self, request: Request, shown: Sequence[bytes]) -> bytes:
        request.responseHeaders.setRawHeaders(b"WWW-Authenticate", challenges(shown))
        if b"text/html" in (request.getHeader(b"Accept") or b""):
            return page_body(request, self._pages.unauthorized(), 401)
        return error_body(request, 401, "UNAUTHORIZED", "Valid credentials are needed.")


def let_be_framed(request: Request) -> None:
    """
    Let pages of any origin show the reply in a frame: there is nothing to click on.

    """
    for name in ("X-Frame-Options", "Content-Security-Policy"):
        request.responseHeaders.removeHeader(name)


def _misdirected(request: Request, host: str) -> bytes:
    message = (
        "The API does not answer under this name. Use the daemon's address, or add the name to "
        "ALLOWED_HOSTS, or set credentials."
    )
    return error_body(request, 421, "MISDIRECTED_REQUEST", message, {"host": host})


def _origin(request: Request) -> str | None:
    value = request.getHeader(b"Origin")
    return None if value is None else value.decode("ascii", "replace").lower()


def _is_own_page(request: Request, origin: str | None) -> bool:
    """
    Whether a page of ours asks, or a program that is no browser.

    """
    site = request.getHeader(b"Sec-Fetch-Site")
    if site is None:
        return origin is None or origin == _own_origin(request)
    # No script can set it, and what a proxy does to Host does not matter to it. Another port of
    # this machine is same-site, and may belong to somebody else.
    return site in (b"same-origin", b"none")


def _own_origin(request: Request) -> str:
    host = (request.getHeader(b"Host") or b"").decode("ascii", "replace").lower()
    scheme, default_port = ("https", ":443") if request.isSecure() else ("http", ":80")
    return f"{scheme}://{host.removesuffix(default_port)}"


def _is_preflight(request: Request) -> bool:
    return (
        request.method == b"OPTIONS"
        and request.getHeader(b"Origin") is not None
        and request.getHeader(b"Access-Control-Request-Method") is not None
    )


def _preflight(request: Request, cors: dict[str, str], policy: CrossOriginPolicy) -> bytes:
    _set_headers(request, cors)
    if "Access-Control-Allow-Origin" in cors:
        _set_headers(request, policy.preflight_headers())
    request.setResponseCode(204)
    return b""


def _set_headers(request: Request, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        request.setHeader(name.encode(), value.encode())
