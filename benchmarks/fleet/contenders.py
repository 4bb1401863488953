"""
Who is compared.

"""

import importlib.metadata
import importlib.util

from attrs import frozen


@frozen
class Contender:
    """
    One client.

    """

    key: str
    """Names it on the command line and in the JSON file."""

    module: str
    """What to run."""

    needs: str = "twisted"
    arguments: tuple[str, ...] = ()
    note: str = ""

    @property
    def label(self) -> str:
        """
        Names it in tables, with its version.

        """
        if self is OURS:
            return self.key
        try:
            version = importlib.metadata.version(self.needs)
        except importlib.metadata.PackageNotFoundError:
            version = "-"
        return f"{self.needs} {version}{self.note}"

    @property
    def missing(self) -> str | None:
        """
        Why it cannot be run here, and what to install.

        """
        found = importlib.util.find_spec(self.needs) is not None
        return None if found else f"missing: pip install {self.needs}"


OURS = Contender("motion-in-ocean", "benchmarks.fleet.ours")
_CLIENTS = "benchmarks.fleet.clients"
AIOHTTP = Contender("aiohttp", f"{_CLIENTS}.on_aiohttp", "aiohttp")
IN_TURN = Contender(
    "aiohttp-in-turn", f"{_CLIENTS}.on_aiohttp", "aiohttp", ("in-turn",), ", in turn"
)
HTTPX = Contender("httpx", f"{_CLIENTS}.on_httpx", "httpx", note=", a client each")
REQUESTS = Contender("requests", f"{_CLIENTS}.on_requests", "requests", note=", 32 threads")

ALL = (OURS, AIOHTTP, IN_TURN, HTTPX, REQUESTS)
