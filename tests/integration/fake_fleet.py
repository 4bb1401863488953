"""
A process that is many nodes, each at an address of its own in 127.0.0.0/8.

Run as ``python -m tests.integration.fake_fleet NODES HANGING``; it prints the port, which is the
same for all. The first ones accept connections and say nothing, the others are ready.

"""

import json
import sys
from typing import Any, ClassVar

from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.basic import LineOnlyReceiver

from tests.integration.loopback import address

FIGURES = {"app_mode": "webcam", "uptime_seconds": 12.5, "frames_captured": 300}
ANSWERS = {
    b"/health": {"status": "healthy", "app_mode": "webcam"},
    b"/ready": {"status": "ready", "message": "Fresh pictures are coming.", **FIGURES},
    b"/metrics": {**FIGURES, "camera_active": True},
}


def _reply(payload: object) -> bytes:
    body = json.dumps(payload).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


class Ready(LineOnlyReceiver):
    """
    A connection to a node that is ready.

    """

    replies: ClassVar = {path: _reply(payload) for path, payload in ANSWERS.items()}

    def connectionMade(self) -> None:
        """
        See ``Protocol``.

        """
        self._path = b""

    def lineReceived(self, line: bytes) -> None:
        """
        See ``LineOnlyReceiver``; the empty line ends a request.

        """
        if line.startswith(b"GET "):
            self._path = line.split()[1]
        elif not line:
            assert self.transport is not None
            self.transport.write(self.replies[self._path])


def main(nodes: int, hanging: int) -> None:
    """
    Be nodes until killed.

    """
    from twisted.internet import reactor  # noqa: TID251 - this is a whole process

    hanging_ones: Any = Factory.forProtocol(Protocol)
    ready_ones: Any = Factory.forProtocol(Ready)
    port = 0
    for number in range(nodes):
        factory = hanging_ones if number < hanging else ready_ones
        listening: Any = reactor.listenTCP(port, factory, interface=address(number))
        port = listening.getHost().port
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
