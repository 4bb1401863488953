"""
Tests for the number of connections that the process may have.

"""

import resource

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import raise_descriptor_limit
from motion_in_ocean.service._descriptors import MOST


class DescriptorTests(SynchronousTestCase):
    """
    A thousand viewers or nodes need more than the thousand files that are usual.

    """

    def setUp(self) -> None:
        self.soft, self.hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (self.soft, self.hard))

    def test_low_limit_is_raised(self) -> None:
        """
        As far as whoever started the process allows.
        """
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, self.hard))
        raise_descriptor_limit()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertEqual((soft, hard), (min(self.hard, MOST), self.hard))

    def test_higher_limit_is_left_alone(self) -> None:
        """
        Nobody gets less than they have given.
        """
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.hard, self.hard))
        raise_descriptor_limit()
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE)[0], self.hard)
