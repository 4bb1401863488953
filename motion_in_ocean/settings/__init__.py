"""
Options, environment and YAML file become one frozen ``Settings``, once.

Warnings are returned, not logged: whoever starts the daemon decides where they go.

"""

from motion_in_ocean.settings._config_file import ConfigFileUnusable
from motion_in_ocean.settings._load import LoadedSettings, load_settings
from motion_in_ocean.settings._model import Setting, Settings, setting_of
from motion_in_ocean.settings._show import masked, to_yaml

__all__ = [
    "ConfigFileUnusable",
    "LoadedSettings",
    "Setting",
    "Settings",
    "load_settings",
    "masked",
    "setting_of",
    "to_yaml",
]
