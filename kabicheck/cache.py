"""The cache folder: where it is, who may use it at a time, how a file in it is written.

    $KABICHECK_CACHE, or $XDG_CACHE_HOME/kabicheck, or ~/.cache/kabicheck

A lock is held by an open file (flock), so the kernel drops it when the last process that has the file open is
gone: after a kill there is no stale lock, and while children of a killed run still work the lock holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
def locked(
    path: Path, *, shared: bool = False, progress: Callable[[str], None] | None = None
) -> Iterator[int]:
    """Hold the lock file `path`, waiting for it if need be; yields the descriptor (for children)."""
    descriptor = _open(path)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if progress:
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
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UsageError(
            f"{path}: the cache cannot be used: {error.strerror}",
            hint="set KABICHECK_CACHE to another folder",
        ) from error
