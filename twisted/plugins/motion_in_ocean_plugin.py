"""
Tell twistd that there is a ``motion-in-ocean``.

There must be no ``__init__.py`` in this folder or the one above: they belong to Twisted.

"""

from twisted.application.service import ServiceMaker

motion_in_ocean = ServiceMaker(
    "motion-in-ocean",
    "motion_in_ocean.tap",
    "Stream a Raspberry Pi camera as MJPEG, and say truthfully how it is.",
    "motion-in-ocean",
)
