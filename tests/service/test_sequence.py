"""
Tests of the order in which parts start and stop.

"""

from collections.abc import Callable

from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from motion_in_ocean.service import ServiceSequence


class Part(Service):
    """
    A part that writes down what happens to it.

    """

    def __init__(
        self,
        name: str,
        happened: list[str],
        stopping: Callable[[], Deferred[None] | None] = lambda: None,
    ) -> None:
        self._name = name
        self._happened = happened
        self._stopping = stopping

    def privilegedStartService(self) -> None:
        """
        See ``IService``.

        """
        self._happened.append(f"{self._name} privileged")

    def startService(self) -> None:
        """
        See ``IService``.

        """
        super().startService()
        self._happened.append(f"{self._name} started")

    def stopService(self) -> Deferred[None] | None:
        """
        See ``IService``.

        """
        super().stopService()
        self._happened.append(f"{self._name} stopped")
        return self._stopping()


class Bug(Exception):
    """
    A part that does not do what it should.

    """


def _raise() -> None:
    raise Bug


class SequenceTests(SynchronousTestCase):
    """
    Parts that start and stop one after the other.

    """

    def setUp(self) -> None:
        self.happened: list[str] = []

    def _sequence(self, *stopping: Callable[[], Deferred[None] | None]) -> ServiceSequence:
        parts = [
            Part(name, self.happened, stop) for name, stop in zip("abc", stopping, strict=False)
        ]
        return ServiceSequence(parts)

    def test_is_a_service(self) -> None:
        """
        It is what twistd starts and stops.
        """
        self.assertTrue(verifyObject(IService, ServiceSequence([])))

    def test_privileged_start_in_order(self) -> None:
        """
        The port is taken while there are privileges.
        """
        self._sequence(*[lambda: None] * 3).privilegedStartService()
        self.assertEqual(["a privileged", "b privileged", "c privileged"], self.happened)

    def test_starts_in_order(self) -> None:
        """
        What others need is there before them.
        """
        self._sequence(*[lambda: None] * 3).startService()
        self.assertEqual(["a started", "b started", "c started"], self.happened)

    def test_stops_in_opposite_order(self) -> None:
        """
        ``/health`` answers until all the rest has ended.
        """
        sequence = self._sequence(*[lambda: None] * 3)
        self.successResultOf(sequence.stopService())
        self.assertEqual(["c stopped", "b stopped", "a stopped"], self.happened)

    def test_waits_for_each(self) -> None:
        """
        The port is not closed while the camera is still being stopped.
        """
        camera: Deferred[None] = Deferred()
        sequence = self._sequence(lambda: None, lambda: camera, lambda: None)
        stopped = sequence.stopService()
        self.assertEqual(["c stopped", "b stopped"], self.happened)
        self.assertNoResult(stopped)
        camera.callback(None)
        self.assertEqual(["c stopped", "b stopped", "a stopped"], self.happened)
        self.assertIsNone(self.successResultOf(stopped))

    def test_waits_for_the_last(self) -> None:
        """
        The process does not end before the port is closed.
        """
        port: Deferred[None] = Deferred()
        stopped = self._sequence(lambda: port).stopService()
        self.assertNoResult(stopped)
        port.callback(None)
        self.assertIsNone(self.successResultOf(stopped))

    def test_one_that_raises_does_not_keep_the_rest(self) -> None:
        """
        A bug in one part does not leave the camera open.
        """
        stopped = self._sequence(lambda: None, _raise, lambda: None).stopService()
        self.assertIsNone(self.successResultOf(stopped))
        self.assertEqual(["c stopped", "b stopped", "a stopped"], self.happened)
        self.assertEqual(1, len(self.flushLoggedErrors(Bug)))

    def test_one_that_fails_later_does_not_keep_the_rest(self) -> None:
        """
        Nor does a failure that comes with the Deferred.
        """
        stopped = self._sequence(lambda: None, lambda: fail(Bug()), lambda: None).stopService()
        self.assertIsNone(self.successResultOf(stopped))
        self.assertEqual(["c stopped", "b stopped", "a stopped"], self.happened)
        self.assertEqual(1, len(self.flushLoggedErrors(Bug)))

    def test_knows_whether_it_runs(self) -> None:
        """
        Whoever holds it can ask.
        """
        sequence = self._sequence()
        self.assertFalse(sequence.running)
        sequence.startService()
        self.assertTrue(sequence.running)
        self.successResultOf(sequence.stopService())
        self.assertFalse(sequence.running)
