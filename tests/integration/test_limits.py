"""
The limits of connections that do not come over a plain TCP port, and as real clients see them.

"""

import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

from motion_in_ocean.web._channel import REQUEST_SECONDS
from tests.integration.certificates import Certified
from tests.integration.daemon import PATIENCE_SECONDS, DaemonTestCase, wait_until

REQUEST = b"GET /health HTTP/1.1\r\nHost: camera\r\n\r\n"
TOLERANCE_SECONDS = 2.0


def status_of(connection: socket.socket) -> int:
    """
    :returns: The status of the reply that comes.
    """
    reply = http.client.HTTPResponse(connection)
    reply.begin()
    reply.read()
    return reply.status


def seconds_until_closed(connections: Sequence[socket.socket]) -> list[float]:
    """
    Send another byte now and then until the daemon has ended each.

    """
    since, ended = time.monotonic(), dict.fromkeys(connections, 0.0)
    while not all(ended.values()):
        assert time.monotonic() < since + REQUEST_SECONDS + PATIENCE_SECONDS, ended
        for connection in connections:
            if not ended[connection] and not _drip(connection):
                ended[connection] = time.monotonic() - since
        time.sleep(0.2)
    return list(ended.values())


def _drip(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        connection.send(b"x")
        return connection.recv(65536) != b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False


class ElsewhereTests(DaemonTestCase):
    """
    Whatever ``LISTEN`` says, there are deadlines and limits.

    """

    def test_tls(self) -> None:
        """
        Neither a handshake that does not come nor a request that drips has longer than ten seconds,
        and one address has 32 connections.
        """
        tls = Certified(Path(self.mktemp()).absolute())
        daemon = self.make_daemon({"LISTEN": tls.listen()}, authority=tls.certificate).start()
        context = ssl.create_default_context(cafile=tls.certificate)

        def plain(host: str) -> socket.socket:
            connection = socket.create_connection(
                ("127.0.0.1", daemon.port), timeout=PATIENCE_SECONDS, source_address=(host, 0)
            )
            self.addCleanup(connection.close)
            return connection

        def secure(host: str) -> socket.socket:
            connection = context.wrap_socket(plain(host), server_hostname="127.0.0.1")
            self.addCleanup(connection.close)
            return connection

        crowd = [secure("127.0.0.9") for _ in range(33)]
        wait_until(lambda: not _drip(crowd[0]), "the first makes room")
        crowd[1].sendall(REQUEST)
        self.assertEqual(status_of(crowd[1]), 200)
        silent, dripping = plain("127.0.0.2"), secure("127.0.0.2")
        for seconds in seconds_until_closed([silent, dripping]):
            self.assertLess(seconds, REQUEST_SECONDS + TOLERANCE_SECONDS)

    def test_unix_socket(self) -> None:
        """
        A program on the same machine has as many as it needs, and as long as others.
        """
        # Relative, because the whole path of a socket may not be longer than 107 characters.
        folder = self.make_daemon({"LISTEN": "unix:socket"}).start().cwd

        def connect() -> socket.socket:
            connection = socket.socket(socket.AF_UNIX)
            self.addCleanup(connection.close)
            connection.settimeout(PATIENCE_SECONDS)
            descriptor = f"/proc/self/cwd/{(folder / 'socket').relative_to(Path.cwd())}"
            connection.connect(descriptor)
            return connection

        for _ in range(60):
            connection = connect()
            connection.sendall(REQUEST)
            self.assertEqual(status_of(connection), 200)
        (seconds,) = seconds_until_closed([connect()])
        self.assertGreater(seconds, REQUEST_SECONDS - TOLERANCE_SECONDS)
        self.assertLess(seconds, REQUEST_SECONDS + TOLERANCE_SECONDS)


class RefusalTests(DaemonTestCase):
    """
    Those who are refused can read why, though they have not been listened to.

    """

    def test_large_head(self) -> None:
        """
        A client that sends far more than is read still gets the answer, not a connection reset.
        """
        for _ in range(20):
            address = ("127.0.0.1", self.daemon.port)
            with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
                connection.sendall(REQUEST[:-2] + b"X: " + b"x" * 1_000_000)
                self.assertEqual(status_of(connection), 431)
                self.assertEqual(connection.recv(1), b"")
