"""
A file that survives whatever happens to the process.

"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

LARGEST_BYTES = 64 * 2**20

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileInUse(Exception):
    """
    Another process has claimed the file.

    """


class FileUnusable(Exception):
    """
    The file is not what it should be.

    The message goes on where the file's name ends.

    """


class DurableFile:
    """
    A file that is replaced as a whole or not at all, and not where another program wrote to it.

    Claim it before anything else. Everything here blocks, and raises ``OSError`` as the system
    does. A symbolic link is followed once, when the file is claimed: beside its target is where
    the other files are made, all readable by their owner alone.

    """

    def __init__(self, path: Path, sync_folder: Callable[[Path], None] | None = None) -> None:
        """
        :param path: Need not exist, nor its folder.
        :param sync_folder: Brings the names in a folder to the disk; ``fsync`` if ``None``.
        """
        self.path = path
        self._sync_folder = sync_folder or _sync_folder
        self._lock: FileLock | None = None
        self._lock_identity: tuple[int, int] | None = None
        self._content: bytes | None = None
        self._stamp: tuple[int, ...] | None = None

    @property
    def is_claimed(self) -> bool:
        """
        Whether no other process may write to it.

        """
        return self._lock is not None

    def claim(self) -> None:
        """
        Keep other processes away until ``release`` or the end of this one, however it ends.

        :raises FileInUse: If another process has claimed it.
        """
        with suppress(RuntimeError):  # a loop of links, which opening will report
            self.path = self.path.resolve()
        _make_folder(self.path.parent)
        # flock ends with the process; what filelock falls back to where there is none does not.
        lock = FileLock(
            self._beside(".lock"), timeout=0, mode=0o600, thread_local=False, fallback_to_soft=False
        )
        try:
            lock.acquire()
        except Timeout:
            raise FileInUse from None
        self._lock = lock
        self._lock_identity = _identity(Path(lock.lock_file).stat())
        self._unfinished.unlink(missing_ok=True)

    def release(self) -> None:
        """
        Let other processes claim it.

        """
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def read(self) -> bytes | None:
        """
        :returns: What is in it, from now on known not to be lost when it is replaced; ``None`` if
            there is no such file.
        :raises FileUnusable: If it is no regular file, or larger than ``LARGEST_BYTES``.
        """
        self._content = self._stamp = None
        try:
            # Opening a named pipe would wait for its writer.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise FileUnusable("is no regular file")
            if status.st_size > LARGEST_BYTES:
                raise FileUnusable("is far too large for a registry")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                self._content, self._stamp = file.read(), _stamp(status)
        finally:
            os.close(descriptor)
        return self._content

    def make_private(self) -> None:
        """
        Take from others what they may do with it, as far as possible.

        """
        with suppress(OSError):
            self.path.chmod(0o600)

    def replace(self, content: bytes) -> None:
        """
        Change it to that content, which is on disk when this returns.

        :raises FileUnusable: If another program has changed it: nothing is overwritten unread. A
            file that has been removed is made again.
        """
        with suppress(FileNotFoundError):
            self._require_untouched()
        with self._unfinished_file(content, is_durable=True) as stamp:
            self._unfinished.replace(self.path)
        # Also where the next step fails: this is what the file holds now.
        self._content, self._stamp = content, stamp
        self._sync_folder(self.path.parent)

    def rehearse(self) -> None:
        """
        Do what can be done of ``replace`` without a change, to fail where that would.

        What is written is removed before it reaches the disk, but for traces in the journal.

        :raises FileUnusable: Also if the file has been removed.
        """
        try:
            self._require_untouched()
        except FileNotFoundError:
            if self._content is not None:
                raise FileUnusable("was removed by another program; it is made again") from None
        with self._unfinished_file(self._content or b"{}", is_durable=False):
            self._unfinished.unlink()

    def move_aside(self, label: str) -> Path:
        """
        Give the file another name that none has, and keep it private.

        :returns: The name, which has the label in it.
        """
        aside = next(name for name in self._names_aside(label) if not os.path.lexists(name))
        self.make_private()
        self.path.rename(aside)
        self._content = self._stamp = None
        self._sync_folder(self.path.parent)
        return aside

    def keep_aside(self, label: str, content: bytes) -> Path:
        """
        Put content into another file, unless one of that label has it already.

        :returns: The name of that file, which has the label in it.
        """
        for aside in self._names_aside(label):
            if not os.path.lexists(aside):
                _write(aside, content, is_durable=True)
                self._sync_folder(aside.parent)
                break
            if aside.is_file() and aside.read_bytes() == content:
                break
        return aside

    def last_aside(self, label: str) -> Path | None:
        """
        :returns: The newest file that was put aside under that label.
        """
        newest = None
        for aside in self._names_aside(label):
            if not os.path.lexists(aside):
                break
            newest = aside
        return newest

    @property
    def _unfinished(self) -> Path:
        # Always the same, so that those of killed processes do not pile up; the lock allows it.
        return self.path.with_name(f".{self.path.name}.unfinished")

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _names_aside(self, label: str) -> Iterator[Path]:
        yield self._beside(f".{label}.json")
        for number in count(2):
            yield self._beside(f".{label}-{number}.json")

    @contextmanager
    def _unfinished_file(self, content: bytes, *, is_durable: bool) -> Iterator[tuple[int, ...]]:
        self._unfinished.unlink(missing_ok=True)
        stamp = _write(self._unfinished, content, is_durable=is_durable)
        try:
            yield stamp
        except BaseException:
            with suppress(OSError):
                self._unfinished.unlink()
            raise

    def _require_lock(self) -> None:
        try:
            identity = _identity(self._beside(".lock").stat())
        except FileNotFoundError:
            identity = None
        if identity != self._lock_identity:
            raise FileUnusable("lost its lock file, or the folder is another one now; restart")

    def _require_untouched(self) -> None:
        """
        :raises FileNotFoundError: If it is gone.
        """
        self._require_lock()
        status = self.path.stat()
        if _stamp(status) == self._stamp:
            return
        # Touched, copied or restored, the same content is as good as before.
        is_comparable = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_BYTES
        if is_comparable and self.path.read_bytes() == self._content:
            self._stamp = _stamp(status)
            return
        raise FileUnusable(
            "was changed by another program; nothing was overwritten. Restart to read it again, "
            "or put the earlier file back"
        )


def _write(path: Path, content: bytes, *, is_durable: bool) -> tuple[int, ...]:
    """
    :raises FileExistsError: If there is something of that name. No file is left behind by this
        or any other failure.
    """
    descriptor = os.open(path, _CREATE, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if is_durable:
                os.fsync(descriptor)
            return _stamp(os.fstat(descriptor))
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such thing.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (*_identity(status), status.st_size, status.st_mtime_ns)
