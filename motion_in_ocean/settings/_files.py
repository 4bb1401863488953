"""
Files that settings are read from.

"""

import os
import stat
from pathlib import Path


class FileTooLarge(Exception):
    """
    There is more in it than anybody would write into such a file.

    """


class NothingWritten(Exception):
    """
    It is a named pipe that nobody writes to.

    """


def read_file(path: Path, limit: int) -> bytes:
    """
    Read a file, or what is in a pipe, such as a shell's ``<(command)``.

    :param limit: How many bytes it may have.
    :raises FileTooLarge: If it has more.
    :raises NothingWritten: If waiting for it would have no end.
    :raises OSError: If it cannot be read.
    :raises ValueError: If that is no name of a file.
    """
    with open(path, "rb", opener=_opened_at_once) as file:
        content = file.read(limit + 1)
        if not content and stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise NothingWritten
    if len(content) > limit:
        raise FileTooLarge
    return content


def _opened_at_once(path: str, flags: int) -> int:
    # A named pipe would be waited for until somebody writes to it.
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return descriptor
