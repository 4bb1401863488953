"""
The ends of connections to nodes, under the address policy.

"""

from collections.abc import Sequence
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.interfaces import (
    IConnector,
    IHostnameResolver,
    IHostResolution,
    IProtocolFactory,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer

from motion_in_ocean.management.outbound._addresses import AddressPolicy
from motion_in_ocean.management.outbound._names import Host

ATTEMPT_DELAY_SECONDS = 0.1
"""How long the first address of a name has before the next one is tried too (RFC 8305)."""


@implementer(IHostResolution, IHostnameResolver)
class _LookedUp:
    """
    The addresses of a name, as endpoints want to be told.

    """

    def __init__(self, name: str, hosts: Sequence[Host]) -> None:
        self.name = name
        self._hosts = hosts

    def cancel(self) -> None:
        pass

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        *args: Any,
        **kwargs: Any,
    ) -> IHostResolution:
        resolutionReceiver.resolutionBegan(self)
        for kind, host in self._hosts:
            resolutionReceiver.addressResolved(kind("TCP", host, portNumber))
        resolutionReceiver.resolutionComplete()
        return self


@implementer(IReactorPluggableNameResolver)
class _Gate:
    """
    The only way out: as much of a reactor as endpoints need.

    """

    def __init__(self, reactor: Any, policy: AddressPolicy, names: IHostnameResolver) -> None:
        self._reactor = reactor
        self._policy = policy
        self.nameResolver = names
        self.callLater = reactor.callLater
        self.seconds = reactor.seconds

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        previous, self.nameResolver = self.nameResolver, resolver
        return previous

    def connectTCP(
        self, host: str, port: int, factory: IProtocolFactory, *args: Any, **kwargs: Any
    ) -> IConnector:
        self._policy.check(host)
        connector: IConnector = self._reactor.connectTCP(host, port, factory, *args, **kwargs)
        return connector


class NamedEndpoint(HostnameEndpoint):
    """
    A host by its name, also one that only local networks have, such as ``my_cam``.

    """

    @staticmethod
    def _hostAsBytesAndText(host: bytes | str) -> tuple[bool, bytes, str]:
        # Twisted's own refuses what IDNA does not know; names are plain ASCII by now.
        name = host if isinstance(host, str) else host.decode("ascii")
        return False, name.encode("ascii"), name


def endpoint_to(
    reactor: Any, policy: AddressPolicy, host: str, port: int, found: Sequence[Host] | None
) -> Any:
    """
    :param found: Where the host's name leads; ``None`` if it is an address.
    :returns: An ``IStreamClientEndpoint`` without a time limit: whoever connects has one for all
        that there is to do.
    """
    gate = _Gate(reactor, policy, _LookedUp(host, found or ()))
    if found is None:
        endpoint: Any = TCP6ClientEndpoint if ":" in host else TCP4ClientEndpoint
        return endpoint(gate, host, port, timeout=None)
    return NamedEndpoint(
        gate,
        host,
        port,
        timeout=None,  # type: ignore[arg-type]
        attemptDelay=ATTEMPT_DELAY_SECONDS,
    )
