"""
A daemon whose camera can be disturbed from outside, for ``twistd --python``.

While there is a file ``broken`` in its working directory, the camera cannot be opened; while there
is ``stalled``, it gives no pictures. Besides the mock camera's controls it has two of other kinds.

"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from twisted.application.service import Application, IServiceCollection
from twisted.internet import reactor  # noqa: TID251 - a process of its own

from motion_in_ocean.camera import ControlState, MockCamera
from motion_in_ocean.camera._controls import checked
from motion_in_ocean.controls import CONTROLS, Control, ControlValue
from motion_in_ocean.errors import CameraUnavailable
from motion_in_ocean.settings import load_settings
from motion_in_ocean.tap import make_webcam
from motion_in_ocean.worker import ThreadWorker

SLOWNESS_SECONDS = 0.4
"""How long it takes to set a control."""

BROKEN, STALLED = Path("broken"), Path("stalled")

MORE: Mapping[str, Control] = {
    "exposure_time_microseconds": CONTROLS["exposure_time_microseconds"].narrowed(100, 60_000),
    "awb_mode": CONTROLS["awb_mode"],
}
DEFAULTS: Mapping[str, ControlValue] = {"exposure_time_microseconds": 0, "awb_mode": "auto"}


class FalteringCamera(MockCamera):
    """
    A test card that stops when it is told to.

    """

    _values: dict[str, ControlValue]

    def open(self, deliver: Callable[[bytes], None]) -> None:
        """
        See ``Camera.open``.

        """
        if BROKEN.exists():
            raise CameraUnavailable("No camera is connected")
        self._values = {}
        super().open(lambda jpeg: None if STALLED.exists() else deliver(jpeg))

    def read_controls(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        more = [
            ControlState(control=control, default=DEFAULTS[name], value=self._values.get(name))
            for name, control in MORE.items()
        ]
        return [*super().read_controls(), *more]

    def set_controls(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        See ``Camera.set_controls``.

        """
        accepted = checked(values, {**self._there, **MORE})
        time.sleep(SLOWNESS_SECONDS)
        mine = {name: value for name, value in accepted.items() if name in MORE}
        super().set_controls({name: accepted[name] for name in accepted if name not in MORE})
        self._values.update(mine)
        return accepted


def _worker(name: str) -> ThreadWorker:
    return ThreadWorker(name, reactor.callFromThread)  # type: ignore[attr-defined]


application = Application("faltering camera")
make_webcam(
    load_settings({}, {"LISTEN": "tcp:0:interface=127.0.0.1", "MAX_FRAME_AGE_SECONDS": "4"}),
    reactor,
    make_camera=lambda controls: FalteringCamera(
        resolution=(640, 480),
        fps=10,
        jpeg_quality=85,
        frames_folder=Path(os.environ["MOCK_FRAMES"]) if "MOCK_FRAMES" in os.environ else None,
        controls=controls,
    ),
    worker=_worker("camera worker"),
    artist=_worker("placeholder"),
).setServiceParent(IServiceCollection(application))
