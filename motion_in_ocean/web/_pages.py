"""
The files of the user interface, read once.

"""

import hashlib
from html import escape
from importlib.resources import files
from string import Template

from attrs import frozen

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

    def __init__(self) -> None:
        """
        Read everything; blocks.

        """
        self._templates: dict[str, Template] = {}
        self._assets: dict[str, Asset] = {}
        self.openapi = files("motion_in_ocean.web").joinpath("openapi-webcam.yaml").read_bytes()
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

    def unauthorized(self) -> bytes:
        """
        :returns: What a browser shows whose user has no credentials.
        """
        return self._fill("unauthorized.html")

    def _fill(self, name: str, **values: str) -> bytes:
        escaped = {key: escape(value) for key, value in values.items()}
        return self._templates[name].substitute(escaped).encode()
