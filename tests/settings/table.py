"""
For every setting, values that can be used and values that cannot.

"""

import math
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from attrs import Factory, frozen
from pydantic import SecretStr

HUGE_NUMBER = "9" * 5000
HUGE_TEXT = "%" * 100_000
NON_FINITE = ("nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400")
NON_FINITE_YAML = (".nan", ".inf", "-.inf", "1.0e+400")

WRONG_TYPES = (
    "null",
    "[]",
    "[[]]",
    "{}",
    "{a: 1}",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    "!!binary dHJ1ZQ==",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "&a [*a]",
    "0x" + "f" * 5000,
    "[" * 90 + "]" * 90,
)
"""YAML that no setting can be, but for the empty list."""


@frozen(kw_only=True)
class Cases:
    """
    Values of one setting.

    """

    good: tuple[tuple[str, Any], ...]
    """Text, as the environment holds it, and what it means."""

    good_yaml: tuple[tuple[str, Any], ...] = ()
    """The same for YAML that is no text."""

    bad: tuple[str, ...]
    """Text that cannot be used."""

    bad_yaml: tuple[str, ...] = ()
    """YAML that cannot be used, besides ``WRONG_TYPES``."""

    is_valid: Callable[[Any], bool]
    """Whether an effective value is one that the daemon may run with."""

    taken: Any
    """What takes the place of a value that cannot be used."""

    origin: str = "invalid, default used"
    """How that is called."""

    beside: Mapping[str, str] = Factory(dict)
    """What else has to be in the environment."""


def _number_between(low: float, high: float, *, above: bool = False) -> Callable[[Any], bool]:
    def is_valid(value: Any) -> bool:
        return (
            type(value) is float
            and math.isfinite(value)
            and (low < value if above else low <= value)
            and value <= high
        )

    return is_valid


def _integer_between(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _is_text(value: Any) -> bool:
    return type(value) is str and value == value.strip() != "" and value.isprintable()


def _is_optional_text(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_secret(value: Any) -> bool:
    return value is None or (type(value) is SecretStr and _is_text(value.get_secret_value()))


def _are_texts(value: Any) -> bool:
    return type(value) is tuple and all(_is_text(part) for part in value)


def _is_resolution(value: Any) -> bool:
    return (
        type(value) is tuple
        and len(value) == 2
        and all(type(side) is int and 1 <= side <= 4096 for side in value)
    )


def _are_networks(value: Any) -> bool:
    return value is None or (
        type(value) is tuple and all(isinstance(part, IPv4Network | IPv6Network) for part in value)
    )


def _boolean_cases(*, taken: bool) -> Cases:
    return Cases(
        good=(
            *((word, True) for word in ("true", "1", "yes", "on", "TRUE", "Yes", " oN ")),
            *((word, False) for word in ("false", "0", "no", "off", "FALSE", "No", " oFf ")),
        ),
        good_yaml=(("true", True), ("off", False), ("1", True), ("0", False)),
        bad=("", " ", "2", "-1", "maybe", "1.0", "truefalse", "nan", HUGE_NUMBER, HUGE_TEXT),
        bad_yaml=("2", "-1", "1.0", ".nan", "[true]"),
        is_valid=lambda value: type(value) is bool,
        taken=taken,
    )


NOT_NUMBERS = ("", " ", "ten", "0x10", "1,5", "10 20", HUGE_NUMBER, HUGE_TEXT, *NON_FINITE)
NOT_NUMBERS_YAML = ("true", "false", "[1]", *NON_FINITE_YAML)
NOT_TEXT = ("", " ", "\t", "a\nb", "a\0b", "a\x1b[2Jb", "a\udcffb", "a\u2028b")
NOT_TEXT_YAML = ("1", "1.5", "true", "[a]", ".nan")


def _number_control(
    low: str, high: str, *, automatic: bool = False, beyond: tuple[str, ...] = ()
) -> Cases:
    """
    :param automatic: Whether 0 is valid although it is outside the range.
    :param beyond: Values just outside.
    """
    is_between = _number_between(float(low), float(high))
    zero = (("0", 0.0),) if automatic else ()
    return Cases(
        good=((low, float(low)), (f" {high} ", float(high)), *zero),
        good_yaml=((high, float(high)),),
        bad=(*NOT_NUMBERS, *beyond),
        bad_yaml=(*NOT_NUMBERS_YAML, *beyond),
        is_valid=lambda value: value is None or is_between(value) or (automatic and value == 0.0),
        taken=None,
    )


def _choice_control(*choices: str) -> Cases:
    return Cases(
        good=tuple((f" {choice.upper()} ", choice) for choice in choices),
        good_yaml=((choices[0], choices[0]),),
        bad=("", "0", "1", "nope", f"{choices[0]},{choices[1]}", "a\udcffb", HUGE_TEXT),
        bad_yaml=("0", "1", "true", f"[{choices[0]}]", ".nan"),
        is_valid=lambda value: value is None or value in choices,
        taken=None,
    )


TABLE: Mapping[str, Cases] = {
    "app_mode": Cases(
        good=(("webcam", "webcam"), ("management", "management"), (" Management ", "management")),
        bad=("", "both", "webcam,management", "a\udcffb", HUGE_TEXT),
        bad_yaml=("1", "true", "[webcam]", ".nan"),
        is_valid=lambda value: value in ("webcam", "management"),
        taken="webcam",
    ),
    "resolution": Cases(
        good=(
            ("640x480", (640, 480)),
            ("1x1", (1, 1)),
            ("4096X4096", (4096, 4096)),
            (" 320x240 ", (320, 240)),
        ),
        good_yaml=(("[800, 600]", (800, 600)),),
        bad=(
            *("", "0x480", "480x0", "4097x480", "480x4097", "640", "640x", "x", "640*480"),
            *("640x480x3", "-1x5", "1e3x5", "6.5x5", "nanxinf", "\uff16x\uff14"),
            *(f"{HUGE_NUMBER}x1", HUGE_NUMBER, HUGE_TEXT),
        ),
        bad_yaml=(
            *("640", "true", ".nan", "[640]", "[1, 2, 3]", "[0, 480]", "[640.5, 480]"),
            *("[true, 480]", "[.inf, 480]", "!!set {640, 480}", "[[640], [480]]"),
        ),
        is_valid=_is_resolution,
        taken=(640, 480),
    ),
    "fps": Cases(
        good=(("0", 0.0), ("120", 120.0), ("2.5", 2.5), (" 10 ", 10.0), ("1e1", 10.0)),
        good_yaml=(("10", 10.0), ("0.5", 0.5), ("0", 0.0)),
        bad=(*NOT_NUMBERS, "-1", "-0.001", "120.001", "10fps"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "121"),
        is_valid=_number_between(0, 120),
        taken=0.0,
    ),
    "jpeg_quality": Cases(
        good=(("1", 1), ("100", 100), (" 80 ", 80)),
        good_yaml=(("85", 85),),
        bad=(*NOT_NUMBERS, "0", "-1", "101", "50.5", "high"),
        bad_yaml=(*NOT_NUMBERS_YAML, "0", "101", "50.5"),
        is_valid=_integer_between(1, 100),
        taken=100,
    ),
    "encoder": Cases(
        good=(("software", "software"), (" Hardware ", "hardware")),
        bad=("", "gpu", "1", HUGE_TEXT),
        bad_yaml=("1", "true", "[software]", ".nan"),
        is_valid=lambda value: value in ("software", "hardware"),
        taken="software",
    ),
    "rotation": Cases(
        good=(("0", 0), (" 180 ", 180)),
        good_yaml=(("180", 180), ("0", 0)),
        bad=(*NOT_NUMBERS, "90", "270", "360", "-180", "180.0", "on"),
        bad_yaml=(*NOT_NUMBERS_YAML, "90", "-180"),
        is_valid=lambda value: type(value) is int and value in (0, 180),
        taken=0,
    ),
    "hflip": _boolean_cases(taken=False),
    "vflip": _boolean_cases(taken=False),
    "camera_index": Cases(
        good=(("0", 0), (" 63 ", 63)),
        good_yaml=(("1", 1),),
        bad=(*NOT_NUMBERS, "-1", "64", "0.5", "imx708"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "64", "0.5"),
        is_valid=_integer_between(0, 63),
        taken=0,
    ),
    "camera_id": Cases(
        good=(("/base/soc/i2c0mux/i2c@1/imx708@1a", "/base/soc/i2c0mux/i2c@1/imx708@1a"),),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_optional_text,
        taken=None,
    ),
    "mock_camera": _boolean_cases(taken=False),
    "mock_frames": Cases(
        good=(("/frames", "/frames"), (" a b ", "a b")),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_optional_text,
        taken=None,
    ),
    "idle_fps": Cases(
        good=(("0", 0.0), ("0.5", 0.5), (" 29.9 ", 29.9)),
        good_yaml=(("2", 2.0),),
        bad=(*NOT_NUMBERS, "-1", "120.001"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "121"),
        is_valid=_number_between(0, 120),
        taken=0.0,
    ),
    "max_frame_age_seconds": Cases(
        good=(("0.1", 0.1), ("3600", 3600.0)),
        good_yaml=(("5", 5.0),),
        bad=(*NOT_NUMBERS, "0", "-1", "3600.1"),
        bad_yaml=(*NOT_NUMBERS_YAML, "0", "3601"),
        is_valid=_number_between(0, 3600, above=True),
        taken=10.0,
    ),
    "max_stream_connections": Cases(
        good=(("0", 0), ("10000", 10000)),
        good_yaml=(("7", 7),),
        bad=(*NOT_NUMBERS, "-1", "10001", "1.5"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "10001"),
        is_valid=_integer_between(0, 10000),
        taken=100,
    ),
    "autofocus_mode": _choice_control("manual", "auto", "continuous"),
    "lens_position": _number_control("0", "32", beyond=("-0.1", "32.1")),
    "brightness": _number_control("-1", "1", beyond=("-1.001", "1.001")),
    "contrast": _number_control("0", "32", beyond=("-0.1", "32.1")),
    "saturation": _number_control("0", "32", beyond=("-0.1", "32.1")),
    "sharpness": _number_control("0", "16", beyond=("-0.1", "16.1")),
    "exposure_value": _number_control("-8", "8", beyond=("-8.1", "8.1")),
    "exposure_mode": _choice_control("normal", "short", "long"),
    "metering_mode": _choice_control("centre", "spot", "matrix"),
    "exposure_time_microseconds": Cases(
        good=(("0", 0), ("1", 1), (" 300000000 ", 300_000_000)),
        good_yaml=(("20000", 20_000),),
        bad=(*NOT_NUMBERS, "-1", "300000001", "0.5"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "300000001", "0.5"),
        is_valid=lambda value: value is None or _integer_between(0, 300_000_000)(value),
        taken=None,
    ),
    "analogue_gain": _number_control("1", "100", automatic=True, beyond=("-1", "0.5", "100.1")),
    "awb_mode": _choice_control(
        "auto", "incandescent", "tungsten", "fluorescent", "indoor", "daylight", "cloudy"
    ),
    "exit_on_hung_camera": _boolean_cases(taken=True),
    "watchdog_needs_frames": _boolean_cases(taken=False),
    "port": Cases(
        good=(("1", 1), ("65535", 65535)),
        good_yaml=(("8080", 8080),),
        bad=(*NOT_NUMBERS, "-1", "65536", "http", "8000/tcp", "8000:interface=1.2.3.4"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "65536"),
        is_valid=_integer_between(0, 65535),
        taken=8000,
    ),
    "bind_host": Cases(
        good=(
            *((host, host) for host in ("0.0.0.0", "127.0.0.1", "::", "::1", "localhost")),
            (" 192.168.1.5 ", "192.168.1.5"),
            ("fe80::1%eth0", "fe80::1%eth0"),
        ),
        bad=(*NOT_TEXT, "example.org", "256.1.1.1", "127.1", "0.0.0.0:80", "*", "[::1]", HUGE_TEXT),
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_text,
        taken="127.0.0.1",
        origin="invalid, closed",
    ),
    "listen": Cases(
        good=(("tcp:8000", "tcp:8000"), ("unix:/run/a b", "unix:/run/a b"), ("odd", "odd")),
        bad=NOT_TEXT,
        bad_yaml=("8000", "true", "[tcp:8000]", ".nan"),
        is_valid=lambda value: value == "" or _is_optional_text(value),
        taken="",
        origin="invalid, closed",
    ),
    "cors_origins": Cases(
        good=(
            ("*", ("*",)),
            ("", ()),
            (" , ", ()),
            ("http://a", ("http://a",)),
            ("HTTP://A.Example/, https://b:443", ("http://a.example", "https://b")),
            ("http://[::1]:8123", ("http://[::1]:8123",)),
        ),
        good_yaml=(("[]", ()), ("['http://a', 'http://b:81']", ("http://a", "http://b:81"))),
        bad=(
            *("null", "a.example", "http://a/path", "http://*", "*,http://a", "ftp://a"),
            *("http://a:b", "http://user@a", "http://a\nb", HUGE_TEXT),
        ),
        bad_yaml=("1", "true", ".nan", "[1]", "['http://a', null]"),
        is_valid=_are_texts,
        taken=(),
        origin="invalid, closed",
    ),
    "allowed_hosts": Cases(
        good=(("Cam.Example., *.lan", ("cam.example", "*.lan")), ("fd00::1", ("fd00::1",))),
        good_yaml=(("[cam, pi]", ("cam", "pi")),),
        bad=("", " , ", "a b", "http://a", "*", "a\nb", "caf\u00e9", HUGE_TEXT),
        bad_yaml=("1", "true", ".nan", "[1]", "[]"),
        is_valid=lambda value: value is None or (_are_texts(value) and len(value) > 0),
        taken=None,
    ),
    "auth_token": Cases(
        good=(("s3cret", SecretStr("s3cret")), (" \u00e4 b ", SecretStr("\u00e4 b"))),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_secret,
        taken=None,
        origin="invalid, closed",
    ),
    "auth_username": Cases(
        good=(("ann", "ann"),),
        bad=(*NOT_TEXT, "ann:b", ":"),
        bad_yaml=NOT_TEXT_YAML,
        is_valid=lambda value: _is_optional_text(value) and ":" not in (value or ""),
        taken=None,
        origin="invalid, closed",
        beside={"AUTH_PASSWORD": "canary"},
    ),
    "auth_password": Cases(
        good=(("pass:word", SecretStr("pass:word")),),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_secret,
        taken=None,
        origin="invalid, closed",
        beside={"AUTH_USERNAME": "ann"},
    ),
    "node_registry_path": Cases(
        good=(("/tmp/nodes.json", "/tmp/nodes.json"),),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=_is_text,
        taken="/data/node-registry.json",
    ),
    "probe_timeout_seconds": Cases(
        good=(("0.01", 0.01), ("60", 60.0)),
        good_yaml=(("3", 3.0),),
        bad=(*NOT_NUMBERS, "0", "-1", "60.1"),
        bad_yaml=(*NOT_NUMBERS_YAML, "0", "61"),
        is_valid=_number_between(0, 60, above=True),
        taken=2.5,
    ),
    "probe_interval_seconds": Cases(
        good=(("0", 0.0), ("0.5", 0.5), ("3600", 3600.0)),
        good_yaml=(("30", 30.0),),
        bad=(*NOT_NUMBERS, "-1", "3600.1"),
        bad_yaml=(*NOT_NUMBERS_YAML, "-1", "3601"),
        is_valid=_number_between(0, 3600),
        taken=10.0,
    ),
    "action_timeout_seconds": Cases(
        good=(("0.5", 0.5), ("60", 60.0)),
        good_yaml=(("3", 3.0),),
        bad=(*NOT_NUMBERS, "0", "-1", "60.1"),
        bad_yaml=(*NOT_NUMBERS_YAML, "0", "61"),
        is_valid=_number_between(0, 60, above=True),
        taken=10.0,
    ),
    "node_allowed_networks": Cases(
        good=(
            ("10.0.0.0/8, fd00::/8", (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))),
            ("192.168.1.5", (ip_network("192.168.1.5/32"),)),
        ),
        good_yaml=(("[10.0.0.0/8]", (ip_network("10.0.0.0/8"),)),),
        bad=("", " , ", "10.0.0.1/8", "10.0.0.0/33", "home", "10.0.0.0/8 fd00::/8", HUGE_TEXT),
        bad_yaml=("10", "true", ".nan", "[10]", "[]"),
        is_valid=_are_networks,
        taken=(),
        origin="invalid, closed",
    ),
    "node_tls_ca_file": Cases(
        good=(("/etc/ssl/home.pem", "/etc/ssl/home.pem"), (" a b.pem ", "a b.pem")),
        bad=NOT_TEXT,
        bad_yaml=NOT_TEXT_YAML,
        is_valid=lambda value: value == "" or _is_optional_text(value),
        taken="",
        origin="invalid, closed",
    ),
    "log_level": Cases(
        good=(
            *((level, level) for level in ("debug", "info", "warn", "error", "critical")),
            (" WARN ", "warn"),
        ),
        bad=("", "warning!", "10", "trace", HUGE_TEXT),
        bad_yaml=("1", "true", "[info]", ".nan"),
        is_valid=lambda value: value in ("debug", "info", "warn", "error", "critical"),
        taken="info",
    ),
    "log_format": Cases(
        good=(("text", "text"), ("JSON", "json")),
        bad=("", "xml", HUGE_TEXT),
        bad_yaml=("1", "true", "[json]", ".nan"),
        is_valid=lambda value: value in ("text", "json"),
        taken="text",
    ),
}
