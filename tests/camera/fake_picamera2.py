"""
A Picamera2 that is a fake, and what its tests share.

"""

import io
import os
from collections.abc import Callable
from typing import Any

from attrs import Factory, define, field, frozen
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.camera._picamera2 import Picamera2Camera
from motion_in_ocean.camera._picamera2_library import Library
from motion_in_ocean.errors import CameraUnavailable

JPEG = b"\xff\xd8 a picture \xff\xd9"
TWO_CAMERAS = [
    {"Model": "imx708", "Id": "/base/imx708@1a", "Num": 1},
    {"Model": "ov5647", "Id": "/base/ov5647@36", "Num": 0},
]


class FakeEncoder:
    """
    Remembers its quality or bitrate, and gives frames to its output when told to.

    """

    def __init__(self, *, q: int | None = None, bitrate: int | None = None) -> None:
        self.q = q
        self.bitrate = bitrate
        self.output: FakeOutput | None = None

    def encoded(self, jpeg: bytes | memoryview) -> None:
        """
        A frame is ready.

        """
        assert self.output is not None
        self.output.file.write(jpeg)
        self.output.file.flush()


class FakeOutput:
    """
    A ``FileOutput``, as picky as the real one about what a file is.

    """

    def __init__(self, file: io.BufferedIOBase) -> None:
        assert isinstance(file, io.BufferedIOBase)
        self.file = file


class FakeHardwareEncoder(FakeEncoder):
    """
    The same in hardware.

    """


@frozen
class FakeTransform:
    """
    A ``libcamera.Transform``.

    """

    hflip: bool
    vflip: bool


NO_FLIPS = FakeTransform(hflip=False, vflip=False)


@define
class FakeMachine:
    """
    A Raspberry Pi with its faults, and what its library was asked for.

    """

    cameras: list[dict[str, Any]] = Factory(lambda: [{"Model": "imx708", "Id": "/base", "Num": 0}])
    late_cameras: list[dict[str, Any]] = field(factory=list)
    largest: tuple[int, int] = (1920, 1080)
    frame_durations: tuple[int, int] | None = (16_666, 1_000_000)
    alignment: int = 2
    can_flip: bool = True
    has_hardware_encoder: bool = True
    advertised: dict[str, tuple[Any, Any, Any]] = field(
        factory=lambda: {
            "AfMode": (0, 2, 0),
            "AfTrigger": (0, 1, 0),
            "AnalogueGain": (1.1228070259094238, 16.0, 1.0),
            "AwbMode": (0, 7, 0),
            "Brightness": (-1.0, 1.0, 0.0),
            "Contrast": (0.0, 8.0, 1.0),
            "ExposureTime": (26, 112015096, 20000),
        }
    )
    metadata: dict[str, Any] = field(factory=dict)
    modes: list[dict[str, Any]] = field(factory=list)
    faults: dict[str, Exception] = field(factory=dict)

    constructed: list[int] = field(factory=list)
    controls: list[dict[str, Any]] = field(factory=list)
    waits: list[float] = field(factory=list)
    calls: list[str] = field(factory=list)
    configurations: list[dict[str, Any]] = field(factory=list)
    encoders: list[FakeEncoder] = field(factory=list)
    pipes: list[tuple[int, int]] = field(factory=list)

    def happens(self, call: str) -> None:
        """
        Take note of a call, which fails if it is meant to.

        """
        self.calls.append(call)
        if call in self.faults:
            raise self.faults[call]

    def library(self) -> Library:
        """
        The library of this machine.

        """
        machine = self

        class FakePicamera2:
            _cm = FakeCameraManager(machine)

            @staticmethod
            def global_camera_info() -> list[dict[str, Any]]:
                machine.happens("global_camera_info")
                return machine.cameras

            def __init__(self, camera_num: int) -> None:
                machine.pipes.append(os.pipe())
                self.notifyme_r, self.notifyme_w = machine.pipes[-1]
                self.notifymeread = os.fdopen(self.notifyme_r, "rb")
                self.is_open = False
                machine.happens("Picamera2")
                machine.constructed.append(camera_num)
                self._raw_modes = machine.modes
                self.configuration: dict[str, Any] = {}
                self.camera_controls = dict(machine.advertised)
                if machine.frame_durations is not None:
                    self.camera_controls["FrameDurationLimits"] = (*machine.frame_durations, None)

            def create_video_configuration(
                self, *, main: dict[str, Any], transform: FakeTransform, controls: dict[str, Any]
            ) -> dict[str, Any]:
                assert not any(side % 2 for side in main["size"])
                return {"main": main, "transform": transform, "controls": controls}

            @staticmethod
            def align_configuration(configuration: dict[str, Any]) -> None:
                width, height = configuration["main"]["size"]
                configuration["main"]["size"] = (width - width % machine.alignment, height)

            def configure(self, configuration: dict[str, Any]) -> None:
                machine.happens("configure")
                machine.configurations.append(configuration)
                size = min(configuration["main"]["size"], machine.largest)
                flips = configuration["transform"] if machine.can_flip else NO_FLIPS
                main = {**configuration["main"], "size": size}
                self.configuration = {"main": main, "transform": flips}

            def camera_configuration(self) -> dict[str, Any]:
                return self.configuration

            def set_controls(self, controls: dict[str, Any]) -> None:
                machine.controls.append(controls)

            def start_encoder(self, encoder: FakeEncoder, output: FakeOutput) -> None:
                is_hardware = isinstance(encoder, FakeHardwareEncoder)
                machine.happens("start hardware" if is_hardware else "start_encoder")
                encoder.output = output
                machine.encoders.append(encoder)

            def start(self) -> None:
                machine.happens("start")

            def start_(self) -> None:
                machine.happens("start_")

            def stop_(self) -> None:
                machine.happens("stop_")

            def dispatch_functions(
                self, functions: list[Callable[[], object]], *, wait: float, immediate: bool
            ) -> None:
                machine.waits.append(wait)
                machine.happens("dispatch")
                for function in functions:
                    function()

            def capture_metadata(self, *, wait: float) -> dict[str, Any]:
                machine.waits.append(wait)
                machine.happens("capture_metadata")
                return machine.metadata

            def cancel_all_and_flush(self) -> None:
                machine.happens("cancel_all_and_flush")

            def stop_encoder(self) -> None:
                machine.happens("stop_encoder")

            def close(self) -> None:
                self.notifymeread.close()
                os.close(self.notifyme_w)
                machine.happens("close")

        return Library(
            camera=FakePicamera2,
            encoder=FakeEncoder,
            hardware_encoder=FakeHardwareEncoder if machine.has_hardware_encoder else None,
            output=FakeOutput,
            transform=FakeTransform,
        )


@define
class FakeCameraManager:
    """
    What Picamera2 keeps of libcamera between two cameras.

    """

    machine: FakeMachine

    def reset(self) -> None:
        """
        Look for cameras anew.

        """
        self.machine.happens("reset")
        self.machine.cameras += self.machine.late_cameras


def make_camera(load: Callable[[], Library], **settings: Any) -> Picamera2Camera:
    """
    A camera that is like any other but for what the test is about.

    """
    usual = {"resolution": (640, 480), "fps": 0, "jpeg_quality": 90}
    return Picamera2Camera(load=load, **{**usual, **settings})


class Picamera2TestCase(SynchronousTestCase):
    """
    A test case with a machine whose cameras can be opened.

    """

    def setUp(self) -> None:
        self.machine = FakeMachine()
        self.frames: list[bytes] = []

    def opened(self, **settings: Any) -> Picamera2Camera:
        """
        :returns: A camera that records.
        """
        camera = make_camera(self.machine.library, **settings)
        camera.open(self.frames.append)
        self.addCleanup(camera.close)
        return camera

    def why_not(self, load: Callable[[], Library] | None = None, **settings: Any) -> str:
        """
        :returns: Why a camera could not be opened.
        """
        camera = make_camera(load or self.machine.library, **settings)
        message = str(self.assertRaises(CameraUnavailable, camera.open, self.frames.append))
        camera.close()
        return message
