"""
Where the daemon can be reached.

"""

import os
from collections.abc import Callable
from ipaddress import ip_address
from socket import socket

from OpenSSL import SSL, crypto
from twisted.application.service import Service
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort, IReactorCore
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Site

from motion_in_ocean.service._tls import demand_modern_tls

WAITING_CONNECTIONS = 1024
"""
How many clients may have connected while the reactor was busy, where the endpoint does not say.

Whoever is one too many hears nothing, and tries again after a second (RFC 6298). Twisted asks for
room for 50, which a few hundred clients that come at once overflow. Linux caps it at
``net.core.somaxconn``.
"""


class Listener(Service):
    """
    Listen as long as the daemon runs.

    A daemon that nobody can reach would be of no use: what cannot be listened on ends the start
    with one line in the log and a status that is not zero.

    """

    _log = Logger()

    def __init__(
        self,
        endpoint: str,
        make_site: Callable[[], Site],
        reactor: IReactorCore,
        *,
        is_protected: bool,
        what_anyone_can: str = "watch",
    ) -> None:
        """
        :param endpoint: A Twisted server endpoint string.
        :param is_protected: Whether clients have to show credentials.
        :param what_anyone_can: Do, if they have not, for the log.
        :param make_site: Makes what answers; called once, at the start.
        """
        self._endpoint = endpoint
        self._make_site = make_site
        self._reactor = reactor
        self._is_protected = is_protected
        self._what_anyone_can = what_anyone_can
        self._port: IListeningPort | None = None

    def privilegedStartService(self) -> None:
        """
        Take the address, which may need privileges.

        :raises SystemExit: If that fails.
        """
        # Every kind of endpoint listens, or fails to, before it returns.
        refused: list[Failure] = []
        try:
            endpoint = serverFromString(self._reactor, self._endpoint)
            demand_modern_tls(endpoint)
            listening: Deferred[IListeningPort] = endpoint.listen(self._make_site())
        except Exception:
            refused.append(Failure())
        else:
            listening.addCallbacks(self._listening, refused.append)
        if refused:
            self._log.critical(
                "Cannot listen on {endpoint}: {reason}",
                endpoint=self._endpoint or "an empty LISTEN",
                reason=_reason(refused[0]),
            )
            raise SystemExit(1)

    def stopService(self) -> Deferred[None]:
        """
        :returns: Fires when nobody can connect any more.
        """
        super().stopService()
        port, self._port = self._port, None
        stopped = port.stopListening() if port is not None else None
        return succeed(None) if stopped is None else stopped

    @property
    def is_open_to_network(self) -> bool:
        """
        Whether people on other machines may come in without credentials.

        """
        host: object = self._port.getHost() if self._port is not None else None
        return (
            isinstance(host, IPv4Address | IPv6Address)
            and not ip_address(host.host).is_loopback
            and not self._is_protected
        )

    def _listening(self, port: IListeningPort) -> None:
        self._port = port
        # systemd has chosen for its own sockets. Ports in memory have none.
        chosen = self._endpoint.startswith("systemd:") or "backlog=" in self._endpoint
        listening: socket | None = getattr(port, "socket", None)
        if listening is not None and not chosen:
            listening.listen(WAITING_CONNECTIONS)
        scheme = "https" if self._endpoint.startswith(("ssl:", "tls:")) else "http"
        self._log.info("Listening on {address}", address=_named(scheme, port.getHost()))
        if self.is_open_to_network:
            self._log.warn(
                "No credentials are set: anyone on the network can {do}. Set AUTH_TOKEN to "
                "change that, and never forward this port to the internet.",
                do=self._what_anyone_can,
            )


def _named(scheme: str, address: object) -> str:
    if isinstance(address, IPv4Address):
        return f"{scheme}://{address.host}:{address.port}/"
    if isinstance(address, IPv6Address):
        return f"{scheme}://[{address.host}]:{address.port}/"
    if isinstance(address, UNIXAddress) and address.name:
        return f"unix:{os.fsdecode(address.name)}"
    return str(address)


def _reason(failure: Failure) -> str:
    if failure.check(SSL.Error, crypto.Error):
        # What OpenSSL says is for those who wrote it.
        return "the key or the certificate cannot be used: PEM, whole, and without a passphrase?"
    # CannotListenError has the address in its text once more; what the system said is enough.
    system = getattr(failure.value, "socketError", failure.value)
    text = getattr(system, "strerror", None) or str(system) or type(system).__name__
    # A lock is a link to the number of a process, which comes first.
    filename = getattr(system, "filename2", None) or getattr(system, "filename", None)
    return text.splitlines()[0] + (f": {os.fsdecode(filename)}" if filename else "")
