"""
The way to Picamera2.

Picamera2 belongs to the machine rather than to this package: it must match the system's libcamera,
and a computer without a camera does not have it. So it is imported when a camera is opened, and
only here.

"""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import frozen

from motion_in_ocean.camera._picamera2_faults import told
from motion_in_ocean.errors import CameraUnavailable


@frozen
class Library:
    """
    What is used of Picamera2, which has no type annotations worth checking against.

    """

    camera: Any
    """``picamera2.Picamera2``."""

    encoder: Any
    """``picamera2.encoders.JpegEncoder``: unlike ``MJPEGEncoder`` it runs on every Pi."""

    hardware_encoder: Any
    """``picamera2.encoders.MJPEGEncoder`` where that is the hardware, else ``None``."""

    output: Any
    """``picamera2.outputs.FileOutput``."""

    transform: Any
    """``libcamera.Transform``."""


def load() -> Library:
    """
    Import Picamera2; takes a second or two the first time.

    """
    from libcamera import Transform  # noqa: PLC0415
    from picamera2 import Picamera2  # noqa: PLC0415
    from picamera2.encoders import JpegEncoder, MJPEGEncoder  # noqa: PLC0415
    from picamera2.outputs import FileOutput  # noqa: PLC0415
    from picamera2.platform import Platform, get_platform  # noqa: PLC0415

    logging.getLogger("picamera2.picamera2").addFilter(_is_news)
    return Library(
        camera=Picamera2,
        encoder=JpegEncoder,
        # Elsewhere the name stands for FFmpeg's, which has no advantage over the other.
        hardware_encoder=MJPEGEncoder if get_platform() == Platform.VC4 else None,
        output=FileOutput,
        transform=Transform,
    )


def _is_news(record: logging.LogRecord) -> bool:
    """
    :returns: Whether the exception does not tell the same; one is logged at each failed attempt.
    """
    return record.getMessage() != "Camera __init__ sequence did not complete."


def find_camera(picamera2: Any, index: int, camera_id: str | None) -> tuple[int, Mapping[str, Any]]:
    """
    Look for a camera before opening one: it is the cheaper way to find that there is none.

    :param picamera2: The class.
    :param index: Which camera.
    :param camera_id: Which camera, by its id; wins over ``index``.
    :returns: Its index, and what is known of it.
    :raises CameraUnavailable: If it is not there.
    """
    try:
        cameras: Sequence[Mapping[str, Any]] = picamera2.global_camera_info()
    except Exception as error:
        raise CameraUnavailable(f"libcamera cannot look for cameras: {told(error)}") from error
    for position, camera in enumerate(cameras):
        if camera["Id"] == camera_id if camera_id is not None else position == index:
            return position, camera
    # libcamera looks once and then waits for udev's word, which a container never hears.
    with suppress(AttributeError):
        picamera2._cm.reset()
    if not cameras:
        raise CameraUnavailable(
            "no camera found: check the cable and `rpicam-hello --list-cameras`; in a container"
            " also the mappings of the devices /dev/media*, /dev/video*, /dev/v4l-subdev* and"
            " /dev/dma_heap, and the mount of /run/udev"
        )
    wanted = f"CAMERA_INDEX {index}" if camera_id is None else f"CAMERA_ID {camera_id}"
    there = ", ".join(
        f"{position} is {_model(camera)}, {camera['Id']}" for position, camera in enumerate(cameras)
    )
    raise CameraUnavailable(f"there is no camera with {wanted}: {there}")


def _model(camera: Mapping[str, Any]) -> str:
    return str(camera.get("Model", "unknown"))


def construct(picamera2: Any, index: int) -> Any:
    """
    :param picamera2: The class.
    :returns: A new one, for the camera with that index.
    """
    picam2 = picamera2.__new__(picamera2)
    try:
        picam2.__init__(index)
    except BaseException:
        # It leaves a pipe behind, and a camera that stays busy over night is tried so often that
        # the process would run out of descriptors; or even the camera, if it got that far.
        with suppress(Exception):
            picam2.notifymeread.close()
            os.close(picam2.notifyme_w)
            if picam2.is_open:
                picam2.camera.release()
        raise
    return picam2
