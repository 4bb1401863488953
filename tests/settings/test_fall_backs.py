"""
Tests of what is taken instead of an unusable value, above all of where the daemon listens.

"""

from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock

from tests.settings.loading import LoadingTestCase


class ClosedFallBackTests(LoadingTestCase):
    """
    Where the default is the open choice, a slip takes the closed one.

    """

    def test_credential_locks(self) -> None:
        """
        A token that cannot be used does not leave the camera open to everyone.
        """
        self.assertTrue(self.load({"AUTH_TOKEN": ""}).settings.locked)

    def test_credential_says_what_is_locked(self) -> None:
        """
        The operator who is locked out finds the reason in the log.
        """
        self.assertEqual(
            "AUTH_TOKEN (environment): is set but empty; until it is usable, all but /health and "
            "/ready is locked.",
            self.only_warning(self.load({"AUTH_TOKEN": ""})),
        )

    def test_good_credential_does_not_lock(self) -> None:
        """
        Whoever shows the token comes in.
        """
        self.assertFalse(self.load({"AUTH_TOKEN": "s3cret"}).settings.locked)

    def test_origins_none(self) -> None:
        """
        A slip in CORS_ORIGINS does not let every web site read the pictures.
        """
        self.assertEqual((), self.load({"CORS_ORIGINS": "*,http//x"}).settings.cors_origins)

    def test_empty_origins_are_a_choice(self) -> None:
        """
        Set but empty means no origin, and is no slip.
        """
        loaded = self.load({"CORS_ORIGINS": ""})
        self.assertEqual(((), ()), (loaded.settings.cors_origins, loaded.warnings))

    def test_address_loopback(self) -> None:
        """
        A misspelt address does not become every address.
        """
        self.assertEqual(
            "tcp:8000:interface=127.0.0.1", self.load({"BIND_HOST": "127.0.0"}).settings.endpoint
        )

    def test_networks_none(self) -> None:
        """
        A misspelt network does not let the daemon call every address.
        """
        loaded = self.load({"NODE_ALLOWED_NETWORKS": "192.168.1.1/24"})
        self.assertEqual((), loaded.settings.node_allowed_networks)

    def test_listen_does_not_fall_back_to_port(self) -> None:
        """
        Whoever wanted a socket file does not get an open port instead.
        """
        self.assertEqual("", self.load({"LISTEN": "", "PORT": "80"}).settings.endpoint)

    def test_unusable_listen_is_kept_for_the_listener(self) -> None:
        """
        What is no endpoint ends the start when it is listened on, with its own words.
        """
        self.assertEqual("tpc:80", self.load({"LISTEN": "tpc:80"}).settings.endpoint)


class EndpointTests(LoadingTestCase):
    """
    Where the daemon is to listen, as Twisted reads it.

    """

    def _listened(self, **environ: str) -> tuple[int, str]:
        reactor = MemoryReactorClock()
        endpoint = self.load(environ).settings.endpoint
        self.successResultOf(serverFromString(reactor, endpoint).listen(Factory()))
        port, _, _, interface = reactor.tcpServers[0]
        return port, interface

    def test_default(self) -> None:
        """
        A camera is there to be seen from the next room.
        """
        self.assertEqual((8000, "0.0.0.0"), self._listened())

    def test_port_and_address(self) -> None:
        """
        PORT and BIND_HOST together say where.
        """
        self.assertEqual((81, "127.0.0.1"), self._listened(PORT="81", BIND_HOST="127.0.0.1"))

    def test_ipv6_address(self) -> None:
        """
        The colons of an address are not those of the endpoint.
        """
        self.assertEqual((8000, "fd00::1:2"), self._listened(BIND_HOST="fd00::1:2"))

    def test_ipv6_address_with_odd_zone(self) -> None:
        """
        Nothing in an address becomes another argument of the endpoint.
        """
        host = "fe80::1%a:backlog=9\\"
        self.assertEqual((8000, host), self._listened(BIND_HOST=host))

    def test_listen_wins(self) -> None:
        """
        Whoever writes a whole endpoint need not unset the rest.
        """
        self.assertEqual((9, ""), self._listened(LISTEN="tcp:9", PORT="8", BIND_HOST="::1"))
