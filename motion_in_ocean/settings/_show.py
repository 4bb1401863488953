"""
The effective settings, fit to be shown.

"""

from typing import Any

import yaml
from pydantic import SecretStr

from motion_in_ocean.settings._load import FIELDS, LoadedSettings
from motion_in_ocean.settings._model import Settings

MASK = "********"


def masked(settings: Settings) -> dict[str, Any]:
    """
    :returns: Each setting by its upper-case name, in plain types; secrets that are set are masked.
    """
    return {field.upper(): _plain(field, getattr(settings, field)) for field in FIELDS}


def to_yaml(loaded: LoadedSettings) -> str:
    """
    :returns: A YAML document of the effective values, secrets masked, with the origin of each as a
        comment behind it.
    """
    return "".join(
        f"{_line(name, value)}  # {loaded.origins[name]}\n"
        for name, value in masked(loaded.settings).items()
    )


def _plain(field: str, value: Any) -> Any:
    if isinstance(value, SecretStr):
        return MASK
    if field == "resolution":
        return f"{value[0]}x{value[1]}"
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value


def _line(name: str, value: Any) -> str:
    # In a list of its own, a value takes one line and no document end marker.
    text: str = yaml.safe_dump([value], default_flow_style=True, width=10**6)
    return f"{name}: {text.strip()[1:-1]}"
