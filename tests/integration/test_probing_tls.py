"""
Nodes that are spoken to in private.

"""

import os
import socket
from pathlib import Path

from twisted.internet.ssl import CertificateOptions
from twisted.logger import capturedLogs, formatEvent

from motion_in_ocean.management.outbound import ActionRelay, SnapshotRelay, node_trust
from motion_in_ocean.management.outbound._authorities import MAX_CA_FILE_BYTES
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
from tests.management.nodes import make_node


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


class AuthorityFileTests(ScriptedNodeCase):
    """
    Who vouches for nodes where a home has an authority of its own.

    """

    def setUp(self) -> None:
        super().setUp()
        self.authority = Authority()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def trusting(self, path: Path | str | None) -> None:
        self.outbound = self.make_outbound(
            trust=node_trust(None if path is None else str(path)),
            getaddrinfo=resolving_to("127.0.0.1"),
        )

    def start_node(self, authority: Authority | None = None) -> tuple[ScriptedNode, str]:
        node, url = self.start(well, tls=(authority or self.authority).issue("camera.local"))
        return node, f"https://camera.local:{url.rpartition(':')[2]}"

    def written(self, content: bytes) -> Path:
        path = self.folder / "authorities.pem"
        path.write_bytes(content)
        return path

    def let_the_system_believe(self, pem: bytes) -> None:
        before = os.environ.get("SSL_CERT_FILE")
        path = self.folder / "system.pem"
        path.write_bytes(pem)
        os.environ["SSL_CERT_FILE"] = str(path)
        if before is not None:
            self.addCleanup(os.environ.__setitem__, "SSL_CERT_FILE", before)
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")

    async def said_of(self, url: str) -> str:
        return said((await self.probe(url)).outcome)

    async def test_believed(self) -> None:
        """
        Whoever is vouched for by any of those in the file is asked, and nobody else.
        """
        other = Authority("other")
        self.trusting(self.written(b"Our own:\n" + other.pem() + self.authority.pem()))
        for authority, expected in (
            (self.authority, "Answered"),
            (other, "Answered"),
            (Authority(), "Unreachable tls_failure"),
        ):
            _, url = self.start_node(authority)
            self.assertEqual(await self.said_of(url), expected)

    async def test_not_set(self) -> None:
        """
        Without the file, the system decides, which knows nothing of a home's authority.
        """
        self.trusting(None)
        _, url = self.start_node()
        self.assertEqual(await self.said_of(url), "Unreachable tls_failure")

    async def test_unusable(self) -> None:
        """
        A file that cannot be used makes nobody believed, not even those whom the system believes,
        and is named once.
        """
        pem = self.authority.pem()
        os.mkfifo(self.folder / "pipe")
        cases: list[tuple[str, bytes | Path]] = [
            ("No such file or directory", self.folder / "missing"),
            ("is no file", self.folder),
            ("is no file", self.folder / "pipe"),
            ("holds no certificate", b""),
            ("holds no certificate", b"rubbish"),
            ("holds no certificate", pem[: len(pem) // 2]),
            ("one that is damaged", pem + b"\n".join(pem.split(b"\n")[::2])),
            ("is larger than", pem + b"#" * MAX_CA_FILE_BYTES),
        ]
        self.let_the_system_believe(pem)
        self.trusting(None)
        _, known = self.start_node()
        self.assertEqual(await self.said_of(known), "Answered")
        node, url = self.start_node()
        for why, what in cases:
            path = self.written(what) if isinstance(what, bytes) else what
            with capturedLogs() as events:
                self.trusting(path)
            (warning,) = map(formatEvent, events)
            self.assertIn(f"NODE_TLS_CA_FILE {path}: ", warning)
            self.assertIn(why, warning)
            self.assertEqual(await self.said_of(url), "Unreachable tls_failure", why)
        self.assertEqual(node.received, [])

    async def test_unusable_setting(self) -> None:
        """
        What the settings have already complained about is not named again, nor is anybody believed.
        """
        with capturedLogs() as events:
            self.trusting("")
        self.assertEqual(events, [])
        _, url = self.start_node()
        self.assertEqual(await self.said_of(url), "Unreachable tls_failure")

    async def test_actions_and_pictures(self) -> None:
        """
        Whatever goes to a node, its name and who vouches for it are looked at first.
        """
        self.trusting(self.written(self.authority.pem()))
        for tls in (Authority().issue("camera.local"), self.authority.issue("other.local")):
            node, url = self.start(well, tls=tls)
            asked = make_node(base_url=f"https://camera.local:{url.rpartition(':')[2]}")
            action = await ActionRelay(self.outbound, self.reactor, 5).send(asked, "restart", b"{}")
            picture = await SnapshotRelay(self.outbound, self.reactor).fetch(asked)
            self.assertEqual([said(action), said(picture)], ["Unreachable tls_failure"] * 2)
            self.assertEqual(node.received, [])
