"""
The engine in Python: all viewers in one thread.

"""

import select
import socket
import time
from collections.abc import Callable

from attrs import define, field

from benchmarks.mjpeg_load.audience import Audience, Target
from benchmarks.mjpeg_load.pictures import fnv, is_whole
from benchmarks.mjpeg_load.seen import Quantiles, Seen
from benchmarks.mjpeg_load.wire import Body, Garbled, Picture, Taking, stream

CONNECT_SECONDS = 10.0
POLL_SECONDS = 0.02
READS_IN_TURN = 16
"""Of one viewer, before the others have theirs."""

DROPPED_BYTES = 1 << 20
"""At once, at most."""


@define(eq=False)
class Notes:
    """
    What all viewers together have seen.

    """

    since: float | None = None
    """When the measured time began; outside of it there is none."""

    gaps: list[float] = field(factory=list)
    latencies: list[float] = field(factory=list)
    verified: list[bytes] = field(factory=list)
    bad: int = 0


@define(eq=False)
class Viewer:
    """
    One connection.

    """

    connection: socket.socket
    notes: Notes
    verifies: bool
    stalls: bool
    ever: int = 0
    """Pictures until now."""

    frames: int = 0
    """Those of the measured time."""

    payload_bytes: int = 0
    is_dead: bool = False
    is_chunked: bool = False
    has_length: bool = False
    _last: float = 0.0
    _flow: Taking[None] = field(init=False)
    _wanted: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._flow = stream(self._told, self._came, is_read=self.verifies)
        self._wanted = next(self._flow)

    @property
    def is_done(self) -> bool:
        """
        Whether it reads no more.

        """
        return self.is_dead or (self.stalls and self.ever > 0)

    def read(self, scratch: memoryview) -> None:
        """
        Take what there is.

        """
        try:
            for _ in range(READS_IN_TURN):
                if not self._read_once(scratch):
                    return
        except (BlockingIOError, InterruptedError):
            return
        except (Garbled, OSError, ValueError):
            self.is_dead = True

    def _read_once(self, scratch: memoryview) -> bool:
        """
        :returns: Whether there may be more.
        """
        wanted = self._wanted
        got: bytes | int
        if wanted < 0:
            most = min(-wanted, len(scratch))
            got = count = self.connection.recv_into(scratch, most, socket.MSG_TRUNC)
        else:
            most = wanted
            got = self.connection.recv(most)
            count = len(got)
        if not count:
            raise Garbled("the connection is closed")
        self._wanted = self._flow.send(got)
        return count == most

    def _told(self, body: Body) -> None:
        self.is_chunked = body.is_chunked

    def _came(self, picture: Picture) -> None:
        now, notes = time.monotonic(), self.notes
        self.ever += 1
        self.has_length = picture.has_length
        if self.verifies and is_whole(picture.jpeg):
            notes.verified.append(picture.jpeg)
        elif self.verifies:
            notes.bad += 1
        if notes.since is not None:
            self.frames += 1
            self.payload_bytes += picture.size
            if self._last > notes.since:
                notes.gaps.append(now - self._last)
            if picture.timestamp:
                notes.latencies.append(time.time() - picture.timestamp)
        self._last = now


class Crowd:
    """
    All of them.

    """

    def __init__(self, target: Target, audience: Audience) -> None:
        self.notes = Notes()
        self._scratch = memoryview(bytearray(DROPPED_BYTES))
        self._polled = select.epoll()
        self._reading: dict[int, Viewer] = {}
        request = (
            f"GET {target.path} HTTP/1.1\r\nHost: {target.host}:{target.port}\r\n"
            "User-Agent: mjpeg_load\r\nAccept: */*\r\n\r\n"
        ).encode()
        self.viewers = [
            self._connected(target, request, number, audience) for number in range(audience.viewers)
        ]

    def _connected(self, target: Target, request: bytes, number: int, audience: Audience) -> Viewer:
        connection = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
        connection.sendall(request)
        connection.settimeout(0)
        viewer = Viewer(
            connection,
            self.notes,
            verifies=number < audience.verifying,
            stalls=number >= audience.viewers - audience.stalled,
        )
        self._reading[connection.fileno()] = viewer
        self._polled.register(connection, select.EPOLLIN)
        return viewer

    def watch(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """
        Read for a while, or until something has come true.

        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            for number, _ in self._polled.poll(POLL_SECONDS):
                viewer = self._reading[number]
                viewer.read(self._scratch)
                if viewer.is_done:
                    self._polled.unregister(number)

    def all_have_begun(self) -> bool:
        return all(viewer.ever or viewer.is_dead for viewer in self.viewers)

    def leave(self) -> None:
        self._polled.close()
        for viewer in self.viewers:
            viewer.connection.close()


def watch(
    target: Target,
    audience: Audience,
    started: Callable[[], object],
    stopped: Callable[[], object],
) -> Seen:
    """
    :raises RuntimeError: If some are to be throttled.
    """
    if audience.throttled:
        raise RuntimeError("the engine in Python throttles nobody: apt install gcc libc6-dev")
    crowd = Crowd(target, audience)
    try:
        crowd.watch(audience.ramp_seconds, crowd.all_have_begun)
        crowd.watch(audience.warmup_seconds)
        started()
        begun, cpu = time.monotonic(), time.process_time()
        crowd.notes.since = begun
        crowd.watch(audience.seconds)
        crowd.notes.since = None
        window, cpu = time.monotonic() - begun, time.process_time() - cpu
        stopped()
    finally:
        crowd.leave()
    return _seen(crowd, window, cpu)


def _seen(crowd: Crowd, window: float, cpu: float) -> Seen:
    viewers, notes = crowd.viewers, crowd.notes
    reading = [viewer for viewer in viewers if not viewer.stalls]
    return Seen(
        window_s=window,
        clients=len(viewers),
        connected=sum(viewer.ever > 0 for viewer in viewers),
        dead=sum(viewer.is_dead for viewer in viewers),
        starved=sum(not viewer.frames for viewer in reading),
        frames=sum(viewer.frames for viewer in viewers),
        payload_bytes=sum(viewer.payload_bytes for viewer in viewers),
        bad=notes.bad,
        hashes=[fnv(jpeg) for jpeg in notes.verified],
        chunked=viewers[0].is_chunked,
        has_content_length=viewers[0].has_length,
        load_cpu_s=cpu,
        fps=Quantiles.of([viewer.frames / window for viewer in reading]),
        gap_s=Quantiles.of(notes.gaps),
        latency_s=Quantiles.of(notes.latencies),
    )
