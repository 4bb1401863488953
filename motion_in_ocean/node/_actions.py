"""
What can be done to the node from outside.

"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import define, frozen

from motion_in_ocean.camera import CameraService, RememberedControls
from motion_in_ocean.errors import InvalidRequest, UnknownAction


@frozen
class Outcome:
    """
    What became of an action.

    """

    status: int
    """Of the reply: 200 if it is done, 202 if it goes on."""

    report: Mapping[str, Any]


@define(eq=False)
class Actions:
    """
    Do what ``ACTIONS`` lists.

    """

    camera: CameraService
    remembered: RememberedControls

    async def perform(self, action: str, given: Mapping[str, Any] | None) -> Outcome:
        """
        :param given: The JSON object that came with the request, if there was one.
        :raises UnknownAction: If there is no action of that name.
        """
        if action not in ACTIONS:
            raise UnknownAction(action, tuple(ACTIONS))
        return await ACTIONS[action](self, given)

    async def set_controls(self, given: Mapping[str, Any] | None) -> Outcome:
        """
        Set the camera's controls, from now on.

        :raises ControlsRefused: If it does not take all of them; then none is set.
        :raises CameraNotReady: If it is not recording.
        """
        if given is None:
            raise InvalidRequest("body", 'should be controls, such as {"brightness": 0.1}')
        applied = await self.camera.use(lambda camera: self.remembered.set_on(camera, given))
        return Outcome(200, {"action": "controls", "applied": applied})

    async def restart(self, given: Mapping[str, Any] | None) -> Outcome:
        """
        Have the camera closed and opened anew.

        """
        self.camera.restart()
        message = "The camera is being restarted; /ready shows how it goes."
        return Outcome(202, {"action": "restart", "status": "accepted", "message": message})


ACTIONS: Mapping[str, Callable[[Actions, Mapping[str, Any] | None], Awaitable[Outcome]]] = {
    "controls": Actions.set_controls,
    "restart": Actions.restart,
}
"""All actions, by the name that they have outside."""
