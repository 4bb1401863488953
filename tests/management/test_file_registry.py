"""
Tests of the registry in a file, as those see it who use it.

"""

import json
import os
import stat

from twisted.application.service import IService
from twisted.internet.defer import CancelledError
from zope.interface.verify import verifyObject

from motion_in_ocean.errors import (
    NodeInvalid,
    NodeNotFound,
    RegistryUnavailable,
    RevisionMismatch,
)
from motion_in_ocean.management.registry._interface import NodeRegistry
from tests.management.nodes import make_node
from tests.management.registries import RegistryTestCase


class VerbTests(RegistryTestCase):
    """
    What can be done with nodes.

    """

    def setUp(self) -> None:
        """
        The registry runs.
        """
        super().setUp()
        self.start()

    def test_interface(self) -> None:
        """
        It is what twistd starts and stops, and what routes ask for.
        """
        registry: NodeRegistry = self.registry
        self.assertTrue(verifyObject(IService, registry))

    def test_new(self) -> None:
        """
        Whoever starts for the first time has no nodes, no problem and no file.
        """
        self.assertEqual([], self.nodes())
        self.assertIsNone(self.registry.problem)
        self.assertEqual([], list(self.registry.notices))
        self.assertEqual(set(), self.files())

    def test_create(self) -> None:
        """
        A new node is there, on disk too, when that is said.
        """
        stored = self.done(self.registry.create(make_node()))
        self.assertEqual((make_node(), 1), (stored.node, stored.revision))
        self.assertEqual([stored], self.nodes())
        self.assertEqual(stored, self.done(self.registry.get("porch")))
        self.assertEqual(
            ["porch"], [it["id"] for it in json.loads(self.path.read_bytes())["nodes"]]
        )

    def test_not_before_it_is_durable(self) -> None:
        """
        Nobody gets to see what a power cut could still undo.
        """
        created = self.registry.create(make_node())
        self.assertNoResult(created)
        self.assertEqual([], self.nodes())
        self.done(created)

    def test_private(self) -> None:
        """
        Other users of the machine cannot read the tokens.
        """
        old = os.umask(0)
        try:
            self.done(self.registry.create(make_node()))
        finally:
            os.umask(old)
        for path in self.folder.iterdir():
            self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode), path)

    def test_nothing_left(self) -> None:
        """
        There is no other file in the folder when all is well.
        """
        self.done(self.registry.create(make_node()))
        self.assertEqual({"nodes.json"}, self.files())

    def test_replace(self) -> None:
        """
        A changed node has a new revision, and may have a new id.
        """
        self.done(self.registry.create(make_node("a")))
        self.done(self.registry.create(make_node("b")))
        stored = self.done(self.registry.replace("a", make_node("z"), 1))
        self.assertEqual(("z", 3), (stored.node.id, stored.revision))
        self.assertEqual([("z", 3), ("b", 2)], list(self.revisions().items()))
        self.restart()
        self.assertEqual([("z", 3), ("b", 2)], list(self.revisions().items()))

    def test_delete(self) -> None:
        """
        A deleted node is gone, and whoever deleted it is told what it was.
        """
        created = self.done(self.registry.create(make_node()))
        self.assertEqual(created, self.done(self.registry.delete("porch", 1)))
        self.failed(self.registry.get("porch"), NodeNotFound)
        self.restart()
        self.assertEqual([], self.nodes())

    def test_revisions_are_not_reused(self) -> None:
        """
        A client with an old ETag never meets it on another state, also after a restart.
        """
        self.done(self.registry.create(make_node("a")))
        self.done(self.registry.create(make_node("b")))
        self.done(self.registry.delete("b"))
        self.restart()
        self.assertEqual(4, self.done(self.registry.create(make_node("b"))).revision)
        self.assertEqual({"a": 1, "b": 4}, self.revisions())

    def test_refused(self) -> None:
        """
        A refused change changes nothing, and does not touch the disk.
        """
        self.done(self.registry.create(make_node("a")))
        self.done(self.registry.create(make_node("b")))
        before = self.path.stat()
        self.failed(self.registry.create(make_node("a")), NodeInvalid)
        self.failed(self.registry.replace("a", make_node("a"), 2), RevisionMismatch)
        self.failed(self.registry.replace("a", make_node("b"), 1), NodeInvalid)
        self.failed(self.registry.replace("x", make_node("x"), 1), NodeNotFound)
        self.failed(self.registry.delete("a", 2), RevisionMismatch)
        self.failed(self.registry.delete("x"), NodeNotFound)
        self.assertEqual({"a": 1, "b": 2}, self.revisions())
        self.assertEqual(before, self.path.stat())

    def test_lost_interest(self) -> None:
        """
        A client that goes away does not undo a change, nor stop others.
        """
        first = self.registry.create(make_node("a"))
        second = self.registry.create(make_node("b"))
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.done(second)
        self.assertEqual({"a": 1, "b": 2}, self.revisions())


class TogetherTests(RegistryTestCase):
    """
    Many changes at once.

    """

    def setUp(self) -> None:
        """
        The registry runs.
        """
        super().setUp()
        self.start()

    def test_one_writing(self) -> None:
        """
        What comes in while one change is written is written together: 2000 clients wait for two
        writes.
        """
        created = [self.registry.create(make_node(f"n{number}")) for number in range(2000)]
        self.worker.step()
        self.worker.step()
        self.assertEqual([], self.worker.waiting)
        stored = [self.successResultOf(each) for each in created]
        self.assertEqual(list(range(1, 2001)), [each.revision for each in stored])
        self.restart()
        self.assertEqual({f"n{number}": number + 1 for number in range(2000)}, self.revisions())

    def test_one_winner(self) -> None:
        """
        Of many who change the same state, one does, and all others are told.
        """
        self.done(self.registry.create(make_node()))
        changes = [
            self.registry.replace("porch", make_node(name=f"name {number}"), 1)
            for number in range(200)
        ]
        self.settle()
        self.assertEqual(2, self.successResultOf(changes[0]).revision)
        for change in changes[1:]:
            self.failureResultOf(change, RevisionMismatch)
        self.assertEqual("name 0", self.nodes()[0].node.name)

    def test_order(self) -> None:
        """
        Changes are made in the order in which they came, each on top of those before.
        """
        changes = [
            self.registry.create(make_node("a")),
            self.registry.replace("a", make_node("b"), 1),
            self.registry.create(make_node("a")),
            self.registry.delete("b", 2),
        ]
        self.settle()
        self.assertEqual([1, 2, 3, 2], [self.successResultOf(each).revision for each in changes])
        self.assertEqual({"a": 3}, self.revisions())

    def test_refusal_waits(self) -> None:
        """
        Nobody is refused because of a change that then does not happen.
        """
        self.done(self.registry.create(make_node()))
        first = self.registry.delete("porch")
        # Those two go into one writing, behind the first.
        change = self.registry.create(make_node("b"))
        twin = self.registry.create(make_node("b"))
        self.worker.step()
        self.successResultOf(first)
        self.assertNoResult(twin)
        self.worker.is_disk_full = True
        self.worker.step()
        self.failureResultOf(change, RegistryUnavailable)
        self.failureResultOf(twin, RegistryUnavailable)
