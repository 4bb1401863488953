"""
Tests for names that only local networks have.

"""

from typing import Any

from twisted.internet.interfaces import IReactorPluggableNameResolver
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from motion_in_ocean.management.outbound._endpoints import NamedEndpoint
from tests.fakes import ThreadedMemoryReactor


class Names:
    """
    Writes down what is looked up.

    """

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolveHostName(self, _: Any, name: str, *args: Any, **kwargs: Any) -> None:
        """
        See ``IHostnameResolver``.

        """
        self.asked.append(name)


@implementer(IReactorPluggableNameResolver)
class NamingReactor(ThreadedMemoryReactor):
    """
    A reactor that looks names up as a test says.

    """

    def __init__(self) -> None:
        super().__init__()
        self.nameResolver: Any = Names()

    def installNameResolver(self, resolver: Any) -> Any:
        """
        See ``IReactorPluggableNameResolver``.

        """
        before, self.nameResolver = self.nameResolver, resolver
        return before


class LocalNameTests(SynchronousTestCase):
    """
    Containers and routers give names that the public DNS does not allow.

    """

    def test_underscores_and_double_hyphens(self) -> None:
        """
        What can be registered can be asked.
        """
        for host in ("my_cam", "ab--c", "cam_1.lan"):
            reactor = NamingReactor()
            NamedEndpoint(reactor, host, 80).connect(Factory.forProtocol(Protocol))
            self.assertEqual(reactor.nameResolver.asked, [host])
