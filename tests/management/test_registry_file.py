"""
Tests of what the registry's file means.

"""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.registry._contents import Contents
from motion_in_ocean.management.registry._registry_file import (
    NewerVersion,
    NotARegistry,
    ParsedFile,
    RejectedNode,
    parse_registry,
    registry_bytes,
    rejected_bytes,
)
from tests.fuzz import fuzzed
from tests.management.nodes import CANARY, make_node, node_payload
from tests.management.test_contents import revisions


def parse(document: Any) -> ParsedFile:
    """
    :returns: What a file says that has that JSON in it.
    """
    return parse_registry(json.dumps(document).encode())


def parse_auth(auth: Any) -> ParsedFile:
    """
    :returns: What a file says that has one node with that auth.
    """
    return parse({"version": 1, "nodes": [node_payload(auth=auth)]})


class GoodTests(SynchronousTestCase):
    """
    Files without anything remarkable.

    """

    def test_as_written(self) -> None:
        """
        What was written is read again: nodes, tokens, their order and revisions.
        """
        contents = Contents()
        for node_id in "cab":
            contents, _ = contents.create(make_node(node_id, name=f"Küche {node_id}"))
        contents, _ = contents.delete("b", None)
        parsed = parse_registry(registry_bytes(contents, {}))
        self.assertEqual(ParsedFile(contents), parsed)
        self.assertEqual(["c", "a"], list(parsed.contents.nodes))
        self.assertEqual(5, parsed.contents.next_revision)

    def test_empty(self) -> None:
        """
        A registry without nodes is one.
        """
        self.assertEqual(Contents(), parse({"version": 1, "nodes": []}).contents)
        self.assertEqual(Contents(), parse_registry(registry_bytes(Contents(), {})).contents)

    def test_last_seen(self) -> None:
        """
        When a node was seen last is written in place of what it had.
        """
        contents, _ = Contents().create(make_node())
        seen = datetime(2026, 6, 1, tzinfo=UTC)
        parsed = parse_registry(registry_bytes(contents, {"porch": seen, "gone": seen}))
        self.assertEqual(seen, parsed.contents.nodes["porch"].node.last_seen)
        self.assertEqual({"porch": 1}, revisions(parsed.contents))

    def test_for_people(self) -> None:
        """
        The file can be read and compared: a line for each node, in UTF-8.
        """
        contents, _ = Contents().create(make_node(name="Küche"))
        lines = registry_bytes(contents, {}).decode().splitlines()
        self.assertEqual(3, len(lines))
        self.assertIn("Küche", lines[1])

    def test_without_version(self) -> None:
        """
        The first files had none.
        """
        self.assertEqual({"porch": 1}, revisions(parse({"nodes": [node_payload()]}).contents))

    def test_without_revisions(self) -> None:
        """
        A file that another program or a person wrote gets revisions, the same ones each time.
        """
        nodes = [node_payload(node_id) for node_id in "abc"]
        contents = parse({"version": 1, "nodes": nodes}).contents
        self.assertEqual({"a": 1, "b": 2, "c": 3}, revisions(contents))
        self.assertEqual(4, contents.next_revision)

    def test_node_added_by_hand(self) -> None:
        """
        A node without revision among others gets one that nobody had.
        """
        nodes = [node_payload("a", revision=7), node_payload("b"), node_payload("c", revision=3)]
        for head, first_free in (({}, 8), ({"next_revision": 20}, 20), ({"next_revision": 2}, 8)):
            contents = parse({**head, "nodes": nodes}).contents
            self.assertEqual({"a": 7, "b": first_free, "c": 3}, revisions(contents))
            self.assertEqual(first_free + 1, contents.next_revision)

    def test_useless_revisions(self) -> None:
        """
        A revision that is no count is as good as none.
        """
        for useless in (0, -1, 1.5, "7", None, True, 2**60, [1]):
            contents = parse(
                {"next_revision": useless, "nodes": [node_payload(revision=useless)]}
            ).contents
            self.assertEqual({"porch": 1}, revisions(contents))

    def test_other_keys(self) -> None:
        """
        What others put beside the nodes is kept.
        """
        document = {"version": 1, "comment": "ours", "x": {"y": [1]}, "nodes": []}
        contents = parse(document).contents
        written = json.loads(registry_bytes(contents, {}))
        self.assertEqual({**document, "next_revision": 1}, written)


class LegacyTests(SynchronousTestCase):
    """
    Files with auth of kinds that were given up.

    """

    def test_becomes_bearer(self) -> None:
        """
        Where there is a token, the node keeps working.
        """
        for auth in (
            {"type": "basic", "token": CANARY},
            {"type": "basic", "token": f" {CANARY} ", "username": "me", "password": "pw"},
            {"type": "bearer", "token": CANARY, "encoded": "bWU6cHc="},
            {"token": CANARY, "username": "me"},
        ):
            parsed = parse_auth(auth)
            self.assertEqual(CANARY, parsed.contents.nodes["porch"].node.token)
            self.assertTrue(parsed.is_migrated)
            self.assertEqual(
                ("node 1 ('porch'): its legacy auth became the bearer token that it held",),
                parsed.notices,
            )

    def test_becomes_none(self) -> None:
        """
        Where there is none, the node stays, and the operator learns that it may want one.
        """
        for auth in (
            {"type": "basic", "username": "me", "password": "pw"},
            {"type": "basic", "encoded": "bWU6cHc="},
            {"type": "basic"},
            {"type": "basic", "token": ""},
            {"type": "basic", "token": 5},
            {"type": "basic", "token": "a\nb"},
            {"type": "bearer", "username": "me", "password": "pw"},
            {"type": "none", "password": "pw"},
            {"username": "me", "password": "pw"},
        ):
            parsed = parse_auth(auth)
            self.assertIsNone(parsed.contents.nodes["porch"].node.token)
            self.assertTrue(parsed.is_migrated)
            self.assertIn("give it a bearer token", parsed.notices[0])

    def test_nothing_to_migrate(self) -> None:
        """
        Auth of today is taken as it is.
        """
        for auth in ({"type": "bearer", "token": CANARY}, {"type": "none"}):
            parsed = parse_auth(auth)
            self.assertEqual((False, ()), (parsed.is_migrated, parsed.notices))

    def test_secrets(self) -> None:
        """
        What is said about it does not tell the password.
        """
        for auth in (
            {"type": "basic", "username": CANARY, "password": CANARY, "encoded": CANARY},
            {"type": "basic", "token": CANARY},
            {"type": CANARY, "token": CANARY},
        ):
            self.assertNotIn(CANARY, " ".join(parse_auth(auth).notices))


class RejectedTests(SynchronousTestCase):
    """
    Files in which some nodes are none.

    """

    def test_others_load(self) -> None:
        """
        A slip in one node does not hide the others.
        """
        bad = node_payload("bad", base_url="ftp://h", revision=9)
        parsed = parse({"nodes": [node_payload("a"), bad, node_payload("b")]})
        self.assertEqual(["a", "b"], list(parsed.contents.nodes))
        self.assertEqual([bad], [each.node for each in parsed.rejected])
        self.assertEqual(["base_url"], list(parsed.rejected[0].problems))

    def test_named(self) -> None:
        """
        The operator is told which, and why, in one line each.
        """
        nodes = [node_payload("bad\n\x1b", transport="ssh"), 5, {"id": 7}]
        notices = parse({"nodes": nodes}).notices
        self.assertEqual(3, len(notices))
        self.assertTrue(notices[0].startswith("node 1 ('bad\\n\\x1b') is not used: id: must be"))
        self.assertIn("transport: must be http or docker", notices[0])
        self.assertEqual("node 2 is not used: body: must be a JSON object", notices[1])
        self.assertTrue(notices[2].startswith("node 3 is not used: id: must be text"))

    def test_twins(self) -> None:
        """
        Of two nodes with one id the first counts, and the other is not lost.
        """
        nodes = [node_payload(name="first"), node_payload(id=" porch ", name="second")]
        parsed = parse({"nodes": nodes})
        self.assertEqual("first", parsed.contents.nodes["porch"].node.name)
        self.assertEqual([nodes[1]], [each.node for each in parsed.rejected])
        self.assertIn("id: is already that of an earlier node", parsed.notices[0])

    def test_legacy_and_wrong(self) -> None:
        """
        A node that is rejected is kept as it was, with the auth that it had.
        """
        bad = node_payload(name="", auth={"type": "basic", "password": CANARY})
        parsed = parse({"nodes": [bad]})
        self.assertEqual((False, [bad]), (parsed.is_migrated, [it.node for it in parsed.rejected]))
        self.assertNotIn(CANARY, parsed.notices[0])

    def test_kept(self) -> None:
        """
        What is set aside can be repaired: it is all there, with the reasons.
        """
        rejected = [RejectedNode({"id": "é", "x": [1]}, {"x": "is not known here"})]
        kept = rejected_bytes(rejected)
        self.assertEqual(
            {"rejected": [{"problems": {"x": "is not known here"}, "node": {"id": "é", "x": [1]}}]},
            json.loads(kept),
        )
        self.assertEqual(kept, rejected_bytes(rejected))


class ForeignTests(SynchronousTestCase):
    """
    Files that are something else.

    """

    def test_newer(self) -> None:
        """
        What a newer program wrote is not guessed at, whatever else is in it.
        """
        for document in ({"version": 2, "nodes": []}, {"version": 99}):
            self.assertIn(
                f"version {document['version']}",
                str(self.assertRaises(NewerVersion, parse, document)),
            )

    def test_no_registry(self) -> None:
        """
        What means something else, or nothing, is not taken for an empty registry.
        """
        documents: tuple[Any, ...] = (
            {},
            [],
            [node_payload()],
            None,
            {"version": 1},
            {"nodes": {}},
            {"nodes": None},
            {"version": "1", "nodes": []},
            {"version": 1.0, "nodes": []},
            {"version": True, "nodes": []},
            {"version": 0, "nodes": []},
            {"version": None, "nodes": []},
        )
        for document in documents:
            self.assertRaises(NotARegistry, parse, document)

    def test_damaged(self) -> None:
        """
        A file that was cut short, zeroed or mixed up is noticed, and not repeated.
        """
        whole = registry_bytes(Contents().create(make_node())[0], {})
        for data in (b"", b"\n", whole[:-3], whole[5:], b"\0" * 100, whole + whole, b"[" * 100_000):
            error = self.assertRaises(NotARegistry, parse_registry, data)
            self.assertNotIn(CANARY, str(error))

    def test_same_key_twice(self) -> None:
        """
        Of two lists of nodes in one file, none is lost by taking the other.
        """
        self.assertRaises(NotARegistry, parse_registry, b'{"nodes": [], "nodes": []}')

    @fuzzed(100)
    @given(st.integers(0, 400), st.binary(max_size=4))
    def test_any_damage(self, place: int, damage: bytes) -> None:
        """
        Whatever happened to a few bytes, the file is read, or refused in words.
        """
        whole = registry_bytes(Contents().create(make_node())[0], {})
        try:
            parse_registry(whole[:place] + damage + whole[place + len(damage) :])
        except (NewerVersion, NotARegistry) as error:
            self.assertTrue(str(error))
