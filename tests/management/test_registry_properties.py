"""
Tests of what holds for whatever a registry finds in its file.

"""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.python.failure import Failure

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._contents import Contents
from motion_in_ocean.management.registry._registry_file import registry_bytes
from motion_in_ocean.strict_json import strict_json
from tests.fuzz import damaged, damages, fuzzed, json_values
from tests.management.nodes import CANARY, make_node, node_payload
from tests.management.registries import RegistryTestCase


def whole_file() -> bytes:
    """
    :returns: A file with nothing wrong.
    """
    contents = Contents()
    for node_id in ("porch", "küche".encode("idna").decode(), "shed.2"):
        contents, _ = contents.create(make_node(node_id, name=f"Die {node_id} ö"))
    return registry_bytes(contents, {})


WHOLE = whole_file()

near_nodes = st.dictionaries(st.sampled_from([*node_payload(), "revision"]), json_values).map(
    lambda wrong: {**node_payload(), **wrong}
)
near_files = st.fixed_dictionaries(
    {"nodes": st.lists(st.one_of(near_nodes, json_values), max_size=4)},
    optional={"version": st.one_of(st.integers(-1, 3), json_values), "more": json_values},
)


class AnyFileTests(RegistryTestCase):
    """
    A file is loaded, or what was in it is kept: never a crash, never a loss.

    """

    def setUp(self) -> None:
        super().setUp()
        self.rounds = 0

    def found(self, data: bytes) -> None:
        """
        Find that in the file, and go on as a user would.
        """
        self.rounds += 1
        folder = self.folder / str(self.rounds)
        folder.mkdir()
        path = folder / "nodes.json"
        path.write_bytes(data)
        registry = self.make_registry(path)
        logged = self.start(registry)
        self.assertTrue(all(line.isprintable() for line in logged), logged)
        told = [registry.problem or "", *registry.notices]
        self.assertNotIn(CANARY, "".join((*told, *logged)))
        ids: set[str] = set()
        if registry.problem is None:
            ids = {stored.node.id for stored in self.done(registry.list_nodes())}
        created: list[Any] = []
        registry.create(make_node("one-more")).addBoth(created.append)
        self.settle()
        if isinstance(created[0], Failure):
            created[0].trap(RegistryUnavailable)
        self.stop(registry)
        kept = [file.read_bytes() for file in folder.iterdir()]
        if data not in kept:
            self.assert_nothing_lost(data, ids, told, kept)

    def assert_nothing_lost(
        self, data: bytes, ids: set[str], told: list[str], kept: list[bytes]
    ) -> None:
        """
        Look for each node of a file that was rewritten: in the registry, or set aside and named.
        """
        nodes = strict_json(data)["nodes"]
        rejected = len(nodes) - len(ids)
        if not rejected:
            return
        self.assertTrue("".join(told))
        aside = [json.loads(text)["rejected"] for text in kept if text.startswith(b'{"rejected"')]
        self.assertEqual(len(aside[0]), rejected, kept)

    @fuzzed(60)
    @given(st.binary(max_size=200))
    @example(b"")
    @example(b"\0" * 5000)
    @example(b"[" * 100_000)
    @example(b'{"nodes":' * 5000)
    @example(b'{"version":1,"nodes":[],"big":' + b"9" * 5000 + b"}")
    @example(b"\xef\xbb\xbf" + WHOLE)
    @example(WHOLE.decode().encode("utf-16"))
    def test_any_bytes(self, data: bytes) -> None:
        """
        Whatever the file was overwritten with, nobody can lose it a second time.
        """
        self.found(data)

    @fuzzed(120)
    @given(st.lists(damages, min_size=1, max_size=3))
    def test_damage(self, wounds: list[Any]) -> None:
        """
        A disk that lies about a few bytes, or a file that was cut off, costs what was in those.
        """
        data = WHOLE
        for wound in wounds:
            data = damaged(data, wound)
        self.found(data)

    @fuzzed(120)
    @given(near_files)
    def test_any_nodes(self, document: Any) -> None:
        """
        Nor does a file that a person has edited, or another program has written.
        """
        self.found(json.dumps(document).encode())
