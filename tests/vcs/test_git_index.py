"""The tree that a commit would get, with git's own word for it: the tree of the commit that is then made."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import RepositoryError
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git, contents, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import Step


@pytest.fixture
def staged(git: Git, tmp_path: Path) -> Git:
    """A commit, and beside it a change that is staged, one that is not, and one file of which half is."""
    git.commit("first", {"a.c": "int a;\n", "b.c": "int b;\n", "lib/c.h": "int c;\n"})
    (git.path / "a.c").write_text("long a;\n")
    (git.path / "lib/c.h").write_text("long c;\n")
    git("add", "a.c", "lib/c.h")
    (git.path / "lib/c.h").write_text("short c;\n")
    (git.path / "b.c").write_text("long b;\n")
    return git


def _step(git: Git, tmp_path: Path, index_file: str = "", folder: Path | None = None) -> Step:
    repository = Repository.discover(folder or git.path)
    return repository.staged(repository.commit("HEAD"), index_file, tmp_path / "cache")


def test_it_is_the_tree_that_is_committed(staged: Git, tmp_path: Path) -> None:
    before = snapshot(staged.path)
    step = _step(staged, tmp_path)
    assert snapshot(staged.path) == before
    assert [(touch.status, touch.path) for touch in step.touched] == [("M", "a.c"), ("M", "lib/c.h")]
    assert (step.commit.id, step.commit.parents) == ("", (staged("rev-parse", "HEAD"),))
    staged("commit", "--quiet", "--message", "second")
    assert step.commit.tree == staged("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_announced_files_are_left_out(staged: Git, tmp_path: Path, version: str) -> None:
    for name in ("empty.c", "announced.c", "lib/announced.h", "zero"):
        (staged.path / name).write_text("" if name in ("empty.c", "zero") else "int new;\n")
    staged("add", "empty.c", "zero")
    staged("add", "--intent-to-add", "announced.c", "lib/announced.h")
    staged("update-index", "--index-version", version)
    tree = _step(staged, tmp_path).commit.tree
    staged("commit", "--quiet", "--message", "second")
    assert tree == staged("rev-parse", "HEAD^{tree}")
    assert staged("ls-tree", "-r", "--name-only", "HEAD").split() == [
        "a.c",
        "b.c",
        "empty.c",
        "lib/c.h",
        "zero",
    ]


def test_links_modes_renames_and_submodules(staged: Git, tmp_path: Path) -> None:
    (staged.path / "link").symlink_to("a.c")
    staged("add", "link")
    staged("mv", "b.c", "lib/moved.c")
    staged("update-index", "--chmod=+x", "a.c")
    staged("update-index", "--add", "--cacheinfo", f"160000,{staged('rev-parse', 'HEAD')},module")
    step = _step(staged, tmp_path)
    assert ("R", "lib/moved.c", "b.c") in [(each.status, each.path, each.old_path) for each in step.touched]
    assert step.commit.tree == staged("write-tree")


def test_the_index_that_git_names_counts(staged: Git, tmp_path: Path) -> None:
    environment = {**os.environ, "GIT_INDEX_FILE": ".git/other"}
    for command in (("read-tree", "HEAD"), ("add", "b.c")):
        subprocess.run(["git", *command], cwd=staged.path, env=environment, check=True)
    for name in (".git/other", str(staged.path / ".git/other")):
        assert [touch.path for touch in _step(staged, tmp_path, name).touched] == ["b.c"]


def test_each_linked_worktree_has_an_index(staged: Git, tmp_path: Path) -> None:
    staged("worktree", "add", "--quiet", str(tmp_path / "linked"))
    (tmp_path / "linked/b.c").write_text("short b;\n")
    subprocess.run(["git", "add", "b.c"], cwd=tmp_path / "linked", check=True)
    assert [touch.path for touch in _step(staged, tmp_path, folder=tmp_path / "linked").touched] == ["b.c"]
    assert len(_step(staged, tmp_path).touched) == 2


def test_what_is_no_tree_yet_is_said(staged: Git, tmp_path: Path) -> None:
    staged("checkout", "--quiet", "--force", "-b", "side")
    staged.commit("theirs", {"a.c": "char a;\n"})
    staged("checkout", "--quiet", "-")
    staged.commit("ours", {"a.c": "short a;\n"})
    merge = subprocess.run(
        ["git", "merge", "--quiet", "side"], cwd=staged.path, capture_output=True, check=False
    )
    assert merge.returncode == 1, merge
    with pytest.raises(RepositoryError, match="conflicts are not resolved in a"):
        _step(staged, tmp_path)


def test_an_index_that_cannot_be_read_is_said(staged: Git, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="nowhere: No such file"):
        _step(staged, tmp_path, "nowhere")
    (staged.path / "damaged").write_bytes(b"DIRC" + bytes(100))
    with pytest.raises(RepositoryError, match="damaged: "):
        _step(staged, tmp_path, "damaged")


def test_an_index_in_parts(staged: Git, tmp_path: Path) -> None:
    """libgit2 reads none; git spells it from a copy. With deletions, and a file that is only announced."""
    staged("config", "splitIndex.maxPercentChange", "100")
    staged("update-index", "--split-index")
    staged("rm", "-q", "--cached", "b.c")
    (staged.path / "announced.c").write_text("int new;\n")
    staged("add", "--intent-to-add", "announced.c")
    assert [*staged.path.glob(".git/sharedindex.*")]
    before = contents(staged.path)
    tree = _step(staged, tmp_path).commit.tree
    assert contents(staged.path) == before
    staged("commit", "--quiet", "--message", "second")
    assert tree == staged("rev-parse", "HEAD^{tree}")
    for shared in staged.path.glob(".git/sharedindex.*"):
        shared.unlink()
    with pytest.raises(RepositoryError, match=r"index: .*sharedindex.*git status says more"):
        _step(staged, tmp_path)


def test_an_index_that_names_folders(staged: Git, tmp_path: Path) -> None:
    """A sparse index, with what is staged inside of the cone; and conflicts in it."""
    staged.commit("more", {"deep/er/d.c": "int d;\n", "deep/e.c": "", "lib/f.c": "int f;\n"})
    staged("sparse-checkout", "set", "--cone", "--sparse-index", "lib")
    assert b"sdir" in (staged.path / ".git/index").read_bytes()
    (staged.path / "lib/f.c").write_text("long f;\n")
    staged("add", "lib/f.c")
    before = contents(staged.path)
    step = _step(staged, tmp_path)
    assert contents(staged.path) == before
    assert [touch.path for touch in step.touched] == ["lib/f.c"]
    assert step.commit.tree == staged("write-tree")
    staged("checkout", "-q", "-b", "side")
    staged("commit", "-q", "-m", "ours")
    staged("checkout", "-q", "main")
    staged.commit("theirs", {"lib/f.c": "short f;\n"})
    merge = subprocess.run(["git", "merge", "-q", "side"], cwd=staged.path, capture_output=True, check=False)
    assert merge.returncode == 1, merge
    with pytest.raises(RepositoryError, match=r"conflicts are not resolved in lib/f.c"):
        _step(staged, tmp_path)


def test_what_is_skipped_or_cached_in_an_index_is_as_staged(staged: Git, tmp_path: Path) -> None:
    for setting in ("untrackedCache", "preloadIndex"):
        staged("config", f"core.{setting}", "true")
    staged("update-index", "--untracked-cache", "--skip-worktree", "b.c")
    staged("update-index", "--assume-unchanged", "lib/c.h")
    staged("status")
    tree = _step(staged, tmp_path).commit.tree
    staged("commit", "--quiet", "--message", "second")
    assert tree == staged("rev-parse", "HEAD^{tree}")
