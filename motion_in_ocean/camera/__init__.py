"""
Where frames come from, and the life of a camera.

Knows no HTTP. Only ``_picamera2_library.py`` imports the Picamera2 library, and only when a camera
is to be opened.

"""

from motion_in_ocean.camera._controls import ControlState, checked
from motion_in_ocean.camera._core import CLOSE_SECONDS, CameraState, RestartCause
from motion_in_ocean.camera._idle import QUIET_SECONDS, IdleRate
from motion_in_ocean.camera._interface import (
    Camera,
    CameraDescription,
    CameraFactory,
    RememberedControls,
    SensorMode,
)
from motion_in_ocean.camera._mock import MockCamera
from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.camera._readiness import Readiness, ReadinessMonitor
from motion_in_ocean.camera._service import CameraService

__all__ = [
    "CLOSE_SECONDS",
    "QUIET_SECONDS",
    "Camera",
    "CameraDescription",
    "CameraFactory",
    "CameraService",
    "CameraState",
    "ControlState",
    "IdleRate",
    "MockCamera",
    "Picamera2Camera",
    "Readiness",
    "ReadinessMonitor",
    "RememberedControls",
    "RestartCause",
    "SensorMode",
    "checked",
]
