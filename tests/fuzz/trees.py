"""Damaged git trees: what we take a tree to hold, against what libgit2 finds in it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode, ObjectType

from kabicheck.errors import RepositoryError
from kabicheck.vcs.trees import differences
from tests.fuzz.damage import damaged, flipped, flips
from tests.fuzz.oracle import STEP, Outcome, Result

if TYPE_CHECKING:
    from pathlib import Path


class Trees:
    """First every bit of a tree object that is on top of others, then random damage. The object's id follows."""

    def __init__(self, folder: Path) -> None:
        self._git = pygit2.init_repository(folder / "git", bare=True)
        blob = self._git.create_blob(b"int x;\n")
        builder = self._git.TreeBuilder()
        for number in range(4):
            builder.insert(f"file{number}.c", blob, FileMode.BLOB)
        below = builder.write()
        builder = self._git.TreeBuilder()
        for name, oid, mode in (
            ("Makefile", blob, FileMode.BLOB), ("run.sh", blob, FileMode.BLOB_EXECUTABLE),
            ("link", blob, FileMode.LINK), ("lib", below, FileMode.TREE), ("kernel", below, FileMode.TREE),
        ):  # fmt: skip
            builder.insert(name, oid, mode)
        self._tree = bytes(self._git[builder.write()].read_raw())
        self._flips = list(flips([(0, len(self._tree))]))
        self.first = len(self._flips)

    def attempt(self, number: int) -> Result:
        """One input."""
        rng = Random(number)
        if number < self.first:
            raw, kind = flipped(self._tree, *self._flips[number * STEP % self.first]), "one bit"
        else:
            raw, kind = damaged(self._tree, rng, [(0, len(self._tree))]), "random"
        try:
            tree = self._git[self._git.write(ObjectType.TREE, raw)].peel(pygit2.Tree)
            found = differences(None, tree)[1].keys()
            missing = _files(tree) - found
        except (RepositoryError, KeyError, pygit2.GitError, pygit2.InvalidSpecError) as error:
            return Result(kind, Outcome.ERROR, str(error))  # what Worktree makes one of ours of
        except Exception as error:
            return Result(kind, Outcome.CRASH, f"{type(error).__name__}: {error}")
        return Result(kind, Outcome.LOST if missing else Outcome.SAME, ", ".join(sorted(missing)))


def _files(tree: pygit2.Tree, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for entry in tree:
        name = prefix + str(entry.name)
        if entry.filemode == FileMode.TREE and isinstance(entry, pygit2.Tree):
            found |= _files(entry, f"{name}/")
        elif entry.filemode != FileMode.COMMIT:
            found.add(name)
    return found
