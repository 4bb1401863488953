"""
The kinds of value that settings have, as pydantic types.

Each accepts what an environment variable holds (text) and what YAML holds (text, numbers,
booleans, lists), and refuses the rest with a message for the operator.

"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr

_WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f:.]+\]?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _boolean(value: object) -> bool:
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if not isinstance(value, str) or value.strip().lower() not in _WORDS:
        raise ValueError("should be true, 1, yes, on, false, 0, no or off")
    return _WORDS[value.strip().lower()]


def _number(value: object) -> object:
    # To pydantic true is 1; in a settings file it is a slip.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("should be a number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("should be text (in YAML: put it in quotes)")
    text = value.strip()
    if not text:
        raise ValueError("is set but empty")
    if not text.isprintable():
        raise ValueError("should not contain control characters")
    return text


def _resolution(value: object) -> object:
    if isinstance(value, list):
        return value
    text = value.strip() if isinstance(value, str) else ""
    match = re.fullmatch(r"([0-9]{1,5})[xX]([0-9]{1,5})", text)
    if match is None:
        raise ValueError("should be WIDTHxHEIGHT, such as 640x480")
    return int(match[1]), int(match[2])


def _rotation(value: object) -> object:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(value, bool) or text not in (0, 180, "0", "180"):
        raise ValueError("should be 0 or 180")
    return text


def _parts(value: object) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError("should be a list, or text separated by commas")
    return [item.strip() for item in items if item.strip()]


def _origin(text: str) -> str:
    origin = text.lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{text!r} is not an origin such as http://192.168.1.20:8123")
    scheme = origin.partition("://")[0]
    return origin.removesuffix(_DEFAULT_PORTS[scheme])


def _origins(value: object) -> tuple[str, ...]:
    parts = _parts(value)
    if parts == ["*"]:
        return ("*",)
    return tuple(_origin(part) for part in parts)


def _hosts(value: object) -> tuple[str, ...]:
    parts = tuple(part.lower().rstrip(".") for part in _parts(value))
    for part in parts:
        if not _HOST.fullmatch(part):
            raise ValueError(f"{part!r} is not a host name")
    if not parts:
        raise ValueError("is set but empty")
    return parts


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    networks = tuple(ip_network(part) for part in _parts(value))
    if not networks:
        raise ValueError("is set but empty")
    return networks


def _bind_host(value: object) -> str:
    text = _text(value)
    return text if text == "localhost" else str(ip_address(text))


def _username(value: object) -> str:
    text = _text(value)
    if ":" in text:
        raise ValueError("must not contain a colon: HTTP Basic cannot carry it")
    return text


def _secret(value: object) -> SecretStr:
    return SecretStr(_text(value))


def _lower(value: object) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


Side = Annotated[int, BeforeValidator(_number), Field(ge=1, le=4096)]

Boolean = Annotated[bool, BeforeValidator(_boolean)]
Integer = Annotated[int, BeforeValidator(_number)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Text = Annotated[str, BeforeValidator(_text)]
Resolution = Annotated[tuple[Side, Side], BeforeValidator(_resolution)]
Rotation = Annotated[int, BeforeValidator(_rotation)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_origins)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_hosts)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
BindHost = Annotated[str, BeforeValidator(_bind_host)]
Username = Annotated[str, BeforeValidator(_username)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
AnyCase = BeforeValidator(_lower)
