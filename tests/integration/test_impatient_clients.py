"""
Clients of management mode who ask for something, and leave before it is there.

"""

import socket
from pathlib import Path

from tests.integration.daemon import Daemon, wait_until
from tests.integration.test_management import ManagementTestCase

CLIENTS = 200
FEW = 16
"""Descriptors more than before: four actions, and what else comes and goes."""


class ImpatientClientTests(ManagementTestCase):
    """
    A node accepts connections and says nothing, and many clients do not wait for it.

    """

    def setUp(self) -> None:
        super().setUp()
        hanging = socket.create_server(("127.0.0.1", 0), backlog=2 * CLIENTS)
        self.addCleanup(hanging.close)
        self.management = self.make_management(PROBE_INTERVAL_SECONDS="0").start()
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        self.register(self.management, "hanging", url)

    def come_and_leave(self, request: str) -> None:
        """
        See that what clients have begun does not outlive them in numbers.

        """
        before = _descriptors(self.management)
        address = ("127.0.0.1", self.management.connection().port)
        for _ in range(CLIENTS):
            with socket.create_connection(address) as client:
                client.sendall(f"{request} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_until(
            lambda: _descriptors(self.management) <= before + FEW,
            lambda: f"{_descriptors(self.management)} descriptors, there were {before}",
            seconds=1.0,
        )

    def test_actions(self) -> None:
        """
        An action is ended without its client, but only a few are under way at once.
        """
        self.come_and_leave("POST /api/nodes/hanging/actions/restart")

    def test_status(self) -> None:
        """
        Nobody is asked for those who do not wait for the answer.
        """
        self.come_and_leave("GET /api/nodes/hanging/status")


def _descriptors(daemon: Daemon) -> int:
    return len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
