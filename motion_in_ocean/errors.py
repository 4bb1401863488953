"""
What can go wrong, in the words of the domain.

Nothing here knows HTTP: ``motion_in_ocean.web`` turns these into replies.

"""


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
        self.field = field
