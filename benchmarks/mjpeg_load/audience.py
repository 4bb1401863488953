"""
Who watches what.

"""

from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen


@frozen
class Target:
    """
    A stream.

    """

    host: str
    port: int
    path: str
    pid: int | None = None
    """The server's process, if what it costs is to be measured."""

    pictures: Path | None = None
    """Where the JPEG files are that it is to show."""

    @classmethod
    def at(cls, url: str, pid: int | None = None, pictures: Path | None = None) -> "Target":
        parts = urlsplit(url)
        path = parts._replace(scheme="", netloc="", fragment="").geturl()
        return cls(parts.hostname or "", parts.port or 80, path or "/", pid, pictures)


@frozen(kw_only=True)
class Audience:
    """
    Viewers, and how long it is noted what they see.

    """

    viewers: int
    seconds: float
    warmup_seconds: float = 1.5
    """How long they watch before, from when all have had a picture."""

    ramp_seconds: float = 25.0
    """How long that is waited for."""

    verifying: int = 1
    """So many, the first, read every byte; of what others get, pictures are dropped unread."""

    stalled: int = 0
    """So many, the last, read nothing after their first picture."""

    throttled: int = 0
    """So many of the others read slowly; figures about them are kept apart."""

    throttled_bytes_per_second: float = 0.0
