"""
What tests of management mode over HTTP share.

"""

from twisted.trial.unittest import SynchronousTestCase

from tests.memory_management import MemoryManagement


class ManagementTestCase(SynchronousTestCase):
    """
    Tests with a daemon of their own.

    """

    def setUp(self) -> None:
        self.daemon = self.make_daemon()

    def make_daemon(self, **environ: str) -> MemoryManagement:
        """
        :returns: A daemon with an empty registry.
        """
        daemon = MemoryManagement(self.mktemp(), **environ)
        self.addCleanup(daemon.stop)
        return daemon
