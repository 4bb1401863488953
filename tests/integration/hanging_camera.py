"""
A daemon whose camera never closes, for ``twistd --python``.

Its settings are those of the environment.

"""

import os
import threading
from collections.abc import Callable

from twisted.application.service import Application, IServiceCollection
from twisted.internet import reactor  # noqa: TID251 - a process of its own

from motion_in_ocean.settings import load_settings
from motion_in_ocean.tap import make_webcam
from motion_in_ocean.worker import ThreadWorker
from tests.fakes import FakeCamera


class HangingCamera(FakeCamera):
    """
    Gives one picture and then behaves like a driver that is stuck in the kernel.

    """

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        deliver(b"\xff\xd8\xff\xd9")

    def close(self) -> None:
        """
        Never return.

        """
        threading.Event().wait()


def _worker(name: str) -> ThreadWorker:
    return ThreadWorker(name, reactor.callFromThread)  # type: ignore[attr-defined]


application = Application("hanging camera")
make_webcam(
    load_settings(
        {},
        {"LISTEN": "tcp:0:interface=127.0.0.1", **os.environ, "MAX_FRAME_AGE_SECONDS": "3600"},
    ),
    reactor,
    make_camera=lambda _: HangingCamera(),
    worker=_worker("camera worker"),
    artist=_worker("placeholder"),
).setServiceParent(IServiceCollection(application))
