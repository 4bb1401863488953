"""
How the registry's file is opened and saved, whatever state it is in.

"""

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from attrs import define, field, frozen

from motion_in_ocean.errors import RegistryUnavailable
from motion_in_ocean.management.registry._contents import Contents
from motion_in_ocean.management.registry._durable_file import DurableFile, FileInUse, FileUnusable
from motion_in_ocean.management.registry._registry_file import (
    NewerVersion,
    NotARegistry,
    ParsedFile,
    parse_registry,
    registry_bytes,
    rejected_bytes,
)

CORRUPT, ORIGINAL, REJECTED = "corrupt", "original", "rejected"
"""What the files beside the registry's are called."""

_ELSEWHERE = "set NODE_REGISTRY_PATH to a file in a folder that this user can write to"
_NO_SPACE = "free some space; it goes on by itself then"
_REMEDIES = {
    errno.EACCES: f"give this user the folder, or {_ELSEWHERE}",
    errno.EPERM: f"give this user the folder, or {_ELSEWHERE}",
    errno.EROFS: f"mount it writable, or {_ELSEWHERE}",
    errno.EEXIST: _ELSEWHERE,
    errno.ENOENT: f"make the folder, or {_ELSEWHERE}",
    errno.ENOTDIR: _ELSEWHERE,
    errno.ELOOP: _ELSEWHERE,
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EFBIG: _NO_SPACE,
    errno.EBUSY: "if this one file is mounted, mount its folder instead: it must be replaceable",
    errno.ENOSYS: f"its file system has no locks: {_ELSEWHERE}",
}


@frozen
class OpenedRegistry:
    """
    What was found when the registry was opened.

    """

    contents: Contents
    notices: Sequence[str] = ()
    problem: str | None = None
    """What keeps it from being ready although it can be read."""
    is_lost: bool = False
    """
    Whether the contents are empty because what was there cannot be read. That lasts, over
    restarts too, until an operator either puts a good file back, which is then found by opening
    the registry again, or begins anew by saving something.
    """


@define(eq=False)
class RegistryStore:
    """
    The nodes in a file. Everything here blocks: use it in a worker's thread.

    """

    file: DurableFile
    wall_time: Callable[[], float]
    """Seconds since the epoch."""
    _to_keep: dict[str, bytes] = field(factory=dict)
    """By label, what has to be put aside before the file may be written."""

    def claim(self) -> None:
        """
        Keep other processes away. ``open`` does it too, if this failed.

        :raises FileInUse: If another process is there already.
        :raises RegistryUnavailable: If it is impossible to tell.
        """
        with self._in_words():
            self.file.claim()

    def open(self) -> OpenedRegistry:
        """
        Read the file, and put aside what it holds that cannot be used.

        :raises RegistryUnavailable: If there is nothing to be read, which may change.
        """
        with self._in_words():
            self._claim_if_necessary()
            data = self.file.read()
            if data is None:
                return self._without_file()
            try:
                parsed = parse_registry(data)
            except NewerVersion as error:
                raise RegistryUnavailable(
                    f"{self.file.path} was left untouched: {error}. Run a newer motion-in-ocean, "
                    "or set NODE_REGISTRY_PATH to another file"
                ) from None
            except NotARegistry as error:
                return self._lost(self.file.move_aside(CORRUPT), f" ({error})")
            self.file.make_private()
        return self._with(parsed, data)

    def save(self, contents: Contents, last_seen: Mapping[str, datetime]) -> None:
        """
        Write the file; it is on disk when this returns.

        :param last_seen: What probes observed, by node.
        :raises RegistryUnavailable: If it could not be written, and was not changed.
        """
        content = registry_bytes(contents, last_seen)
        with self._in_words():
            self._keep_aside()
            self.file.replace(content)

    def rehearse(self) -> None:
        """
        Find out whether the file could be written, without a change.

        :raises RegistryUnavailable: If it could not.
        """
        with self._in_words():
            self.file.rehearse()

    def close(self) -> None:
        """
        Let other processes have the file.

        """
        self.file.release()

    def _claim_if_necessary(self) -> None:
        if self.file.is_claimed:
            return
        try:
            self.file.claim()
        except FileInUse:
            raise FileUnusable("is in use by another process; stop that one") from None

    def _without_file(self) -> OpenedRegistry:
        aside = self.file.last_aside(CORRUPT)
        return OpenedRegistry(Contents()) if aside is None else self._lost(aside)

    def _lost(self, aside: Path, why: str = "") -> OpenedRegistry:
        problem = (
            f"{self.file.path} could not be read{why} and was moved to {aside}. Put a good copy "
            "in its place, or begin anew by registering a node"
        )
        # Nobody knows which revisions were given: one of each second since 1970 is enough.
        return OpenedRegistry(
            Contents(next_revision=max(1, int(self.wall_time()))),
            problem=problem,
            is_lost=True,
        )

    def _with(self, parsed: ParsedFile, data: bytes) -> OpenedRegistry:
        self._to_keep = {}
        if parsed.rejected:
            self._to_keep[REJECTED] = rejected_bytes(parsed.rejected)
        if parsed.is_migrated:
            self._to_keep[ORIGINAL] = data
        try:
            with self._in_words():
                notices = (*parsed.notices, *self._keep_aside())
        except RegistryUnavailable as error:
            return OpenedRegistry(parsed.contents, parsed.notices, str(error))
        return OpenedRegistry(parsed.contents, notices)

    def _keep_aside(self) -> Sequence[str]:
        notices = []
        for label, content in list(self._to_keep.items()):
            aside = self.file.keep_aside(label, content)
            del self._to_keep[label]
            kept = "the nodes that are not used" if label == REJECTED else "the file as it was"
            notices.append(f"{kept}: kept in {aside}")
        return notices

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except FileUnusable as error:
            raise RegistryUnavailable(f"{self.file.path} {error}") from error
        except OSError as error:
            what = error.strerror or type(error).__name__
            where = f" ({error.filename})" if error.filename else ""
            remedy = _REMEDIES.get(error.errno or 0)
            raise RegistryUnavailable(
                f"{self.file.path} cannot be used: {what}{where}"
                + (f"; {remedy}" if remedy else "")
            ) from error
