"""
Tests of what is taken for a node.

"""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from motion_in_ocean.management.registry._node import (
    parse_node,
)
from tests.management.node_case import NodeTestCase
from tests.management.nodes import CANARY, make_node, node_payload


class AcceptedTests(NodeTestCase):
    """
    Nodes that are fine.

    """

    def test_public(self) -> None:
        """
        A client gets back what it sent, but for the token.
        """
        self.assertEqual(node_payload(auth={"type": "bearer"}), parse_node(node_payload()).public())

    def test_stored(self) -> None:
        """
        What goes into the file becomes the same node again, with its token.
        """
        node = make_node()
        self.assertEqual(node_payload(), node.stored())
        self.assertEqual(node, parse_node(json.loads(json.dumps(node.stored()))))

    def test_token(self) -> None:
        """
        The prober gets the token in clear, and none where there is none.
        """
        self.assertEqual(CANARY, make_node().token)
        self.assertIsNone(make_node(auth={"type": "none"}).token)

    def test_trimmed(self) -> None:
        """
        A space that slipped in while pasting does no harm.
        """
        node = parse_node(
            node_payload(
                id=" porch ",
                name="\tFront porch\n",
                base_url=" http://192.168.1.20:8000 ",
                auth={"type": "bearer", "token": f" {CANARY}\n"},
                labels={" site ": " home "},
                last_seen=" 2026-01-31T12:00:00Z ",
                capabilities=[" stream "],
            )
        )
        self.assertEqual(make_node(), node)

    def test_base_url(self) -> None:
        """
        Addresses as people write them, and how they are kept.
        """
        for given, kept in (
            ("http://cam.local", "http://cam.local"),
            ("http://cam.local/", "http://cam.local"),
            ("HTTPS://Cam.Local:8443/Porch//", "https://cam.local:8443/Porch"),
            ("http://cam_1:080", "http://cam_1:80"),
            ("http://cam.example.", "http://cam.example."),
            ("http://[FD00:0::20]:8000", "http://[fd00::20]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("http://10.0.0.1:65535/a%20b/~c", "http://10.0.0.1:65535/a%20b/~c"),
            ("http://xn--kche-0ra.local", "http://xn--kche-0ra.local"),
        ):
            self.assertEqual(kept, make_node(base_url=given).base_url)

    def test_last_seen(self) -> None:
        """
        Any ISO 8601 time will do; one without a zone is taken for UTC.
        """
        for given, shown in (
            ("2026-01-31T13:30:00+01:30", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00.25Z", "2026-01-31T12:00:00.250000Z"),
            ("20260131T120000Z", "2026-01-31T12:00:00Z"),
        ):
            self.assertEqual(shown, make_node(last_seen=given).public()["last_seen"])

    def test_generous_limits(self) -> None:
        """
        Nobody who describes a camera runs into a limit.
        """
        node = make_node(
            id="i" * 64,
            name="n" * 256,
            base_url="http://h/" + "p" * 2039,
            auth={"type": "bearer", "token": "t" * 4096},
            labels={f"{number:0256}": "v" * 1024 for number in range(64)},
            capabilities=["c" * 128] * 64,
        )
        self.assertEqual(node, parse_node(node.stored()))

    def test_other_scripts(self) -> None:
        """
        Names are for people, wherever they live.
        """
        self.assertEqual("Küche 👩‍🍳 台所", make_node(name="Küche 👩‍🍳 台所").name)

    def test_no_labels(self) -> None:
        """
        A node needs neither labels nor capabilities, only the fields.
        """
        node = make_node(labels={}, capabilities=[])
        self.assertEqual(({}, ()), (dict(node.labels), node.capabilities))

    def test_cannot_be_changed(self) -> None:
        """
        A node that someone holds is never changed by someone else.
        """
        labels: Any = make_node().labels
        with self.assertRaises(TypeError):
            labels["site"] = "elsewhere"

    def test_seen(self) -> None:
        """
        Being seen gives another node, with a time in UTC and without needless digits.
        """
        node = make_node()
        zone = timezone(timedelta(hours=2))
        seen = node.seen(datetime(2026, 2, 1, 2, 0, 0, 123456, tzinfo=zone))
        self.assertEqual(datetime(2026, 2, 1, 0, 0, 0, 123000, tzinfo=UTC), seen.last_seen)
        self.assertEqual("2026-01-31T12:00:00Z", node.public()["last_seen"])


class AuthTests(NodeTestCase):
    """
    Credentials of kinds that are, and were, supported.

    """

    def test_type(self) -> None:
        """
        A client is told which types there are.
        """
        for value in ("digest", "Bearer", 5, None, ["bearer"]):
            self.assert_problem("auth.type", "none or bearer", auth={"type": value})
        self.assert_problem("auth.type", "is required", auth={})

    def test_token(self) -> None:
        """
        Bearer auth has a token, and no other auth has.
        """
        self.assert_problem("auth.token", "is required", auth={"type": "bearer"})
        self.assert_problem("auth.token", "4096", auth={"type": "bearer", "token": " "})
        self.assert_problem("auth.token", "text", auth={"type": "bearer", "token": None})
        self.assert_problem("auth.token", "not known", auth={"type": "none", "token": CANARY})

    def test_legacy(self) -> None:
        """
        Whoever still sends user names and passwords is told what to send instead.
        """
        for path, auth in (
            ("auth.type", {"type": "basic", "username": "me", "password": CANARY}),
            ("auth.type", {"type": "basic", "token": CANARY}),
            ("auth.username", {"type": "none", "username": "me"}),
            ("auth.password", {"type": "bearer", "token": "t", "password": CANARY}),
            ("auth.encoded", {"type": "bearer", "token": "t", "encoded": CANARY}),
        ):
            self.assert_problem(path, '{"type": "bearer", "token": "…"}', auth=auth)
