"""Trees that no kernel has: a few objects that make any number of files, and folders without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygit2
import pytest
from pygit2.enums import FileMode

from kabicheck.errors import RepositoryError
from kabicheck.vcs import trees as module
from kabicheck.vcs.trees import differences

if TYPE_CHECKING:
    from pathlib import Path


def _nested(git: pygit2.Repository, wide: int, deep: int) -> pygit2.Tree:
    """A folder of so many equal folders, and so on, with one file at the bottom of each."""
    below, mode = git.create_blob(b"x"), FileMode.BLOB
    for _ in range(deep):
        builder = git.TreeBuilder()
        for number in range(wide):
            builder.insert(f"d{number}", below, mode)
        below, mode = builder.write(), FileMode.TREE
    return git[below].peel(pygit2.Tree)


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = pygit2.init_repository(tmp_path, bare=True)
    bomb = _nested(git, 10, 10)
    assert differences(bomb, bomb) == ({}, {})
    with monkeypatch.context() as patch:
        patch.setattr(module, "MOST", 11_110)
        assert len(differences(None, _nested(git, 10, 4))[1]) == 10_000
        for pair in ((None, bomb), (bomb, None), (bomb, _nested(git, 10, 9))):
            with pytest.raises(
                RepositoryError, match="more than 11,110 files and folders, which no kernel has"
            ):
                differences(*pair)
    assert module.MOST >= 500_000


def test_folders_without_end(tmp_path: Path) -> None:
    git = pygit2.init_repository(tmp_path, bare=True)
    assert len(differences(None, _nested(git, 1, 90))[1]) == 1
    with pytest.raises(RepositoryError, match="folders in more than 100 others"):
        differences(None, _nested(git, 1, 1500))
