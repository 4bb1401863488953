"""
The files of the user interface, read once.

"""

import hashlib
from html import escape
from importlib.resources import files
from string import Template

from attrs import frozen
from twisted.web.http import Request
from werkzeug.exceptions import NotFound

from motion_in_ocean.web._conditions import tagged_body
from motion_in_ocean.web._replies import body

PAGE_POLICY = (
    b"default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'"
)

ASSET_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@frozen
class Asset:
    """
    A file that pages refer to.

    """

    content: bytes
    content_type: str
    etag: str


class Pages:
    """
    Pages and what belongs to them, in memory: the reactor never waits for a disk.

    """

    def __init__(self, app_mode: str = "webcam") -> None:
        """
        Read everything; blocks.

        :param app_mode: Whose API document it is.
        """
        self._templates: dict[str, Template] = {}
        self._assets: dict[str, Asset] = {}
        document = f"openapi-{app_mode}.yaml"
        self.openapi = files("motion_in_ocean.web").joinpath(document).read_bytes()
        for path in files("motion_in_ocean.ui").iterdir():
            suffix = path.name[path.name.rfind(".") :]
            if suffix == ".html":
                self._templates[path.name] = Template(path.read_text("utf-8"))
            elif suffix in ASSET_TYPES:
                content = path.read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
                self._assets[path.name] = Asset(content, ASSET_TYPES[suffix], etag)

    def asset(self, name: str) -> Asset | None:
        """
        :returns: The file of that name, if pages may refer to it.
        """
        return self._assets.get(name)

    def viewer(self, *, open_to_network: bool) -> bytes:
        """
        :param open_to_network: Whether anyone on the network can watch.
        """
        return self._fill("viewer.html", open_to_network="yes" if open_to_network else "no")

    def dashboard(self, *, open_to_network: bool) -> bytes:
        """
        :param open_to_network: Whether anyone on the network can manage the nodes.
        """
        return self._fill("dashboard.html", open_to_network="yes" if open_to_network else "no")

    def unauthorized(self) -> bytes:
        """
        :returns: What a browser shows whose user has no credentials.
        """
        return self._fill("unauthorized.html")

    def _fill(self, name: str, **values: str) -> bytes:
        escaped = {key: escape(value) for key, value in values.items()}
        return self._templates[name].substitute(escaped).encode()


def page_body(request: Request, page: bytes) -> bytes:
    """
    :returns: A page that may load nothing but what comes from here.
    """
    # There may be another, about frames, and both hold.
    request.responseHeaders.addRawHeader(b"Content-Security-Policy", PAGE_POLICY)
    return body(request, page, "text/html; charset=utf-8")


def asset_body(request: Request, pages: Pages, name: str) -> bytes:
    """
    :returns: What pages refer to by that name, or nothing if the client has it already.
    :raises NotFound: If there is no such thing.
    """
    asset = pages.asset(name)
    if asset is None:
        raise NotFound
    return tagged_body(
        request,
        asset.etag,
        lambda: body(request, asset.content, asset.content_type, caching="no-cache"),
    )


def openapi_body(request: Request, pages: Pages) -> bytes:
    """
    :returns: The document of the API.
    """
    return body(request, pages.openapi, "application/yaml", caching="no-cache")
