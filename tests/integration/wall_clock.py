"""
A daemon whose wall clock a test can set while it runs.

"""

import time
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field

from tests.integration.components import missing

REMEDY = "apt-get install faketime"


@define(eq=False)
class WallClock:
    """
    The wall clock of one process, kept by libfaketime; its monotonic clock is left alone.

    """

    path: Path
    """The file that libfaketime reads, each time that the process asks for the time."""

    offset: float = field(init=False, default=0.0)
    """Seconds that it is ahead of the clock of the machine."""

    def __attrs_post_init__(self) -> None:
        self.set(0)

    def environment(self) -> Mapping[str, str]:
        """
        :returns: What the process needs in its environment.
        :raises Exception: See ``missing``.
        """
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries:
            raise missing("libfaketime", REMEDY)
        return {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            # Older versions know it by the second name.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: float) -> None:
        """
        Step it to so many seconds ahead of the machine's.

        """
        self.offset = offset
        # In one step: half a file would be read as well.
        new = self.path.with_suffix(".new")
        new.write_text(f"{offset:+f}\n")
        new.replace(self.path)

    def now(self) -> float:
        """
        :returns: What it shows, in seconds since the epoch.
        """
        return time.time() + self.offset
