"""
Certificates for one test.

"""

import datetime
import re
import shlex
import subprocess
from ipaddress import ip_address
from pathlib import Path

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.ssl import Certificate, CertificateOptions, PrivateCertificate

from motion_in_ocean.management.outbound._names import is_literal
from tests.integration.components import require_program
from tests.integration.daemon import REPOSITORY

NEW = datetime.timedelta(0)
YEAR = datetime.timedelta(days=365)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@define(eq=False)
class Authority:
    """
    Issues certificates that only those believe who trust it.

    """

    name: str = "authority"
    _key: ec.EllipticCurvePrivateKey = field(
        factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    _certificate: x509.Certificate = field(init=False)

    @_certificate.default
    def _make_certificate(self) -> x509.Certificate:
        return (
            self._builder(self.name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def trust(self) -> CertificateOptions:
        """
        :returns: For a client that trusts nobody else.
        """
        return CertificateOptions(trustRoot=Certificate.loadPEM(self.pem()))

    def pem(self) -> bytes:
        """
        :returns: The certificate by which it is known.
        """
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, host: str, age: datetime.timedelta = NEW) -> CertificateOptions:
        """
        :param age: Certificates are valid for a year.
        :returns: For a server with this name or address.
        """
        pem = self.issue_pem(host, age)
        options: CertificateOptions = PrivateCertificate.loadPEM(pem).options()
        return options

    def issue_pem(self, host: str, age: datetime.timedelta = NEW) -> bytes:
        """
        :returns: The same as text: a certificate and its key.
        """
        key = _new_key()
        kind = x509.IPAddress(ip_address(host)) if is_literal(host) else x509.DNSName(host)
        certificate = (
            self._builder("node", key, age)
            .add_extension(x509.SubjectAlternativeName([kind]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def _builder(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        age: datetime.timedelta = NEW,
    ) -> x509.CertificateBuilder:
        begin = datetime.datetime.now(datetime.UTC) - age - datetime.timedelta(hours=1)
        number = x509.random_serial_number()
        return x509.CertificateBuilder(
            _name(self.name), _name(name), key.public_key(), number, begin, begin + YEAR
        )


def documented_command() -> list[str]:
    """
    :returns: How SECURITY.rst makes a certificate, for a camera on this machine.
    """
    text = (REPOSITORY / "SECURITY.rst").read_text("utf-8")
    match = re.search(r"^ +(openssl req -x509(?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert match is not None
    return shlex.split(match[1].replace("\\\n", " ").replace("192.168.1.20", "127.0.0.1"))


class Certified:
    """
    A certificate of its own making.

    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        require_program("openssl", "apt-get install openssl")
        subprocess.run(documented_command(), cwd=folder, capture_output=True, check=True)
        self.key, self.certificate = folder / "camera-key.pem", folder / "camera.pem"

    def listen(self, port: int = 0) -> str:
        """
        :returns: A value of ``LISTEN``.
        """
        return f"ssl:{port}:interface=127.0.0.1:privateKey={self.key}:certKey={self.certificate}"
