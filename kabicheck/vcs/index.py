"""What is staged: the tree that the next commit would get, read from the index that git will use for it.

That is not always `.git/index`: `git commit -a` and `git commit FILE` hand their hooks another file in
GIT_INDEX_FILE, and linked worktrees have one each. The file is read and never written, not even to refresh it, and
trees that it spells go into a repository of our own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pygit2
from pygit2.ffi import ffi

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from pathlib import Path

# gitformat-index(5): an entry's id is followed by its flags, and these by more where bit 14 is set. An entry that
# `git add --intent-to-add` made has the id of the empty file, and bit 13 there.
_EMPTY = bytes.fromhex("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
_EMPTY_ENTRY = re.compile(re.escape(_EMPTY) + rb"(..)(..)", re.DOTALL)
_EXTENDED, _INTENT_TO_ADD = 0x40, 0x20  # in the first byte of each
MOST_NAMED = 3


class _Index(pygit2.Index):
    """pygit2 frees what a constructor that failed never set, and prints an error of its own for that."""

    _index = ffi.NULL


def staged_tree(index_file: Path, ours: pygit2.Repository) -> str:
    """The id of the tree that a commit of this index would have. ours: borrows its objects, and gets new trees.

    Of a tree that is in the user's store already libgit2 renews the time, as git itself does before it commits.
    Raises RepositoryError: there is no such index, it is of a kind that libgit2 does not read, or has conflicts.
    """
    return str(_read(index_file).write_tree(ours))


def _read(index_file: Path) -> pygit2.Index:
    """What an index holds for a commit."""
    try:
        content = index_file.read_bytes()
        index = _Index(index_file)
    except OSError as error:
        raise RepositoryError(
            f"{index_file}: {error.strerror}", hint="git read-tree HEAD makes an index"
        ) from error
    except pygit2.GitError as error:
        raise RepositoryError(f"{index_file}: {error}", hint=_other_format(content)) from error
    if index.conflicts is not None:
        names = sorted({side.path for sides in index.conflicts for side in sides if side is not None})
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        raise RepositoryError(
            f"conflicts are not resolved in {', '.join(names[:MOST_NAMED])}{more}",
            hint="git add them when they are",
        )
    for path in _intended(index, content):
        index.remove(path)
    return index


def _intended(index: pygit2.Index, content: bytes) -> list[str]:
    """The files that are only announced: git leaves them out of a commit, libgit2 would add them empty."""
    flags = [
        (match[1][0] & _EXTENDED, match[2][0] & _INTENT_TO_ADD) for match in _EMPTY_ENTRY.finditer(content)
    ]
    if not any(extended and intended for extended, intended in flags):
        return []
    empty = [entry.path for entry in index if entry.id.raw == _EMPTY]
    return [path for path, (extended, intended) in zip(empty, flags, strict=False) if extended and intended]


def _other_format(content: bytes) -> str:
    """The command that makes an ordinary index of one with an extension that only git itself knows."""
    if b"link" in content[-4096:] or b"sdir" in content[-4096:]:
        return "git update-index --no-split-index, and git sparse-checkout reapply --no-sparse-index"
    return "git status says more"
