"""
The command line.

"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from twisted.logger import ILogObserver
from twisted.python import usage
from twisted.python.logfile import LogFile

from motion_in_ocean import __version__
from motion_in_ocean.service import make_observer
from motion_in_ocean.settings import (
    ConfigFileUnusable,
    LoadedSettings,
    Settings,
    load_settings,
    setting_of,
    to_yaml,
)


def _option(field: str) -> str:
    return field.replace("_", "-")


def _fields() -> list[str]:
    return [
        field
        for field in Settings.model_fields
        if field != "locked" and not setting_of(field).credential
    ]


def _is_flag(field: str) -> bool:
    return Settings.model_fields[field].default is False


class Options(usage.Options):
    """
    The command line: one option for each setting that is no credential.

    """

    longdesc = (
        "Every option is also an environment variable: --max-frame-age-seconds is "
        "MAX_FRAME_AGE_SECONDS. Credentials are only taken from there or from the settings file."
    )
    optParameters: ClassVar = [
        ["config", "c", None, "a YAML file of settings, under the environment (CONFIG_FILE)"],
        *(
            [_option(field), None, None, setting_of(field).help]
            for field in _fields()
            if not _is_flag(field)
        ),
    ]
    optFlags: ClassVar = [
        ["show-config", None, "print the effective settings and where each comes from, and exit"],
        *([_option(field), None, setting_of(field).help] for field in _fields() if _is_flag(field)),
    ]

    log_observer: ClassVar[Callable[[], ILogObserver]]
    """What twistd makes its log observer with. Here, because twistd wants the name of it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__()
        self.environ = environ

    def postOptions(self) -> None:
        """
        Load the settings, and have twistd log as they say.

        :raises SystemExit: If the settings file cannot be used, or when all has been shown.
        """
        try:
            self.loaded: LoadedSettings = load_settings(self._given(), self.environ, self["config"])
        except ConfigFileUnusable as error:
            raise SystemExit(f"motion-in-ocean: {error}") from None
        if self["show-config"]:
            sys.stderr.writelines(f"{warning}\n" for warning in self.loaded.warnings)
            sys.stdout.write(to_yaml(self.loaded))
            raise SystemExit(0)
        self._adjust_twistd(self.parent if self.parent is not None else {})

    def _given(self) -> Mapping[str, str]:
        values = {field: self[_option(field)] for field in _fields()}
        # A flag is 0 or 1. An empty value is a value: --cors-origins= means that there are none.
        return {
            field.upper(): "true" if _is_flag(field) else value
            for field, value in values.items()
            if value not in (None, 0)
        }

    def _adjust_twistd(self, twistd: Any) -> None:
        if twistd.get("pidfile") == "twistd.pid":
            # A file left behind by a crash could keep a container from ever starting again.
            twistd["pidfile"] = ""
        if not (twistd.get("logger") or twistd.get("syslog")):
            Options.log_observer = lambda: self._make_observer(twistd)
            twistd["logger"] = f"{__name__}.Options.log_observer"

    def _make_observer(self, twistd: Any) -> ILogObserver:
        settings = self.loaded.settings
        path = twistd.get("logfile") or ("-" if twistd.get("nodaemon") else "twistd.log")
        output = sys.stdout if path == "-" else LogFile.fromFullPath(path)
        return make_observer(settings.log_format, settings.log_level, output)

    def opt_version(self) -> None:
        """
        Display the version and exit.

        """
        sys.stdout.write(f"motion-in-ocean {__version__}\n")
        raise SystemExit(0)
