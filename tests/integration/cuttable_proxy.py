"""
What stands between a browser and the daemon: a reverse proxy, on a network that can go.

"""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_REQUEST = re.compile(rb"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1\r\n")
_CONNECTION = re.compile(rb"\r\nConnection: [^\r]*", re.IGNORECASE)
_HOST = re.compile(rb"\r\nHost: [^\r]*", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)

BAD_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n"
    b"Connection: close\r\n\r\n<p>"
)


class CuttableProxy:
    """
    Give the daemon a folder of an address that is not its own.

    Each connection carries one request, as with ``proxy_http_version 1.0``.

    """

    def __init__(self, port: int, folder: str = "/", host: str | None = None) -> None:
        """
        :param port: Where the daemon listens on the loopback interface.
        :param folder: Begins and ends with a slash; nothing outside is there.
        :param host: What the daemon is told that the browser has asked for.
        """
        self._port = port
        self._folder = folder.encode()
        self._host = host
        self.delay_seconds = 0.0
        """How much longer than without it an answer takes to begin."""
        self._network = 0
        self._is_cut = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{folder}"
        """Where the daemon's front page is now."""
        self._in_thread(self._accept)

    def cut(self) -> None:
        """
        Take the network away: nothing arrives, and nobody is told, not even that it is gone.

        Connections that are open now are lost for ever.

        """
        self._is_cut = True
        self._network += 1

    def mend(self) -> None:
        """
        Let new connections through again.

        """
        self._is_cut = False

    def close(self) -> None:
        """
        End all of it.

        """
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _in_thread(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._in_thread(lambda client=client: self._serve(client))  # type: ignore[misc]

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            network = self._network
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
            head, _, body = head.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            while length and len(body) < int(length[1]):
                body += client.recv(65536)
            if self._is_cut:
                return
            request = _REQUEST.match(head)
            assert request is not None, head
            if not request["path"].startswith(self._folder):
                client.sendall(BAD_GATEWAY)
                client.close()
                return
            path = b"/" + request["path"].removeprefix(self._folder)
            line = b"%s %s HTTP/1.1\r\n" % (request["method"], path)
            rest = _CONNECTION.sub(b"", b"\r\n" + head[request.end() :]).lstrip(b"\r\n")
            if self._host is not None:
                rest = _HOST.sub(b"\r\nHost: " + self._host.encode(), b"\r\n" + rest)[2:]
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                client.sendall(BAD_GATEWAY)
                client.close()
                return
            self._sockets.append(server)
            time.sleep(self.delay_seconds)
            server.sendall(line + rest + b"\r\nConnection: close\r\n\r\n" + body)
            while True:
                piece = server.recv(65536)
                if network != self._network:
                    server.close()
                    return
                client.sendall(piece)
                if not piece:
                    client.close()
                    return
