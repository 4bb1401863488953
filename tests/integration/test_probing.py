"""
Nodes that are as they should be, in the many ways in which they can.

"""

import json
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

from motion_in_ocean.management.outbound._names import MAX_THREADS
from motion_in_ocean.management.outbound._prober import Prober
from motion_in_ocean.management.outbound._results import Answered
from motion_in_ocean.management.outbound._sweep import FleetSweep
from tests.integration.components import missing
from tests.integration.scripted_nodes import (
    BUDGET,
    CHUNKED,
    GOOD,
    Script,
    ScriptedNode,
    ScriptedNodeCase,
    Visitor,
    answering,
    json_reply,
    reply,
    resolving_to,
    said,
    well,
)
from tests.management.nodes import CANARY, make_node

PLENTY = 5.0
"""
Seconds for nodes that answer at once. A tenth of it is what they may take for one answer before
they are asked in another way, and a busy machine stands still for shorter than that.
"""

LOOKUP_SECONDS = 20.0
"""What the resolver takes for the name of a node that is off."""


class OrdinaryNodeTests(ScriptedNodeCase):
    """
    What good nodes do, though not all of them do it in the same way.

    """

    budget = PLENTY

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
            visitor.later(0.4 * PLENTY, json_reply(GOOD[path]))

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
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            raise missing("IPv6", "sysctl net.ipv6.conf.lo.disable_ipv6=0") from error

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


class NameTests(ScriptedNodeCase):
    """
    Nodes that are known by name.

    """

    budget = PLENTY

    async def test_names_that_hang(self) -> None:
        """
        Names of nodes that are off, and be they more than can be looked up at once, delay nobody
        whose address is known.
        """
        release = threading.Event()
        self.addCleanup(release.set)
        begun = time.monotonic()

        def getaddrinfo(*_: object) -> Sequence[Any]:
            release.wait(begun + LOOKUP_SECONDS - time.monotonic())
            return []

        outbound = self.make_outbound(getaddrinfo=getaddrinfo)
        _, url = self.start(well)
        names = [f"http://camera-{number}.local" for number in range(MAX_THREADS + 8)]
        hanging = [self.probe(name, outbound, BUDGET) for name in names]
        # It would have no time left if it waited for a lookup.
        result = await self.probe(url, outbound)
        self.assertIsInstance(result.outcome, Answered)
        self.assertLess(time.monotonic() - begun, LOOKUP_SECONDS / 2)
        for one in hanging:
            self.assertEqual(said((await one).outcome), "Unreachable timeout")

    async def test_name_among_names_that_hang(self) -> None:
        """
        Sixty names of nodes that are off do not make a node that is on look dead.
        """
        release = threading.Event()
        self.addCleanup(release.set)

        def getaddrinfo(name: str, *arguments: object) -> Sequence[Any]:
            if name.startswith("off"):
                release.wait(20)
                return []
            return resolving_to("127.0.0.1")(name, *arguments)

        _, url = self.start(well)
        port = url.rpartition(":")[2]
        nodes = [
            make_node(name, base_url=f"http://{name}.local:{port}")
            for name in (*(f"off{number}" for number in range(60)), "well")
        ]
        outbound = self.make_outbound(getaddrinfo=getaddrinfo)
        sweep = FleetSweep(Prober(outbound, self.reactor, 2.5), self.reactor)
        for _ in range(2):
            swept = await sweep.run(nodes)
            self.assertIsInstance(swept.results["well"].outcome, Answered)
            self.assertEqual(said(swept.results["off0"].outcome), "Unreachable timeout")

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
