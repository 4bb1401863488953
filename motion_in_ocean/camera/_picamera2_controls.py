"""
The controls of a camera that Picamera2 has opened.

"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field
from twisted.logger import Logger

from motion_in_ocean.camera._controls import ControlState, checked, usable
from motion_in_ocean.camera._picamera2_faults import told
from motion_in_ocean.controls import CONTROLS, Control, ControlValue

METADATA_SECONDS = 1.0


@define(eq=False)
class Picamera2Controls:
    """
    What the camera advertises, what it was told, and what it says of its frames.

    """

    _log = Logger()

    picam2: Any
    """A ``Picamera2`` that has been configured."""

    _there: Mapping[str, Control] = field(init=False)
    _values: dict[str, ControlValue] = field(init=False, factory=dict)
    _metadata: Mapping[str, Any] = field(init=False, factory=dict)

    @_there.default
    def _advertised(self) -> Mapping[str, Control]:
        advertised = self.picam2.camera_controls
        return {
            name: control.narrowed(*advertised[control.libcamera][:2])
            for name, control in CONTROLS.items()
            if control.libcamera in advertised
        }

    def set_usable(self, values: Mapping[str, object]) -> Mapping[str, str]:
        """
        Set those that the camera takes.

        :returns: Why not, for each of the others.
        """
        accepted, problems = usable(values, self._there)
        self._apply(accepted)
        return problems

    def set_all(self, values: Mapping[str, object]) -> Mapping[str, ControlValue]:
        """
        See ``Camera.set_controls``.

        """
        accepted = checked(values, self._there)
        self._apply(accepted)
        return accepted

    def read(self) -> Sequence[ControlState]:
        """
        See ``Camera.read_controls``.

        """
        advertised, metadata = self.picam2.camera_controls, self._newest_metadata()
        return [
            ControlState(
                control=control,
                default=control.default(advertised[control.libcamera][2]),
                value=self._values.get(name),
                measured=control.from_libcamera(metadata.get(control.libcamera)),
            )
            for name, control in self._there.items()
        ]

    def for_restart(self) -> dict[str, Any]:
        """
        :returns: What to tell a sensor that starts anew, so that it does as before.
        """
        # What is automatic is so by itself.
        return _raw(
            {
                name: value
                for name, value in self._values.items()
                if value != 0 or not getattr(CONTROLS[name], "zero_is_automatic", False)
            }
        )

    def _apply(self, values: Mapping[str, ControlValue]) -> None:
        raw = _raw(values)
        if values.get("autofocus_mode") == "auto" and "AfTrigger" in self.picam2.camera_controls:
            # Without it the mode waits for somebody to say when.
            raw["AfTrigger"] = 0
        self.picam2.set_controls(raw)
        self._values.update(values)

    def _newest_metadata(self) -> Mapping[str, Any]:
        try:
            self._metadata = self.picam2.capture_metadata(wait=METADATA_SECONDS)
        except Exception as error:
            # It would stay at the head of the queue, and stopping the camera would wait behind it.
            self.picam2.cancel_all_and_flush()
            self._log.debug("No metadata: {error}", error=told(error))
        return self._metadata


def _raw(values: Mapping[str, ControlValue]) -> dict[str, Any]:
    return {
        CONTROLS[name].libcamera: CONTROLS[name].to_libcamera(value)
        for name, value in values.items()
    }
