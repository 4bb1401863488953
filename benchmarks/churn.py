"""
Viewers who come, read a little and go: half of them politely, half by reset.

"""

import os
import socket
import struct
import time

from benchmarks.server import Server

READ_SECONDS = 0.5
REST_SECONDS = 0.5
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 seconds: closing sends RST."""


def descriptors(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))  # noqa: PTH208


def round_of(server: Server, viewers: int) -> None:
    """
    Have many come and go.

    """
    connections = []
    for _ in range(viewers):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=15)
        request = f"GET {server.contender.stream} HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall(request.encode())
        connections.append(connection)
    time.sleep(READ_SECONDS)
    for number, connection in enumerate(connections):
        connection.recv(1000)
        if number % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
    time.sleep(REST_SECONDS)


def churn(server: Server, rounds: int, viewers: int) -> dict[str, float]:
    """
    :returns: What was left behind: descriptors, and MiB from the first round to the last.
    """
    before = descriptors(server)
    round_of(server, viewers)
    warm = server.rss_bytes()
    for _ in range(rounds - 1):
        round_of(server, viewers)
    return {
        "descriptors_left": descriptors(server) - before,
        "rss_growth_mib": (server.rss_bytes() - warm) / 1024 / 1024,
    }
