"""
Where frames come from, and the life of a camera.

Knows no HTTP. Only ``_picamera2.py`` imports the Picamera2 library, and only when it is asked to
open a camera.

"""

from motion_in_ocean.camera._interface import Camera, CameraDescription, CameraFactory
from motion_in_ocean.camera._life import CLOSE_SECONDS, CameraState, RestartCause
from motion_in_ocean.camera._mock import MockCamera
from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.camera._readiness import Readiness, ReadinessMonitor
from motion_in_ocean.camera._service import CameraService

__all__ = [
    "CLOSE_SECONDS",
    "Camera",
    "CameraDescription",
    "CameraFactory",
    "CameraService",
    "CameraState",
    "MockCamera",
    "Picamera2Camera",
    "Readiness",
    "ReadinessMonitor",
    "RestartCause",
]
