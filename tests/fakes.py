"""
Stand-ins for what tests must control: threads, the clock, the camera.

"""

import queue
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, evolve
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IReactorFromThreads
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer

from motion_in_ocean.camera import CameraDescription, ControlState, checked
from motion_in_ocean.controls import CONTROLS, ControlValue
from motion_in_ocean.frames import Frame


@implementer(IListeningPort)
@define(eq=False)
class FakePort:
    """
    A port on which nobody can connect.

    """

    address: IPv4Address | IPv6Address
    is_listening: bool = True

    def startListening(self) -> None:
        """
        See ``IListeningPort``.

        """

    def stopListening(self) -> None:
        """
        See ``IListeningPort``.

        """
        self.is_listening = False

    def getHost(self) -> IPv4Address | IPv6Address:
        """
        See ``IListeningPort``.

        """
        return self.address


DESCRIPTION = CameraDescription(model="fake", encoder="none", resolution=(64, 48), fps=30.0)


@implementer(IReactorFromThreads)
class ThreadedMemoryReactor(MemoryReactorClock):
    """
    A reactor in memory, to which threads can hand calls that a test lets in one by one.

    """

    def __init__(self) -> None:
        super().__init__()
        self.from_threads: list[Callable[[], object]] = []

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``; the port knows its address.

        """
        super().listenTCP(port, factory, backlog, interface)
        kind = IPv6Address if ":" in interface else IPv4Address
        return FakePort(kind("TCP", interface or "0.0.0.0", port))

    def callFromThread(
        self,
        callable: Callable[..., Any],  # noqa: A002 - the interface's name
        *args: object,
        **kwargs: object,
    ) -> None:
        """
        Queue a call until ``run_calls_from_threads``.

        """
        self.from_threads.append(lambda: callable(*args, **kwargs))

    def run_calls_from_threads(self) -> int:
        """
        :returns: How many calls were waiting; all of them have been made.
        """
        calls, self.from_threads = self.from_threads, []
        for call in calls:
            call()
        return len(calls)


class WaitingReactor(ThreadedMemoryReactor):
    """
    A reactor in memory that can wait for a real thread, and remembers its ports.

    """

    def __init__(self) -> None:
        super().__init__()
        self.ports: list[FakePort] = []
        self._calls: queue.Queue[Callable[[], object]] = queue.Queue()

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        See ``IReactorTCP.listenTCP``.

        """
        listening = super().listenTCP(port, factory, backlog, interface)
        assert isinstance(listening, FakePort)
        self.ports.append(listening)
        return listening

    def callFromThread(
        self,
        callable: Callable[..., Any],  # noqa: A002 - the interface's name
        *args: object,
        **kwargs: object,
    ) -> None:
        """
        See ``IReactorFromThreads.callFromThread``.

        """
        self._calls.put(lambda: callable(*args, **kwargs))

    def run_until(self, has_happened: Callable[[], bool]) -> None:
        """
        Let calls from threads in, as they come, until that has happened.

        """
        while not has_happened():
            self._calls.get(timeout=30)()


@define(eq=False)
class HandWorker:
    """
    A worker whose thread is the test: it does one thing each time it is told to.

    """

    waiting: list[Callable[[], None]] = Factory(list)

    def run(self, work: Callable[[], Any]) -> Deferred[Any]:
        """
        See ``Worker.run``.

        """
        done: Deferred[Any] = Deferred()

        def step() -> None:
            try:
                result = work()
            except Exception:
                done.errback()
            else:
                done.callback(result)

        self.waiting.append(step)
        return done

    def step(self) -> None:
        """
        Do what has waited longest.

        """
        self.waiting.pop(0)()


@define(eq=False)
class FakeCamera:
    """
    A camera that does as it is told.

    """

    problem: Exception | None = None
    """What opening raises, and closing what was opened."""
    description: CameraDescription = DESCRIPTION
    deliver: Callable[[bytes], None] | None = None
    is_closed: bool = False
    control_names: Sequence[str] = ("brightness", "exposure_time_microseconds", "awb_mode")
    """The controls that it has."""
    values: dict[str, ControlValue] = Factory(dict)
    """What they are set to."""
    rates: list[float] = Factory(list)
    """What it has been told by ``set_fps``."""

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        if self.problem is not None:
            raise self.problem
        self.deliver = deliver

    def read_controls(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        return [
            ControlState(control=CONTROLS[name], default=None, value=self.values.get(name))
            for name in self.control_names
        ]

    def set_controls(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        See ``Camera.set_controls``.

        """
        accepted = checked(values, {name: CONTROLS[name] for name in self.control_names})
        self.values.update(accepted)
        return accepted

    def set_fps(self, fps: float) -> None:
        """
        See ``Camera.set_fps``.

        """
        self.rates.append(fps)
        rate = fps or DESCRIPTION.fps
        self.description = evolve(self.description, fps=rate, is_idling=fps != 0)

    def close(self) -> None:
        """
        See ``Camera.close``.

        """
        if self.deliver is not None and self.problem is not None:
            raise self.problem
        self.is_closed = True


def make_frame(
    number: int = 1, captured_at: float = 0.0, jpeg: bytes = b"\xff\xd8\xff\xd9"
) -> Frame:
    """
    :returns: A frame that was captured at a monotonic time.
    """
    return Frame(jpeg=jpeg, number=number, captured_at=captured_at, timestamp=1_700_000_000.25)
