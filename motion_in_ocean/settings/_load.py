"""
Where settings come from, and what is taken where a value cannot be used.

Precedence: option, environment, file, default. An invalid value does not fall through to the
next place: its setting takes the default, or the closed choice where the default is the open one.

"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import Factory, define, frozen
from pydantic import TypeAdapter, ValidationError

from motion_in_ocean.settings._model import Setting, Settings, setting_of

MAX_SECRET_BYTES = 4096
MAX_CONFIG_BYTES = 1024 * 1024

FIELDS = tuple(name for name in Settings.model_fields if name != "locked")
CREDENTIALS = tuple(name for name in FIELDS if setting_of(name).credential)
NAMES = (
    *(name.upper() for name in FIELDS),
    *(f"{name.upper()}_FILE" for name in CREDENTIALS),
)


class ConfigFileUnusable(Exception):
    """
    The settings file cannot be read or is no settings file.

    This ends the start: going on without the file could mean to go on without its credentials.

    """


@frozen
class LoadedSettings:
    """
    The effective settings, and how they came to be.

    """

    settings: Settings
    origins: Mapping[str, str]
    """For each setting (upper case): default, file, environment, option or what was wrong."""
    warnings: tuple[str, ...]
    """Each a sentence for the operator; never holds a secret."""


@define
class _Layer:
    origin: str
    values: Mapping[str, Any]


@define
class _Loader:
    layers: list[_Layer]
    warnings: list[str] = Factory(list)
    origins: dict[str, str] = Factory(dict)
    values: dict[str, Any] = Factory(dict)
    locked: bool = False

    def take(self, field: str) -> None:
        name, setting = field.upper(), setting_of(field)
        self.origins[name] = "default"
        for layer in self.layers:
            given = {key for key in (name, f"{name}_FILE") if key in layer.values}
            if not setting.credential:
                given.discard(f"{name}_FILE")
            if given:
                try:
                    value = _value(layer, given)
                    self.values[field] = _validated(field, value)
                except ValueError as error:
                    self.refuse(field, setting, layer, given, error)
                else:
                    self.origins[name] = layer.origin
                return

    def refuse(
        self, field: str, setting: Setting, layer: _Layer, given: set[str], error: ValueError
    ) -> None:
        name = field.upper()
        problem = f"{' and '.join(sorted(given))} ({layer.origin})"
        if not (setting.secret or setting.credential):
            problem += f" is {_shortened(layer.values[name])}"
        if setting.credential:
            self.locked = True
            taken = "until it is usable, all but /health and /ready is locked"
            self.origins[name] = "invalid, closed"
        elif setting.closed is not None:
            self.values[field] = setting.closed
            taken = f"{_shown(setting.closed)} is used"
            self.origins[name] = "invalid, closed"
        else:
            taken = f"the default {_shown(Settings.model_fields[field].default)} is used"
            self.origins[name] = "invalid, default used"
        self.warnings.append(f"{problem}: {_reason(error)}; {taken}.")


def load_settings(
    options: Mapping[str, str], environ: Mapping[str, str], config: str | None = None
) -> LoadedSettings:
    """
    Find the value of every setting. Reads files, so call it before the reactor runs.

    :param options: Values from the command line, by upper-case name.
    :param environ: The environment.
    :param config: The settings file; ``None`` means ``CONFIG_FILE``, if that is set.
    :raises ConfigFileUnusable: If there is to be a settings file and it cannot be used.
    """
    path = config if config is not None else environ.get("CONFIG_FILE")
    from_file = _read_config(path) if path is not None else {}
    loader = _Loader(
        [_Layer("option", options), _Layer("environment", environ), _Layer("file", from_file)]
    )
    loader.warnings.extend(_unknown(from_file))
    for field in FIELDS:
        loader.take(field)
    _join_credentials(loader)
    settings = Settings.model_construct(**loader.values, locked=loader.locked)
    loader.warnings.extend(_contradictions(settings))
    return LoadedSettings(settings, loader.origins, tuple(loader.warnings))


def _read_config(path: str) -> Mapping[str, Any]:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
        if len(content) > MAX_CONFIG_BYTES:
            raise ConfigFileUnusable(f"settings file {path}: larger than {MAX_CONFIG_BYTES} bytes")
        document = yaml.safe_load(content)
    except OSError as error:
        raise ConfigFileUnusable(f"settings file {path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # The error's own text quotes the line, which may hold a secret.
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigFileUnusable(f"settings file {path}{where}: not valid YAML") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigFileUnusable(f"settings file {path}: should hold lines such as 'FPS: 10'")
    return {str(key).upper(): value for key, value in document.items()}


def _unknown(from_file: Mapping[str, Any]) -> list[str]:
    warnings = []
    for key in from_file:
        if key not in NAMES:
            near = difflib.get_close_matches(key, NAMES, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            warnings.append(f"{_shortened(key)} in the settings file is not a setting{hint}")
    return warnings


def _value(layer: _Layer, given: set[str]) -> Any:
    if len(given) > 1:
        raise ValueError("both are set, set one")
    (name,) = given
    value = layer.values[name]
    if not name.endswith("_FILE"):
        return value
    try:
        with Path(value).open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(getattr(error, "strerror", None) or "not a file name") from None
    if len(content) > MAX_SECRET_BYTES:
        raise ValueError(f"the file is larger than {MAX_SECRET_BYTES} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text") from None


def _validated(field: str, value: Any) -> Any:
    if value is None:
        raise ValueError("is set but empty")
    adapter: TypeAdapter[Any] = TypeAdapter(Settings.__annotations__[field])
    return adapter.validate_python(value)


def _join_credentials(loader: _Loader) -> None:
    user, password = (loader.values.get(f"auth_{part}") for part in ("username", "password"))
    if (user is None) != (password is None) and not loader.locked:
        loader.locked = True
        loader.warnings.append(
            "AUTH_USERNAME and AUTH_PASSWORD belong together, and only one of them is set; "
            "until both are, all but /health and /ready is locked."
        )


def _contradictions(settings: Settings) -> list[str]:
    if settings.fps and 1 / settings.fps > settings.max_frame_age_seconds:
        return [
            f"FPS {settings.fps:g} gives a picture every {1 / settings.fps:g} s, but one older "
            f"than MAX_FRAME_AGE_SECONDS ({settings.max_frame_age_seconds:g}) counts as stale."
        ]
    return []


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    details = error.errors(include_input=False, include_context=False, include_url=False)
    return details[0]["msg"].removeprefix("Value error, ")


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _shown(value: object) -> str:
    if value in (None, (), ""):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ("x" if isinstance(value[0], int) else ",").join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
