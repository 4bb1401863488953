"""
The daemon under floods, as it is when somebody means harm, or a program has gone wild.

"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import define, field

from tests.integration.daemon import REPOSITORY, TWISTD, Daemon, DaemonTestCase, wait_until
from tests.integration.pictures import StreamReader, write_pictures

SEED = 20_261_124
DRIPPING, GARBAGE = 300, 10_000

HEALTH_SECONDS = 0.1
"""How soon 99 of 100 questions for health are answered."""

MORE_MEMORY = 10_000_000
FPS = 20


@define(eq=False)
class Watcher:
    """
    Somebody who watches, and notes when pictures come.

    """

    daemon: Daemon
    came_at: list[float] = field(init=False, factory=list)

    @contextmanager
    def watching(self) -> Iterator["Watcher"]:
        """
        Watch, in a thread, as long as the context lasts.

        """
        stop = threading.Event()

        def watch() -> None:
            reader = StreamReader(reply)
            while not stop.is_set():
                reader.part()
                self.came_at.append(time.monotonic())

        with self.daemon.stream() as reply:
            thread = threading.Thread(target=watch)
            thread.start()
            try:
                yield self
            finally:
                stop.set()
                thread.join()

    def rate(self, since: float) -> float:
        """
        :returns: Pictures a second from then on.
        """
        came = [moment for moment in self.came_at if moment >= since]
        return (len(came) - 1) / (came[-1] - came[0])


@define(eq=False)
class Flood:
    """
    What was seen of the daemon while it was flooded.

    """

    delays: list[float] = field(init=False, factory=list)
    """How long each question for health took, in seconds."""
    memory: list[int] = field(init=False, factory=list)
    answers: dict[str, int] = field(init=False, factory=dict)
    """How often garbage was answered in which way."""

    @property
    def p99(self) -> float:
        """
        The time in which 99 of 100 questions were answered.

        """
        return sorted(self.delays)[int(len(self.delays) * 0.99)]

    def watch(self, daemon: Daemon) -> None:
        """
        Flood the daemon, and ask how it is until that is over.

        """
        arguments = (str(each) for each in (daemon.port, DRIPPING, GARBAGE, SEED))
        with subprocess.Popen(
            [sys.executable, "-m", "tests.integration.flood", *arguments],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        ) as process:
            while process.poll() is None:
                before = time.monotonic()
                assert daemon.get("/health").status == 200
                self.delays.append(time.monotonic() - before)
                self.memory.append(daemon.rss_bytes())
                time.sleep(0.02)
            assert process.stdout is not None
            self.answers = json.loads(process.stdout.read())


def connections(daemon: Daemon) -> int:
    """
    :returns: How many there are, but for the one that asks.
    """
    metrics = daemon.get("/metrics", {"Accept": "text/plain"}).body.decode()
    match = re.search(r"^motion_in_ocean_connections (\d+)", metrics, re.MULTILINE)
    assert match is not None
    return int(match[1]) - 1


class FloodTests(DaemonTestCase):
    """
    Three hundred connections drip requests while ten thousand times garbage is sent, from many
    addresses.

    """

    def start(self) -> Daemon:
        """
        :returns: A daemon with pictures that can be told apart.
        """
        folder = Path(self.mktemp()).absolute()
        settings = {"MOCK_FRAMES": str(write_pictures(folder)), "FPS": str(FPS)}
        return self.make_daemon(settings).start().wait_until_ready()

    def test_flood(self) -> None:
        """
        Health is answered at once, who watches sees every picture, memory does not grow, the log
        does not either, and afterwards all is as before.
        """
        runs: list[tuple[float, float]] = []
        while not any(p99 < HEALTH_SECONDS and rate > 0.9 * FPS for p99, rate in runs):
            # What else the machine does at that moment is not the daemon's fault.
            self.assertLess(len(runs), 3, runs)
            runs.append(self.flood(self.start()))

    def flood(self, daemon: Daemon) -> tuple[float, float]:
        """
        :returns: In how many seconds 99 of 100 questions for health were answered, and how many
            pictures a second were seen.
        """
        with Watcher(daemon).watching() as watcher:
            wait_until(lambda: len(watcher.came_at) > FPS, "a second of pictures")
            before, since = daemon.rss_bytes(), time.monotonic()
            flood = Flood()
            flood.watch(daemon)
            rate = watcher.rate(since)
        self.assertEqual(sum(flood.answers.values()), GARBAGE)
        self.assertEqual({"200", "500", "503", "closed"} & set(flood.answers), set())
        self.assertLess(max(flood.memory) - before, MORE_MEMORY)
        self.assertLess(len(daemon.log.splitlines()), 20, daemon.log)
        wait_until(lambda: connections(daemon) == 0, "nobody there any more")
        daemon.stop()
        return flood.p99, rate


def connect(daemon: Daemon, host: str, wire: bytes = b"") -> socket.socket:
    """
    :param host: Which of this machine's addresses it comes from.
    :returns: A new connection.
    """
    address = ("127.0.0.1", daemon.port)
    connection = socket.create_connection(address, timeout=15, source_address=(host, 0))
    connection.sendall(wire)
    return connection


def is_open(connection: socket.socket) -> bool:
    """
    Whether the daemon has not ended it; what it has sent is thrown away.

    """
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def how_many_are_open(connections: Sequence[socket.socket]) -> int:
    """
    :returns: How many of them the daemon has not ended.
    """
    return sum(is_open(connection) for connection in connections)


class CrowdTests(DaemonTestCase):
    """
    More connections than there is room for.

    """

    def setUp(self) -> None:
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def crowd(
        self, daemon: Daemon, count: int, host: str, wire: bytes = b""
    ) -> list[socket.socket]:
        """
        :returns: As many connections from one address.
        """
        return [self.stack.enter_context(connect(daemon, host, wire)) for _ in range(count)]

    def test_address(self) -> None:
        """
        One address has 32 connections, and more only by giving up others.
        """
        daemon = self.daemon
        crowd = self.crowd(daemon, 40, "127.0.0.9")
        others = self.crowd(daemon, 5, "127.0.0.10")
        wait_until(lambda: how_many_are_open(crowd) == 32, lambda: f"{how_many_are_open(crowd)}")
        self.assertEqual(how_many_are_open(crowd[:8]), 0)
        self.assertEqual(how_many_are_open(others), 5)

    def test_busy(self) -> None:
        """
        Two hundred who come while the daemon is busy need not knock twice.
        """
        daemon = self.daemon
        os.kill(daemon.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, daemon.pid, signal.SIGCONT)
        request = b"GET /health HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n"
        crowd = [self.crowd(daemon, 1, f"127.0.2.{at}", request)[0] for at in range(1, 201)]
        os.kill(daemon.pid, signal.SIGCONT)
        for connection in crowd:
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200 "))

    def test_few_descriptors(self) -> None:
        """
        A process that may have 64 files open has room for 32 connections, and health checks get in
        all the while.
        """
        daemon = self.limited()
        for number in range(4):
            self.crowd(daemon, 30, f"127.0.0.{5 + number}")
            self.assertEqual(daemon.get("/health").status, 200)
        self.assertNotIn("turned away", daemon.log)

    def test_no_descriptors(self) -> None:
        """
        Even when viewers have used up all files it goes on, says so in one line, and recovers.
        """
        daemon = self.limited(MAX_STREAM_CONNECTIONS="0", FPS="10")
        request = b"GET /stream.mjpg HTTP/1.1\r\nHost: n\r\n\r\n"
        viewers: list[socket.socket] = []
        for number in range(6):
            viewers += self.crowd(daemon, 10, f"127.0.1.{number}", request)
            time.sleep(0.1)
        others = self.crowd(daemon, 60, "127.0.0.1")
        wait_until(lambda: "Connections are turned away: EMFILE" in daemon.log, lambda: daemon.log)
        time.sleep(1)
        self.assertGreater(how_many_are_open(viewers), 30)
        for connection in (*viewers, *others):
            connection.close()
        wait_until(lambda: self.answers(daemon), "an answer again")
        self.assertEqual(daemon.log.count("turned away"), 1)
        self.assertLess(len(daemon.log.splitlines()), 20, daemon.log)
        with daemon.stream() as reply:
            StreamReader(reply).parts(3)

    def limited(self, **settings: str) -> Daemon:
        """
        :returns: A daemon that may have 64 files open.
        """
        command = ("sh", "-c", 'ulimit -n 64 && exec "$@"', "sh", TWISTD, "-n", "motion-in-ocean")
        return self.make_daemon(settings, command=command).start().wait_until_ready()

    def answers(self, daemon: Daemon) -> bool:
        """
        Whether the daemon says that it is well.

        """
        try:
            return daemon.get("/health").status == 200
        except OSError:
            return False


class PipeliningTests(DaemonTestCase):
    """
    Thousands of requests on one connection, sent without waiting for an answer.

    """

    requests = 1500
    picture_bytes = 50_000

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder, padded_to=self.picture_bytes))}

    def test_answers_that_nobody_reads(self) -> None:
        """
        Others are answered at once all the while, memory does not grow, and who reads after all
        gets all of them.
        """
        daemon = self.daemon
        before = daemon.rss_bytes()
        wire = b"GET /snapshot.jpg HTTP/1.1\r\nHost: n\r\n\r\n" * self.requests
        waits: list[float] = []
        while not any(wait < HEALTH_SECONDS for wait in waits):
            # What else the machine does at that moment is not the daemon's fault.
            self.assertLess(len(waits), 3, waits)
            connection = connect(daemon, "127.0.0.1", wire)
            self.addCleanup(connection.close)
            waits.append(self.longest_wait(daemon))
            self.assertLess(daemon.rss_bytes() - before, MORE_MEMORY)
        received = connection.makefile("rb")
        for _ in range(self.requests):
            self.assertEqual(received.readline(), b"HTTP/1.1 200 OK\r\n")
            size = int(http.client.parse_headers(received)["Content-Length"])
            self.assertEqual(len(received.read(size)), self.picture_bytes)
        self.assertLess(daemon.rss_bytes() - before, MORE_MEMORY)

    def longest_wait(self, daemon: Daemon) -> float:
        """
        :returns: In how many seconds the slowest of some questions for health was answered.
        """
        waits: list[float] = []
        for _ in range(20):
            before = time.monotonic()
            self.assertEqual(daemon.get("/health").status, 200)
            waits.append(time.monotonic() - before)
        return max(waits)
