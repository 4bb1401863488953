"""
Nodes that say what they are told to, all behind one port: each has a path of its own.

"""

import io
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import Factory, define, field
from PIL import Image

FIGURES = {"app_mode": "webcam", "uptime_seconds": 12.5, "frames_captured": 300}
HEALTH: Mapping[str, Any] = {"status": "healthy", "app_mode": "webcam"}
READY: Mapping[str, Any] = {"status": "ready", "current_fps": 24.5, **FIGURES}
NOT_READY: Mapping[str, Any] = {
    "status": "not_ready",
    "reason": "stale_stream",
    "message": "The camera gives no pictures any more.",
    **FIGURES,
}


def picture(colour: tuple[int, int, int] = (0, 128, 255)) -> bytes:
    """
    :returns: A JPEG of one colour.
    """
    jpeg = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(jpeg, "JPEG")
    return jpeg.getvalue()


@define
class MadeUpNode:
    """
    What a node says; may be changed at any time.

    """

    ready: Mapping[str, Any] = Factory(lambda: dict(READY))
    picture: bytes | None = Factory(picture)
    """Without one, its pictures are answered with 503."""

    stamp: str | None = None
    """The ``X-Timestamp`` of its pictures; each has another if there is none."""

    picture_seconds: float = 0
    """How long a picture takes."""

    token: str = ""
    """What it wants to see, if anything."""

    html: bytes = b""
    """What it answers with instead of JSON, if anything."""

    action: tuple[int, Any] = (202, {"status": "restarting"})
    """How it answers to any action."""

    received: list[tuple[str, Any]] = Factory(list)
    """The actions that were asked for, with their bodies."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        """
        Say nothing.
        """

    def _reply(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _json(self, status: int, payload: object) -> None:
        self._reply(status, json.dumps(payload).encode(), "application/json")

    def _node(self) -> tuple[MadeUpNode | None, str]:
        _, name, rest = self.path.split("/", 2)
        node = self.server.nodes.get(name)
        if node is None:
            self._json(404, {})
        elif node.token and self.headers.get("Authorization") != f"Bearer {node.token}":
            self._json(401, {})
            return None, rest
        return node, rest

    def do_GET(self) -> None:
        """
        A probe, or a picture.
        """
        node, what = self._node()
        if node is None:
            return
        if what == "snapshot.jpg":
            self._picture(node)
        elif node.html:
            self._reply(200, node.html, "text/html")
        elif what == "ready":
            self._json(200 if node.ready["status"] == "ready" else 503, node.ready)
        else:
            self._json(200, HEALTH)

    def _picture(self, node: MadeUpNode) -> None:
        if node.picture is None:
            self._reply(503, b"no picture", "text/plain")
            return
        with self.server.taking_picture():
            time.sleep(node.picture_seconds)
        stamp = f"{time.time():.6f}" if node.stamp is None else node.stamp
        self._reply(200, node.picture, "image/jpeg", X_Timestamp=stamp)

    def do_POST(self) -> None:
        """
        An action.
        """
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        node, what = self._node()
        if node is not None:
            node.received.append((what.removeprefix("api/actions/"), json.loads(body or b"null")))
            self._json(*node.action)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """
        Say nothing of clients that have left.
        """

    request_queue_size = 128

    def __init__(self, nodes: Mapping[str, MadeUpNode]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.nodes = nodes
        self.pictures = 0
        self.under_way = 0
        self.most_under_way = 0
        self._lock = threading.Lock()

    def taking_picture(self) -> "_Server":
        """
        :returns: A context in which a picture is under way.
        """
        return self

    def __enter__(self) -> "_Server":
        with self._lock:
            self.pictures += 1
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.under_way -= 1


@define(eq=False)
class MadeUpNodes:
    """
    All of them.

    """

    nodes: dict[str, MadeUpNode] = Factory(dict)
    _server: _Server = field(init=False)

    def start(self) -> "MadeUpNodes":
        """
        Answer from now on.

        """
        self._server = _Server(self.nodes)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """
        Answer nobody any more.

        """
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str) -> str:
        """
        :returns: Where the node of that name is.
        """
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    @property
    def most_pictures_at_once(self) -> int:
        """
        How many pictures were ever under way at the same time.

        """
        return self._server.most_under_way

    @property
    def pictures(self) -> int:
        """
        How many were asked for.

        """
        return self._server.pictures
