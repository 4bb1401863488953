"""
Actions and pictures, from and to nodes on real sockets.

"""

from functools import partial
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IConsumer, IProducer, IPushProducer
from zope.interface import implementer

from motion_in_ocean.management.outbound._picture import Picture, PictureCutShort
from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.management.outbound._relay import (
    ActionRelay,
    RelayedAction,
    SnapshotRelay,
)
from motion_in_ocean.management.outbound._results import (
    Unauthorized,
    Unreachable,
)
from tests.integration.scripted_nodes import (
    BUDGET,
    GOOD,
    Script,
    ScriptedNodeCase,
    Visitor,
    answering,
    json_reply,
    reply,
    said,
    silent,
    started,
    well,
)
from tests.management.nodes import make_node


def _sending(wire: bytes, visitor: Visitor, path: str) -> None:
    visitor.send(wire)


class ActionTests(ScriptedNodeCase):
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

    async def test_redirect(self) -> None:
        """
        Nobody is led elsewhere, so that neither an action nor a token gets there.
        """
        decoy, elsewhere = self.start(well)
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Moved"):
            wire = reply(b"", status, f"Location: {elsewhere}/api/actions/restart\r\n")
            node, url = self.start(partial(_sending, wire))
            self.assertEqual(said(await self.send(url)), "InvalidResponse redirect")
            relay = SnapshotRelay(self.outbound, self.reactor)
            picture = await relay.fetch(make_node(base_url=url))
            self.assertEqual(said(picture), "InvalidResponse redirect")
            self.assertEqual(len(node.received), 2)
        self.assertEqual((decoy.visits, decoy.received), (0, []))

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


JPEG = b"\xff\xd8" + bytes(200_000) + b"\xff\xd9"
OPENED = "Content-Type: image/jpeg\r\nX-Timestamp: 1764000000.250000\r\n"
DATED = f"{OPENED}Last-Modified: Mon, 24 Nov 2025 16:00:00 GMT\r\n"


@implementer(IConsumer)
class Client:
    """
    Somebody who takes a picture, if need be slowly.

    """

    def __init__(self, *, reads: bool = True) -> None:
        self.received = b""
        self.producer: IPushProducer | None = None
        self._reads = reads

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        assert streaming
        self.producer = IPushProducer(producer)

    def unregisterProducer(self) -> None:
        self.producer = None

    def write(self, data: bytes) -> None:
        self.received += data
        if not self._reads:
            assert self.producer is not None
            self.producer.pauseProducing()


class SnapshotTests(ScriptedNodeCase):
    """
    Pictures that are passed on.

    """

    def setUp(self) -> None:
        super().setUp()
        self.relay = SnapshotRelay(self.outbound, self.reactor, BUDGET)

    def fetch(self, script: Script) -> Deferred[Any]:
        _, url = self.start(script)
        return self.relay.fetch(make_node(base_url=url))

    async def fetched(self, script: Script) -> Picture:
        picture = await self.fetch(script)
        assert isinstance(picture, Picture), picture
        return picture

    async def test_picture(self) -> None:
        """
        A picture arrives as it was taken, with what the node says of it.
        """
        picture = await self.fetched(answering("/snapshot.jpg", reply(JPEG, headers=DATED)))
        self.assertEqual(picture.content_length, len(JPEG))
        self.assertEqual(picture.x_timestamp, "1764000000.250000")
        self.assertEqual(picture.last_modified, "Mon, 24 Nov 2025 16:00:00 GMT")
        client = Client()
        await picture.deliver_to(client)
        self.assertEqual(client.received, JPEG)
        self.assertIsNone(client.producer)

    async def test_strange_headers(self) -> None:
        """
        A node puts nothing into our replies that does not belong there.
        """
        headers = "Content-Type: image/jpeg\r\nX-Timestamp: <script>\r\nLast-Modified: now\r\n"
        picture = await self.fetched(answering("/snapshot.jpg", reply(JPEG, headers=headers)))
        self.assertIsNone(picture.x_timestamp)
        self.assertIsNone(picture.last_modified)
        picture.discard()

    async def test_without_a_length(self) -> None:
        """
        A picture that ends with the connection is whole if its end is there.
        """
        wire = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG
        client = Client()
        picture = await self.fetched(answering("/snapshot.jpg", wire, close=True))
        await picture.deliver_to(client)
        self.assertEqual(client.received, JPEG)
        picture = await self.fetched(answering("/snapshot.jpg", wire[:-2], close=True))
        await self.assert_cut_short(picture, "InvalidResponse truncated")

    async def test_truncated(self) -> None:
        """
        Nobody takes half a picture for a whole one.
        """
        wire = reply(JPEG, headers=OPENED, length=len(JPEG) + 1)
        picture = await self.fetched(answering("/snapshot.jpg", wire, close=True))
        await self.assert_cut_short(picture, "InvalidResponse truncated")

    async def test_endless(self) -> None:
        """
        A picture without an end is ended.
        """

        def script(visitor: Visitor, path: str) -> None:
            visitor.send(started("Content-Type: image/jpeg\r\n"))
            visitor.flood(bytes(1_000_000))

        self.relay = SnapshotRelay(self.outbound, self.reactor, 10.0)
        client = Client()
        picture = await self.fetched(script)
        await self.assert_cut_short(picture, "InvalidResponse too_large", client)
        self.assertLessEqual(len(client.received), 16 * 1024 * 1024)

    async def test_no_pictures(self) -> None:
        """
        What is no picture is not passed on.
        """
        answers = {
            "InvalidResponse wrong_type": reply(b"<html>", headers="Content-Type: text/html\r\n"),
            "InvalidResponse too_large": reply(b"", headers=OPENED, length=17_000_000),
            "InvalidResponse no_picture": reply(b"stale", "503 Service Unavailable"),
            "InvalidResponse wrong_status": reply(b"?", "404 Not Found"),
            "InvalidResponse redirect": reply(b"", "302 Found", "Location: /x.jpg\r\n"),
            "InvalidResponse encoded": reply(JPEG, headers=f"{OPENED}Content-Encoding: gzip\r\n"),
            "Unauthorized": reply(b"", "401 Unauthorized"),
            "Unreachable timeout": b"",
        }
        for expected, wire in answers.items():
            outcome = await self.fetch(answering("/snapshot.jpg", wire))
            self.assertEqual(said(outcome), expected)
        self.assertIsInstance(await self.fetch(lambda visitor, _: visitor.reset()), Unreachable)
        (await self.fetched(answering("/snapshot.jpg", reply(JPEG, headers=OPENED)))).discard()

    async def test_slow_client(self) -> None:
        """
        A picture waits in the node for a client who reads slowly, and not for ever.
        """
        big = reply(bytes(16_000_000), headers=OPENED)
        client = Client(reads=False)
        picture = await self.fetched(answering("/snapshot.jpg", big))
        await self.assert_cut_short(picture, "Unreachable timeout", client)
        self.assertLess(len(client.received), 1_000_000)

    async def test_nobody_takes_it(self) -> None:
        """
        A picture that nobody takes is let go of when its time is up.
        """
        picture = await self.fetched(answering("/snapshot.jpg", reply(JPEG, headers=OPENED)))
        await self.wait(BUDGET + 0.1)
        await self.assert_cut_short(picture, "Unreachable timeout")

    async def test_client_leaves(self) -> None:
        """
        A client who leaves takes the node's connection along.
        """
        node, url = self.start(answering("/snapshot.jpg", reply(bytes(16_000_000), headers=OPENED)))
        picture = await self.relay.fetch(make_node(base_url=url))
        assert isinstance(picture, Picture)
        delivery = picture.deliver_to(Client(reads=False))
        delivery.addErrback(lambda failure: failure.trap(CancelledError))
        delivery.cancel()
        await self.all_have_left(node)

    async def test_few_at_once(self) -> None:
        """
        Pictures do not take up the whole process, and make room for others when they end.
        """
        script = answering("/snapshot.jpg", reply(JPEG, headers=OPENED))
        pictures = [await self.fetched(script) for _ in range(4)]
        self.assertEqual(await self.fetch(script), Busy(4))
        await pictures[0].deliver_to(Client())
        pictures[1].discard()
        pictures[1].discard()
        pictures[:2] = [await self.fetched(script) for _ in range(2)]
        self.assertEqual(await self.fetch(script), Busy(4))
        for picture in pictures:
            picture.discard()

    async def assert_cut_short(
        self, picture: Picture, expected: str, client: Client | None = None
    ) -> None:
        client = client or Client()
        try:
            await picture.deliver_to(client)
        except PictureCutShort as error:
            self.assertEqual(said(error.outcome), expected)
            self.assertIsNone(client.producer)
        else:
            self.fail("it was delivered")
