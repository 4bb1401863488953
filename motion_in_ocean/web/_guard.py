"""
The one door to the whole tree.

Every request passes here before any route sees it, so no route can forget credentials, the
names of the API, CORS, the write rule or a limit.

"""

from collections.abc import Container

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET

from motion_in_ocean.web._cors import CrossOriginPolicy
from motion_in_ocean.web._credentials import CHALLENGES, Credentials
from motion_in_ocean.web._hosts import HostPolicy
from motion_in_ocean.web._pages import Pages, page_body
from motion_in_ocean.web._paths import is_api
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
        request.responseHeaders.removeHeader(b"Server")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        try:
            # As the router sees it, so that both mean the same by a path.
            path = "/" + b"/".join(request.postpath or ()).decode()
            request.getRequestHostname().decode().encode("idna")
        except UnicodeError:
            message = "The path should be UTF-8, and the host a host name."
            return error_body(request, 400, "VALIDATION_ERROR", message)

        origin = _origin(request)
        reading = request.method in READING or _is_preflight(request)
        cors = self._cross_origin.headers(origin, open_to_all=reading and path in self._open_paths)
        if _is_preflight(request):
            return _preflight(request, cors, self._cross_origin)
        _set_headers(request, cors)

        authorization = request.requestHeaders.getRawHeaders(b"Authorization", [])
        if path not in PUBLIC_PATHS and not self._credentials.accept(authorization):
            return self._unauthorized(request)
        if is_api(path) and not self._credentials.required:
            hosts = request.requestHeaders.getRawHeaders(b"Host", [])
            if not self._hosts.allows(hosts):
                return _misdirected(request, b", ".join(hosts).decode("latin-1"))
        if request.body_is_too_large:
            return error_body(request, 413, "PAYLOAD_TOO_LARGE", "The body is too large.")
        return None if reading else self._refuse_write(request, origin)

    def _refuse_write(self, request: LimitedRequest, origin: str | None) -> bytes | None:
        # A form of another site can send neither JSON's content type nor our own origin.
        if origin is not None and not (
            origin == _own_origin(request) or self._cross_origin.lists(origin)
        ):
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

    def _unauthorized(self, request: Request) -> bytes:
        request.responseHeaders.setRawHeaders(b"WWW-Authenticate", list(CHALLENGES))
        if b"text/html" in (request.getHeader(b"Accept") or b""):
            return page_body(request, self._pages.unauthorized(), 401)
        return error_body(request, 401, "UNAUTHORIZED", "Valid credentials are needed.")


def _misdirected(request: Request, host: str) -> bytes:
    message = (
        "The API does not answer under this name. Use the daemon's address, or add the name to "
        "ALLOWED_HOSTS, or set credentials."
    )
    return error_body(request, 421, "MISDIRECTED_REQUEST", message, {"host": host})


def _origin(request: Request) -> str | None:
    value = request.getHeader(b"Origin")
    return None if value is None else value.decode("ascii", "replace").lower()


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
