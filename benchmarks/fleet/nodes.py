"""
A process that is many nodes, each at an address of its own in 127.0.0.0/8.

Run as ``python -m benchmarks.fleet.nodes NODES HANGING``; it prints the port, which is the same for
all. The hanging ones, spread evenly among the others, accept connections and say nothing.

"""

import asyncio
import json
import sys
from typing import ClassVar

PATHS = ("/health", "/ready", "/metrics")
_WHEN = "2026-11-23T05:11:00.000Z"
_FIGURES = {
    "app_mode": "webcam",
    "uptime_seconds": 123.4,
    "frames_captured": 1234,
    "current_fps": 29.9,
    "last_frame_age_seconds": 0.012,
    "max_frame_age_seconds": 10.0,
    "resolution": [640, 480],
    "timestamp": _WHEN,
}
_ANSWERS = {
    "/health": {"status": "healthy", "timestamp": _WHEN, "app_mode": "webcam"},
    "/ready": {"status": "ready", "message": "Fresh pictures are coming.", **_FIGURES},
    "/metrics": {
        **_FIGURES,
        "camera_active": True,
        "stream_connections": {"current": 1, "max": 100},
        "configuration": {"fps": 30.0, "jpeg_quality": 85, "mock_camera": False},
    },
}


def address(number: int) -> str:
    """
    :returns: Where the node of that number is.
    """
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def hangs(number: int, nodes: int, hanging: int) -> bool:
    """
    :returns: Whether the node of that number says nothing.
    """
    return (number + 1) * hanging // nodes > number * hanging // nodes


class Hanging(asyncio.Protocol):
    """
    A connection to a node that hangs.

    """


class Well(asyncio.Protocol):
    """
    A connection to a node that is ready; it costs as little as possible.

    """

    replies: ClassVar[dict[bytes, bytes]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(self.replies[head.split(b" ", 2)[1]])


def _reply(payload: object) -> bytes:
    body = json.dumps(payload).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


async def be_nodes(nodes: int, hanging: int) -> None:
    Well.replies = {path.encode(): _reply(payload) for path, payload in _ANSWERS.items()}
    loop = asyncio.get_running_loop()
    port = 0
    for number in range(nodes):
        protocol = Hanging if hangs(number, nodes, hanging) else Well
        server = await loop.create_server(protocol, address(number), port, backlog=512)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(be_nodes(int(sys.argv[1]), int(sys.argv[2])))
