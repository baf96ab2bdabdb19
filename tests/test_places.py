"""Where files may be written: not in git folders, and below a root through no link."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kabicheck.errors import UsageError
from kabicheck.places import git_folder, is_below, obstacle, require_outside_git, write_below


def git(*arguments: str, folder: Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with a submodule-like one inside, a linked worktree, a separate git folder and a bare one."""
    tree = tmp_path / "tree"
    git("init", "--quiet", str(tree), folder=tmp_path)
    git("commit", "--quiet", "--allow-empty", "--message", "x", folder=tree)
    git("worktree", "add", "--quiet", str(tmp_path / "linked"), folder=tree)
    git("init", "--quiet", str(tree / "inner"), folder=tmp_path)
    git("init", "--quiet", "--bare", str(tree / "bare"), folder=tmp_path)
    git(
        "init",
        "--quiet",
        "--separate-git-dir",
        str(tmp_path / "apart"),
        str(tmp_path / "split"),
        folder=tmp_path,
    )
    (tree / "out").symlink_to(".git/hooks")
    (tree / "up").symlink_to("..")
    return tree


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("tree/.git/hooks/pre-push", "tree/.git"),
        ("tree/.GIT/config", "tree/.GIT"),
        ("tree/.git/worktrees/linked/HEAD", "tree/.git/worktrees/linked"),
        ("tree/out/post-checkout", "tree/.git"),
        ("tree/inner/../.git/new/deep", "tree/.git"),
        ("linked/.git", "linked/.git"),
        ("tree/bare/config", "tree/bare"),
        ("apart/refs/heads/x", "apart"),
        ("split/.git", "split/.git"),
    ],
)
def test_git_folders_are_known_however_they_are_reached(tree: Path, path: str, folder: str) -> None:
    assert git_folder(tree.parent / path) == tree.parent / folder
    with pytest.raises(UsageError, match="inside the git folder"):
        require_outside_git(tree.parent / path)


@pytest.mark.parametrize(
    "path", ["tree/report", "tree/.github/x", "tree/up/x", "linked/x", "split/x", "new/x"]
)
def test_work_trees_are_none(tree: Path, path: str) -> None:
    assert git_folder(tree.parent / path) is None


def test_below(tree: Path) -> None:
    (tree / "there").write_text("")
    (tree / "alias").symlink_to("there")
    assert is_below(tree, tree / "alias")
    assert is_below(tree, tree / "not/yet")
    assert not is_below(tree, tree / "up/linked/x")
    assert not is_below(tree, tree / "out/x")
    assert not is_below(tree, Path("/etc/passwd"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("new/deep/x", ""),
        ("there", ""),
        ("out/x", "out is a symbolic link"),
        ("alias", "alias is a symbolic link"),
        ("there/x", "there is no folder"),
        ("folder", "folder is no regular file"),
        ("pipe", "pipe is no regular file"),
        ("inner/x", "inner is a repository of its own"),
        ("bare/x", "bare is a repository of its own"),
    ],
)
def test_what_is_in_the_way(tree: Path, name: str, said: str) -> None:
    (tree / "there").write_text("")
    (tree / "alias").symlink_to("there")
    (tree / "folder").mkdir()
    os.mkfifo(tree / "pipe")
    assert obstacle(tree, name) == said


def test_a_file_is_written_through_no_link(tree: Path) -> None:
    write_below(tree, "new/deep/x", b"1")
    write_below(tree, "new/deep/x", b"2")
    assert (tree / "new/deep/x").read_bytes() == b"2"
    assert [each.name for each in (tree / "new/deep").iterdir()] == ["x"]
    outside = tree.parent / "outside"
    outside.write_bytes(b"mine")
    (tree / "new/link").symlink_to(outside)
    (tree / "new/twin").hardlink_to(outside)
    for name in ("out/post-checkout", "up/outside", "new/link"):
        with pytest.raises(UsageError, match=f"{tree}/{name}: "):
            write_below(tree, name, b"theirs")
    write_below(tree, "new/twin", b"theirs")
    assert outside.read_bytes() == b"mine"
    assert not (tree / ".git/hooks/post-checkout").exists()
