"""
Nodes that are spoken to in private.

"""

import socket

from twisted.internet.ssl import CertificateOptions

from motion_in_ocean.management.outbound._results import (
    Answered,
    Outcome,
)
from tests.integration.certificates import YEAR, Authority
from tests.integration.scripted_nodes import (
    FOREVER,
    Script,
    ScriptedNode,
    ScriptedNodeCase,
    Visitor,
    on_health,
    resolving_to,
    said,
    silent,
    started,
    well,
)


class TLSTests(ScriptedNodeCase):
    """
    Whom is believed, and what happens to the others.

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
