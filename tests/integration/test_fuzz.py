"""
Rubbish over real sockets, to the daemon as its users run it.

The rubbish is the same each time; ``FUZZ_SEED=17`` makes other, ``FUZZ_EXAMPLES=5000`` more of it.
A failure names its seed.

"""

import contextlib
import os
import random
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.integration.daemon import Daemon
from tests.integration.test_management import ManagementTestCase

SEED = int(os.environ.get("FUZZ_SEED", "1"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "600"))
AT_ONCE = 8
SECONDS_TO_ANSWER = 0.15

WELL_FORMED: Sequence[bytes] = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n",
    b'GET /snapshot.jpg HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: "1", W/"2"\r\n\r\n',
    b"GET /stream.mjpg?fps=5 HTTP/1.0\r\n\r\n",
    b"HEAD /stream.mjpg HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: text/plain;q=0.5, */*;q=0.1\r\n\r\n",
    b"GET /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic dTpw\r\n\r\n",
    b"OPTIONS /metrics HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n"
    b"Access-Control-Request-Method: GET\r\n\r\n",
    b"POST /api/actions/controls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 18\r\n\r\n{"brightness": 0.1}',
    b"POST /api/nodes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"id":"a"\r\n1\r\n}\r\n0\r\n\r\n',
    b'PUT /api/nodes/a HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: "3"\r\nContent-Length: 2\r\n'
    b"Content-Type: application/json\r\n\r\n{}",
    b"GET /api/management/events?after=17 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /ready HTTP/1.1\r\n\r\n",
)
PIECES: Sequence[bytes] = (
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"%00", b"%zz", b"/..", b"//", b"?"),
    *(b"\xff", b"\xc3\x28", b"\x80", b"HTTP/1.1", b"HTTP/2.0", b"HTTP/", b"GET", b"PRI * HTTP/2.0"),
    *(b"Host: \xff\r\n", b"Host: a b\r\n", b"Host:\r\n", b"Host: a:99999\r\n", b"Host: [::1\r\n"),
    *(b"Content-Length: 9\r\n", b"Content-Length: -1\r\n", b"Content-Length: 1e3\r\n"),
    *(b"Content-Length: +5\r\nContent-Length: 5\r\n", b"Content-Length: 99999999999999999999\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"ffffffffff\r\n"),
    *(
        b"Expect: 100-continue\r\n",
        b"Upgrade: websocket\r\nConnection: upgrade\r\n",
        b"Range: x\r\n",
    ),
    *(
        b"Origin: null\r\n",
        b"Origin: \xe9\r\n",
        b"Authorization: Basic \xff\r\n",
        b"Cookie: =;=\r\n",
    ),
    *(b"Authorization: Bearer \0\r\n", b"Accept: \xff;q=x\r\n", b"X: " + b"x" * 17_000, b"A" * 300),
    *(b"http://[::1/", b"*", b"fps=nan", b"fps=1e999", b"max_age=-1", b"after=\xd9\xa3", b"&" * 99),
)


METHODS = (*(b"GET",) * 4, *(b"POST",) * 2, b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"X")
SEGMENTS = (
    *(b"api", b"nodes", b"front", b"actions", b"controls", b"restart", b"status", b"management"),
    *(b"overview", b"events", b"snapshot.jpg", b"stream.mjpg", b"metrics", b"health", b"ready"),
    *(b"config", b"viewers", b"camera", b"ui", b"viewer.js", b"openapi.yaml", b"webcam", b""),
    *(b"..", b"%2e%2e", b"%00", b"%ff", b"%2f", b"a;b", b"API", b"x" * 300, b"caf%C3%A9"),
)
PATHS = (
    *(b"/", b"/stream.mjpg", b"/snapshot.jpg", b"/metrics", b"/health", b"/ready", b"/api/config"),
    *(b"/api/actions/controls", b"/api/actions/restart", b"/api/viewers", b"/api/camera"),
    *(b"/api/nodes", b"/api/nodes/front", b"/api/nodes/front/status", b"/api/management/overview"),
    *(b"/api/nodes/front/actions/restart", b"/api/nodes/front/snapshot.jpg", b"/openapi.yaml"),
    *(b"/api/management/events", b"/webcam/", b"/ui/common.css"),
)
QUERIES = (
    *(b"", b"?action=stream", b"?action=snapshot", b"?fps=1e999", b"?fps=nan&fps=2", b"?after=-1"),
    *(b"?after=%D9%A3", b"?max_age=", b"?max_age=1e9", b"?%ff=%00", b"?" + b"&" * 99, b"?a=b?c"),
)
HEADERS = (
    *(b"Accept: text/html", b"Accept: a/b;q=7,;;,*", b"Accept: text/plain;q=0.5", b"If-Match: *"),
    *(b'If-Match: "1", W/"', b"If-None-Match: x", b"Origin: null", b"Origin: http://127.0.0.1"),
    *(
        b"Sec-Fetch-Site: cross-site",
        b"Content-Type: application/json;charset=x",
        b"Range: bytes=0-",
    ),
    *(b"Authorization: Basic \xff", b"Authorization: Basic Og==", b"Authorization: Bearer a b"),
    *(b"Content-Type: text/plain", b"Expect: 100-continue", b"Connection: close, \xff"),
    *(
        b"Access-Control-Request-Method: PUT",
        b"X-Forwarded-For: \xe9",
        b"Accept-Encoding: gzip;q=x",
    ),
)
BODIES = (b"", b"", b"{}", b"[]", b'{"brightness":"\xff"}', b'{"id":1}', b"[" * 999, b"nan", b"\0")


def well_formed(rng: random.Random) -> bytes:
    """
    :returns: A request that HTTP allows, whatever it means.
    """
    path = b"/" + b"/".join(rng.choice(SEGMENTS) for _ in range(rng.randrange(1, 6)))
    if rng.random() < 0.6:
        path = rng.choice(PATHS)
    body = rng.choice(BODIES)
    lines = [
        rng.choice(METHODS) + b" " + path + rng.choice(QUERIES) + b" HTTP/1.1",
        b"Host: " + rng.choice((b"127.0.0.1", b"camera.local", b"[::1]:8000", b"a.example")),
        b"Content-Length: %d" % len(body),
        *rng.sample(HEADERS, rng.randrange(4)),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def mutated(rng: random.Random) -> bytes:
    """
    :returns: A request that was well-formed, or rubbish from the start.
    """
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(200))
    if kind < 0.6:
        return well_formed(rng)
    wire = rng.choice(WELL_FORMED)
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(wire) + 1)
        lost = rng.choice((0, 0, 1, 4, 20))
        wire = wire[:place] + rng.choice((*PIECES, b"", rng.randbytes(2))) + wire[place + lost :]
    return wire


def answer_to(port: int, wire: bytes, *, in_pieces: bool) -> bytes:
    """
    :returns: What comes back at once.
    """
    received = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=10) as client,
    ):
        for piece in [wire[:7], wire[7:]] if in_pieces else [wire]:
            client.sendall(piece)
        client.settimeout(SECONDS_TO_ANSWER)
        while len(received) < 200_000 and (data := client.recv(65536)):
            received += data
    return received


class RubbishTests(ManagementTestCase):
    """
    Nothing that can be sent to the port is an error of the daemon's, or the end of it.

    """

    def assert_survives(self, daemon: Daemon) -> None:
        """
        Send all of it, some at a time.
        """
        rng = random.Random(SEED)
        requests = [(mutated(rng), rng.random() < 0.2) for _ in range(EXAMPLES)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, EXAMPLES, 100):
                some = requests[start : start + 100]
                answers = pool.map(
                    lambda one: answer_to(daemon.port, one[0], in_pieces=one[1]), some
                )
                for (wire, _), answer in zip(some, answers, strict=True):
                    self.assertIsNone(
                        re.search(rb"HTTP/1\.[01] 500 |Traceback", answer),
                        f"FUZZ_SEED={SEED}: {wire!r} was answered with {answer[:500]!r}",
                    )
                self.assertEqual(daemon.get("/health").status, 200)
        self.assertIsNone(daemon.status)
        for word in ("Traceback", "critical", "Unhandled"):
            self.assertNotIn(word, daemon.log, f"FUZZ_SEED={SEED}")

    def test_camera(self) -> None:
        """
        A camera that has been scanned is the same camera.
        """
        daemon = self.make_daemon({"LOG_LEVEL": "debug"}).start().wait_until_ready()
        self.assert_survives(daemon)
        self.assertEqual(daemon.get("/ready").status, 200)

    def test_locked_camera(self) -> None:
        """
        Nor does rubbish open it.
        """
        daemon = self.make_daemon({"AUTH_TOKEN": "correct-horse"}).start().wait_until_ready()
        self.assert_survives(daemon)
        self.assertEqual(daemon.get("/snapshot.jpg").status, 401)

    def test_management(self) -> None:
        """
        A list of nodes that has been scanned can be read and changed.
        """
        daemon = self.make_management(LOG_LEVEL="debug").start()
        self.register(daemon, "front", "http://127.0.0.1:9")
        self.assert_survives(daemon)
        self.assertEqual(self.register(daemon, "after", "http://127.0.0.1:9").status, 201)
        self.assertEqual(daemon.get("/ready").status, 200)
