"""
Tests that a daemon which nobody could reach ends at once.

"""

import errno
import os
from pathlib import Path
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.logger import LogLevel, formatEvent
from twisted.python.lockfile import FilesystemLock

from tests.fakes import ThreadedMemoryReactor
from tests.service.listening import ListenerTestCase


class RefusingReactor(ThreadedMemoryReactor):
    """
    A machine on which an address cannot be taken.

    """

    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self._problem = problem

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``.

        """
        raise CannotListenError(interface, port, self._problem)


class LockingReactor(ThreadedMemoryReactor):
    """
    A machine that takes the lock of a Unix socket, as Twisted does.

    """

    def listenUNIX(
        self,
        address: str,
        factory: Any,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> IListeningPort:
        """
        See ``IReactorUNIX.listenUNIX``.

        """
        FilesystemLock(address + ".lock").lock()
        port: IListeningPort = super().listenUNIX(address, factory, backlog, mode, wantPID)
        return port


class RefusalTests(ListenerTestCase):
    """
    A daemon that cannot be reached ends at once, and says why.

    """

    def _refusal(self, endpoint: str, reactor: ThreadedMemoryReactor | None = None) -> str:
        listener = self.listener(endpoint, reactor=reactor)
        ended = self.assertRaises(SystemExit, listener.privilegedStartService)
        self.assertEqual(1, ended.code)
        (event,) = self.logged(LogLevel.critical)
        self.assertEqual([event], list(self.observer))
        self.assertNotIn("log_failure", event)
        message = formatEvent(event)
        self.assertTrue(message.isprintable(), message)
        return message

    def test_taken_port(self) -> None:
        """
        A second daemon on the same port does not run on, deaf.
        """
        taken = OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.assertEqual(
            "Cannot listen on tcp:8000: Address already in use",
            self._refusal("tcp:8000", RefusingReactor(taken)),
        )

    def test_privileged_port(self) -> None:
        """
        The operator reads that rights are missing, not that something went wrong.
        """
        denied = OSError(errno.EACCES, os.strerror(errno.EACCES))
        self.assertEqual(
            "Cannot listen on tcp:80: Permission denied",
            self._refusal("tcp:80", RefusingReactor(denied)),
        )

    def test_problem_without_text(self) -> None:
        """
        If the system says nothing, at least the kind of problem is named.
        """
        self.assertEqual(
            "Cannot listen on tcp:80: TimeoutError",
            self._refusal("tcp:80", RefusingReactor(TimeoutError())),
        )

    def test_unknown_kind(self) -> None:
        """
        A slip in the kind of endpoint is named.
        """
        self.assertEqual(
            "Cannot listen on tpc:8000: Unknown endpoint type: 'tpc'", self._refusal("tpc:8000")
        )

    def test_empty(self) -> None:
        """
        An empty LISTEN is called by its name.
        """
        self.assertTrue(self._refusal("").startswith("Cannot listen on an empty LISTEN: "))

    def test_missing_certificate(self) -> None:
        """
        The file that is missing is named.
        """
        path = str(Path(self.mktemp()).absolute())
        self.assertEqual(
            f"Cannot listen on ssl:8443:privateKey={path}: No such file or directory: {path}",
            self._refusal(f"ssl:8443:privateKey={path}"),
        )

    def test_unix_socket_in_no_folder(self) -> None:
        """
        The path that cannot be made is named, not what it would have led to.
        """
        path = str(Path(self.mktemp()).absolute() / "camera.sock")
        self.assertEqual(
            f"Cannot listen on unix:{path}: No such file or directory: {path}.lock",
            self._refusal(f"unix:{path}", LockingReactor()),
        )

    def test_other_endpoints_that_cannot_be_used(self) -> None:
        """
        Whatever is wrong with an endpoint, it is one line.
        """
        for endpoint in (
            *("8000", "tcp", "tcp:", "tcp:http", "tcp:8000:backlog=x", "tcp:8000:nonsense=1"),
            *("unix", "ssl:8443", "systemd:domain=INET:index=9", ":", "=", "tcp:8000\\"),
            "tcp:8000:interface=0.0.0.0:interface",
        ):
            self.observer.clear()
            self._refusal(endpoint)

    def test_refused_listener_can_be_stopped(self) -> None:
        """
        What was started before it can end in order.
        """
        listener = self.listener("tpc:8000")
        self.assertRaises(SystemExit, listener.privilegedStartService)
        self.assertIsNone(self.successResultOf(listener.stopService()))
