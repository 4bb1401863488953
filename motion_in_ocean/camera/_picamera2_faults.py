"""
What Picamera2 and libcamera fail with, in words for the operator.

"""

import errno
import os
from collections.abc import Iterator


def told(error: BaseException) -> str:
    """
    :returns: The error with its causes; Picamera2's own words alone say little.
    """
    return ": ".join(str(each).rstrip(".") or type(each).__name__ for each in _chain(error))


def why_not_opened(error: BaseException) -> str:
    """
    :returns: Why a camera that is there could not be opened, and what to do about it.
    """
    for each in _chain(error):
        if getattr(each, "errno", None) == errno.EBUSY or os.strerror(errno.EBUSY) in str(each):
            return (
                "another program has the camera: stop it first; `sudo fuser -v /dev/media*"
                " /dev/video*` names it"
            )
    if any(isinstance(each, IndexError) for each in _chain(error)):
        # How Picamera2 put it before it found words for it.
        return "no camera found: it has gone between looking for it and opening it"
    return f"the camera could not be opened: {told(error)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
