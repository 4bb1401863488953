"""
Nodes that are broken, slow or malicious: each gets the answer that the contract has for it, in
time, and leaves nothing behind.

"""

import gc
import os
import socket
import zlib
from pathlib import Path

from attrs import frozen

from motion_in_ocean.management.outbound._results import (
    Answered,
    InvalidResponse,
    Unauthorized,
    Unreachable,
)
from tests.integration.scripted_nodes import (
    CHUNKED,
    FOREVER,
    GOOD,
    HEALTH,
    Script,
    ScriptedNodeCase,
    Visitor,
    answering,
    flooding,
    json_reply,
    on_health,
    reply,
    said,
    silent,
    started,
    well,
)


@frozen
class Case:
    """
    A kind of node, and what is made of it.

    """

    script: Script
    kind: type[Unreachable | InvalidResponse]
    reason: str


def invalid(reason: str, wire: bytes, *, close: bool = False) -> Case:
    return Case(answering("/health", wire, close=close), InvalidResponse, reason)


DEEP = b'{"status":' + b"[" * 50_000
BOMB = zlib.compress(b"0" * 10_000_000)

CASES = {
    "hangs before the headers": Case(silent, Unreachable, "timeout"),
    "hangs in the headers": Case(
        answering("/health", b"HTTP/1.1 200 OK\r\nContent-"), Unreachable, "timeout"
    ),
    "hangs after the headers": Case(
        answering("/health", started("Content-Length: 20\r\n")), Unreachable, "timeout"
    ),
    "hangs in the middle of the body": Case(
        answering("/health", reply(b'{"status"', length=20)), Unreachable, "timeout"
    ),
    "drips": Case(
        on_health(lambda visitor: visitor.drip(json_reply(HEALTH), 0.05)), Unreachable, "timeout"
    ),
    "hangs at /ready": Case(answering("/ready", b""), Unreachable, "timeout"),
    "endless headers": Case(
        flooding(b"HTTP/1.1 200 OK\r\n", b"X-Flood: 1234567890\r\n" * 100),
        InvalidResponse,
        "too_large",
    ),
    "one endless header": Case(
        flooding(b"HTTP/1.1 200 OK\r\nX-Flood: ", FOREVER), InvalidResponse, "too_large"
    ),
    "endless informational replies": Case(
        flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), InvalidResponse, "malformed"
    ),
    "endless body": Case(flooding(started(""), FOREVER), InvalidResponse, "too_large"),
    "endless chunks": Case(
        flooding(CHUNKED, b"1000\r\n" + FOREVER + b"\r\n"), InvalidResponse, "too_large"
    ),
    "many empty chunk extensions": Case(
        flooding(CHUNKED + b"1;", FOREVER), InvalidResponse, "malformed"
    ),
    "a body that is announced as huge": invalid("too_large", reply(b"{", length=300_000_000)),
    "a body of one byte too many": invalid("too_large", reply(b" " * 65_537)),
    "a gzip bomb": invalid("encoded", reply(BOMB, headers="Content-Encoding: gzip\r\n")),
    "a bomb in bombs": invalid(
        "encoded", reply(BOMB, headers="Content-Encoding: gzip, identity, gzip\r\n")
    ),
    "a truncated body": invalid(
        "truncated", reply(b'{"status":"healthy"}', length=200), close=True
    ),
    "a truncated body without a length": invalid(
        "truncated", started("") + b'{"status":"hea', close=True
    ),
    "truncated chunks": invalid("truncated", CHUNKED + b'14\r\n{"status":"hea', close=True),
    "truncated headers": invalid("truncated", b"HTTP/1.1 200 OK\r\nContent-", close=True),
    "no HTTP": invalid("malformed", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" * 3),
    "a header without a name": invalid("malformed", b"HTTP/1.1 200 OK\r\n folded\r\n\r\n"),
    "a header without a colon": invalid("malformed", b"HTTP/1.1 200 OK\r\nfoo\r\n\r\n{}"),
    "two lengths": invalid(
        "malformed", started("Content-Length: 2\r\nContent-Length: 3\r\n") + b"{}"
    ),
    "a negative length": invalid("malformed", started("Content-Length: -2\r\n") + b"{}"),
    "an unknown coding": invalid("malformed", started("Transfer-Encoding: magic\r\n") + b"{}"),
    "chunks that are none": invalid("malformed", CHUNKED + b"not a number\r\n{}\r\n"),
    "HTML": invalid("not_json", reply(b"<html><body>Hello!</body></html>")),
    "nothing": invalid("not_json", reply(b"")),
    "no content": invalid("wrong_status", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "a number": invalid("wrong_shape", reply(b"17")),
    "a list": invalid("wrong_shape", reply(b"[]")),
    "no status": invalid("wrong_shape", reply(b"{}")),
    "a status of another type": invalid("wrong_shape", reply(b'{"status":[]}')),
    "deep JSON": invalid("not_json", reply(DEEP)),
    "deep JSON that is whole": invalid("not_json", reply(b"[" * 20_000 + b"]" * 20_000)),
    "very many values": invalid("not_json", reply(b"[" + b"[]," * 20_000 + b"0]")),
    "NaN": invalid("not_json", reply(b'{"status":"healthy","age":NaN}')),
    "an infinite number": invalid("not_json", reply(b'{"status":"healthy","age":1e999}')),
    "a long infinite number": invalid(
        "not_json", reply(b'{"status":"healthy","age":1' + b"0" * 400 + b".0}")
    ),
    "a number of many digits": invalid(
        "not_json", reply(b'{"status":"healthy","age":' + b"9" * 5000 + b"}")
    ),
    "half a character": invalid("not_json", reply(b'{"status":"\\ud800"}')),
    "no UTF-8": invalid("not_json", reply(b'{"status":"\xff\xfe"}')),
    "a /ready that is neither": Case(
        answering("/ready", json_reply({"status": "perhaps"})), InvalidResponse, "wrong_shape"
    ),
    "a /ready that does not exist": Case(
        answering("/ready", json_reply({"status": "ready"}, "404 Not Found")),
        InvalidResponse,
        "wrong_status",
    ),
    "a reset": Case(on_health(Visitor.reset), Unreachable, "connection_reset"),
    "a connection that is closed": Case(on_health(Visitor.close), Unreachable, "connection_reset"),
}


class HostileNodeTests(ScriptedNodeCase):
    """
    One node at a time.

    """

    async def test_every_kind(self) -> None:
        """
        Whatever a node does, the operator is told what, in time.
        """
        self.maxDiff = None
        found = {name: said(await self.outcome(case.script)) for name, case in CASES.items()}
        right = {name: f"{case.kind.__name__} {case.reason}" for name, case in CASES.items()}
        self.assertEqual(found, right)

    async def test_memory(self) -> None:
        """
        A node cannot take the memory of the process that asks it.
        """
        for case in CASES.values():
            await self.outcome(case.script)
        gc.collect()
        before = resident_bytes()
        for case in CASES.values():
            if case.reason != "timeout":
                await self.outcome(case.script)
        gc.collect()
        self.assertLess(resident_bytes() - before, 5_000_000)

    async def test_not_authorized(self) -> None:
        """
        Refused credentials are told as such, whichever of the three endpoints refuses them, and
        whatever else is wrong with the node.
        """
        for path in GOOD:
            for status in ("401 Unauthorized", "403 Forbidden"):
                outcome = await self.outcome(answering(path, reply(b"<html>", status)))
                self.assertEqual(outcome, Unauthorized(path, int(status[:3])))

        def refusing(visitor: Visitor, path: str) -> None:
            wire = reply(b"", "401 Unauthorized") if path == "/metrics" else reply(b"<html>")
            visitor.send(wire)

        self.assertEqual(await self.outcome(refusing), Unauthorized("/metrics", 401))

    async def test_metrics_may_fail(self) -> None:
        """
        A node is what ``/health`` and ``/ready`` say, whatever ``/metrics`` does.
        """
        for wire in (b"", b"rubbish\r\n\r\n", json_reply({}, "500 Oops"), reply(b"<html>")):
            outcome = await self.outcome(answering("/metrics", wire))
            assert isinstance(outcome, Answered), outcome
            self.assertTrue(outcome.stream_available)
            self.assertIsInstance(outcome.metrics, str)

    async def test_redirect(self) -> None:
        """
        Nobody is led elsewhere, and so no token is.
        """
        decoy, elsewhere = self.start(well)
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Moved"):
            head = f"Location: {elsewhere}/health\r\n"
            script = answering("/health", reply(b"", status, head))
            self.assertEqual(said(await self.outcome(script)), "InvalidResponse redirect")
        self.assertEqual(decoy.visits, 0)

    async def test_connection_refused(self) -> None:
        """
        A node that is switched off is told from one that hangs.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        result = await self.probe(f"http://127.0.0.1:{port}")
        self.assertEqual(said(result.outcome), "Unreachable connection_refused")

    async def test_backlog_is_full(self) -> None:
        """
        A node that does not even accept connections is given up in time.
        """
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            address = listener.getsockname()
            others = [socket.socket() for _ in range(4)]
            for other in others:
                other.setblocking(False)
                other.connect_ex(address)
            result = await self.probe(f"http://127.0.0.1:{address[1]}")
            for other in others:
                other.close()
        self.assertEqual(said(result.outcome), "Unreachable timeout")


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
