"""Which files git tracks: what HEAD holds, and what git's index holds, of whatever kind that index is."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_tracked(git: pygit2.Repository, names: Sequence[str]) -> str:
    """The first of some paths that HEAD or the index holds, as a file, link or submodule; "" for none.

    names: Paths relative to the root of the work tree.
    Raises RepositoryError where git cannot say.
    """
    indexed = _in_index(git, names)
    tree = None if git.head_is_unborn else git.head.peel(pygit2.Tree)
    return next((name for name in names if name in indexed or _is_entry(tree, name)), "")


def _is_entry(tree: pygit2.Tree | None, name: str) -> bool:
    try:
        return tree is not None and tree[name].filemode != FileMode.TREE
    except KeyError:
        return False


def _in_index(git: pygit2.Repository, names: Sequence[str]) -> set[str]:
    try:
        return {name for name in names if name in git.index}
    except pygit2.GitError:  # a split or a sparse one, which libgit2 does not read
        return _listed(git, names)


def _listed(git: pygit2.Repository, names: Sequence[str]) -> set[str]:
    """Those of some paths that are in the index, as git itself says."""
    command = ["git", f"--git-dir={git.path}", f"--work-tree={git.workdir}", "--literal-pathspecs"]
    # What git sets for hooks is of another index; its configuration may say that the repository is safe.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    done = subprocess.run(
        [*command, "ls-files", "-z", "--", *names],
        cwd=git.workdir,
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RepositoryError(f"{git.path}: {os.fsdecode(done.stderr).strip()}")
    return set(os.fsdecode(done.stdout).split("\0")).intersection(names)
