"""
Tests of the health check, against a small HTTP server in place of the daemon.

"""

import io
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseServer, TCPServer, UnixStreamServer
from tempfile import TemporaryDirectory

from attrs import Factory, define
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.healthcheck import Address, Unwell, address_of, main

HEALTHY = (200, b'{"status": "healthy"}')
STALE = (
    503,
    b'{"status": "not_ready", "reason": "stale_stream", "message": "the newest picture\\nis old"}',
)


@define
class FakeDaemon:
    """
    Gives the same answers until told otherwise, and remembers what it was asked.

    """

    answers: dict[str, tuple[int, bytes]]
    asked: list[str] = Factory(list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """
        What the standard library's servers want to be given.

        """
        daemon = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                daemon.asked.append(self.path)
                status, body = daemon.answers.get(self.path, (404, b""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler


class HealthCheckTests(SynchronousTestCase):
    """
    What Docker, and the person who reads its log of health checks, gets to know.

    """

    def serve(self, server: BaseServer) -> None:
        """
        Answer until the test has ended.

        """
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)

    def start(self, **answers: tuple[int, bytes]) -> tuple[FakeDaemon, dict[str, str]]:
        """
        :returns: A daemon on a port of its own, and the environment that says so.
        """
        daemon = FakeDaemon({f"/{path}": answer for path, answer in answers.items()})
        server = TCPServer(("127.0.0.1", 0), daemon.handler())
        self.serve(server)
        return daemon, {"PORT": str(server.server_address[1])}

    def check(self, environ: dict[str, str], timeout: float = 5.0) -> tuple[int, str]:
        """
        :returns: The exit status, and what was said.
        """
        stderr = io.StringIO()
        status = main(environ, stderr, timeout)
        return status, stderr.getvalue()

    def test_healthy(self) -> None:
        """
        A container whose daemon answers counts as healthy, and nothing fills the log.

        """
        _, environ = self.start(health=HEALTHY)
        self.assertEqual(self.check(environ), (0, ""))

    def test_health_is_asked(self) -> None:
        """
        A node without a camera is not restarted over and over for that: readiness is not asked
        for unless wished.

        """
        daemon, environ = self.start(health=HEALTHY, ready=STALE)
        self.check(environ)
        self.assertEqual(daemon.asked, ["/health"])

    def test_ready_is_asked_if_wished(self) -> None:
        """
        Whoever wants the container to show whether pictures flow can have that.

        """
        daemon, environ = self.start(health=HEALTHY, ready=(200, b"{}"))
        self.assertEqual(self.check({**environ, "HEALTHCHECK_READY": "True"}), (0, ""))
        self.assertEqual(daemon.asked, ["/ready"])

    def test_not_ready(self) -> None:
        """
        ``docker inspect`` shows the reason in one line, in the daemon's own words.

        """
        _, environ = self.start(ready=STALE)
        self.assertEqual(
            self.check({**environ, "HEALTHCHECK_READY": "yes"}),
            (
                1,
                "healthcheck: /ready answered 503: stale_stream: the newest picture is old\n",
            ),
        )

    def test_answers_of_others(self) -> None:
        """
        Something else on that port is not taken for the daemon, whatever it says.

        """
        for body in (b"", b"[1]", b"{", b"[" * 60000, b'{"reason": null}'):
            _, environ = self.start(health=(500, body))
            self.assertEqual(self.check(environ), (1, "healthcheck: /health answered 500\n"))

    def test_settings_file(self) -> None:
        """
        A daemon that is told its port by a settings file is found there.

        """
        _, environ = self.start(health=HEALTHY)
        config = Path(self.mktemp())
        config.write_text(f"port: {environ['PORT']}\n")
        self.assertEqual(self.check({"CONFIG_FILE": str(config)}), (0, ""))

    def test_unusable_settings_file(self) -> None:
        """
        The daemon does not start with such a file; the check says the same of it.

        """
        status, said = self.check({"CONFIG_FILE": "/nowhere/settings.yaml"})
        self.assertEqual(status, 1)
        self.assertIn("/nowhere/settings.yaml", said)

    def test_unix_socket(self) -> None:
        """
        A daemon behind a reverse proxy on the same host may have no port at all.

        """
        # Not trial's own folder: a socket's path is limited to some hundred characters.
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = f"{folder.name}/daemon.sock"
        self.serve(UnixStreamServer(path, FakeDaemon({"/health": HEALTHY}).handler()))
        self.assertEqual(self.check({"LISTEN": f"unix:{path}:mode=660"}), (0, ""))

    def test_without_ipv6(self) -> None:
        """
        Where IPv6 is switched off, what listens on all addresses has none of its own.

        """
        _, environ = self.start(health=HEALTHY)
        self.assertEqual(self.check({**environ, "BIND_HOST": "::"}), (0, ""))
        status, said = self.check({**environ, "BIND_HOST": "::1"})
        self.assertEqual(status, 1)
        self.assertIn(f"cannot ask [::1]:{environ['PORT']}: ", said)

    def test_another_is_there(self) -> None:
        """
        The health of what listens elsewhere is not taken for that of what does not make sense.

        """
        _, environ = self.start(health=HEALTHY)
        with socket.create_server(("::1", int(environ["PORT"])), family=socket.AF_INET6) as other:
            other.settimeout(5)

            def hang_up() -> None:
                other.accept()[0].close()

            thread = threading.Thread(target=hang_up)
            thread.start()
            status, said = self.check({**environ, "BIND_HOST": "::"})
            thread.join()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot ask [::1]:{environ['PORT']}: ", said)

    def test_nobody_listens(self) -> None:
        """
        A daemon that is gone is told from one that is slow.

        """
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        self.assertEqual(
            self.check({"PORT": str(port)}),
            (1, f"healthcheck: cannot ask 127.0.0.1:{port}: Connection refused\n"),
        )

    def test_no_answer(self) -> None:
        """
        A daemon that hangs is noticed, and the check does not hang with it.

        """
        with socket.create_server(("127.0.0.1", 0)) as mute:
            port = mute.getsockname()[1]
            self.assertEqual(
                self.check({"PORT": str(port)}, timeout=0.05),
                (1, f"healthcheck: no answer from 127.0.0.1:{port} within 0.05 s\n"),
            )

    def test_no_http(self) -> None:
        """
        Noise instead of an answer is one line, not a traceback.

        """

        class Noise(BaseHTTPRequestHandler):
            def handle(self) -> None:
                self.rfile.readline()
                self.wfile.write(b"220 mail.example ESMTP\r\n")

        server = TCPServer(("127.0.0.1", 0), Noise)
        self.serve(server)
        port = server.server_address[1]
        self.assertEqual(
            self.check({"PORT": str(port)}),
            (1, f"healthcheck: cannot ask 127.0.0.1:{port}: 220 mail.example ESMTP\n"),
        )

    def test_unsupported_endpoint(self) -> None:
        """
        What cannot be asked is not called healthy.

        """
        self.assertEqual(
            self.check({"LISTEN": "systemd:domain=INET:index=0"}),
            (
                1,
                "healthcheck: cannot tell an address from LISTEN 'systemd:domain=INET:index=0': "
                "only ssl:, tcp:, tls: and unix: do\n",
            ),
        )

    def test_no_tls(self) -> None:
        """
        A daemon that is to speak TLS and does not is of no use to anybody.

        """
        _, environ = self.start(health=HEALTHY)
        status, said = self.check({"LISTEN": f"ssl:{environ['PORT']}"})
        self.assertEqual((status, said.count("\n")), (1, 1))
        self.assertIn(f"healthcheck: cannot ask 127.0.0.1:{environ['PORT']}: ", said)

    def test_without_twisted(self) -> None:
        """
        The check runs twice a minute for ever: on a Raspberry Pi, importing Twisted each time
        would cost more than the daemon's own work.

        """
        program = (
            "import sys, motion_in_ocean.healthcheck; "
            "sys.exit(not {'twisted', 'klein', 'PIL'}.isdisjoint(sys.modules))"
        )
        path = os.pathsep.join(sys.path)
        ended = subprocess.run(
            [sys.executable, "-c", program], check=False, env={**os.environ, "PYTHONPATH": path}
        )
        self.assertEqual(ended.returncode, 0)


class AddressTests(SynchronousTestCase):
    """
    Where a daemon can be asked that listens as its settings say.

    """

    def test_any_address(self) -> None:
        """
        Nothing can be sent to the address that means all of them; loopback is one of these.

        """
        self.assertEqual(address_of("tcp:8000:interface=0.0.0.0"), Address("127.0.0.1", 8000))
        self.assertEqual(address_of("tcp:8000"), Address("127.0.0.1", 8000))
        self.assertEqual(address_of("tcp:8000:"), Address("127.0.0.1", 8000))
        both = Address("::1", 8000, fallback="127.0.0.1")
        self.assertEqual(address_of(r"tcp:8000:interface=\:\:"), both)
        self.assertEqual(address_of("tcp6:8000"), both)
        self.assertEqual(address_of("tcp6:8000:50"), both)

    def test_one_address(self) -> None:
        """
        A daemon that listens on one address only does not answer on loopback.

        """
        expected = Address("192.168.1.20", 8080)
        self.assertEqual(address_of("tcp:port=8080:interface=192.168.1.20"), expected)
        self.assertEqual(address_of("TCP:8080:192.168.1.20"), expected)
        self.assertEqual(address_of(r"tcp6:80:interface=fe80\:\:1"), Address("fe80::1", 80))

    def test_tls(self) -> None:
        """
        Who encrypts the stream is asked in the same way.

        """
        for endpoint, host in (
            ("ssl:8443", "127.0.0.1"),
            ("ssl:port=8443:privateKey=key.pem:certKey=cert.pem", "127.0.0.1"),
            ("ssl:8443:key.pem:cert.pem:interface=192.168.1.20", "192.168.1.20"),
            (r"tls:path=/etc/certificates:port=8443:interface=0.0.0.0", "127.0.0.1"),
        ):
            self.assertEqual(address_of(endpoint), Address(host, 8443, secure=True))
        for endpoint, port in (
            ("tls:/etc/certificates:8443", 8443),
            ("tls:/etc/certificates", 443),
        ):
            both = Address("::1", port, secure=True, fallback="127.0.0.1")
            self.assertEqual(address_of(endpoint), both)

    def test_unix_socket(self) -> None:
        """
        Both ways to write it, and names that hold a colon or an equals sign.

        """
        for endpoint in (
            r"unix:/run/a\:b\=c",
            r"unix:address=/run/a\:b=c:mode=660",
            r"unix:mode=660:address=/run/a\:b=c:lockfile=0",
        ):
            self.assertEqual(address_of(endpoint), Address("localhost", path="/run/a:b=c"))

    def test_unknown(self) -> None:
        """
        A port that the system chooses and a socket that systemd opens cannot be known, and the
        reason is told.

        """
        for endpoint in ("tcp:0", "tcp:http", "tcp", "tcp:-1", "tcp:65536"):
            self.assertIn("cannot tell the port", self.unwell(endpoint))
        for endpoint in ("systemd:domain=INET:index=0", "haproxy:tcp:80", "8000", "", ":"):
            self.assertIn("cannot tell an address", self.unwell(endpoint))
        self.assertIn("names no socket", self.unwell("unix:"))

    def test_shown(self) -> None:
        """
        In a message an address looks as people write it.

        """
        self.assertEqual(str(Address("::1", 8000)), "[::1]:8000")
        self.assertEqual(str(Address("localhost", path="/run/it")), "/run/it")

    def unwell(self, endpoint: str) -> str:
        """
        :returns: Why nothing can be asked there.
        """
        return str(self.assertRaises(Unwell, address_of, endpoint))
