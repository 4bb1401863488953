"""
A whole node in memory: the real parts, on a reactor, a clock and a camera that tests control.

Bytes go in and come out as on the wire. Nothing happens by itself: ``deliver`` lets a frame in,
``reactor.advance`` lets time pass.

"""

from collections.abc import Callable, Mapping
from http.client import HTTPMessage, parse_headers
from io import BytesIO
from typing import Any

from attrs import define, frozen
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from motion_in_ocean.controls import ControlValue
from motion_in_ocean.service import Supervision
from motion_in_ocean.settings import load_settings
from motion_in_ocean.tap import make_webcam
from tests.fakes import FakeCamera, HandWorker, ThreadedMemoryReactor

SOMEONE = IPv4Address("TCP", "192.0.2.7", 4711)
JPEG = b"\xff\xd8 a picture \xff\xd9"


@frozen
class Reply:
    """
    One reply as it stood on the wire.

    """

    status_line: str
    headers: HTTPMessage
    body: bytes

    @property
    def status(self) -> int:
        """
        The status code.

        """
        return int(self.status_line.split()[1])

    @classmethod
    def parse(cls, wire: bytes) -> "Reply":
        """
        :param wire: A whole reply; what follows the headers is taken for its body.
        """
        stream = BytesIO(wire)
        status_line = stream.readline().decode("ascii").strip()
        return cls(status_line, parse_headers(stream), stream.read())


class Client:
    """
    One connection to the node.

    """

    def __init__(
        self,
        factory: Any,
        peer: IAddress = SOMEONE,
        host: IAddress | None = None,
    ) -> None:
        """
        :param peer: Where the connection comes from.
        :param host: Where it goes to.
        """
        self.transport = StringTransport(hostAddress=host, peerAddress=peer)
        self.protocol = factory.buildProtocol(self.transport.getPeer())
        self.protocol.makeConnection(self.transport)

    def send(self, wire: bytes) -> None:
        """
        Let the node receive bytes.

        """
        self.protocol.dataReceived(wire)

    def received(self) -> bytes:
        """
        :returns: What the node has sent since the last call.
        """
        wire: bytes = self.transport.value()
        self.transport.clear()
        return wire

    @property
    def is_open(self) -> bool:
        """
        Whether the node has not ended the connection.

        """
        return not self.transport.disconnecting

    def request(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """
        Send a request in HTTP/1.1 and take what has come in reply.

        """
        self.send_request(path, method, headers, body)
        return Reply.parse(self.received())

    def send_request(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """
        Send a request in HTTP/1.1.

        """
        lines = {"Host": "node.local:8000", **(headers or {})}
        if body:
            lines.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)

    def stop_reading(self) -> None:
        """
        Let the connection fill up: the node is told that it cannot take more.

        """
        assert self.transport.producer is not None
        self.transport.producer.pauseProducing()

    def read_again(self) -> None:
        """
        Let the connection run empty.

        """
        assert self.transport.producer is not None
        self.transport.producer.resumeProducing()

    def leave(self) -> None:
        """
        Close the connection from outside.

        """
        self.protocol.connectionLost(Failure(ConnectionDone()))


@define(eq=False, init=False)
class MemoryNode:
    """
    A node with a camera that has not been opened yet.

    """

    reactor: ThreadedMemoryReactor
    worker: HandWorker
    artist: HandWorker
    camera: FakeCamera
    controls_at_start: Mapping[str, ControlValue]
    """What the camera was made with last."""
    at_exit: list[Callable[[], None]]
    service: Any
    warnings: tuple[str, ...]

    def __init__(self, camera: FakeCamera | None = None, /, **environ: str) -> None:
        """
        :param environ: Settings, and what systemd tells, as in the environment.
        """
        loaded = load_settings({}, environ)
        self.warnings = loaded.warnings
        self.reactor = ThreadedMemoryReactor()
        self.reactor.advance(1000.0)
        self.worker = HandWorker()
        self.artist = HandWorker()
        self.at_exit: list[Callable[[], None]] = []
        self.camera = camera or FakeCamera()
        self.service = make_webcam(
            loaded,
            self.reactor,
            make_camera=self._make_camera,
            worker=self.worker,
            artist=self.artist,
            at_exit=self.at_exit.append,
            supervision=Supervision.from_environ(environ, pid=1),
        )
        self.service.privilegedStartService()
        self.service.startService()

    def _make_camera(self, controls: Mapping[str, ControlValue]) -> FakeCamera:
        self.controls_at_start = controls
        return self.camera

    def open_camera(self) -> None:
        """
        Let the camera finish its opening, or fail to.

        """
        self.worker.step()

    def deliver(self, jpeg: bytes = JPEG) -> None:
        """
        Let the camera give a frame, and the reactor take it.

        """
        assert self.camera.deliver is not None
        self.camera.deliver(jpeg)
        self.reactor.run_calls_from_threads()

    def client(self, host: str = SOMEONE.host) -> Client:
        """
        :param host: The address that it comes from.
        :returns: A new connection.
        """
        kind = IPv6Address if ":" in host else IPv4Address
        return Client(self.reactor.tcpServers[0][1], kind("TCP", host, SOMEONE.port))

    def client_of_unix_socket(self) -> Client:
        """
        :returns: A new connection from the same machine.
        """
        factory = self.reactor.tcpServers[0][1]
        return Client(factory, UNIXAddress(None), UNIXAddress("/run/camera.sock"))

    def watch(self, query: str = "") -> Client:
        """
        :returns: A new viewer, who has been answered.
        """
        client = self.client()
        client.request(f"/stream.mjpg{query}")
        return client

    def run_camera(self, seconds: int, fps: int = 10) -> None:
        """
        Let frames come at a steady rate.

        """
        for _ in range(seconds * fps):
            self.reactor.advance(1 / fps)
            self.deliver()

    def get(self, path: str, **headers: str) -> Reply:
        """
        :param headers: With ``_`` for ``-``.
        :returns: The reply on a connection of its own.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.client()
        reply = client.request(path, headers=named)
        client.leave()
        return reply

    def act(self, action: str, body: bytes = b"") -> Reply:
        """
        :returns: The reply to an action, once the camera has had its say.
        """
        headers = {"Content-Type": "application/json"} if body else {}
        return self.ask_patiently(f"/api/actions/{action}", "POST", headers, body)

    def camera_report(self) -> Reply:
        """
        :returns: What ``/api/camera`` says, once the camera has had its say.
        """
        return self.ask_patiently("/api/camera")

    def ask_patiently(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """
        :returns: The reply to what the camera may have to be asked for.
        """
        client = self.client()
        client.send_request(path, method, headers, body)
        while not (wire := client.received()):
            self.worker.step()
        return Reply.parse(wire)

    def stop(self) -> list[object]:
        """
        Stop everything, closing the camera.

        :returns: A list that has an element once all has stopped.
        """
        stopped: list[object] = []
        self.service.stopService().addBoth(stopped.append)
        while self.worker.waiting:
            self.worker.step()
        return stopped


def streaming_node(add_cleanup: Callable[..., object], **environ: str) -> MemoryNode:
    """
    :param add_cleanup: ``TestCase.addCleanup``.
    :returns: A node whose camera has given its first frame.
    """
    node = MemoryNode(**environ)
    add_cleanup(node.stop)
    node.open_camera()
    node.deliver()
    return node
