"""
Who can speak TLS with the daemon, and who cannot.

"""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from tests.integration.certificates import Certified
from tests.integration.daemon import Daemon, DaemonTestCase, run_twistd

NOT_PEM = "the key or the certificate cannot be used: PEM, whole, and without a passphrase?"


class HandshakeTests(DaemonTestCase):
    """
    Who is spoken to, and how.

    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.tls = Certified(self.folder / "tls")

    def listens(self) -> dict[str, str]:
        """
        :returns: All ways to have TLS.
        """
        return {
            "ssl": self.tls.listen(),
            "tls": f"tls:{self.tls.folder}:0:interface=127.0.0.1",
        }

    def versions(self, daemon: Daemon) -> dict[str, str]:
        """
        :returns: What became of a client that knows a single version of TLS.
        """
        return {
            name: handshake(daemon.port, minimum=version, maximum=version)
            for name, version in (
                ("1.0", ssl.TLSVersion.TLSv1),
                ("1.1", ssl.TLSVersion.TLSv1_1),
                ("1.2", ssl.TLSVersion.TLSv1_2),
                ("1.3", ssl.TLSVersion.TLSv1_3),
            )
        }

    def test_versions(self) -> None:
        """
        Nothing older than TLS 1.2 is spoken, to clients that know nothing newer either.
        """
        with old_server(self.tls) as port:
            self.assertEqual(handshake(port, maximum=ssl.TLSVersion.TLSv1_1), "TLSv1.1")
        refused = "TLSV1_ALERT_PROTOCOL_VERSION"
        for name, listen in self.listens().items():
            daemon = self.make_daemon({"LISTEN": listen}, authority=self.tls.certificate).start()
            self.assertEqual(
                self.versions(daemon),
                {"1.0": refused, "1.1": refused, "1.2": "TLSv1.2", "1.3": "TLSv1.3"},
                name,
            )
            daemon.kill()

    def test_ciphers(self) -> None:
        """
        Who has nothing but what is broken is not spoken to.
        """
        daemon = self.make_daemon(
            {"LISTEN": self.tls.listen()}, authority=self.tls.certificate
        ).start()
        newest = ssl.TLSVersion.TLSv1_2
        for ciphers in ("aNULL", "eNULL", "MD5", "PSK"):
            told = handshake(daemon.port, maximum=newest, ciphers=f"{ciphers}:@SECLEVEL=0")
            self.assertRegex(told, "ALERT_HANDSHAKE_FAILURE|NO_CIPHERS_AVAILABLE", ciphers)

    def test_names(self) -> None:
        """
        Clients that name another host, or rubbish, or none, are shown the certificate, and leave
        nothing in the log: they can come ten thousand times an hour.
        """
        for name in ("ssl", "tls"):
            listen = self.listens()[name]
            daemon = self.make_daemon({"LISTEN": listen}, authority=self.tls.certificate).start()
            daemon.wait_until_ready()
            before = daemon.log
            for host in (None, b"camera.local", b"other.example", b"\xff\xfe", b"x" * 255):
                self.assertEqual(shown_to(daemon.port, host), "camera.local", host)
            self.assertEqual(daemon.get("/health").status, 200)
            self.assertEqual(daemon.log, before)
            daemon.kill()

    def test_garbage(self) -> None:
        """
        Whoever speaks no TLS, or stops in the middle, disturbs nobody and leaves no traceback.
        """
        daemon = self.make_daemon(
            {"LISTEN": self.tls.listen()}, authority=self.tls.certificate
        ).start()
        for wire in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", os.urandom(500), b""):
            with socket.create_connection(("127.0.0.1", daemon.port)) as client:
                client.sendall(wire)
        self.assertEqual(daemon.get("/health").status, 200)
        self.assertNotIn("Traceback", daemon.log)
        self.assertNotIn("critical", daemon.log)


@contextmanager
def old_server(tls: Certified) -> Iterator[int]:
    """
    :returns: The port of a server that speaks TLS of any age with one client.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def handshake(
    port: int,
    minimum: ssl.TLSVersion = ssl.TLSVersion.MINIMUM_SUPPORTED,
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ciphers: str = "ALL:@SECLEVEL=0",
) -> str:
    """
    :returns: The version of TLS that is spoken, or why there is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version, context.maximum_version = minimum, maximum
    try:
        context.set_ciphers(ciphers)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain) as client,
        ):
            return str(client.version())
    except ssl.SSLError as error:
        return str(error.reason)


def shown_to(port: int, host: bytes | None) -> str:
    """
    :returns: Whose certificate a client is shown that wants to speak to a host.
    """
    with socket.create_connection(("127.0.0.1", port)) as plain:
        client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), plain)
        if host is not None:
            client.set_tlsext_host_name(host)
        client.set_connect_state()
        client.do_handshake()
        certificate: Any = client.get_peer_certificate(as_cryptography=True)
        client.close()
    return str(certificate.subject.rfc4514_string()).removeprefix("CN=")


class UnusableTests(SynchronousTestCase):
    """
    A daemon that nobody could speak to does not start.

    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.tls = Certified(self.folder / "tls")

    def refusal(self, listen: str) -> str:
        """
        :returns: Why the daemon does not start, in one line.
        """
        done = run_twistd(
            *("-n", "motion-in-ocean"),
            cwd=self.folder,
            settings={"LISTEN": listen, "MOCK_CAMERA": "true"},
        )
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        *_, last = done.stdout.splitlines()
        before, _, reason = last.partition(f"Cannot listen on {listen}: ")
        self.assertIn("critical", before, done.stdout)
        return reason

    def test_key(self) -> None:
        """
        A key that is missing, locked away, damaged, no key, or another's is said to be that.
        """
        key, certificate = self.tls.key, self.tls.certificate
        other = Certified(self.folder / "other")
        missing, damaged = self.folder / "missing.pem", self.folder / "damaged.pem"
        damaged.write_bytes(key.read_bytes()[:100])
        for private, shown, reason in (
            (missing, certificate, f"No such file or directory: {missing}"),
            (self.folder, certificate, f"Is a directory: {self.folder}"),
            (damaged, certificate, NOT_PEM),
            (certificate, certificate, NOT_PEM),
            (key, damaged, NOT_PEM),
            (other.key, certificate, "Certificate public and private keys do not match."),
        ):
            listen = f"ssl:0:interface=127.0.0.1:privateKey={private}:certKey={shown}"
            self.assertEqual(self.refusal(listen), reason)

    def test_folder(self) -> None:
        """
        A folder without a certificate for a name, or without its key, is said to be that.
        """
        reason = "the folder has no certificate for a host name with its key (*.pem)"
        self.assertEqual(self.refusal(f"tls:{self.folder / 'missing'}:0"), reason)
        self.tls.key.unlink()
        self.assertEqual(self.refusal(f"tls:{self.tls.folder}:0"), reason)

    def test_old_version(self) -> None:
        """
        Who asks for TLS that is broken is told, instead of getting it.
        """
        for method in ("TLSv1_METHOD", "TLSv1_1_METHOD", "SSLv23_METHOD", "TLS_METHOD"):
            self.assertIn("leave it out", self.refusal(f"{self.tls.listen()}:sslmethod={method}"))
