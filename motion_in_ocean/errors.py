"""
What can go wrong, in the words of the domain.

Nothing here knows HTTP: ``motion_in_ocean.web`` turns these into replies.

"""

from collections.abc import Mapping, Sequence


class MotionInOceanError(Exception):
    """
    The family of all errors below.

    """


class CameraUnavailable(MotionInOceanError):
    """
    The camera could not be opened.

    The message is for the operator: what is missing and, where known, what to do about it.

    """


class CameraNotReady(MotionInOceanError):
    """
    There is no picture fresh enough to give away.

    """

    def __init__(self, reason: str, message: str) -> None:
        """
        :param reason: One of the reasons that ``/ready`` gives, such as ``stale_stream``.
        :param message: The same for a person.
        """
        super().__init__(message)
        self.reason = reason


class TooManyViewers(MotionInOceanError):
    """
    The limit of simultaneous streams is reached.

    """

    def __init__(self, limit: int) -> None:
        """
        :param limit: How many streams are allowed at once.
        """
        super().__init__(f"all {limit} streams are taken")


class InvalidRequest(MotionInOceanError):
    """
    The request asks for something that does not exist or makes no sense.

    """

    def __init__(self, field: str, message: str) -> None:
        """
        :param field: The part of the request that is wrong, such as ``fps``.
        :param message: What is wrong with it and what would be right.
        """
        super().__init__(f"{field}: {message}")
        self.problems: Mapping[str, str] = {field: message}


class ControlsRefused(MotionInOceanError):
    """
    The camera does not take these values; none of them was set.

    """

    def __init__(self, problems: Mapping[str, str], available: Mapping[str, str]) -> None:
        """
        :param problems: Why, for each control that is wrong.
        :param available: The controls that there are, and what each takes.
        """
        super().__init__("; ".join(f"{name} {why}" for name, why in problems.items()))
        self.problems = problems
        self.available = available


class UnknownAction(MotionInOceanError):
    """
    There is nothing of that name to do.

    """

    def __init__(self, action: str, actions: Sequence[str]) -> None:
        """
        :param actions: Those that there are.
        """
        super().__init__(f"there is no such action; there are {', '.join(actions)}")
        self.action = action
        self.actions = actions


class NodeNotFound(MotionInOceanError):
    """
    No node is registered under that id.

    """

    def __init__(self, node_id: str) -> None:
        super().__init__(f"no node is registered as {node_id}")
        self.node_id = node_id


class NodeInvalid(MotionInOceanError):
    """
    What was given is no node.

    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        """
        :param problems: Why, for each field that is wrong, by its path such as ``auth.token``;
            never the value of a secret.
        """
        super().__init__("; ".join(f"{field}: {why}" for field, why in problems.items()))
        self.problems = problems


class RevisionMismatch(MotionInOceanError):
    """
    The node has been changed since it was read.

    """

    def __init__(self, node_id: str) -> None:
        super().__init__(f"{node_id} has been changed since it was read")
        self.node_id = node_id


class RegistryUnavailable(MotionInOceanError):
    """
    The nodes cannot be read or written at the moment; nothing was changed.

    The message says why, and what would help.

    """
