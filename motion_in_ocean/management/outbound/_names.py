"""
Names of nodes become addresses, in threads of their own.

"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeVar

from attrs import define, field
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorFromThreads,
    IResolutionReceiver,
)
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.worker import Worker

T = TypeVar("T")

MAX_THREADS = 32
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


@implementer(IHostResolution)
@define(eq=False)
class _Lookup:
    """
    A name that is being looked up, for all who wait for it.

    """

    name: str
    waiting: list[tuple[IResolutionReceiver, int]] = field(factory=list)

    def cancel(self) -> None:
        """
        See ``IHostResolution``; a thread cannot be called back.

        """


@implementer(IHostnameResolver)
@define(eq=False)
class NodeNames:
    """
    Look up names, each once at a time, however many probes wait for it.

    A name that hangs (a ``.local`` name of a node that is off takes seconds) takes one of our
    threads and none of the reactor's, so that nobody else waits.

    Use in the reactor thread only.

    """

    worker: Worker
    policy: AddressPolicy
    getaddrinfo: Callable[..., Sequence[Any]] = socket.getaddrinfo
    """Blocks; called in a thread."""

    _lookups: dict[str, _Lookup] = field(init=False, factory=dict)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """
        See ``IHostnameResolver``. A lookup that fails for whatever reason gives no addresses.

        """
        lookup = self._lookups.get(hostName)
        is_new = lookup is None
        if lookup is None:
            lookup = self._lookups[hostName] = _Lookup(hostName)
        lookup.waiting.append((resolutionReceiver, portNumber))
        resolutionReceiver.resolutionBegan(lookup)
        if is_new:
            self._start(lookup)
        return lookup

    def _start(self, lookup: _Lookup) -> None:
        def look_up() -> Sequence[Any]:
            return self.getaddrinfo(lookup.name, 0, socket.AF_UNSPEC, socket.SOCK_STREAM)

        looking = self.worker.run(look_up).addErrback(lambda _: ())
        looking.addCallback(self._found, lookup)

    def _found(self, entries: Sequence[Any], lookup: _Lookup) -> None:
        del self._lookups[lookup.name]
        found = {address[0]: family for family, _, _, _, address in entries}
        permitted = [host for host in found if self.policy.permits(host)]
        # If all are refused, whoever connects has to be told so.
        for host in permitted[:MAX_ADDRESSES] or list(found)[:1]:
            kind = IPv6Address if found[host] == socket.AF_INET6 else IPv4Address
            for receiver, port in lookup.waiting:
                receiver.addressResolved(kind("TCP", host, port))
        for receiver, _ in lookup.waiting:
            receiver.resolutionComplete()
