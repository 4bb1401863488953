"""
Tests of how often somebody may guess a password.

"""

import base64
import itertools
from collections.abc import Iterator

from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web._logins import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    MAX_CLIENTS,
    MEMORY_SECONDS,
    TRIES,
    FailedLogins,
)
from tests.memory_node import MemoryNode, Reply, streaming_node
from tests.service.listening import LogEvents

GUESSER, NEIGHBOUR = "192.0.2.7", "192.0.2.8"
RIGHT = "Bearer correct"


class LoginsTestCase(SynchronousTestCase):
    """
    A test case with a node that wants a token.

    """

    def setUp(self) -> None:
        self.log = LogEvents()
        globalLogPublisher.addObserver(self.log)
        self.addCleanup(globalLogPublisher.removeObserver, self.log)
        self.node: MemoryNode = streaming_node(self.addCleanup, AUTH_TOKEN="correct")
        self.guesses: Iterator[str] = (f"Bearer guess-{number}" for number in itertools.count())

    def show(self, authorization: str | None, host: str = GUESSER, path: str = "/metrics") -> Reply:
        """
        :returns: The reply to who shows that.
        """
        client = self.node.client(host)
        reply = client.request(
            path, headers={} if authorization is None else {"Authorization": authorization}
        )
        client.leave()
        return reply

    def guess(self, count: int = TRIES, host: str = GUESSER) -> list[int]:
        """
        :returns: The statuses of the replies to as many guesses, all of them different.
        """
        return [self.show(next(self.guesses), host).status for _ in range(count)]

    def warnings(self) -> list[str]:
        """
        :returns: What was logged of it.
        """
        return [formatEvent(e) for e in self.log if e.get("log_level") is LogLevel.warn]


class GuessingTests(LoginsTestCase):
    """
    Nobody tries a dictionary.

    """

    def test_limit(self) -> None:
        """
        After ten guesses the next is not even looked at, nor would the right one be.
        """
        self.assertEqual(self.guess(), [401] * TRIES)
        reply = self.show(next(self.guesses))
        self.assertEqual(reply.status, 429)
        self.assertEqual(reply.headers["Retry-After"], "30")
        self.assertIn(b'"code":"TOO_MANY_REQUESTS"', reply.body)
        self.assertEqual(self.show(RIGHT).status, 429)

    def test_others_do_not_notice(self) -> None:
        """
        Whoever lives elsewhere comes in, and so does who shows nothing where nothing is needed.
        """
        self.guess()
        self.assertEqual(self.show(RIGHT, NEIGHBOUR).status, 200)
        for path in ("/health", "/ready"):
            self.assertEqual(self.show(None, path=path).status, 200)
            self.assertEqual(self.show("Bearer wrong", path=path).status, 200)

    def test_without_credentials(self) -> None:
        """
        A browser asks without any first: that is no guess, and is told how to come in.
        """
        self.guess()
        self.assertEqual([self.show(None).status for _ in range(30)], [401] * 30)
        self.node.reactor.advance(FIRST_WAIT_SECONDS)
        self.assertEqual(self.show(RIGHT).status, 200)

    def test_waiting_grows(self) -> None:
        """
        Patience does not help either: each further guess costs twice as much, up to five minutes.
        """
        self.guess()
        waits = []
        for _ in range(6):
            waits.append(int(self.show(RIGHT).headers["Retry-After"]))
            self.node.reactor.advance(waits[-1] - 0.5)
            self.assertEqual(self.show(RIGHT).status, 429)
            self.node.reactor.advance(0.5)
            self.assertEqual(self.show(RIGHT).status, 200)
            self.assertEqual(self.guess(1), [401])
        self.assertEqual(waits, [30, 60, 120, 240, 300, LONGEST_WAIT_SECONDS])

    def test_stale_password_is_no_guess(self) -> None:
        """
        A page that was left open when the token was changed asks every second for days, and locks
        nobody out.
        """
        stale = "Basic " + base64.b64encode(b"me:yesterday").decode()
        self.assertEqual({self.show(stale).status for _ in range(50)}, {401})
        self.assertEqual(self.show(RIGHT).status, 200)
        self.assertEqual(self.guess(TRIES - 1), [401] * (TRIES - 1))
        self.assertEqual(self.show(RIGHT).status, 429)
        self.node.reactor.advance(FIRST_WAIT_SECONDS)
        self.assertEqual([self.show(stale).status for _ in range(3)], [401] * 3)
        self.assertEqual(self.show(RIGHT).status, 200)

    def test_who_comes_in_may_not_guess_more(self) -> None:
        """
        A guesser gains nothing from somebody at the same address who knows the password.
        """
        self.guess(TRIES - 1)
        self.assertEqual(self.show(RIGHT).status, 200)
        self.guess(1)
        self.assertEqual(self.show(RIGHT).status, 429)

    def test_this_machine(self) -> None:
        """
        Who comes through a reverse proxy does not guess more than others.
        """
        self.guess(host="127.0.0.1")
        self.assertEqual(self.show(RIGHT, "127.0.0.1").status, 429)
        client = self.node.client_of_unix_socket()
        self.assertEqual(client.request("/metrics", headers={"Authorization": RIGHT}).status, 200)

    def test_ipv6(self) -> None:
        """
        Who has an IPv6 network has no end of addresses, and gains nothing by it.
        """
        for number in range(TRIES):
            self.guess(1, f"2001:db8::{number:x}")
        self.assertEqual(self.show(RIGHT, "2001:db8::ffff").status, 429)
        self.assertEqual(self.show(RIGHT, "2001:db8:0:1::1").status, 200)

    def test_forgotten(self) -> None:
        """
        Who mistypes now and then, over months, never waits.
        """
        for _ in range(5):
            self.assertEqual(self.guess(TRIES - 1), [401] * (TRIES - 1))
            self.node.reactor.advance(MEMORY_SECONDS + 1)

    def test_log(self) -> None:
        """
        The operator learns of it: one line each time that somebody has to wait, not for each try,
        and without what was tried.
        """
        before = len(self.warnings())
        self.guess(50)
        (line,) = self.warnings()[before:]
        self.assertEqual(
            line,
            "192.0.2.7 has shown 10 different wrong credentials; nothing that it shows is looked "
            "at for 30 s",
        )


class MemoryTests(SynchronousTestCase):
    """
    A flood of guessers does not fill the memory.

    """

    def test_bounded(self) -> None:
        """
        Who has tried longest ago is forgotten.
        """
        logins = FailedLogins(lambda: 100.0)
        for client in range(MAX_CLIENTS):
            for number in range(TRIES):
                logins.add(f"client {client}", b"%d" % number)
        self.assertEqual(logins.wait_of("client 0"), FIRST_WAIT_SECONDS)
        logins.add("client 0", b"another")
        logins.add("one more", b"guess")
        self.assertEqual(logins.wait_of("client 0"), 2 * FIRST_WAIT_SECONDS)
        self.assertEqual(logins.wait_of("client 1"), 0)
        self.assertEqual(logins.wait_of("client 2"), FIRST_WAIT_SECONDS)

    def test_nothing_is_kept_that_was_shown(self) -> None:
        """
        It may be the password of something else.
        """
        logins = FailedLogins(lambda: 100.0)
        logins.add("client", b"Bearer canary")
        self.assertNotIn("canary", repr(logins))
