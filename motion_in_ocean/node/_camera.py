"""
The camera and its controls, as JSON.

"""

from collections.abc import Iterable
from typing import Any

from motion_in_ocean.camera import CameraService, ControlState
from motion_in_ocean.controls import ChoiceControl, Control, NumberControl
from motion_in_ocean.settings import Settings


def camera_report(
    camera: CameraService, controls: Iterable[ControlState], settings: Settings
) -> dict[str, Any]:
    """
    :param controls: Those that the camera has.
    :returns: How it is, beside what was wished for; what is not known is ``None``.
    """
    it = camera.description
    return {
        "state": camera.state.value,
        "model": it.model if it else None,
        "id": it.camera_id if it else None,
        "encoder": it.encoder if it else None,
        "resolution": list(it.resolution) if it else None,
        "wanted_resolution": list(settings.resolution),
        "target_fps": it.fps if it else None,
        "wanted_fps": settings.fps or None,
        "idle_fps": settings.usable_idle_fps or None,
        "is_idling": it.is_idling if it else False,
        "hflip": it.hflip if it else None,
        "vflip": it.vflip if it else None,
        "note": it.note if it else camera.problem,
        "sensor_modes": [
            {"format": mode.format, "resolution": list(mode.size)}
            for mode in (it.sensor_modes if it else ())
        ],
        "controls": {state.control.name: _control_report(state) for state in controls},
    }


def _control_report(state: ControlState) -> dict[str, Any]:
    return {
        **_kind(state.control),
        "default": state.default,
        "value": state.value,
        "measured": state.measured,
        "help": state.control.help,
    }


def _kind(control: Control) -> dict[str, Any]:
    if isinstance(control, ChoiceControl):
        return {"kind": "choice", "choices": list(control.choices)}
    assert isinstance(control, NumberControl)
    return {
        "kind": "integer" if control.is_whole else "number",
        "minimum": control.low,
        "maximum": control.high,
        "zero_is_automatic": control.zero_is_automatic,
        "unit": control.unit,
    }
