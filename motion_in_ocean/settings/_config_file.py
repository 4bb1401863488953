"""
The settings file.

"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from motion_in_ocean.settings._files import FileTooLarge, NothingWritten, read_file

MAX_CONFIG_BYTES = 1024 * 1024


class ConfigFileUnusable(Exception):
    """
    The settings file cannot be read or is no settings file.

    This ends the start: going on without the file could mean to go on without its credentials.

    """


@frozen
class ConfigFile:
    """
    What a settings file says.

    """

    values: Mapping[Any, Any]
    keys: Sequence[str]
    """The names as they are written, repeated ones too: of those, ``values`` has the last."""


def read_config_file(path: str) -> ConfigFile:
    """
    :raises ConfigFileUnusable: If that is not possible. The text never quotes the file.
    """
    content = _content(path)
    try:
        document, keys = _parsed(content)
    except Exception as error:
        # PyYAML has errors of its own, but stumbles over odd values in any way that Python knows.
        # The error's text quotes the line, which may hold a secret.
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigFileUnusable(f"settings file {path}{where}: not valid YAML") from None
    if document is None:
        return ConfigFile({}, ())
    if not isinstance(document, dict):
        raise ConfigFileUnusable(f"settings file {path}: should hold lines such as 'FPS: 10'")
    return ConfigFile(document, keys)


def _content(path: str) -> bytes:
    try:
        return read_file(Path(path), MAX_CONFIG_BYTES)
    except OSError as error:
        raise ConfigFileUnusable(f"settings file {path}: {error.strerror}") from error
    except ValueError:
        raise ConfigFileUnusable(f"settings file {path!r}: not a file name") from None
    except FileTooLarge:
        raise ConfigFileUnusable(
            f"settings file {path}: larger than {MAX_CONFIG_BYTES} bytes"
        ) from None
    except NothingWritten:
        raise ConfigFileUnusable(f"settings file {path}: nobody writes to this pipe") from None


def _parsed(content: bytes) -> tuple[object, list[str]]:
    loader = yaml.SafeLoader(content)
    try:
        root = loader.get_single_node()
        # Before construction, which would mix in what is merged from elsewhere.
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        keys = [key.value for key, _ in pairs if isinstance(key, yaml.ScalarNode)]
        return (None if root is None else loader.construct_document(root)), keys
    finally:
        loader.dispose()
