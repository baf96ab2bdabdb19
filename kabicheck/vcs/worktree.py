"""Worktrees of our own, in the cache folder.

A bare repository of ours borrows the user's objects (`objects/info/alternates`); the user's `.git` sees no
branch, no `worktrees` entry, no write at all. A worktree of ours is a folder that is moved from tree to tree
by writing the blobs that differ, as they are stored: no filter, attribute (export-subst, lfs) or hook can
run, and a file that a commit did not change keeps its modification time, by which make decides.

    REPOSITORY/borrowed.git           the bare repository
    REPOSITORY/KEY/source/            the worktree
    REPOSITORY/KEY/source.json        where it is (_State), sealed

A move writes `towards` before the first file and clears it after the last. What a kill or a tree that no folder can
hold leaves half moved is therefore known to lie between two trees: the next move, wherever it goes, looks at every file
in which these differ, and at what somebody else has changed since the last one. Callers hold a lock of theirs.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode

from kabicheck.cache import (
    changed_since,
    locked,
    moment,
    named,
    read_regular,
    read_sealed,
    remove,
    resolved,
    write_atomically,
    write_sealed,
)
from kabicheck.errors import NotAFolder, RepositoryError
from kabicheck.vcs.trees import differences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from kabicheck.vcs.trees import Entries

# What the kernel says of names and links that cannot be, whatever folder they are for.
_OF_THE_TREE = {errno.ENAMETOOLONG, errno.ENOENT, errno.EINVAL, errno.EILSEQ, errno.ELOOP}


@dataclass(frozen=True, slots=True)
class _State:
    """Where a worktree is.

    tree: The id of the tree that the folder holds, "" before the first move.
    towards: The id of the tree that an interrupted move was going to, "" where none was interrupted.
    moment: When the last move ended, as `cache.moment` has it.
    """

    tree: str = ""
    towards: str = ""
    moment: int = 0


class Worktree:
    """One folder, `path`, that holds one tree at a time. What belongs with it is beside it in `folder`."""

    def __init__(self, repository: Path, key: str, *, borrow: Sequence[Path], hint: str = "") -> None:
        # As make and compilers will call them, who know no links: dependency lists and debug information hold these.
        self.folder = resolved(repository / key)
        self.path = self.folder / "source"
        self._state_file = self.folder / "source.json"
        self._hint = hint
        self._checked = False  # whether somebody else has changed something
        with locked(repository / "lock"):
            self._git = borrowing_repository(repository / "borrowed.git", borrow)

    @property
    def tree(self) -> str:
        """The tree that the folder holds; "" before the first move and after an interrupted one."""
        state = self._state()
        return "" if state.towards else state.tree

    def move_to(self, tree: str) -> int:
        """Make the folder hold a tree. Returns how many files were written or removed.

        Raises RepositoryError; NotAFolder where it is the tree's fault.
        """
        state = self._state()
        doubtful = self._doubtful(state)
        if doubtful is None:
            doubtful, state = self._start_over()
        if state.tree == tree and not doubtful:
            return 0
        try:
            removed, written = self._differences(state.tree, tree)
        except NotAFolder:
            raise
        except RepositoryError:
            # The user's git may have pruned the old tree, as after a rebase; if it is the new one, this fails too.
            removed, written = self._differences("", tree)
            doubtful, state = self._start_over()
        here = self._holds(tree, doubtful)
        removed = [*removed, *(name for name in doubtful if name not in here)]
        written |= here
        self.path.mkdir(parents=True, exist_ok=True)
        self._write_state(_State(state.tree, towards=tree, moment=state.moment))
        for name in removed:
            self._remove(name)
        folders = {self.path}
        touched = sum(
            self._write(name, *entry, folders, same=name in doubtful) for name, entry in written.items()
        )
        self._checked = True
        self._write_state(_State(tree, moment=moment(self.folder)))
        return len(removed) + touched

    def differing(self, old: str, new: str) -> Mapping[str, bool]:
        """The path of each file that differs between two trees → whether both have it.

        An old tree that is lost counts as one without files.
        """
        try:
            only_old, only_new = self._entries(old, new)
        except RepositoryError:
            only_old, only_new = self._entries("", new)
        return {path: path in only_old and path in only_new for path in only_old.keys() | only_new.keys()}

    def _start_over(self) -> tuple[set[str], _State]:
        """Forget all that is there."""
        remove(self.path)
        return set(), _State()

    def _doubtful(self, state: _State) -> set[str] | None:
        """The paths that may be other than in the tree where the folder is; None where nothing is known.

        Those in which an interrupted move's trees differ, and what was changed by others, looked for once.
        """
        if (not state.tree and not state.towards) or not _is_folder(self.path):
            return None
        found: set[str] = set()
        try:
            if state.towards:
                only_old, only_new = self._entries(state.tree, state.towards)
                found |= only_old.keys() | only_new.keys()
            if not self._checked:
                for entry in changed_since(self.path, state.moment):
                    found |= self._changed(os.path.relpath(entry.path, self.path), entry, state.tree)
                if self.path.lstat().st_ctime_ns > state.moment:
                    found |= self._missing("", state.tree)
        except (RepositoryError, OSError):
            return None
        return found

    def _changed(self, name: str, entry: os.DirEntry[str], tree: str) -> set[str]:
        if entry.is_dir(follow_symlinks=False):
            return self._missing(name, tree)
        return {name, *self._below(name, tree)}  # which may stand in a folder's place

    def _missing(self, folder: str, tree: str) -> set[str]:
        """The files of a tree's folder that are not there: something was removed from it, or put there."""
        return {name for name in self._below(folder, tree) if not os.path.lexists(self.path / name)}

    def _below(self, folder: str, tree: str) -> set[str]:
        """The files of a tree's folder; none where it has no such folder."""
        found = self._tree(tree)
        with self._missing_explained(tree):
            for part in folder.split("/") if folder else ():
                inner = found[part] if found is not None and part in found else None
                found = inner if isinstance(inner, pygit2.Tree) else None
            _, files = differences(None, found)
        prefix = f"{folder}/" if folder else ""
        return {prefix + name for name in files}

    def _holds(self, tree: str, names: Collection[str]) -> Entries:
        """Those of some paths that are files of a tree."""
        if not names:
            return {}
        found: Entries = {}
        with self._missing_explained(tree):
            top = self._tree(tree)
            for name in names:
                entry = _entry(top, name)
                if entry is not None:
                    found[name] = entry
        return found

    def _differences(self, old: str, new: str) -> tuple[list[str], Entries]:
        """Paths to remove, and paths to write, to come from one tree to the other."""
        only_old, only_new = self._entries(old, new)
        return [name for name in only_old if name not in only_new], only_new

    def _entries(self, old: str, new: str) -> tuple[Entries, Entries]:
        """What differs between two trees, on each side. Raises RepositoryError where either is not whole."""
        with self._missing_explained(new):
            return differences(self._tree(old), self._tree(new))

    def _write(self, name: str, mode: int, oid: pygit2.Oid, folders: set[Path], *, same: bool) -> bool:
        """Put one blob there, as it is stored, only ever inside real folders of ours.

        folders: Folders that are known to be there, which gets those that are made.
        same: Whether to leave what is as the tree has it already, with its time.
        Returns whether something was written.
        """
        path = self.path / name
        with self._missing_explained(name):
            blob = self._git[oid]
        if not isinstance(blob, pygit2.Blob):
            raise NotAFolder(f"{name}: {oid} is no file, though a tree says so", hint="git fsck")
        try:
            _make_folder(path.parent, folders)
            if same and _is_as_stored(path, mode, blob.data):
                return False
            remove(path)
            if mode == FileMode.LINK:
                path.symlink_to(os.fsdecode(blob.data))
                return True
            permissions = 0o755 if mode == FileMode.BLOB_EXECUTABLE else 0o644
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, permissions), "wb") as file:
                file.write(blob.data)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in _OF_THE_TREE:
                named(error, path)
                raise
            what = "a link that leads nowhere" if mode == FileMode.LINK else "no file can be called so"
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise NotAFolder(f"{name}: {what}: {reason}") from error
        return True

    def _remove(self, name: str) -> None:
        """Remove a file and the folders that it leaves empty.

        After an interrupted move a folder of the old tree may already be a link of the new one, and nothing
        may be removed through that.
        """
        path = self.path / name
        folders = [folder for folder in path.parents if folder.is_relative_to(self.path)][:-1]
        if all(_is_folder(folder) for folder in folders):
            if os.path.lexists(path):  # a name that is too long never was
                remove(path)
            with contextlib.suppress(OSError):
                for folder in folders:
                    folder.rmdir()

    def _tree(self, name: str) -> pygit2.Tree | None:
        if not name:
            return None
        found: pygit2.Tree = self._git[name].peel(pygit2.Tree)
        return found

    def _state(self) -> _State:
        """Where the folder is. A state that cannot be read means nothing is known: start over."""
        try:
            state = json.loads(read_sealed(self._state_file, self.folder.name))
            return _State(str(state["tree"]), str(state["towards"]), int(state["moment"]))
        except (OSError, ValueError, KeyError, TypeError):
            return _State()

    def _write_state(self, state: _State) -> None:
        write_sealed(self._state_file, json.dumps(asdict(state)).encode(), self.folder.name)

    @contextlib.contextmanager
    def _missing_explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, pygit2.GitError) as error:
            raise RepositoryError(f"{what}: git object is missing: {error}", hint=self._hint) from error


def borrowing_repository(path: Path, borrow: Sequence[Path]) -> pygit2.Repository:
    """Open our bare repository. Its alternates are written anew, since the user's may have moved.

    borrow: All folders that the user's objects are in.
    Raises RepositoryError where it cannot be made.
    """
    for folder in borrow:
        if "\n" in str(folder):
            raise RepositoryError(f"{folder}: git cannot borrow objects from a path with a line break")
    try:
        return _borrowing(path, borrow)
    except (pygit2.GitError, OSError):  # whatever is there, nothing in it is of worth
        remove(path)
    try:
        return _borrowing(path, borrow)
    except pygit2.GitError as error:
        hint = "make room, or set KABICHECK_CACHE to another folder"
        raise RepositoryError(f"{path}: {error}", hint=hint) from error


def _borrowing(path: Path, borrow: Sequence[Path]) -> pygit2.Repository:
    if not (path / "HEAD").is_file() or not _is_plain(path):
        remove(path)
        pygit2.init_repository(path, bare=True)
    alternates = path / "objects" / "info" / "alternates"
    line = b"".join(os.fsencode(f"{folder}\n") for folder in borrow)
    if not alternates.is_file() or alternates.read_bytes() != line:
        remove(alternates)
        write_atomically(alternates, line)
    return pygit2.Repository(str(path))


def _is_plain(folder: Path) -> bool:
    """Whether it holds files and folders only: libgit2 would wait for ever for somebody to write into a pipe."""
    names = [os.path.join(parent, name) for parent, _, files in os.walk(folder) for name in files]  # noqa: PTH118
    return all(stat.S_ISREG(os.lstat(name).st_mode) for name in names)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114  false for names that are too long


def _make_folder(path: Path, known: set[Path]) -> None:
    """Make a folder and those above it, replacing whatever else (a link of another tree) is in the way."""
    if path in known:
        return
    _make_folder(path.parent, known)
    if not _is_folder(path):
        remove(path)
        path.mkdir()
    known.add(path)


def _entry(tree: pygit2.Tree | None, name: str) -> tuple[int, pygit2.Oid] | None:
    """Mode and id of a file of a tree; None where it has none of that path."""
    found: pygit2.Object | None = tree
    for part in name.split("/"):
        if not isinstance(found, pygit2.Tree) or part not in found:
            return None
        found = found[part]
    if found is None or isinstance(found, pygit2.Tree) or found.filemode == FileMode.COMMIT:
        return None
    return int(found.filemode), found.id


def _is_as_stored(path: Path, mode: int, data: bytes) -> bool:
    """Whether a file or a link is there as a tree has it."""
    status = path.lstat() if os.path.lexists(path) else None
    if status is None:
        return False
    if mode == FileMode.LINK:
        return stat.S_ISLNK(status.st_mode) and os.fsencode(os.readlink(path)) == data  # noqa: PTH115  as it stands
    executable = bool(status.st_mode & stat.S_IXUSR)
    if not stat.S_ISREG(status.st_mode) or executable is not (mode == FileMode.BLOB_EXECUTABLE):
        return False
    return status.st_size == len(data) and read_regular(path) == data
