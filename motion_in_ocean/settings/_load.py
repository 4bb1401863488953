"""
Where settings come from, and what is taken where a value cannot be used.

Precedence: option, environment, file, default. An invalid value does not fall through to the
next place: its setting takes the default, or the closed choice where the default is the open one.

"""

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen
from pydantic import TypeAdapter

from motion_in_ocean.settings._config_file import ConfigFile, read_config_file
from motion_in_ocean.settings._files import FileTooLarge, NothingWritten, read_file
from motion_in_ocean.settings._model import Setting, Settings, setting_of
from motion_in_ocean.settings._wording import reason, shortened, shown

MAX_SECRET_BYTES = 4096

FIELDS = tuple(name for name in Settings.model_fields if name != "locked")
CREDENTIALS = tuple(name for name in FIELDS if setting_of(name).credential)
NAMES = (
    *(name.upper() for name in FIELDS),
    *(f"{name.upper()}_FILE" for name in CREDENTIALS),
)


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
                    value = _value(layer, name, given)
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
            problem += f" is {shortened(layer.values[name])}"
        if setting.credential:
            self.locked = True
            taken = "until it is usable, all but /health and /ready is locked"
            self.origins[name] = "invalid, closed"
        elif setting.closed is not None:
            self.values[field] = setting.closed
            taken = f"{shown(setting.closed)} is used"
            self.origins[name] = "invalid, closed"
        else:
            taken = f"the default {shown(Settings.model_fields[field].default)} is used"
            self.origins[name] = "invalid, default used"
        self.warnings.append(f"{problem}: {reason(error)}; {taken}.")


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
    file = read_config_file(path) if path is not None else ConfigFile({}, ())
    from_file = _by_name(file)
    loader = _Loader(
        [_Layer("option", options), _Layer("environment", environ), _Layer("file", from_file)]
    )
    loader.warnings.extend((*_unknown(from_file), *_repeated(file)))
    for field in FIELDS:
        loader.take(field)
    _join_credentials(loader)
    settings = Settings.model_construct(**loader.values, locked=loader.locked)
    loader.warnings.extend(_contradictions(settings))
    return LoadedSettings(settings, loader.origins, tuple(loader.warnings))


def _by_name(file: ConfigFile) -> Mapping[str, Any]:
    return {
        key.upper() if isinstance(key, str) else shortened(key): value
        for key, value in file.values.items()
    }


def _unknown(names: Iterable[str]) -> list[str]:
    warnings = []
    for name in names:
        if name not in NAMES:
            # Where the blank after a colon is missing, YAML takes the value for a part of the name.
            name_alone = re.split("[:=]", name)[0]
            near = difflib.get_close_matches(name_alone, NAMES, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            warnings.append(f"{shortened(name_alone)} in the settings file is not a setting{hint}")
    return warnings


def _repeated(file: ConfigFile) -> list[str]:
    keys = [key.upper() for key in file.keys]
    return [
        f"{name} is set more than once in the settings file; the last one counts."
        for name in NAMES
        if keys.count(name) > 1
    ]


def _value(layer: _Layer, name: str, given: set[str]) -> Any:
    if len(given) > 1:
        raise ValueError("both are set, set one")
    (where,) = given
    value = layer.values[where]
    if where == name:
        return value
    try:
        content = read_file(Path(value), MAX_SECRET_BYTES)
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(getattr(error, "strerror", None) or "not a file name") from None
    except FileTooLarge:
        raise ValueError(f"the file is larger than {MAX_SECRET_BYTES} bytes") from None
    except NothingWritten:
        raise ValueError("nobody writes to this pipe") from None
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text") from None


def _validated(field: str, value: Any) -> Any:
    if value is None:
        raise ValueError("is set but empty")
    valid, control = _adapter(field).validate_python(value), setting_of(field).control
    return valid if control is None else control.parse(valid)


@functools.cache
def _adapter(field: str) -> TypeAdapter[Any]:
    return TypeAdapter(Settings.__annotations__[field])


def _join_credentials(loader: _Loader) -> None:
    user, password = (loader.values.get(f"auth_{part}") for part in ("username", "password"))
    if (user is None) != (password is None) and not loader.locked:
        loader.locked = True
        loader.warnings.append(
            "AUTH_USERNAME and AUTH_PASSWORD belong together, and only one of them is set; "
            "until both are, all but /health and /ready is locked."
        )


def _contradictions(settings: Settings) -> list[str]:
    fps, idle_fps, max_age = settings.fps, settings.idle_fps, settings.max_frame_age_seconds
    stale = f"one older than MAX_FRAME_AGE_SECONDS ({max_age:g}) counts as stale"
    warnings = []
    if fps and 1 / fps > max_age:
        warnings.append(f"FPS {fps:g} gives a picture every {1 / fps:g} s, but {stale}.")
    if idle_fps and not settings.usable_idle_fps:
        why = (
            f"is no less than the usual {settings.usual_fps:g}"
            if idle_fps >= settings.usual_fps
            else f"gives a picture every {1 / idle_fps:g} s, but {stale}"
        )
        warnings.append(f"IDLE_FPS {idle_fps:g} {why}; it is not used.")
    mode = settings.autofocus_mode
    if settings.lens_position is not None and mode not in (None, "manual"):
        warnings.append(f"LENS_POSITION acts only while AUTOFOCUS_MODE is manual, not {mode}.")
    return warnings
