"""What is staged, read from git's index (which has nothing to do with the layer `index/`, our cache of versions).

It is the tree that the next commit would get, from the index that git will use for it. That is not
always `.git/index`: `git commit -a` and `git commit FILE` hand their hooks another file in
GIT_INDEX_FILE, and linked worktrees have one each. The file is read and never written, not even to refresh it, and
trees that it spells go into a repository of our own. Where it is in parts (a split index) or names whole folders (a
sparse one), which libgit2 does not read, git itself spells it, from a copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2
from pygit2.ffi import ffi

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable

# gitformat-index(5): an entry's id is followed by its flags, and these by more where bit 14 is set. An entry that
# `git add --intent-to-add` made has the id of the empty file, and bit 13 there.
_EMPTY = bytes.fromhex("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
_EMPTY_ENTRY = re.compile(re.escape(_EMPTY) + rb"(..)(..)", re.DOTALL)
_EXTENDED, _INTENT_TO_ADD = 0x40, 0x20  # in the first byte of each
MOST_NAMED = 3
_HEX = re.compile("[0-9a-f]{40}")


class _Index(pygit2.Index):
    """pygit2 frees what a constructor that failed never set, and prints an error of its own for that."""

    _index = ffi.NULL


def staged_tree(index_file: Path, ours: pygit2.Repository, *, shared: Path) -> str:
    """The id of the tree that a commit of this index would have.

    Of a tree that is in the user's store already libgit2 renews the time, as git itself does before it commits.

    index_file: The index.
    ours: A repository of ours, which borrows the user's objects, and gets new trees.
    shared: The git folder, where the other part of a split index is.
    Raises RepositoryError where there is no such index, where it is damaged, or has conflicts.
    """
    try:
        content = index_file.read_bytes()
        return str(_read(index_file, content).write_tree(ours))
    except OSError as error:
        raise RepositoryError(
            f"{index_file}: {error.strerror}", hint="git read-tree HEAD makes an index"
        ) from error
    except pygit2.GitError as error:
        return _spelled_by_git(index_file, content, Path(ours.path), shared, str(error))


def _read(index_file: Path, content: bytes) -> pygit2.Index:
    """What an index holds for a commit. Raises OSError, GitError."""
    index = _Index(index_file)
    if index.conflicts is not None:
        raise _unresolved({side.path for sides in index.conflicts for side in sides if side is not None})
    for path in _intended(index, content):
        index.remove(path)
    return index


def _unresolved(paths: Iterable[str]) -> RepositoryError:
    names = sorted(set(paths))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return RepositoryError(
        f"conflicts are not resolved in {', '.join(names[:MOST_NAMED])}{more}",
        hint="git add them when they are",
    )


def _spelled_by_git(index_file: Path, content: bytes, ours: Path, shared: Path, problem: str) -> str:
    """The same by git, in our repository and with a copy of the index. problem: Why libgit2 cannot, a sentence."""
    with tempfile.TemporaryDirectory(dir=ours, prefix="index-") as name:
        folder = Path(name)
        # As little of a repository as git needs. The shared part it looks for beside that, by the id in the other part.
        (folder / "refs").mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        (folder / "index").write_bytes(content)
        for path in shared.glob("sharedindex.*"):
            if _HEX.fullmatch(path.suffix[1:]) and bytes.fromhex(path.suffix[1:]) in content:
                shutil.copyfile(path, folder / path.name)
        try:
            unmerged = _git(folder, ours, "ls-files", "--unmerged", "-z")
            if unmerged:
                raise _unresolved(line.rpartition("\t")[2] for line in unmerged.split("\0") if line)
            return _git(folder, ours, "write-tree", "--missing-ok").strip()
        except FileNotFoundError:
            raise RepositoryError(f"{index_file}: {problem}", hint="install git, which reads it") from None
        except subprocess.CalledProcessError as error:
            said = os.fsdecode(error.stderr).strip().splitlines() or [problem]
            raise RepositoryError(f"{index_file}: {said[0]}", hint="git status says more") from error


def _git(folder: Path, ours: Path, *arguments: str) -> str:
    """What git prints, in a git folder, with the objects of a repository of ours, and nothing of its settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_DIR": str(folder), "GIT_OBJECT_DIRECTORY": str(ours / "objects"), "LC_ALL": "C"}
    command = ["git", *arguments]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def _intended(index: pygit2.Index, content: bytes) -> list[str]:
    """The files that are only announced: git leaves them out of a commit, libgit2 would add them empty."""
    flags = [
        (match[1][0] & _EXTENDED, match[2][0] & _INTENT_TO_ADD) for match in _EMPTY_ENTRY.finditer(content)
    ]
    if not any(extended and intended for extended, intended in flags):
        return []
    empty = [entry.path for entry in index if entry.id.raw == _EMPTY]
    return [path for path, (extended, intended) in zip(empty, flags, strict=False) if extended and intended]
