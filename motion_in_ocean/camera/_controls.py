"""
The controls of one camera.

"""

from collections.abc import Mapping

from attrs import frozen

from motion_in_ocean.controls import CONTROLS, Control, ControlValue
from motion_in_ocean.errors import ControlsRefused


@frozen(kw_only=True)
class ControlState:
    """
    A control that a camera has, and how it is now.

    """

    control: Control
    """The row of the table, narrowed to what this camera takes."""

    default: ControlValue | None
    """What the camera does by itself, where it tells."""

    value: ControlValue | None
    """What was set last; ``None`` while it is left to the camera."""

    measured: ControlValue | None = None
    """What the camera says that the newest frame was made with, where it does."""


def usable(
    values: Mapping[str, object], there: Mapping[str, Control]
) -> tuple[dict[str, ControlValue], dict[str, str]]:
    """
    Tell the values that a camera takes from those that it does not.

    :param there: The controls of the camera.
    :returns: The ones, and for each of the others why not.
    """
    accepted: dict[str, ControlValue] = {}
    problems: dict[str, str] = {}
    for name, value in values.items():
        if name in there:
            try:
                accepted[name] = there[name].parse(value)
            except ValueError as error:
                problems[name] = str(error)
        elif name in CONTROLS:
            problems[name] = "is a control that this camera does not have"
        else:
            problems[name] = "is no control"
    return accepted, problems


def checked(values: Mapping[str, object], there: Mapping[str, Control]) -> dict[str, ControlValue]:
    """
    :param there: The controls of the camera.
    :returns: The values as the camera takes them.
    :raises ControlsRefused: If it does not take all of them.
    """
    accepted, problems = usable(values, there)
    if problems:
        raise ControlsRefused(problems, {name: each.values for name, each in there.items()})
    return accepted
