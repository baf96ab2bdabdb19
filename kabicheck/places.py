"""Where files of the user's may be written and read: never in a git folder, and for what a tree names only below it.

A report holds text of whoever wrote the commit, and git runs or believes most of what lies in its folder (hooks,
config, refs), so that nothing is written there, whoever asks for it.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def git_folder(path: Path) -> Path | None:
    """The git folder in which writing `path` would write, whatever links lead there; None where there is none.

    A linked worktree's and a submodule's lie in that of the repository; a bare repository is one.
    """
    resolved = Path(os.path.realpath(path))
    return next((each for each in (resolved, *resolved.parents) if _is_git_folder(each)), None)


def require_outside_git(path: Path) -> None:
    """Raise UsageError for a file in a git folder."""
    if found := git_folder(path):
        raise UsageError(
            f"{path}: inside the git folder {found}, where nothing is written", hint="give another path"
        )


def is_below(root: Path, path: Path) -> bool:
    """Whether a path leads below `root`, links followed, and into no git folder there."""
    resolved = Path(os.path.realpath(path))
    return resolved.is_relative_to(os.path.realpath(root)) and git_folder(resolved) is None


def obstacle(root: Path, name: str) -> str:
    """Why the file `name` cannot be written below `root` as `write_below` does, "" where nothing is in the way.

    The name is relative, with slashes, and without `..`.
    """
    parts = PurePosixPath(name).parts
    for count in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:count])
        relative = "/".join(parts[:count])
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{relative}: {error.strerror}"
        if stat.S_ISLNK(mode):
            return f"{relative} is a symbolic link"
        if count == len(parts):
            return "" if stat.S_ISREG(mode) else f"{relative} is no regular file"
        if not stat.S_ISDIR(mode):
            return f"{relative} is no folder"
        if os.path.lexists(path / ".git") or _is_git_folder(path):
            return f"{relative} is a repository of its own"
    return ""


def write_below(root: Path, name: str, data: bytes) -> None:
    """Replace the file `name` below `root` as a whole or not at all, through no symbolic link; makes its folders.

    Each folder is opened from the one above it, so that none of them can become a link meanwhile. Raises UsageError.
    """
    *folders, last = PurePosixPath(name).parts
    try:
        with _opened(root, folders) as folder:
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode):
                    raise UsageError(f"{root / name}: is there, and no regular file")
            _replace(folder, last, data)
    except OSError as error:
        raise UsageError(f"{root / name}: cannot be written: {error.strerror}") from error


def _replace(folder: int, name: str, data: bytes) -> None:
    new = f".new-{os.urandom(8).hex()}"
    descriptor = os.open(
        new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=folder
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=folder)
        raise


@contextmanager
def _opened(root: Path, folders: list[str]) -> Iterator[int]:
    """The descriptor of a folder below `root`."""
    descriptor = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for name in folders:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=descriptor)
            inner = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _is_git_folder(path: Path) -> bool:
    """By its name, or by what git itself takes for a sign (is_git_directory() in git's setup.c)."""
    if path.name.casefold() == ".git":
        return True
    if not os.path.lexists(path / "HEAD"):
        return False
    return (path / "commondir").is_file() or ((path / "objects").is_dir() and (path / "refs").is_dir())
