"""
The files of the user interface, read once.

"""

import hashlib
import re
from base64 import b64encode
from html import escape
from importlib.resources import files
from string import Template

from attrs import frozen
from twisted.web.http import Request
from werkzeug.exceptions import NotFound

from motion_in_ocean.web._conditions import tagged_body
from motion_in_ocean.web._replies import body

PAGE_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'{styles}; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)

UNCHANGING = "max-age=31536000, immutable"

ASSET_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@frozen
class Asset:
    """
    A file that pages refer to.

    """

    content: bytes
    content_type: str
    etag: str


@frozen
class Page:
    """
    A page, and what it may load.

    """

    content: bytes
    policy: str
    """Its ``Content-Security-Policy``."""


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
        self._policies: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        document = f"openapi-{app_mode}.yaml"
        self.openapi = files("motion_in_ocean.web").joinpath(document).read_bytes()
        everything = hashlib.sha256()
        for path in sorted(files("motion_in_ocean.ui").iterdir(), key=lambda path: path.name):
            suffix = path.name[path.name.rfind(".") :]
            if suffix == ".html":
                text = path.read_text("utf-8")
                self._templates[path.name] = Template(text)
                self._policies[path.name] = PAGE_POLICY.format(styles=_hashes_of_styles(text))
            elif suffix in ASSET_TYPES:
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                self._assets[path.name] = Asset(content, ASSET_TYPES[suffix], f'"{digest[:16]}"')
                everything.update(f"{path.name} {digest}\n".encode())
        self.version = everything.hexdigest()[:16]
        """
        Changes with the content of any asset.

        It is a folder in the addresses of all, so that modules that name one another by relative
        addresses stay within one version too.
        """

    def asset(self, name: str) -> Asset | None:
        """
        :returns: The file of that name, if pages may refer to it.
        """
        return self._assets.get(name)

    def viewer(self, *, open_to_network: bool) -> Page:
        """
        :param open_to_network: Whether anyone on the network can watch.
        """
        return self._fill("viewer.html", open_to_network="yes" if open_to_network else "no")

    def dashboard(self, *, open_to_network: bool) -> Page:
        """
        :param open_to_network: Whether anyone on the network can manage the nodes.
        """
        return self._fill("dashboard.html", open_to_network="yes" if open_to_network else "no")

    def unauthorized(self) -> Page:
        """
        :returns: What a browser shows whose user has no credentials.
        """
        return self._fill("unauthorized.html")

    def _fill(self, name: str, **values: str) -> Page:
        escaped = {key: escape(value) for key, value in values.items()}
        text = self._templates[name].substitute(escaped, ui=f"ui/{self.version}")
        return Page(text.encode(), self._policies[name])


def _hashes_of_styles(page: str) -> str:
    # The page for those without credentials has its style within: it can load nothing.
    digests = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(page))
    return "".join(f" 'sha256-{b64encode(digest).decode()}'" for digest in digests)


def page_body(request: Request, page: Page, status: int = 200) -> bytes:
    """
    :returns: A page that may load nothing but what comes from here.
    """
    # There may be another, about frames, and both hold.
    request.responseHeaders.addRawHeader(b"Content-Security-Policy", page.policy.encode())
    return body(request, page.content, "text/html; charset=utf-8", status)


def asset_body(request: Request, pages: Pages, name: str, version: str | None = None) -> bytes:
    """
    :param version: The one that the address names, if it does. Such a reply never changes; any
        other is asked for again each time.
    :returns: What pages refer to by that name, or nothing if the client has it already.
    :raises NotFound: If there is no such thing. A page that is older than the daemon gets nothing
        rather than a mixture.
    """
    asset = pages.asset(name)
    if asset is None or version not in (None, pages.version):
        raise NotFound
    # Who had to show credentials does not share what they got.
    scope = "public" if request.getHeader(b"Authorization") is None else "private"
    caching = "no-cache" if version is None else f"{scope}, {UNCHANGING}"
    request.setHeader(b"Cache-Control", caching.encode())
    return tagged_body(
        request,
        asset.etag,
        lambda: body(request, asset.content, asset.content_type, caching=caching),
    )


def openapi_body(request: Request, pages: Pages) -> bytes:
    """
    :returns: The document of the API.
    """
    return body(request, pages.openapi, "application/yaml", caching="no-cache")
