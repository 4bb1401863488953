"""
Names of nodes become addresses, in threads of their own.

"""

import socket
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeVar

from attrs import define, field, frozen
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorFromThreads, IReactorTime
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.worker import Worker

T = TypeVar("T")

Host = tuple[type[IPv4Address] | type[IPv6Address], str]
"""An address that a name leads to, and its kind."""

SLOW_SECONDS = 0.25
"""A lookup that has not ended by then gives its place away, and goes on elsewhere."""

HUNG_SECONDS = 1.0
"""A name that has taken so long is looked up elsewhere from the start, the next time."""

PROMPT_AT_ONCE = 24
"""So many names that are not known to be slow are looked up at once."""

KNOWN_SLOW_AT_ONCE = 24
"""So many of those that were slow the last time."""

MOST_SLOW_AT_ONCE = 72
"""So many lookups may keep us waiting at once, whether that was known before or not."""

MAX_THREADS = PROMPT_AT_ONCE + MOST_SLOW_AT_ONCE
"""With what else runs, fewer than the 128 that systemd and Docker Compose let the daemon have."""

KEPT_SECONDS = 120.0
"""How long an address that came late is good for; as long as that of a host in RFC 6762."""

MOST_NAMES = 4096
"""So many slow names are remembered, and wait to be looked up."""

MAX_ADDRESSES = 8
"""Of one name; more are not tried."""


def is_literal(host: str) -> bool:
    """
    :returns: Whether the host is an address as it stands, for which nobody has to be asked.
    """
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _DaemonThreadPool(ThreadPool):
    """
    A thread that hangs in a lookup does not keep the process from ending.

    """

    @staticmethod
    def threadFactory(*args: Any, **kwargs: Any) -> Thread:  # type: ignore[override]
        return Thread(*args, daemon=True, **kwargs)


@define(eq=False)
class LookupThreads:
    """
    A ``Worker`` with many threads, so that what hangs delays nothing else.

    """

    reactor: IReactorFromThreads

    _threads: ThreadPool | None = field(init=False, default=None)

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """
        See ``Worker.run``; several run at the same time.

        """
        if self._threads is None:
            self._threads = _DaemonThreadPool(0, MAX_THREADS, "node-names")
            self._threads.start()
        done: Deferred[T] = deferToThreadPool(self.reactor, self._threads, work)
        return done

    def stop(self) -> None:
        """
        Let the threads end, without waiting for those that hang.

        """
        threads, self._threads = self._threads, None
        if threads is not None:
            # It joins its threads, which may take as long as the slowest lookup.
            Thread(target=threads.stop, name="node-names-stop", daemon=True).start()


@define(eq=False)
class _Lookup:
    """
    A name that is being looked up, or is going to be, for all who wait for it.

    """

    name: str
    waiting: list[Deferred[Sequence[Host]]] = field(init=False, factory=list)
    begun_at: float = field(init=False, default=0.0)


@frozen
class _Past:
    """
    What became of a name that was slow the last time.

    """

    hosts: Sequence[Host]
    found_at: float


@define(eq=False)
class NodeNames:
    """
    Look up names, each once at a time, however many probes wait for it; names that hang (a
    ``.local`` name of a node that is off takes seconds) delay no other.

    A lookup that does not end promptly gives its place away, and goes on among the slow ones. A
    name that was slow the last time is looked up there from the start, a few of them at a time, so
    that others find a place whatever has happened before. What such a name leads to, which may come
    when nobody waits any more, is kept for a while: whoever asks next gets it at once, while the
    name is looked up anew.

    Use in the reactor thread only.

    """

    worker: Worker
    policy: AddressPolicy
    clock: IReactorTime
    getaddrinfo: Callable[..., Sequence[Any]] = socket.getaddrinfo
    """Blocks; called in a thread."""

    _lookups: dict[str, _Lookup] = field(init=False, factory=dict)
    """All that are under way or wait for a place."""

    _waiting: OrderedDict[str, _Lookup] = field(init=False, factory=OrderedDict)
    """Those that wait for a place. As soon as nobody wants one of these, it is forgotten."""

    _waiting_slow: OrderedDict[str, _Lookup] = field(init=False, factory=OrderedDict)
    """The same for slow names. It is their turn some time, even if nobody has so much patience."""

    _prompt: OrderedDict[str, _Lookup] = field(init=False, factory=OrderedDict)
    """Those that have just begun, the oldest first."""

    _slow: set[str] = field(init=False, factory=set)
    """Those that keep us waiting."""

    _past: OrderedDict[str, _Past] = field(init=False, factory=OrderedDict)
    """Of names that were slow the last time, the oldest first."""

    _tick: IDelayedCall | None = field(init=False, default=None)
    _is_filling: bool = field(init=False, default=False)

    def look_up(self, name: str) -> Deferred[Sequence[Host]]:
        """
        :returns: Where the name leads; nothing if it leads nowhere, for whatever reason. Never
            fails, but can be cancelled.
        """
        past, lookup = self._past.get(name), self._lookups.get(name)
        if lookup is None and (past is None or len(self._waiting_slow) < MOST_NAMES):
            lookup = self._lookups[name] = _Lookup(name)
            queue = self._waiting if past is None else self._waiting_slow
            queue[name] = lookup
        if past is not None and self._is_fresh(past):
            self._fill()
            return succeed(past.hosts)
        if lookup is None:
            return succeed(())
        waiting: Deferred[Sequence[Host]] = Deferred(lambda one: self._left(lookup, one))
        lookup.waiting.append(waiting)
        self._fill()
        return waiting

    def stop(self) -> None:
        """
        Begin with no other name.

        """
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        for names in (self._waiting, self._waiting_slow, self._prompt):
            names.clear()

    def _is_fresh(self, past: _Past) -> bool:
        return bool(past.hosts) and self.clock.seconds() - past.found_at <= KEPT_SECONDS

    def _left(self, lookup: _Lookup, waiting: Deferred[Sequence[Host]]) -> None:
        lookup.waiting.remove(waiting)
        if not lookup.waiting and self._waiting.get(lookup.name) is lookup:
            del self._waiting[lookup.name], self._lookups[lookup.name]

    def _fill(self) -> None:
        if self._is_filling:
            return
        self._is_filling = True
        while self._waiting and len(self._prompt) < PROMPT_AT_ONCE:
            name, lookup = self._waiting.popitem(last=False)
            self._prompt[name] = lookup
            self._start(lookup)
        while self._waiting_slow and len(self._slow) < KNOWN_SLOW_AT_ONCE:
            name, lookup = self._waiting_slow.popitem(last=False)
            self._slow.add(name)
            self._start(lookup)
        self._is_filling = False
        if self._prompt and self._tick is None:
            self._tick = self.clock.callLater(SLOW_SECONDS, self._let_slow_ones_go_on_elsewhere)

    def _start(self, lookup: _Lookup) -> None:
        def look_up() -> Sequence[Any]:
            return self.getaddrinfo(lookup.name, 0, socket.AF_UNSPEC, socket.SOCK_STREAM)

        lookup.begun_at = self.clock.seconds()
        looking = maybeDeferred(self.worker.run, look_up).addErrback(lambda _: ())
        looking.addCallback(self._found, lookup)

    def _let_slow_ones_go_on_elsewhere(self) -> None:
        self._tick = None
        for name in tuple(self._prompt):
            if self._age(self._prompt[name]) < SLOW_SECONDS or len(self._slow) >= MOST_SLOW_AT_ONCE:
                break
            del self._prompt[name]
            self._slow.add(name)
        self._fill()

    def _age(self, lookup: _Lookup) -> float:
        return self.clock.seconds() - lookup.begun_at

    def _found(self, entries: Sequence[Any], lookup: _Lookup) -> None:
        name = lookup.name
        del self._lookups[name]
        self._prompt.pop(name, None)
        self._slow.discard(name)
        hosts = self._usable(entries)
        self._past.pop(name, None)
        # Where a node has less time than that, too late is what nobody waits for.
        if self._age(lookup) >= (HUNG_SECONDS if lookup.waiting else SLOW_SECONDS):
            self._past[name] = _Past(hosts, self.clock.seconds())
            if len(self._past) > MOST_NAMES:
                self._past.popitem(last=False)
        while lookup.waiting:
            # What one learns may make it give up others.
            lookup.waiting.pop(0).callback(hosts)
        self._fill()

    def _usable(self, entries: Sequence[Any]) -> Sequence[Host]:
        found = {address[0]: family for family, _, _, _, address in entries}
        permitted = [host for host in found if self.policy.permits(host)]
        # If all are refused, whoever connects has to be told so.
        return [
            (IPv6Address if found[host] == socket.AF_INET6 else IPv4Address, host)
            for host in permitted[:MAX_ADDRESSES] or list(found)[:1]
        ]
