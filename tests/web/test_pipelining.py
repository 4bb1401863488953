"""
Tests of clients that send the next request before they have the answer to the last (RFC 9112,
section 9.3.2).

"""

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._channel import REQUEST_SECONDS, TAKING_SECONDS
from tests.memory_node import Client, streaming_node

REQUEST = b"GET /health HTTP/1.1\r\nHost: n\r\n\r\n"
SLOW_REQUEST = b"GET /api/camera HTTP/1.1\r\nHost: n\r\n\r\n"
POST = b"POST /health HTTP/1.1\r\nHost: n\r\nContent-Length: 3\r\n\r\n{ }"


class PipeliningTestCase(SynchronousTestCase):
    """
    A test case with a node.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)
        self.calls_before = len(self.node.reactor.getDelayedCalls())

    def statuses(self, client: Client) -> list[int]:
        """
        :returns: Those of the replies that have come since the last call.
        """
        heads = client.received().split(b"HTTP/1.1 ")[1:]
        return [int(head.split()[0]) for head in heads]

    def turn(self) -> None:
        """
        Let the reactor do what is due now, and what follows from it.

        """
        self.node.reactor.advance(0)

    def finish_slow_requests(self) -> None:
        """
        Let the camera have its say, again and again.

        """
        while self.node.worker.waiting:
            self.node.worker.step()
            self.turn()


class TurnTests(PipeliningTestCase):
    """
    Who sends many requests at once does not hold the daemon up.

    """

    def test_all_are_answered_in_order(self) -> None:
        """
        Whatever they are, and wherever packets end.
        """
        wire = (
            REQUEST + POST + SLOW_REQUEST + b"GET /nope HTTP/1.1\r\n\r\n" + SLOW_REQUEST + REQUEST
        )
        for cut in range(0, len(wire), 7):
            client = self.node.client()
            for piece in (wire[:cut], wire[cut:]):
                client.send(piece)
                if cut % 2:
                    self.turn()
                    self.finish_slow_requests()
            self.turn()
            self.finish_slow_requests()
            self.assertEqual(self.statuses(client), [200, 415, 200, 404, 200, 200], cut)
            client.leave()

    def test_one_in_each_turn(self) -> None:
        """
        Between two of them everybody else has a turn.
        """
        client = self.node.client()
        answered: list[int] = []

        def look() -> None:
            answered.append(len(self.statuses(client)))
            if len(answered) < 4:
                self.node.reactor.callLater(0, look)

        look()
        client.send(REQUEST * 1000)
        self.turn()
        self.assertEqual(answered, [0, 1, 1, 1])

    def test_no_more_is_read_meanwhile(self) -> None:
        """
        Who sends faster than he is answered fills the network, not the memory.
        """
        for wire in (REQUEST * 1000, POST * 1000, SLOW_REQUEST + REQUEST * 1000):
            client = self.node.client()
            client.send(wire)
            if wire.startswith(SLOW_REQUEST):
                self.node.worker.step()
            self.assertEqual(self.statuses(client)[1:], [])
            self.assertEqual(client.transport.producerState, "paused")
            self.turn()
            self.assertEqual(client.transport.producerState, "producing")

    def test_one_alone_waits_for_no_turn(self) -> None:
        """
        Nearly everybody waits for the answer, and pays nothing for those who do not.
        """
        client = self.node.client()
        for _ in range(3):
            client.send(REQUEST)
            self.assertEqual(self.statuses(client), [200])
            self.assertEqual(client.transport.producerState, "producing")

    def test_the_last_may_be_in_pieces(self) -> None:
        """
        Of which the first came with the others; its time runs from when it is looked at.
        """
        client = self.node.client()
        client.send(REQUEST * 2 + REQUEST[:5])
        self.turn()
        self.assertEqual(self.statuses(client), [200, 200])
        self.assertEqual(client.transport.producerState, "producing")
        self.node.reactor.advance(REQUEST_SECONDS - 0.1)
        client.send(REQUEST[5:])
        self.assertEqual(self.statuses(client), [200])

    def test_the_last_may_never_be_whole(self) -> None:
        """
        As little as any other.
        """
        client = self.node.client()
        client.send(REQUEST * 2 + REQUEST[:5])
        self.turn()
        client.received()
        self.node.reactor.advance(REQUEST_SECONDS)
        self.assertEqual(self.statuses(client), [408])
        self.assertFalse(client.is_open)

    def test_nonsense_in_between(self) -> None:
        """
        What came before it is answered; what came after it is not looked at.
        """
        client = self.node.client()
        client.send(REQUEST * 2 + b"nonsense\r\n\r\n" + REQUEST)
        self.turn()
        self.assertEqual(self.statuses(client), [200, 200, 400])
        self.assertFalse(client.is_open)

    def test_goodbye_in_between(self) -> None:
        """
        What comes after the last request is none.
        """
        client = self.node.client()
        client.send(REQUEST + REQUEST[:-2] + b"Connection: close\r\n\r\n" + REQUEST)
        self.turn()
        self.assertEqual(self.statuses(client), [200, 200])
        self.assertFalse(client.is_open)

    def test_client_leaves(self) -> None:
        """
        Nothing is done any more for one who has gone.
        """
        client = self.node.client()
        client.send(REQUEST * 3)
        client.leave()
        self.turn()
        self.assertEqual(self.statuses(client), [200])
        self.assertEqual(len(self.node.reactor.getDelayedCalls()), self.calls_before)


class FullTests(PipeliningTestCase):
    """
    Answers do not pile up in memory.

    """

    def full_client(self) -> Client:
        """
        :returns: One that takes nothing of its first answer.
        """
        client = self.node.client()
        client.send(SLOW_REQUEST)
        # A full transport says so while it is being written to.
        client.stop_reading()
        self.finish_slow_requests()
        self.assertEqual(self.statuses(client), [200])
        return client

    def test_no_answer_before_the_last_is_taken(self) -> None:
        """
        Who asks and does not read gets no more to read.
        """
        client = self.full_client()
        client.send(REQUEST * 1000)
        self.turn()
        for _ in range(3):
            self.assertEqual(self.statuses(client), [])
            client.read_again()
            client.stop_reading()
            self.assertEqual(self.statuses(client), [200])
            self.turn()

    def test_no_request_is_read_either(self) -> None:
        """
        Nor does it help to send one at a time: it stays in the network.
        """
        client = self.full_client()
        self.assertEqual(client.transport.producerState, "producing")
        client.send(REQUEST)
        self.assertEqual(client.transport.producerState, "paused")
        self.turn()
        self.assertEqual(self.statuses(client), [])
        client.read_again()
        self.assertEqual(self.statuses(client), [200])
        self.assertEqual(client.transport.producerState, "producing")

    def test_neither_while_one_is_answered(self) -> None:
        """
        A viewer need not send anything.
        """
        viewer = self.node.watch()
        viewer.stop_reading()
        viewer.send(b"x")
        self.assertEqual(viewer.transport.producerState, "paused")

    def test_deadline(self) -> None:
        """
        Who takes nothing is not waited for, whether it has asked for more or not.
        """
        clients = [self.full_client() for _ in range(3)]
        for client, wire in zip(clients, (b"", REQUEST * 1000, REQUEST[:5]), strict=True):
            client.send(wire)
        self.node.reactor.advance(TAKING_SECONDS - 1)
        self.assertFalse(any(client.transport.disconnected for client in clients))
        self.node.reactor.advance(1)
        self.assertTrue(all(client.transport.disconnected for client in clients))
        self.assertEqual([self.statuses(client) for client in clients], [[], [], []])

    def test_client_leaves(self) -> None:
        """
        Nothing of it is left.
        """
        client = self.full_client()
        client.send(REQUEST * 1000)
        self.turn()
        client.leave()
        self.assertEqual(len(self.node.reactor.getDelayedCalls()), self.calls_before)
