"""Opening a repository as git would, which knows more of its environment than libgit2 does; and libgit2's errors.

`-C DIR` names a folder; without it the environment of a hook counts (`git_environment.py`), then the current folder.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pygit2
from pygit2.enums import ConfigLevel

from kabicheck.errors import RepositoryError
from kabicheck.vcs.git_environment import (
    GitEnvironment,
    ceilings,
    git_environment,
    git_trusts,
    object_folders,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What libgit2 can read although it does not list it: a partial clone is an ordinary repository that lacks
# objects, and we never ask a remote for them.
EXTENSIONS = ["partialclone"]

_T = TypeVar("_T")

_SHA256 = (
    "its objects are named by SHA-256, which libgit2 does not read: no check can be made in it",
    "kabicheck compare OLD NEW compares what you built of two commits; snapshots of them can be kept",
)
_REFTABLE = (
    "its refs are in the format reftable, which libgit2 does not read",
    "git refs migrate --ref-format=files, in it or in a clone",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A repository.

    raw: The repository for libgit2.
    common: The folder that its refs and objects are in, which linked worktrees share.
    source: The top of its work tree, None for a bare one.
    objects: All folders that its objects are in.
    """

    raw: pygit2.Repository
    common: Path
    source: Path | None
    objects: tuple[Path, ...]


def opened(path: Path | str = ".") -> Opened | None:
    """The repository that a path lies in, or, of ".", that git's environment names; None where there is none.

    Raises RepositoryError for one that cannot be read.
    """
    pygit2.settings.set_extensions(EXTENSIONS)
    said = git_environment() if str(path) == "." else GitEnvironment()
    start = Path(path).absolute()
    folder = said.git_dir or _discovered(start)
    if folder is None:
        return None
    raw = _read(folder, start, trusted=said.git_dir is not None)
    common = _common_folder(Path(raw.path))
    if said.common_dir and said.common_dir.resolve() != common:
        raise RepositoryError(
            f"GIT_COMMON_DIR is {said.common_dir}, and the repository's own is {common}", hint="unset it"
        )
    with explained(folder):
        for each in said.objects:
            if each.is_dir():
                raw.odb.add_disk_alternate(str(each))
        source = _work_tree(raw, said)
        if said.git_dir and source:
            raw.workdir = str(source)  # for this object alone: nothing is written
    return Opened(raw, common, source, object_folders(common / "objects", said.objects))


def _discovered(start: Path) -> Path | None:
    """The git folder of the repository that a folder lies in."""
    with explained(start):
        found = _unowned(lambda: pygit2.discover_repository(str(start), False, ceilings()), start)
    return Path(found) if found is not None else None


def _read(folder: Path, start: Path, *, trusted: bool) -> pygit2.Repository:
    if not folder.is_dir():
        raise RepositoryError(f"{folder}: no git folder, though GIT_DIR names it", hint="unset GIT_DIR")
    with explained(folder):
        return _unowned(lambda: pygit2.Repository(str(folder)), start, trusted=trusted)


def _unowned(read: Callable[[], _T], start: Path, *, trusted: bool = False) -> _T:
    """What `read` gives, also where somebody else owns the repository and git reads it all the same.

    trusted: Whether GIT_DIR names it, so that git does not ask whose it is (git-config(1), safe.directory).
    """
    try:
        return read()
    except pygit2.GitError as error:
        if "not owned" not in str(error) or not (trusted or git_trusts(start)):
            raise
    pygit2.settings.owner_validation = False
    try:
        return read()
    finally:
        pygit2.settings.owner_validation = True


def _work_tree(raw: pygit2.Repository, said: GitEnvironment) -> Path | None:
    """The top of the work tree: with GIT_DIR alone that is the current folder, unless it is configured (git(1))."""
    if said.work_tree:
        return said.work_tree
    named = any(entry.name == "core.worktree" for entry in raw.config if entry.level >= ConfigLevel.LOCAL)
    if said.git_dir and not raw.is_bare and not named:
        return Path.cwd()
    return Path(raw.workdir) if raw.workdir else None


def _common_folder(git_folder: Path) -> Path:
    """Where refs and objects are: linked worktrees name it in `commondir`."""
    pointer = git_folder / "commondir"
    if pointer.is_file():
        return (git_folder / pointer.read_text().strip()).resolve()
    return git_folder.resolve()


@contextlib.contextmanager
def explained(path: Path, missing_hint: Callable[[], str] = str) -> Iterator[None]:
    """Turn libgit2's errors into ours. missing_hint: Gives the command that brings missing objects."""
    try:
        yield
    except KeyError as error:
        hint = missing_hint()
        raise RepositoryError(f"{path}: object {error.args[0]} is missing", hint=hint) from error
    except (pygit2.GitError, ValueError) as error:
        text = str(error)
        problem, hint = text, ""
        if "not owned" in text:
            folder = path.parent if path.name == ".git" else path
            problem = "the repository belongs to another user"
            hint = f"git config --global --add safe.directory {folder}"
        elif "object format" in text or "objectformat" in text:
            problem, hint = _SHA256
        elif "extensions.refstorage" in text:
            problem, hint = _REFTABLE
        elif "unsupported extension" in text:
            hint = "libgit2 does not know that format; a clone (git clone --no-local) has an ordinary one"
        elif "not found" in text:
            hint = missing_hint()
        raise RepositoryError(f"{path}: {problem}", hint=hint) from error
