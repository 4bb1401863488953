"""
Whom to believe when a node speaks TLS.

"""

from ipaddress import ip_address

from attrs import define
from OpenSSL import SSL
from OpenSSL.crypto import X509
from service_identity import VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from motion_in_ocean.management.outbound._names import is_literal
from motion_in_ocean.service import without_words


@implementer(IOpenSSLClientConnectionCreator)
@define(eq=False)
class ClientTLS:
    """
    Believe a certificate that a trusted authority has issued for the host.

    The same as Twisted's ``optionsForClientTLS``, which reads all authorities anew for each host:
    five milliseconds and 0.9 MB each, of which a thousand nodes would make seconds and hundreds of
    megabytes.

    """

    shared: CertificateOptions
    host: str

    _log = Logger()

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """
        See ``IOpenSSLClientConnectionCreator``.

        """
        connection = self.shared.clientConnectionForTLS(tlsProtocol)
        expected: DNS_ID | IPAddress_ID
        if is_literal(self.host):
            expected = IPAddress_ID(str(ip_address(self.host)))
        else:
            expected = DNS_ID(self.host)
            connection.set_tlsext_host_name(self.host.encode("ascii"))

        def verify(_: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
            if depth or not ok:
                return bool(ok)
            try:
                verify_service_identity(extract_patterns(certificate), [expected], [])
            except VerificationError:
                tlsProtocol.failVerification(Failure())
                return False
            except Exception:
                # OpenSSL would drop it silently, and what it does then is not ours to guess.
                self._log.failure(
                    "while verifying the certificate of {host}",
                    without_words(Failure()),
                    host=self.host,
                )
                tlsProtocol.failVerification(Failure())
                return False
            return True

        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, verify)
        return connection
