"""
What tests of management mode over HTTP share.

"""

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.management.outbound._results import Unreachable
from tests.memory_management import MemoryManagement

TIMEOUT = Unreachable("timeout", "the node did not answer in time")


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
