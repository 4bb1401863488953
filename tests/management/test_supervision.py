"""
Tests of what management mode tells systemd.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_management import TIMEOUT, MemoryManagement
from tests.notified import NotifiedSocket


class SupervisionTests(SynchronousTestCase):
    """
    A daemon that systemd has started with a watchdog of ten seconds.

    """

    def told(self, path: str) -> list[str]:
        """
        :returns: What systemd is told in a minute.
        """
        systemd = NotifiedSocket(self.addCleanup)
        daemon = MemoryManagement(path, NOTIFY_SOCKET=systemd.address, WATCHDOG_USEC="10000000")
        self.addCleanup(daemon.stop)
        daemon.ask("/api/nodes", "POST", {})
        daemon.nodes.outcomes["lost"] = TIMEOUT
        if path != "/proc/x/nodes.json":
            daemon.register("a", "lost")
            daemon.ask("/api/management/overview")
        told: list[str] = []
        for _ in range(60):
            daemon.advance(1)
            told += systemd.received()
        return told

    def test_status(self) -> None:
        """
        ``systemctl status`` says how the fleet is.
        """
        told = self.told(self.mktemp())
        self.assertEqual(told[0], "READY=1")
        self.assertIn("STATUS=ready: 2 nodes, 1 of them ready", told)

    def test_registry_that_cannot_be_used(self) -> None:
        """
        It says why; a restart would help nothing, so the watchdog is fed.
        """
        told = self.told("/proc/x/nodes.json")
        self.assertTrue(any(each.startswith("STATUS=not ready: /proc/x") for each in told), told)
        self.assertGreater(told.count("WATCHDOG=1"), 8)
