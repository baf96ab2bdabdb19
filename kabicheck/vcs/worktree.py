"""Worktrees of our own, in the cache folder.

A bare repository of ours borrows the user's objects (`objects/info/alternates`); the user's `.git` sees no
branch, no `worktrees` entry, no write at all. A worktree of ours is a folder that is moved from tree to tree
by writing the blobs that differ, as they are stored: no filter, attribute (export-subst, lfs) or hook can
run, and a file that a commit did not change keeps its modification time, by which make decides.

    REPOSITORY/borrowed.git           the bare repository
    REPOSITORY/KEY/source/            the worktree
    REPOSITORY/KEY/source.json        {"tree": where it is, "towards": where a move was going}

A move writes `towards` before the first file and clears it after the last. What a kill leaves half moved is
therefore known to lie between two trees, and the next move first completes it. Callers hold a lock of theirs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode

from kabicheck.cache import locked, resolved, write_atomically
from kabicheck.errors import RepositoryError
from kabicheck.vcs.trees import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kabicheck.vcs.trees import Entries


class Worktree:
    """One folder that holds one tree at a time. path: that folder; folder: for what belongs with it."""

    def __init__(self, repository: Path, key: str, *, borrow: Sequence[Path], hint: str = "") -> None:
        # As make and compilers will call them, who know no links: dependency lists and debug information hold these.
        self.folder = resolved(repository / key)
        self.path = resolved(self.folder / "source")
        self._state_file = self.folder / "source.json"
        self._hint = hint
        with locked(repository / "lock"):
            self._git = borrowing_repository(repository / "borrowed.git", borrow)

    @property
    def tree(self) -> str:
        """The tree that the folder holds; "" before the first move and after an interrupted one."""
        state = self._state()
        return "" if state["towards"] else state["tree"]

    def move_to(self, tree: str) -> int:
        """Make the folder hold `tree`; returns how many files were written or removed."""
        state = self._state()
        touched = 0
        here = state["towards"] or state["tree"]
        if state["towards"]:
            try:
                touched += self._move(state["tree"], state["towards"])
            except RepositoryError:  # where the move was going is lost: start over
                here = ""
        if here != tree:
            touched += self._move(here, tree)
        return touched

    def differing(self, old: str, new: str) -> Mapping[str, bool]:
        """The paths of the files that differ between two trees → whether both have them; a lost old one has none."""
        try:
            before, after = self._entries(old, new)
        except RepositoryError:
            before, after = self._entries("", new)
        return {path: path in before and path in after for path in before.keys() | after.keys()}

    def _move(self, old: str, new: str) -> int:
        try:
            removed, written = self._differences(old, new)
        except RepositoryError:
            # The user's git may have pruned the old tree, as after a rebase; if it is the new one, this fails too.
            old = ""
            removed, written = self._differences(old, new)
        if not old:
            shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True, exist_ok=True)
        self._write_state(old, towards=new)
        for name in removed:
            self._remove(name)
        folders = {self.path}
        for name, (mode, oid) in written.items():
            self._write(self.path / name, mode, oid, folders)
        self._write_state(new)
        return len(removed) + len(written)

    def _differences(self, old: str, new: str) -> tuple[list[str], Entries]:
        """Paths to remove, and paths to write, to come from one tree to the other."""
        before, after = self._entries(old, new)
        return [name for name in before if name not in after], after

    def _entries(self, old: str, new: str) -> tuple[Entries, Entries]:
        """What differs between two trees, on each side. Raises RepositoryError where either is not whole."""
        with self._missing_explained(new):
            return differences(self._tree(old), self._tree(new))

    def _write(self, path: Path, mode: int, oid: pygit2.Oid, folders: set[Path]) -> None:
        """Put one blob there, as it is stored; only ever inside real folders of ours."""
        with self._missing_explained(str(path)):
            blob = self._git[oid]
        assert isinstance(blob, pygit2.Blob), path
        _make_folder(path.parent, folders)
        _unlink(path)
        if mode == FileMode.LINK:
            path.symlink_to(os.fsdecode(blob.data))
            return
        permissions = 0o755 if mode == FileMode.BLOB_EXECUTABLE else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, permissions), "wb") as file:
            file.write(blob.data)

    def _remove(self, name: str) -> None:
        """Remove a file and the folders that it leaves empty.

        After an interrupted move a folder of the old tree may already be a link of the new one, and nothing
        may be removed through that.
        """
        path = self.path / name
        folders = [folder for folder in path.parents if folder.is_relative_to(self.path)][:-1]
        if all(_is_folder(folder) for folder in folders):
            _unlink(path)
            with contextlib.suppress(OSError):
                for folder in folders:
                    folder.rmdir()

    def _tree(self, name: str) -> pygit2.Tree | None:
        if not name:
            return None
        found: pygit2.Tree = self._git[name].peel(pygit2.Tree)
        return found

    def _state(self) -> dict[str, str]:
        """Where the folder is. A state that cannot be read means nothing is known: start over."""
        try:
            state = json.loads(self._state_file.read_bytes())
            return {"tree": str(state["tree"]), "towards": str(state["towards"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {"tree": "", "towards": ""}

    def _write_state(self, tree: str, towards: str = "") -> None:
        write_atomically(self._state_file, json.dumps({"tree": tree, "towards": towards}).encode())

    @contextlib.contextmanager
    def _missing_explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, pygit2.GitError) as error:
            raise RepositoryError(f"{what}: git object is missing: {error}", hint=self._hint) from error


def borrowing_repository(path: Path, borrow: Sequence[Path]) -> pygit2.Repository:
    """Open our bare repository; its alternates are written anew, since the user's may have moved.

    borrow: all folders that the user's objects are in.
    """
    if not (path / "HEAD").is_file():
        shutil.rmtree(path, ignore_errors=True)
        pygit2.init_repository(path, bare=True)
    for folder in borrow:
        if "\n" in str(folder):
            raise RepositoryError(f"{folder}: git cannot borrow objects from a path with a line break")
    alternates = path / "objects" / "info" / "alternates"
    line = b"".join(os.fsencode(f"{folder}\n") for folder in borrow)
    if not alternates.is_file() or alternates.read_bytes() != line:
        write_atomically(alternates, line)
    return pygit2.Repository(str(path))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _make_folder(path: Path, known: set[Path]) -> None:
    """Make a folder and those above it, replacing whatever else (a link of another tree) is in the way."""
    if path in known:
        return
    _make_folder(path.parent, known)
    if not _is_folder(path):
        _unlink(path)
        path.mkdir()
    known.add(path)


def _unlink(path: Path) -> None:
    """Remove what is there: a file, a link, or a folder where this tree has a file."""
    try:
        path.unlink(missing_ok=True)
    except IsADirectoryError:
        shutil.rmtree(path)
