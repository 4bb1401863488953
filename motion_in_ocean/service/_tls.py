"""
What is asked of an endpoint that speaks TLS before anybody may connect to it.

"""

from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IStreamServerEndpoint


def demand_modern_tls(endpoint: IStreamServerEndpoint) -> None:
    """
    Do nothing if the endpoint speaks TLS 1.2 and newer, or no TLS at all.

    :raises ValueError: If it would speak something older, or with nobody.
    """
    # Twisted's endpoints for ``ssl:`` and ``tls:`` have no other name for what they have.
    options: Any = getattr(endpoint, "_sslContextFactory", None)
    names: Any = getattr(endpoint, "connectionCreator", None)
    if options is not None and not options.getContext().set_options(0) & SSL.OP_NO_TLSv1_1:
        raise ValueError("sslmethod would allow TLS that is no longer safe; leave it out")
    if names is not None:
        _demand_certificate(names)


def _demand_certificate(names: Any) -> None:
    # By itself Twisted logs, and reads the folder anew, for each client that names no host, or one
    # that no certificate is for: all that come by address. All are shown the same certificate.
    names.defaultContext.set_tlsext_servername_callback(lambda _: None)
    if names.serverConnectionForTLS(None).get_certificate() is None:
        raise ValueError("the folder has no certificate for a host name with its key (*.pem)")
