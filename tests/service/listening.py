"""
What the tests of the listener share: a machine to listen on, and its log.

"""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer

from motion_in_ocean.service import Listener
from tests.fakes import ThreadedMemoryReactor


@implementer(ILogObserver)
class LogEvents(list[LogEvent]):
    """
    Keeps what is logged.

    """

    def __call__(self, event: LogEvent) -> None:
        self.append(event)


class ListenerTestCase(SynchronousTestCase):
    """
    A test case that has a machine to listen on, and reads the log.

    """

    def setUp(self) -> None:
        self.reactor = ThreadedMemoryReactor()
        self.observer = LogEvents()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)
        self.site = Site(Resource())

    def listener(
        self,
        endpoint: str,
        *,
        is_protected: bool = False,
        reactor: ThreadedMemoryReactor | None = None,
    ) -> Listener:
        """
        :returns: A listener that has not been started.
        """
        return Listener(
            endpoint, lambda: self.site, reactor or self.reactor, is_protected=is_protected
        )

    def listening(self, endpoint: str, *, is_protected: bool = False) -> Listener:
        """
        :returns: A listener that has been started.
        """
        listener = self.listener(endpoint, is_protected=is_protected)
        listener.privilegedStartService()
        listener.startService()
        return listener

    def logged(self, level: LogLevel) -> list[LogEvent]:
        """
        :returns: What was logged at that level.
        """
        return [event for event in self.observer if event.get("log_level") is level]

    def messages(self, level: LogLevel) -> list[str]:
        """
        :returns: The same as text.
        """
        return [formatEvent(event) for event in self.logged(level)]

    def certificate(self) -> str:
        """
        :returns: The path of a new file with a key and a certificate for it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now, now)
            .sign(key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )
        path = Path(self.mktemp())
        path.write_bytes(
            certificate
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(path)
