"""
Stands in for systemd: the one who is told how the daemon is.

"""

import shutil
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

MAX_BYTES = 65536


class NotifiedSocket:
    """
    Receives what a process tells through ``NOTIFY_SOCKET``.

    """

    def __init__(self, add_cleanup: Callable[..., object], *, is_abstract: bool = False) -> None:
        """
        :param add_cleanup: ``TestCase.addCleanup``.
        """
        # Not in trial's own folder: the path of a socket may have about a hundred characters.
        folder = tempfile.mkdtemp(prefix="notified-")
        add_cleanup(shutil.rmtree, folder)
        path = str(Path(folder, "notify"))
        self.address = f"@{path}" if is_abstract else path
        """As it stands in ``NOTIFY_SOCKET``."""

        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        add_cleanup(self._socket.close)
        self._socket.bind(f"\0{path}" if is_abstract else path)

    def received(self) -> list[str]:
        """
        :returns: The datagrams that have come since the last call.
        """
        self._socket.settimeout(0)
        datagrams: list[str] = []
        while True:
            try:
                datagrams.append(self._socket.recv(MAX_BYTES).decode())
            except BlockingIOError:
                return datagrams

    def wait(self, seconds: float) -> str:
        """
        :returns: The next datagram.
        :raises TimeoutError: If none comes in that time.
        """
        self._socket.settimeout(seconds)
        return self._socket.recv(MAX_BYTES).decode()
