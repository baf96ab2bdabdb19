"""What git says in the environment of its hooks: where the repository is, and where objects are that it has not yet.

`git --git-dir=DIR --work-tree=DIR`, linked worktrees and bare repositories hand GIT_DIR and GIT_WORK_TREE to hooks; a
push that is being received has its objects in a folder of their own until all hooks agreed (GIT_OBJECT_DIRECTORY, and
the repository's own as GIT_ALTERNATE_OBJECT_DIRECTORIES; git-receive-pack(1), "quarantine environment").
libgit2 knows little of that, and less of what git's own settings in the environment allow (safe.directory).
"""

from __future__ import annotations

import codecs
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# How deep alternates of alternates are followed, as git does (object-file.c, link_alt_odb_entries).
_DEEPEST = 5
_LONGEST_ANSWER = 60.0  # seconds, for what git answers in milliseconds


@dataclass(frozen=True, slots=True)
class GitEnvironment:
    """Where the environment says that a repository is, in absolute paths.

    git_dir: The git folder (GIT_DIR), None where the environment does not say.
    work_tree: The top of the work tree (GIT_WORK_TREE), None where the environment does not say.
    common_dir: The folder with refs and objects (GIT_COMMON_DIR), None where the environment does not say.
    objects: Folders with objects besides the repository's own.
    """

    git_dir: Path | None = None
    work_tree: Path | None = None
    common_dir: Path | None = None
    objects: tuple[Path, ...] = ()


def git_environment() -> GitEnvironment:
    """What the environment says. Empty variables say nothing."""
    objects = [os.environ.get("GIT_OBJECT_DIRECTORY", "")]
    objects += _listed(os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", ""))
    return GitEnvironment(
        _path("GIT_DIR"),
        _path("GIT_WORK_TREE"),
        _path("GIT_COMMON_DIR"),
        tuple(Path(each).absolute() for each in objects if each),
    )


def ceilings() -> str:
    """The folders above which no repository is looked for, as libgit2 takes them."""
    return os.environ.get("GIT_CEILING_DIRECTORIES", "")


def git_trusts(folder: Path) -> bool:
    """Whether git itself, with all its settings, reads the repository that a folder is in, whoever owns it.

    libgit2 reads safe.directory from files alone, and not from GIT_CONFIG_COUNT, GIT_CONFIG_PARAMETERS or
    GIT_CONFIG_GLOBAL.
    """
    own = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--git-dir"],
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_LONGEST_ANSWER,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def object_folders(objects: Path, more: tuple[Path, ...] = ()) -> tuple[Path, ...]:
    """All folders that a repository's objects are in: its own, others, and those that these borrow from.

    Alternates with relative paths are relative to the folder that names them. libgit2 reads such ones of the first
    folder only, so that whoever borrows from there has to name them all.

    objects: The repository's own folder of objects.
    more: Further ones, as the environment names them.
    """
    found: dict[Path, None] = {}
    waiting = [(folder, 0) for folder in (objects, *more)]
    while waiting:
        folder, depth = waiting.pop(0)
        folder = folder.resolve()
        if folder in found:
            continue
        found[folder] = None
        if depth < _DEEPEST:
            waiting += [(each, depth + 1) for each in _alternates(folder)]
    return tuple(found)


def _alternates(folder: Path) -> list[Path]:
    try:
        content = (folder / "info" / "alternates").read_bytes()
    except OSError:
        return []
    lines = (line for line in content.split(b"\n") if line and not line.startswith(b"#"))
    return [folder / os.fsdecode(_unquoted(line)) for line in lines]


def _listed(value: str) -> list[str]:
    """The paths of a variable, of which some may be quoted like strings in C (git(1))."""
    found, rest = [], value
    while rest:
        if rest.startswith('"'):
            end = 1
            while end < len(rest) and rest[end] != '"':
                end += 2 if rest[end] == "\\" else 1
            found.append(os.fsdecode(_unquoted(os.fsencode(rest[: end + 1]))))
            rest = rest[end + 1 :].removeprefix(os.pathsep)
        else:
            path, _, rest = rest.partition(os.pathsep)
            found.append(path)
    return found


def _unquoted(line: bytes) -> bytes:
    if line.startswith(b'"') and line.endswith(b'"') and len(line) > 1:
        unquoted: bytes = codecs.escape_decode(line[1:-1])[0]
        return unquoted
    return line


def _path(name: str) -> Path | None:
    value = os.environ.get(name, "")
    return Path(value).absolute() if value else None
