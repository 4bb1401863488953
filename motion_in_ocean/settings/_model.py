"""
All settings of the daemon, in one frozen value.

"""

from collections.abc import Mapping
from typing import Annotated, Literal

from attrs import frozen
from pydantic import BaseModel, ConfigDict, Field

from motion_in_ocean.controls import CONTROLS, Control, ControlValue
from motion_in_ocean.settings._types import (
    AnyCase,
    BindHost,
    Boolean,
    Hosts,
    Integer,
    Networks,
    Number,
    Origins,
    Resolution,
    Rotation,
    Secret,
    Text,
    Username,
)

CAMERA_FPS = 30.0
"""The rate of Picamera2's videos and of the mock camera where none is set."""


@frozen
class Setting:
    """
    What is to be known of one setting besides its type and its default.

    """

    help: str
    """What it does, in one line."""

    secret: bool = False
    """Its value is shown to nobody, and it has no command-line option: process lists show those."""

    credential: bool = False
    """It may be given as ``…_FILE`` too; unusable, it closes the daemon."""

    closed: object = None
    """What is taken for an invalid value where the default would be the open choice."""

    control: Control | None = None
    """The control of the camera that it sets, which says what is valid."""

    @classmethod
    def of(cls, name: str) -> "Setting":
        """
        :param name: A control of the camera.
        :returns: The setting for it; by default it is left to the camera.
        """
        control = CONTROLS[name]
        return cls(help=f"{control.help}; {control.values}", control=control)


class Settings(BaseModel):
    """
    What the operator wants. Each field is a setting of the same name in upper case.

    """

    model_config = ConfigDict(frozen=True)

    app_mode: Annotated[
        Literal["webcam", "management"],
        AnyCase,
        Setting("webcam: stream a camera; management: watch over such nodes"),
    ] = "webcam"

    resolution: Annotated[Resolution, Setting("WIDTHxHEIGHT, each up to 4096")] = (640, 480)
    fps: Annotated[
        Number, Field(ge=0, le=120), Setting("frames a second, up to 120; 0 is the camera's choice")
    ] = 0.0
    jpeg_quality: Annotated[Integer, Field(ge=1, le=100), Setting("1 to 100")] = 100
    encoder: Annotated[
        Literal["software", "hardware"],
        AnyCase,
        Setting("software, or hardware: the JPEG encoder of a Pi 4 or older"),
    ] = "software"
    rotation: Annotated[Rotation, Setting("0 or 180 degrees")] = 0
    hflip: Annotated[Boolean, Setting("swap left and right")] = False
    vflip: Annotated[Boolean, Setting("swap top and bottom")] = False
    camera_index: Annotated[
        Integer, Field(ge=0, le=63), Setting("which camera, in the order of rpicam-hello")
    ] = 0
    camera_id: Annotated[
        Text | None, Setting("which camera, by libcamera's name of it; wins over CAMERA_INDEX")
    ] = None
    mock_camera: Annotated[Boolean, Setting("a moving test card instead of a camera")] = False
    mock_frames: Annotated[
        Text | None, Setting("a folder of JPEG files that the mock camera plays in order")
    ] = None
    idle_fps: Annotated[
        Number,
        Field(ge=0, le=120),
        Setting("frames a second while nobody watches the stream, up to 120; 0 is as always"),
    ] = 0.0
    max_frame_age_seconds: Annotated[
        Number, Field(gt=0, le=3600), Setting("an older picture counts as stale, up to 3600")
    ] = 10.0
    max_stream_connections: Annotated[
        Integer, Field(ge=0, le=10000), Setting("streams at once, up to 10000; 0 is no limit")
    ] = 100

    autofocus_mode: Annotated[Text | None, Setting.of("autofocus_mode")] = None
    lens_position: Annotated[Number | None, Setting.of("lens_position")] = None
    brightness: Annotated[Number | None, Setting.of("brightness")] = None
    contrast: Annotated[Number | None, Setting.of("contrast")] = None
    saturation: Annotated[Number | None, Setting.of("saturation")] = None
    sharpness: Annotated[Number | None, Setting.of("sharpness")] = None
    exposure_value: Annotated[Number | None, Setting.of("exposure_value")] = None
    exposure_mode: Annotated[Text | None, Setting.of("exposure_mode")] = None
    metering_mode: Annotated[Text | None, Setting.of("metering_mode")] = None
    exposure_time_microseconds: Annotated[
        Integer | None, Setting.of("exposure_time_microseconds")
    ] = None
    analogue_gain: Annotated[Number | None, Setting.of("analogue_gain")] = None
    awb_mode: Annotated[Text | None, Setting.of("awb_mode")] = None
    exit_on_hung_camera: Annotated[
        Boolean, Setting("leave with status 75 if the camera cannot be closed")
    ] = True
    watchdog_needs_frames: Annotated[
        Boolean, Setting("let systemd restart the daemon also if the picture does not come back")
    ] = False

    port: Annotated[Integer, Field(ge=0, le=65535), Setting("TCP port to listen on")] = 8000
    bind_host: Annotated[BindHost, Setting("address to listen on", closed="127.0.0.1")] = "0.0.0.0"  # noqa: S104 - a camera is there to be seen; the README says how to narrow it
    listen: Annotated[
        Text | None,
        # An empty endpoint cannot be listened on, which ends the start.
        Setting("a Twisted server endpoint string; wins over PORT and BIND_HOST", closed=""),
    ] = None
    cors_origins: Annotated[
        Origins, Setting("* or origins separated by commas; empty is none", closed=())
    ] = ("*",)
    allowed_hosts: Annotated[
        Hosts | None, Setting("host names under which /api answers without credentials")
    ] = None

    auth_token: Annotated[
        Secret | None, Setting("the token that clients must show", secret=True, credential=True)
    ] = None
    auth_username: Annotated[
        Username | None, Setting("user name for HTTP Basic", credential=True)
    ] = None
    auth_password: Annotated[
        Secret | None, Setting("password for HTTP Basic", secret=True, credential=True)
    ] = None

    node_registry_path: Annotated[Text, Setting("management: the file that holds the nodes")] = (
        "/data/node-registry.json"
    )
    probe_timeout_seconds: Annotated[
        Number, Field(gt=0, le=60), Setting("management: time for one node's probes, up to 60")
    ] = 2.5
    probe_interval_seconds: Annotated[
        Number,
        Field(ge=0, le=3600),
        Setting(
            "management: time between two sweeps of all nodes, up to 3600; 0 is only on demand"
        ),
    ] = 10.0
    action_timeout_seconds: Annotated[
        Number, Field(gt=0, le=60), Setting("management: time for one action of a node, up to 60")
    ] = 10.0
    node_allowed_networks: Annotated[
        Networks | None,
        Setting("management: networks (CIDR) that nodes may be in", closed=()),
    ] = None
    node_tls_ca_file: Annotated[
        Text | None,
        # Without a name there is nobody to believe.
        Setting("management: who vouches for https nodes besides the system's (PEM)", closed=""),
    ] = None

    log_level: Annotated[
        Literal["debug", "info", "warn", "error", "critical"],
        AnyCase,
        Setting("debug, info, warn, error or critical"),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], AnyCase, Setting("text, or json: one object a line")
    ] = "text"

    locked: bool = False
    """
    Not a setting: a credential is set but cannot be used, so that nothing but ``/health`` and
    ``/ready`` may answer.
    """

    @property
    def controls(self) -> Mapping[str, ControlValue]:
        """
        The controls of the camera that are set, by name.

        """
        values = {name: getattr(self, name) for name in CONTROLS}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def usual_fps(self) -> float:
        """
        ``fps``, or what cameras do where the choice is theirs.

        """
        return self.fps or CAMERA_FPS

    @property
    def usable_idle_fps(self) -> float:
        """
        ``idle_fps``, or 0 where it would make pictures stale or slow nothing down.

        """
        too_slow = self.idle_fps * self.max_frame_age_seconds <= 1
        is_slower = self.idle_fps < self.usual_fps
        return self.idle_fps if is_slower and not too_slow else 0.0

    @property
    def endpoint(self) -> str:
        """
        Where to listen, as a Twisted server endpoint string.

        """
        if self.listen is not None:
            return self.listen
        interface = self.bind_host.replace("\\", r"\\").replace(":", r"\:")
        return f"tcp:{self.port}:interface={interface}"


def setting_of(field: str) -> Setting:
    """
    :param field: The name of a field of ``Settings`` that is a setting.
    :returns: What is known of it.
    """
    return next(m for m in Settings.model_fields[field].metadata if isinstance(m, Setting))
