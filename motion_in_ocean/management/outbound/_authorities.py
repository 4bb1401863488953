"""
Who may vouch for nodes that speak TLS.

"""

import stat
from pathlib import Path

from cryptography import x509
from OpenSSL.crypto import X509
from twisted.internet.ssl import CertificateOptions, platformTrust, trustRootFromCertificates
from twisted.logger import Logger

MAX_CA_FILE_BYTES = 4 * 1024 * 1024
"""Twenty times what a system has."""

_log = Logger()


def node_trust(ca_file: str | None) -> CertificateOptions:
    """
    Reads files, so call it before the reactor runs.

    :param ca_file: ``NODE_TLS_CA_FILE``: whom to believe besides those whom the system believes;
        empty where the setting is of no use. If it cannot be used, nobody is believed: whoever set
        it has nodes that must be told from others.
    """
    if ca_file is None:
        return CertificateOptions(trustRoot=platformTrust())
    try:
        authorities = _authorities(ca_file) if ca_file else ()
    except (OSError, ValueError) as error:
        _log.warn(
            "NODE_TLS_CA_FILE {path}: {reason}; until it can be used, no node is reached by https.",
            path=ca_file,
            reason=getattr(error, "strerror", None) or str(error),
        )
        authorities = ()
    if not authorities:
        return CertificateOptions(trustRoot=trustRootFromCertificates([]))
    trust = CertificateOptions(trustRoot=platformTrust())
    store = trust.getContext().get_cert_store()
    assert store is not None
    for authority in authorities:
        store.add_cert(X509.from_cryptography(authority))
    return trust


def _authorities(path: str) -> list[x509.Certificate]:
    """
    :raises OSError: If it cannot be read.
    :raises ValueError: If it holds no certificate, or one that is damaged.
    """
    if not stat.S_ISREG(Path(path).stat().st_mode):
        # A named pipe would be waited for.
        raise ValueError("is no file")
    with Path(path).open("rb") as file:
        content = file.read(MAX_CA_FILE_BYTES + 1)
    if len(content) > MAX_CA_FILE_BYTES:
        raise ValueError(f"is larger than {MAX_CA_FILE_BYTES} bytes")
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise ValueError("holds no certificate (PEM), or one that is damaged") from None
