"""
Tests for how names of nodes are looked up.

"""

import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.management.outbound._names import (
    HUNG_SECONDS,
    KEPT_SECONDS,
    KNOWN_SLOW_AT_ONCE,
    MAX_THREADS,
    MOST_NAMES,
    PROMPT_AT_ONCE,
    SLOW_SECONDS,
    NodeNames,
)

HOST = "192.168.1.20"

ROOT = Path(__file__).parents[2]


class Lookups:
    """
    Threads in which names are looked up, and what knows them, in a test's hands.

    """

    def __init__(self) -> None:
        self.under_way: dict[str, Deferred[Any]] = {}
        """By name, in the order in which they were begun."""

        self.has_threads = True

    def run(self, work: Callable[[], Any]) -> Deferred[Any]:
        """
        See ``Worker.run``.

        """
        if not self.has_threads:
            raise RuntimeError("can't start new thread")
        done: Deferred[Any] = Deferred()
        assert work() not in self.under_way, "looked up twice at the same time"
        self.under_way[work()] = done
        return done

    def getaddrinfo(self, name: str, *_: object) -> Any:
        """
        :returns: The name, so that ``run`` gets to know it.
        """
        return name

    def answer(self, *names: str, hosts: Sequence[str] = (HOST,)) -> None:
        for name in names:
            self.under_way.pop(name).callback(
                [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in hosts]
            )

    def fail(self, *names: str) -> None:
        for name in names:
            self.under_way.pop(name).errback(socket.gaierror())


class NamesCase(SynchronousTestCase):
    """
    Names, and time, in a test's hands.

    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.lookups = Lookups()
        getaddrinfo: Any = self.lookups.getaddrinfo
        worker: Any = self.lookups
        self.names = NodeNames(worker, AddressPolicy(), self.clock, getaddrinfo)

    def look_up(self, *names: str) -> list[Deferred[Any]]:
        return [self.names.look_up(name) for name in names]

    def visit(self, *names: str) -> list[str]:
        """
        Ask for names as a sweep does: with a time limit for each.

        :returns: Those that were found in that time.
        """
        found: list[str] = []
        looking = self.look_up(*names)
        self.clock.pump([SLOW_SECONDS] * 10)
        for name, one in zip(names, looking, strict=True):
            if not one.called:
                one.cancel()
                self.failureResultOf(one, CancelledError)
            elif self.successResultOf(one):
                found.append(name)
        return found

    def known_slow(self, *names: str) -> None:
        """
        Let names be slow, and fail.

        """
        self.visit(*names)
        self.lookups.fail(*names)


def off(count: int) -> list[str]:
    """
    :returns: The names of nodes that are off.
    """
    return [f"off{number}.local" for number in range(count)]


class LookupTests(NamesCase):
    """
    What is found.

    """

    def test_found(self) -> None:
        """
        A name leads where it leads.
        """
        (looking,) = self.look_up("well.local")
        self.lookups.answer("well.local")
        self.assertEqual(self.successResultOf(looking), [(IPv4Address, HOST)])

    def test_unknown(self) -> None:
        """
        A name that nobody knows leads nowhere, and is asked for again the next time.
        """
        for _ in range(2):
            (looking,) = self.look_up("nowhere")
            self.lookups.fail("nowhere")
            self.assertEqual(self.successResultOf(looking), [])

    def test_shared(self) -> None:
        """
        However many cameras a host has, its name is looked up once at a time.
        """
        looking = self.look_up("well.local", "well.local")
        looking[0].cancel()
        self.failureResultOf(looking[0], CancelledError)
        self.lookups.answer("well.local")
        self.assertEqual(self.successResultOf(looking[1]), [(IPv4Address, HOST)])

    def test_one_gives_up_another(self) -> None:
        """
        A probe that learns from one answer that all is lost does not wait for the others.
        """
        looking = self.look_up("well.local", "well.local", "well.local")
        looking[0].addCallback(lambda _: looking[1].cancel())
        self.lookups.answer("well.local")
        self.failureResultOf(looking[1], CancelledError)
        self.assertEqual(self.successResultOf(looking[2]), [(IPv4Address, HOST)])

    def test_no_thread(self) -> None:
        """
        Where no thread can be had, the name is not known this time, and is asked for the next.
        """
        looking = self.look_up(*off(2000))
        self.lookups.has_threads = False
        self.lookups.fail("off0.local")
        for one in (*looking[:1], *looking[PROMPT_AT_ONCE:], *self.look_up("well.local")):
            self.assertEqual(self.successResultOf(one), [])
        self.lookups.has_threads = True
        self.look_up("well.local")
        self.assertIn("well.local", self.lookups.under_way)


class HangingTests(NamesCase):
    """
    Names that keep everybody waiting.

    """

    def test_new_names_find_a_place(self) -> None:
        """
        Where sixty nodes are off, the one that is not is found: not some time, but at once.
        """
        self.look_up(*off(60))
        (looking,) = self.look_up("well.local")
        self.assertNotIn("well.local", self.lookups.under_way)
        self.clock.pump([SLOW_SECONDS] * 2)
        self.lookups.answer("well.local")
        self.assertEqual(len(self.successResultOf(looking)), 1)

    def test_known_to_hang(self) -> None:
        """
        However many they are, names that have hung before take none of the others' places.
        """
        hanging = off(200)
        while True:
            self.visit(*hanging)
            begun = tuple(self.lookups.under_way)
            if not begun:
                break
            self.lookups.fail(*begun)
            hanging = [name for name in hanging if name not in begun]
        self.look_up(*off(200))
        self.assertEqual(len(self.lookups.under_way), KNOWN_SLOW_AT_ONCE)
        for number in range(PROMPT_AT_ONCE):
            self.look_up(f"well{number}.local")
            self.assertIn(f"well{number}.local", self.lookups.under_way)

    def test_threads_are_limited(self) -> None:
        """
        More threads than systemd and Docker allow would fail where they are started.
        """
        self.look_up(*off(500))
        self.clock.pump([SLOW_SECONDS] * 100)
        self.assertEqual(len(self.lookups.under_way), MAX_THREADS)
        unit = ROOT / "systemd" / "motion-in-ocean-management.service"
        (limit,) = re.findall(r"^TasksMax=(\d+)$", unit.read_text(), re.MULTILINE)
        # The reactor and its own pool, the registry's thread, and a few to spare.
        self.assertLess(MAX_THREADS + 20, int(limit))
        self.lookups.fail(*off(MAX_THREADS))
        self.assertLessEqual(len(self.lookups.under_way), MAX_THREADS)

    def test_all_have_their_turn(self) -> None:
        """
        Although nobody has the patience to wait for it: a node that is switched on is found.
        """
        hanging = off(3 * KNOWN_SLOW_AT_ONCE)
        self.known_slow(*hanging)
        asked: set[str] = set()
        for _ in range(3):
            self.visit(*hanging)
            asked.update(self.lookups.under_way)
            self.lookups.fail(*tuple(self.lookups.under_way)[:KNOWN_SLOW_AT_ONCE])
        self.assertEqual(asked, set(hanging))

    def test_nobody_waits_any_more(self) -> None:
        """
        What nobody wants is not looked up: names come from users, who could make up many.
        """
        self.visit(*off(MAX_THREADS + 1000))
        self.lookups.fail(*off(MAX_THREADS))
        self.assertEqual(len(self.lookups.under_way), 0)

    def test_until_it_is_prompt(self) -> None:
        """
        A name that is prompt again is treated like any other.
        """
        self.known_slow("slow.local")
        self.known_slow(*off(KNOWN_SLOW_AT_ONCE))
        self.look_up("slow.local")
        self.lookups.answer("slow.local")
        self.look_up(*off(KNOWN_SLOW_AT_ONCE))
        self.look_up("slow.local")
        self.assertIn("slow.local", self.lookups.under_way)

    def test_a_little_slow(self) -> None:
        """
        A name that takes its time, but less than a node has, is no worse off than others.
        """
        self.look_up("leisurely.local")
        self.clock.advance(HUNG_SECONDS - 0.01)
        self.lookups.answer("leisurely.local")
        self.known_slow(*off(KNOWN_SLOW_AT_ONCE))
        self.look_up(*off(KNOWN_SLOW_AT_ONCE), "leisurely.local")
        self.assertIn("leisurely.local", self.lookups.under_way)

    def test_some_are_forgotten(self) -> None:
        """
        Those that have been slow long ago, because there could be many.
        """
        names = off(MOST_NAMES + PROMPT_AT_ONCE)
        for first in range(0, len(names), PROMPT_AT_ONCE):
            self.known_slow(*names[first : first + PROMPT_AT_ONCE])
        self.look_up(*names[-KNOWN_SLOW_AT_ONCE:])
        self.look_up(names[0])
        self.assertIn(names[0], self.lookups.under_way)

    def test_bounded(self) -> None:
        """
        Whoever makes up names that hang, and asks for all of them, uses up no memory.
        """
        made_up = off(2 * MOST_NAMES)
        for first in range(0, len(made_up), PROMPT_AT_ONCE):
            some = made_up[first : first + PROMPT_AT_ONCE]
            self.visit(*some)
            # They are remembered as slow, and wait for their turn.
            self.lookups.fail(*(name for name in some if name in self.lookups.under_way))
            self.look_up(*some)
        self.look_up("well.local")
        self.assertIn("well.local", self.lookups.under_way)
        begun = 0
        while self.lookups.under_way:
            begun += len(self.lookups.under_way)
            self.lookups.fail(*tuple(self.lookups.under_way))
        self.assertLessEqual(begun, MOST_NAMES + MAX_THREADS)


class LateTests(NamesCase):
    """
    Names that are found when nobody waits any more.

    """

    def setUp(self) -> None:
        super().setUp()
        self.assertEqual(self.visit("slow.local"), [])
        self.lookups.answer("slow.local")

    def test_next_one_finds_it(self) -> None:
        """
        A node whose name takes longer than its probe is not dead for ever.
        """
        (looking,) = self.look_up("slow.local")
        self.assertEqual(self.successResultOf(looking), [(IPv4Address, HOST)])

    def test_nodes_with_little_time(self) -> None:
        """
        Also where nodes have less time than most.
        """
        (looking,) = self.look_up("leisurely.local")
        self.clock.advance(SLOW_SECONDS)
        looking.cancel()
        self.failureResultOf(looking, CancelledError)
        self.lookups.answer("leisurely.local")
        (looking,) = self.look_up("leisurely.local")
        self.assertEqual(self.successResultOf(looking), [(IPv4Address, HOST)])

    def test_looked_up_anew_meanwhile(self) -> None:
        """
        So that a node that has moved is found the time after.
        """
        self.look_up("slow.local")
        self.clock.advance(6)
        self.lookups.answer("slow.local", hosts=["192.168.1.21"])
        (looking,) = self.look_up("slow.local")
        self.assertEqual(self.successResultOf(looking), [(IPv4Address, "192.168.1.21")])

    def test_gone(self) -> None:
        """
        What leads nowhere any more is not said to lead where it did.
        """
        self.look_up("slow.local")
        self.clock.advance(6)
        self.lookups.fail("slow.local")
        (looking,) = self.look_up("slow.local")
        self.assertNoResult(looking)

    def test_not_for_ever(self) -> None:
        """
        Addresses are given to others.
        """
        self.clock.advance(KEPT_SECONDS + 1)
        (looking,) = self.look_up("slow.local")
        self.assertNoResult(looking)

    def test_refused(self) -> None:
        """
        An address that must not be connected to is not kept beside one that may be.
        """
        self.look_up("slow.local")
        self.clock.advance(6)
        self.lookups.answer("slow.local", hosts=["169.254.169.254", HOST])
        (looking,) = self.look_up("slow.local")
        self.assertEqual(self.successResultOf(looking), [(IPv4Address, HOST)])


class StopTests(NamesCase):
    """
    The end.

    """

    def test_stop(self) -> None:
        """
        Nothing is begun, and no timer left behind.
        """
        self.look_up(*off(60))
        self.names.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.lookups.fail(*off(PROMPT_AT_ONCE))
        self.assertEqual(self.lookups.under_way, {})
        self.assertEqual(self.clock.getDelayedCalls(), [])
