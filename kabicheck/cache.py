"""The cache folder: where it is, who may use it at a time, how a file in it is written.

    $KABICHECK_CACHE, or $XDG_CACHE_HOME/kabicheck, or ~/.cache/kabicheck

What is read back is sealed: with a digest of its content and of where it belongs, so that a file that was damaged, or
that stands in another one's place, is as good as none.

A lock is held by an open file (flock), so the kernel drops it when the last process that has the file open is
gone: after a kill there is no stale lock, and while children of a killed run still work the lock holds.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

    from kabicheck.progress import Progress


def cache_folder() -> Path:
    """The cache folder's own path; it is made when something is put there. Raises UsageError."""
    return resolved(named_cache_folder())


def named_cache_folder() -> Path:
    """The cache folder by the name that the environment gives it, which may lead through links."""
    try:
        if chosen := os.environ.get("KABICHECK_CACHE"):
            return Path(chosen).expanduser().absolute()
        if base := os.environ.get("XDG_CACHE_HOME"):
            return Path(base).expanduser().absolute() / "kabicheck"
        return Path.home() / ".cache" / "kabicheck"
    except RuntimeError as error:
        raise UsageError("there is no home folder to cache in", hint="set KABICHECK_CACHE") from error


def resolved(folder: Path) -> Path:
    """A folder of ours, which need not exist yet, by the path that make and compilers give it: no links, no `..`.

    Raises UsageError where links lead in a circle.
    """
    try:
        found = folder.resolve()
        found.is_dir()
    except (OSError, RuntimeError) as error:
        raise UsageError(
            f"{folder}: the cache cannot be used: {getattr(error, 'strerror', None) or error}",
            hint="set KABICHECK_CACHE to another folder",
        ) from error
    return found


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False, progress: Progress = SILENT) -> Iterator[int]:
    """Hold the lock file `path`, waiting for it if need be; yields the descriptor (for children)."""
    descriptor = _open(path)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another kabicheck (lock {path})")
            fcntl.flock(descriptor, mode)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file `path` exclusively if nobody else has it; yields whether that is so."""
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by a file with `data`: a reader sees the old or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            named(error, path)
        raise


def named(error: OSError, path: Path) -> None:
    """Let an error say which file could not be written: that of a write() does not know."""
    error.filename = error.filename if error.filename is not None and error.filename2 is None else str(path)
    error.filename2 = None


def write_sealed(path: Path, data: bytes, belongs: str = "") -> None:
    """Replace `path`, whatever it is, by a file that `read_sealed` recognises.

    `belongs` says where it belongs beyond its name, as to a tree.
    """
    if not path.is_file():
        remove(path)
    write_atomically(path, _seal(path, data, belongs) + data)


def read_sealed(path: Path, belongs: str = "") -> bytes:
    """What was written by `write_sealed`. Raises OSError, and ValueError for anything else that lies there."""
    data = read_regular(path)
    size = len(_seal(path, b"", belongs))
    if data[:size] != _seal(path, data[size:], belongs):
        raise ValueError(f"{path}: damaged")
    return data[size:]


def read_regular(path: Path) -> bytes:
    """A file's content. Raises OSError, also for what would not end, or never begin, as a pipe."""
    with _regular(path) as file:
        return file.read()


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file's content. Raises OSError as `read_regular` does."""
    with _regular(path) as file:
        return hashlib.file_digest(file, "sha256").digest()


def _regular(path: Path) -> BufferedReader:
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file


def remove(path: Path) -> None:
    """Remove what is there, whatever it is. Raises OSError where it stays."""
    try:
        path.unlink(missing_ok=True)
    except (IsADirectoryError, PermissionError):
        if not path.is_dir() or path.is_symlink():
            raise
        shutil.rmtree(path)


def moment(folder: Path) -> int:
    """The time now as the file system of a folder tells it: what is changed there later has a later `st_ctime_ns`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_ctime_ns


def changed_since(folder: Path, since: int) -> Iterator[os.DirEntry[str]]:
    """All below a folder that was made, written, renamed or touched since a `moment`. Raises OSError.

    If something was removed, that is the folder that it was in.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                if entry.stat(follow_symlinks=False).st_ctime_ns > since:
                    yield entry


def _seal(path: Path, data: bytes, belongs: str) -> bytes:
    digest = hashlib.sha256(f"{path.name}\0{belongs}\0".encode(errors="surrogateescape"))
    digest.update(data)
    return digest.hexdigest().encode() + b"\n"


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UsageError(
            f"{path}: the cache cannot be used: {error.strerror}",
            hint="set KABICHECK_CACHE to another folder",
        ) from error
