"""
Stream a Raspberry Pi camera as MJPEG, and say truthfully how it is.

"""

from motion_in_ocean._version import __version__

__all__ = ["__version__"]
