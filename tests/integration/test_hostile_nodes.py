"""
Nodes that are broken, slow or malicious, on real sockets.

Each gets the answer that the contract has for it, in time, and leaves nothing behind: trial fails
a test that leaves a socket or a timer.

"""

import gc
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.ssl import CertificateOptions
from twisted.trial.unittest import SkipTest, TestCase

from motion_in_ocean.management._outbound import Outbound, make_outbound
from motion_in_ocean.management._prober import Prober
from motion_in_ocean.management._relay import ActionRelay, RelayedAction
from motion_in_ocean.management._results import (
    Answered,
    InvalidResponse,
    Outcome,
    ProbeResult,
    Unauthorized,
    Unreachable,
)
from tests.integration.certificates import YEAR, Authority
from tests.integration.hostile import (
    GOOD,
    HEALTH,
    Script,
    ScriptedNode,
    Visitor,
    answering,
    json_reply,
    reply,
    well,
)
from tests.management.nodes import CANARY, make_node

BUDGET = 0.5
SLACK = 0.4
"""A busy machine's timers are late."""

FOREVER = b"x" * 4096


def silent(visitor: Visitor, path: str) -> None:
    """
    A script: nothing is ever said.

    """


def on_health(act: Callable[[Visitor], object]) -> Script:
    """
    :returns: A script that does something of its own for ``/health``.
    """

    def script(visitor: Visitor, path: str) -> None:
        if path == "/health":
            act(visitor)
        else:
            well(visitor, path)

    return script


def started(head: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode("ascii")


def flooding(first: bytes, chunk: bytes) -> Script:
    def act(visitor: Visitor) -> None:
        visitor.send(first)
        visitor.flood(chunk)

    return on_health(act)


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


CHUNKED = started("Transfer-Encoding: chunked\r\n")
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


class HostileCase(TestCase):
    """
    Nodes, and what asks them.

    """

    timeout = 30

    def setUp(self) -> None:
        from twisted.internet import reactor  # noqa: TID251 - real sockets need the real one

        self.reactor: Any = reactor
        self.nodes: list[ScriptedNode] = []
        # The last thing to happen.
        self.addCleanup(lambda: Deferred.fromCoroutine(self.all_have_left(*self.nodes)))
        self.outbound = self.make_outbound()

    def make_outbound(self, **options: Any) -> Outbound:
        options.setdefault("networks", None)
        outbound = make_outbound(self.reactor, **options)
        outbound.startService()
        self.addCleanup(outbound.stopService)
        return outbound

    def start(
        self,
        script: Script,
        interface: str = "127.0.0.1",
        tls: CertificateOptions | None = None,
    ) -> tuple[ScriptedNode, str]:
        """
        :returns: A node, and its URL.
        """
        node = ScriptedNode(self.reactor, script)
        port: Any = node.listen(interface, tls)
        self.nodes.append(node)
        self.addCleanup(port.stopListening)
        host = f"[{interface}]" if ":" in interface else interface
        return node, f"http://{host}:{port.getHost().port}"

    def probe(
        self, url: str, outbound: Outbound | None = None, budget: float = BUDGET
    ) -> Deferred[ProbeResult]:
        prober = Prober(outbound or self.outbound, self.reactor, budget)
        return prober.probe(make_node(base_url=url))

    async def outcome(self, script: Script) -> Outcome:
        """
        :returns: What is made of such a node, by and by.
        """
        _, url = self.start(script)
        result = await self.probe(url)
        self.assertLess(result.duration_seconds, BUDGET + SLACK)
        return result.outcome

    async def all_have_left(self, *nodes: ScriptedNode) -> None:
        """
        Wait until the nodes have no connections any more.

        """
        deadline = time.monotonic() + 5
        while any(node.present for node in nodes):
            self.assertLess(time.monotonic(), deadline, "a connection was left open")
            await self.wait(0.01)

    def wait(self, seconds: float) -> Deferred[None]:
        waited: Deferred[None] = Deferred()
        self.reactor.callLater(seconds, waited.callback, None)
        return waited


class HostileNodeTests(HostileCase):
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


class OrdinaryNodeTests(HostileCase):
    """
    What good nodes do, though not all of them do it in the same way.

    """

    async def assert_ready(self, script: Script) -> ScriptedNode:
        """
        Ask a node twice.

        """
        node, url = self.start(script)
        for _ in range(2):
            outcome = (await self.probe(url)).outcome
            assert isinstance(outcome, Answered), outcome
            self.assertTrue(outcome.ready)
            self.assertIsNot(type(outcome.metrics), str)
        return node

    async def test_connection_is_kept(self) -> None:
        """
        A node that is asked every few seconds is not connected to each time.
        """
        node = await self.assert_ready(well)
        self.assertEqual(node.visits, 1)
        self.assertEqual([one.path for one in node.received], [*GOOD, *GOOD])

    async def test_close_after_each_answer(self) -> None:
        """
        Servers that keep no connection are fine.
        """

        def script(visitor: Visitor, path: str) -> None:
            visitor.send(json_reply(GOOD[path]).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            visitor.close()

        await self.assert_ready(script)

    async def test_old_http(self) -> None:
        """
        Servers that speak HTTP/1.0, and end an answer by closing, are fine.
        """

        def script(visitor: Visitor, path: str) -> None:
            visitor.send(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(GOOD[path]).encode())
            visitor.close()

        await self.assert_ready(script)

    async def test_chunks(self) -> None:
        """
        Servers that do not know how long their answers are are fine.
        """

        def script(visitor: Visitor, path: str) -> None:
            body = json.dumps(GOOD[path]).encode()
            visitor.send(CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

        node = await self.assert_ready(script)
        self.assertEqual(node.visits, 1)

    async def test_kept_connection_is_closed_by_the_node(self) -> None:
        """
        A node that is restarted, or tired of an idle connection, is not called dead.
        """

        def script(visitor: Visitor, path: str) -> None:
            if visitor.requests <= len(GOOD):
                well(visitor, path)
            else:
                visitor.reset()

        node = await self.assert_ready(script)
        self.assertEqual(node.visits, 2)

    async def test_kept_connection_is_dead(self) -> None:
        """
        A connection that a router has forgotten does not make a node look dead.
        """

        def script(visitor: Visitor, path: str) -> None:
            if visitor.requests <= len(GOOD):
                well(visitor, path)

        node = await self.assert_ready(script)
        self.assertGreater(node.visits, 1)

    async def test_slow_answers(self) -> None:
        """
        A node has its time for all three together: they are asked for at the same time.
        """

        def script(visitor: Visitor, path: str) -> None:
            visitor.later(0.6 * BUDGET, json_reply(GOOD[path]))

        await self.assert_ready(script)

    async def test_not_ready(self) -> None:
        """
        A node without pictures is there, and says why it is not ready.
        """
        payload = {"status": "not_ready", "reason": "stale_stream"}
        for status in ("503 Service Unavailable", "200 OK"):
            outcome = await self.outcome(answering("/ready", json_reply(payload, status)))
            assert isinstance(outcome, Answered), outcome
            self.assertFalse(outcome.ready)
            self.assertFalse(outcome.stream_available)
            self.assertEqual(outcome.ready_probe.payload, payload)

    async def test_address_of_version_6(self) -> None:
        """
        Nodes are where they are, also behind brackets.
        """
        if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
            raise SkipTest("no IPv6 here")

        def script(visitor: Visitor, path: str) -> None:
            well(visitor, path.removeprefix("/cameras/3"))

        node, url = self.start(script, "::1")
        outcome = (await self.probe(f"{url}/cameras/3")).outcome
        self.assertIsInstance(outcome, Answered)
        self.assertEqual(node.received[0].path, "/cameras/3/health")
        self.assertIn(f"Host: {url.removeprefix('http://')}\r\n", node.received[0].head)

    async def test_what_is_sent(self) -> None:
        """
        Nodes see who asks, what is wanted, and their own token.
        """
        node, url = self.start(well)
        await self.probe(url)
        for one in node.received:
            self.assertIn(f"Authorization: Bearer {CANARY}\r\n", one.head + "\r\n")
            self.assertIn("Accept: application/json\r\n", one.head + "\r\n")
            self.assertIn("Accept-Encoding: identity\r\n", one.head + "\r\n")
            self.assertNotIn("gzip", one.head)

    async def test_no_cookies(self) -> None:
        """
        A node leaves nothing behind that others would be sent.
        """

        def script(visitor: Visitor, path: str) -> None:
            body = json.dumps(GOOD[path]).encode()
            visitor.send(reply(body, headers="Set-Cookie: a=b; Domain=127.0.0.1\r\n"))

        node, url = self.start(script)
        await self.probe(url)
        self.assertNotIn("cookie", "".join(one.head for one in node.received).lower())


class NameTests(HostileCase):
    """
    Nodes that are known by name.

    """

    async def test_names_that_hang(self) -> None:
        """
        Twenty names of nodes that are off delay nobody whose address is known.
        """
        release = threading.Event()
        self.addCleanup(release.set)

        def getaddrinfo(*_: object) -> Sequence[Any]:
            release.wait(20)
            return []

        outbound = self.make_outbound(getaddrinfo=getaddrinfo)
        _, url = self.start(well)
        hanging = [self.probe(f"http://camera-{n}.local", outbound) for n in range(20)]
        begun = time.monotonic()
        result = await self.probe(url, outbound)
        self.assertLess(time.monotonic() - begun, 0.3)
        self.assertIsInstance(result.outcome, Answered)
        for one in hanging:
            self.assertEqual(said((await one).outcome), "Unreachable timeout")

    async def test_unknown_name(self) -> None:
        """
        A name that does not exist is told from a node that hangs.
        """

        def getaddrinfo(*_: object) -> Sequence[Any]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        outbound = self.make_outbound(getaddrinfo=getaddrinfo)
        result = await self.probe("http://nowhere.local", outbound)
        self.assertEqual(said(result.outcome), "Unreachable dns_failure")

    async def test_name(self) -> None:
        """
        A node is found by its name; the certificate and the ``Host`` header are for the name.
        """
        node, url = self.start(well)
        port = url.rpartition(":")[2]
        outbound = self.make_outbound(getaddrinfo=resolving_to("127.0.0.1"))
        result = await self.probe(f"http://camera.local:{port}", outbound)
        self.assertIsInstance(result.outcome, Answered)
        self.assertIn(f"Host: camera.local:{port}", node.received[0].head)

    async def test_rebinding(self) -> None:
        """
        A name that leads to the cloud's secrets the second time is not followed there.
        """
        addresses = ["127.0.0.1", "169.254.169.254"]

        def getaddrinfo(*arguments: object) -> Sequence[Any]:
            return resolving_to(addresses.pop(0))(*arguments)

        def script(visitor: Visitor, path: str) -> None:
            well(visitor, path)
            if path == "/metrics":
                visitor.close()

        _, url = self.start(script)
        name = f"http://camera.local:{url.rpartition(':')[2]}"
        outbound = self.make_outbound(getaddrinfo=getaddrinfo)
        self.assertIsInstance((await self.probe(name, outbound)).outcome, Answered)
        await self.wait(0.05)
        outcome = (await self.probe(name, outbound)).outcome
        self.assertEqual(said(outcome), "Unreachable address_refused")

    async def test_some_addresses_are_refused(self) -> None:
        """
        A name with one good address among others leads there.
        """
        _, url = self.start(well)
        hosts = ("169.254.169.254", "fe80::1", "127.0.0.1")
        outbound = self.make_outbound(getaddrinfo=resolving_to(*hosts))
        name = f"http://camera.local:{url.rpartition(':')[2]}"
        self.assertIsInstance((await self.probe(name, outbound)).outcome, Answered)

    async def test_no_network_is_allowed(self) -> None:
        """
        Where the operator's list cannot be used, nothing is connected to.
        """
        node, url = self.start(well)
        outbound = self.make_outbound(networks=())
        outcome = (await self.probe(url, outbound)).outcome
        self.assertEqual(said(outcome), "Unreachable address_refused")
        self.assertEqual(node.visits, 0)


class TLSTests(HostileCase):
    """
    Nodes that are spoken to in private.

    """

    def setUp(self) -> None:
        super().setUp()
        self.authority = Authority()
        self.outbound = self.make_outbound(
            trust=self.authority.trust(), getaddrinfo=resolving_to("127.0.0.1")
        )

    async def asked(
        self, host: str, tls: CertificateOptions, script: Script = well
    ) -> tuple[ScriptedNode, list[Outcome]]:
        """
        :returns: A node that has been asked twice, and what was made of it.
        """
        node, url = self.start(script, tls=tls)
        node_url = f"https://{host}:{url.rpartition(':')[2]}"
        return node, [(await self.probe(node_url)).outcome for _ in range(2)]

    async def test_trusted(self) -> None:
        """
        A node with a certificate for its name or its address is asked, on one connection.
        """
        for host in ("camera.local", "127.0.0.1"):
            node, outcomes = await self.asked(host, self.authority.issue(host))
            for outcome in outcomes:
                self.assertIsInstance(outcome, Answered, outcome)
            self.assertEqual(node.visits, 1)

    async def test_not_trusted(self) -> None:
        """
        A node that cannot prove who it is never sees a token.
        """
        for host, tls in (
            ("camera.local", Authority().issue("camera.local")),
            ("camera.local", self.authority.issue("other.local")),
            ("camera.local", self.authority.issue("127.0.0.1")),
            ("127.0.0.1", self.authority.issue("camera.local")),
            ("127.0.0.1", self.authority.issue("127.0.0.2")),
            ("camera.local", self.authority.issue("camera.local", age=2 * YEAR)),
        ):
            node, outcomes = await self.asked(host, tls)
            self.assertEqual([said(one) for one in outcomes], ["Unreachable tls_failure"] * 2)
            self.assertEqual(node.received, [])

    async def test_no_tls(self) -> None:
        """
        A node that speaks something else is told from one that is off.
        """
        node, url = self.start(well)
        node.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        outcome = (await self.probe(url.replace("http:", "https:"))).outcome
        self.assertEqual(said(outcome), "Unreachable tls_failure")

    async def test_hang(self) -> None:
        """
        A node that hangs, or floods, is let go of at once, though it says no farewell.
        """
        tls = self.authority.issue("camera.local")

        def flooding_everywhere(visitor: Visitor, path: str) -> None:
            visitor.send(started(""))
            visitor.flood(FOREVER)

        for script, expected in (
            (silent, "Unreachable timeout"),
            (flooding_everywhere, "InvalidResponse too_large"),
            (on_health(Visitor.reset), "Unreachable connection_reset"),
        ):
            node, outcomes = await self.asked("camera.local", tls, script)
            self.assertEqual([said(one) for one in outcomes], [expected] * 2)
            await self.all_have_left(node)

    async def test_hang_in_the_handshake(self) -> None:
        """
        Nor does a node that begins to speak TLS and stops.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            result = await self.probe(f"https://127.0.0.1:{listener.getsockname()[1]}")
        self.assertEqual(said(result.outcome), "Unreachable timeout")


class ActionTests(HostileCase):
    """
    What nodes make of actions.

    """

    def send(self, url: str, body: bytes = b"", seconds: float = BUDGET) -> Deferred[Any]:
        relay = ActionRelay(self.outbound, self.reactor, seconds)
        return relay.send(make_node(base_url=url), "restart", body)

    async def test_answers(self) -> None:
        """
        What a node says is passed on, be it good or bad.
        """
        answers = {
            json_reply({"restarting": True}, "202 Accepted"): RelayedAction(
                202, {"restarting": True}
            ),
            b"HTTP/1.1 204 No Content\r\n\r\n": RelayedAction(204, None),
            json_reply({"error": {}}, "404 Not Found"): RelayedAction(404, {"error": {}}),
            reply(b"Oops!", "500 Oops"): RelayedAction(500, "Oops!"),
            reply(b"[1]"): RelayedAction(200, [1]),
            reply(b"", "401 Unauthorized"): Unauthorized("/api/actions/restart", 401),
            reply(b"", "403 Forbidden"): Unauthorized("/api/actions/restart", 403),
        }
        for wire, expected in answers.items():
            _, url = self.start(answering("/api/actions/restart", wire))
            self.assertEqual(await self.send(url), expected)

    async def test_no_answers(self) -> None:
        """
        An action that brings nothing usable is told as that.
        """
        path = "/api/actions/restart"
        scripts = {
            "Unreachable timeout": silent,
            "Unreachable connection_reset": lambda visitor, _: visitor.reset(),
            "InvalidResponse redirect": answering(path, reply(b"", "307 T", "Location: /\r\n")),
            "InvalidResponse too_large": answering(path, reply(b" " * 70_000)),
            "InvalidResponse truncated": answering(path, reply(b"{", length=9), close=True),
            "InvalidResponse encoded": answering(
                path, reply(b"", headers="Content-Encoding: br\r\n")
            ),
        }
        for expected, script in scripts.items():
            _, url = self.start(script)
            self.assertEqual(said(await self.send(url)), expected)

    async def test_sent_once(self) -> None:
        """
        An action that may have been done is never done twice: not if the connection is lost, and
        not on a connection that may just be closing.
        """

        def script(visitor: Visitor, path: str) -> None:
            if path in GOOD:
                well(visitor, path)
            else:
                visitor.reset()

        node, url = self.start(script)
        await self.probe(url)
        self.assertEqual(said(await self.send(url, b'{"a":1}')), "Unreachable connection_reset")
        self.assertEqual(node.visits, 2)
        (sent,) = (one for one in node.received if one.method == "POST")
        self.assertEqual((sent.path, sent.body), ("/api/actions/restart", b'{"a":1}'))
        self.assertIn("\r\nContent-Type: application/json", sent.head)

    async def test_without_a_body(self) -> None:
        """
        An action without parameters has no body, and says so.
        """
        node, url = self.start(lambda visitor, _: visitor.send(json_reply({})))
        self.assertEqual(await self.send(url), RelayedAction(200, {}))
        self.assertEqual(node.received[0].body, b"")
        self.assertIn("Content-Length: 0\r\n", node.received[0].head + "\r\n")


def said(outcome: object) -> str:
    """
    :returns: An outcome in short.
    """
    return f"{type(outcome).__name__} {getattr(outcome, 'reason', '')}".strip()


def resolving_to(*hosts: str) -> Callable[..., Sequence[Any]]:
    """
    :returns: A ``getaddrinfo`` that has one answer.
    """
    return lambda *_: [
        (socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0))
        for host in hosts
    ]


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
