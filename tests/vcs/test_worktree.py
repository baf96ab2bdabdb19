from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pygit2
import pytest

from kabicheck.errors import NotAFolder, RepositoryError
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.vcs.worktree import Worktree


def _worktree(git: Git, tmp_path: Path) -> Worktree:
    return Repository.discover(git.path).worktree("k", tmp_path / "cache")


def _tree(git: Git, ref: str = "HEAD") -> str:
    return git("rev-parse", f"{ref}^{{tree}}")


def _content(folder: Path) -> dict[str, tuple[str, bytes, bool]]:
    """Path → kind, content, executable."""
    return {
        path.relative_to(folder).as_posix(): ("link", os.fsencode(path.readlink()), False)
        if path.is_symlink()
        else ("file", path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_the_worktree_holds_exactly_the_tree(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"a": "1", "lib/deep/x.c": b"\xff\r\n", "run": "#!/bin/sh\n", "lib/gone.c": "x"})
    (git.path / "run").chmod(0o755)
    (git.path / "link").symlink_to("lib/deep")
    git.commit("b", {"lib/gone.c": None})
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git, "HEAD~1"))
    worktree.move_to(_tree(git))
    assert _content(worktree.path) == {
        "a": ("file", b"1", False),
        "lib/deep/x.c": ("file", b"\xff\r\n", False),
        "run": ("file", b"#!/bin/sh\n", True),
        "link": ("link", b"lib/deep", False),
    }
    assert worktree.tree == _tree(git)


def test_a_tree_that_git_has_pruned_since(git: Git, tmp_path: Path) -> None:
    """As after a rebase: what the folder holds is not known any more, so it is written anew."""
    git.commit("a", {"a": "1"})
    git.commit("b", {"lib/gone.c": "x", "a": "2"})
    worktree = _worktree(git, tmp_path)
    pruned = _tree(git)
    worktree.move_to(pruned)
    git("reset", "--quiet", "--hard", "HEAD~1")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    worktree = _worktree(git, tmp_path)
    assert worktree.differing(pruned, _tree(git)) == {"a": False}
    worktree.move_to(_tree(git))
    assert _content(worktree.path) == {"a": ("file", b"1", False)}
    with pytest.raises(RepositoryError, match="missing"):
        worktree.move_to(pruned)
    (worktree.folder / "source.json").write_text(json.dumps({"tree": _tree(git), "towards": pruned}))
    (worktree.path / "half").touch()
    worktree.move_to(_tree(git))
    assert _content(worktree.path) == {"a": ("file", b"1", False)}


def test_a_move_touches_only_what_differs(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"same": "1", "changed": "1", "folder/removed": "1", "other/same": "1"})
    git.commit("b", {"changed": "2", "folder/removed": None, "added/x": "1"})
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git, "HEAD~1"))
    before = snapshot(worktree.path)
    assert worktree.move_to(_tree(git)) == 3
    after = snapshot(worktree.path)
    for name in ("same", "other/same", "other"):
        assert after[str(worktree.path / name)] == before[str(worktree.path / name)]
    assert not (worktree.path / "folder").exists()
    assert worktree.move_to(_tree(git)) == 0


@pytest.mark.parametrize("back", [False, True])
def test_files_folders_and_links_replace_each_other(git: Git, tmp_path: Path, back: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("precious")
    git.commit("a", {"f": "file", "d/x": "in a folder", "l/x": "in a folder"})
    (git.path / "f").unlink()
    (git.path / "d/x").unlink()
    (git.path / "l/x").unlink()
    (git.path / "d").rmdir()
    (git.path / "l").rmdir()
    (git.path / "l").symlink_to(outside)
    git.commit("b", {"f/x": "in a folder", "d": "file"})
    old, new = ("HEAD", "HEAD~1") if back else ("HEAD~1", "HEAD")
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git, old))
    worktree.move_to(_tree(git, new))
    fresh = Repository.discover(git.path).worktree("fresh", tmp_path / "cache")
    fresh.move_to(_tree(git, new))
    assert _content(worktree.path) == _content(fresh.path)
    assert (outside / "x").read_text() == "precious"


def test_no_filter_attribute_or_hook_runs(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = tmp_path / "ran"
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no-index"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "no-repository"))
    git.commit(
        "a",
        {
            ".gitattributes": "*.c filter=evil text eol=crlf ident export-subst\n*.h export-ignore\n",
            "x.c": "$Id$ $Format:%H$\n",
            "x.h": "",
        },
    )
    git("config", "filter.evil.smudge", f"touch {witness}; cat")
    git("config", "filter.evil.process", f"touch {witness}")
    git("config", "core.autocrlf", "true")
    git("config", "core.fsmonitor", f"touch {witness}")
    hook = git.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {witness}\n")
    hook.chmod(0o755)
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git))
    assert (worktree.path / "x.c").read_bytes() == b"$Id$ $Format:%H$\n"
    assert (worktree.path / "x.h").exists()
    assert not witness.exists()


def test_submodules_are_left_out(git: Git, tmp_path: Path) -> None:
    commit = git.commit("a", {"a": "1"})
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    git("commit", "-q", "-m", "b")
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git))
    assert _content(worktree.path) == {"a": ("file", b"1", False)}


def test_a_tree_that_is_not_committed_can_be_checked_out(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"a": "1"})
    (git.path / "a").write_text("2")
    git("add", "a")
    worktree = _worktree(git, tmp_path)
    worktree.move_to(git("write-tree"))
    assert (worktree.path / "a").read_text() == "2"


@pytest.mark.parametrize("name", [b"..", b".git", b".GIT", b"."])
def test_unsafe_names_are_refused(git: Git, tmp_path: Path, name: bytes) -> None:
    git.commit("a", {"a": "1"})
    odb = pygit2.Repository(str(git.path)).odb
    inner = odb.write(pygit2.enums.ObjectType.TREE, b"100644 x\0" + bytes.fromhex(git("rev-parse", "HEAD:a")))
    tree = odb.write(pygit2.enums.ObjectType.TREE, b"40000 " + name + b"\0" + inner.raw)
    worktree = _worktree(git, tmp_path)
    with pytest.raises(RepositoryError, match="unsafe name"):
        worktree.move_to(str(tree))
    assert not (worktree.folder / "x").exists()


def test_a_damaged_state_starts_over(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"a": "1"})
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git))
    (worktree.folder / "source.json").write_text("{")
    (worktree.path / "stray").write_text("x")
    worktree.move_to(_tree(git))
    assert _content(worktree.path) == {"a": ("file", b"1", False)}


MOVE = """
import sys
from pathlib import Path
from kabicheck.vcs.repository import Repository
repository = Repository.discover(sys.argv[1])
repository.worktree("k", Path(sys.argv[2])).move_to(sys.argv[3])
"""


# What three commits with so many files hold that a move between the first two takes a while.
MANY = {f"d{number % 50}/f{number}": str(number) for number in range(4000)}
FIRST = {name: f"a{text}" for name, text in MANY.items()} | {"only-a": "1"}
SECOND = {name: f"b{text}" for name, text in MANY.items()} | {"only-b": "1"}
THIRD = {name: text for name, text in SECOND.items() if name != "d3/f3"} | {"only-c": "1"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """A repository with these three commits."""
    git = Git(tmp_path_factory.mktemp("many"))
    git("init", "-q", "-b", "main")
    git.commit("a", FIRST)
    git.commit("b", {**SECOND, "only-a": None})
    git.commit("c", {"only-c": "1", "d3/f3": None})
    git("gc", "-q")  # so that looking at all of it takes little
    return git


@pytest.mark.parametrize(
    ("target", "expected"),
    [("HEAD~1", SECOND), ("HEAD~2", FIRST), ("HEAD", THIRD)],
    ids=["forward", "back", "elsewhere"],
)
def test_after_a_kill_the_next_move_recovers(
    many: Git, tmp_path: Path, target: str, expected: dict[str, str]
) -> None:
    before = snapshot(many.path)
    worktree = _worktree(many, tmp_path)
    worktree.move_to(_tree(many, "HEAD~2"))
    arguments = [sys.executable, "-c", MOVE, str(many.path), str(tmp_path / "cache"), _tree(many, "HEAD~1")]
    child = subprocess.Popen(arguments)
    while worktree.tree and child.poll() is None:
        time.sleep(0.001)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert worktree.tree == "", "the kill came too late to be in the middle"
    again = _worktree(many, tmp_path)
    again.move_to(_tree(many, target))
    assert _content(again.path) == {name: ("file", text.encode(), False) for name, text in expected.items()}
    assert snapshot(many.path) == before


def _odd_tree(git: Git, entry: bytes, name: bytes = b"bad") -> str:
    """HEAD's tree with one more entry. entry: a mode, and then the content of a blob, or `tree` for the id of one."""
    odb = pygit2.Repository(str(git.path)).odb
    mode, content = entry.split(b" ", 1)
    kind = pygit2.enums.ObjectType.TREE if content.startswith(b"tree") else pygit2.enums.ObjectType.BLOB
    oid = odb.write(kind, b"" if kind == pygit2.enums.ObjectType.TREE else content)
    raw = pygit2.Repository(str(git.path))[pygit2.Oid(hex=_tree(git))].read_raw()
    return str(odb.write(pygit2.enums.ObjectType.TREE, raw + mode + b" " + name + b"\0" + oid.raw))


ODD = {
    "empty link": (b"120000 ", b"zz"),
    "link that is too long": (b"120000 " + b"x" * 5000, b"zz"),
    "link with a NUL": (b"120000 a\0b", b"zz"),
    "name that is too long": (b"100644 x", b"z" * 300),
    "file that is a folder": (b"100644 tree", b"zz"),
    "link that is a folder": (b"120000 tree", b"zz"),
    "folder that is a file": (b"40000 x", b"zz"),
    "name that is there twice": (b"100644 x", b"lib"),
    "path": (b"100644 x", b"a/b"),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_tree_that_no_folder_can_hold_is_an_error_of_its_own(git: Git, tmp_path: Path, kind: str) -> None:
    git.commit("a", {"a": "1", "lib/x.c": "1", "lib/y.c": "1"})
    first = _tree(git)
    git.commit("b", {"a": "2", "lib/x.c": "2"})
    bad = _odd_tree(git, *ODD[kind])
    worktree = _worktree(git, tmp_path)
    worktree.move_to(first)
    before = snapshot(worktree.path)
    for _ in range(2):
        with pytest.raises(NotAFolder):
            worktree.move_to(bad)
    worktree = _worktree(git, tmp_path)
    worktree.move_to(first)
    assert _content(worktree.path) == dict.fromkeys(("a", "lib/x.c", "lib/y.c"), ("file", b"1", False))
    kept = str(worktree.path / "lib/y.c")
    assert snapshot(worktree.path)[kept] == before[kept], "what both trees have is left alone"
    worktree.move_to(_tree(git))
    assert (worktree.path / "a").read_text() == "2"
    assert {path.name for path in tmp_path.iterdir()} == {"user", "cache"}


def test_what_others_changed_in_the_worktree_is_put_right(git: Git, tmp_path: Path) -> None:
    files = {f"lib/f{number}": f"{number}" for number in range(6)} | {"include/linux/x.h": "x", "run": "r"}
    git.commit("a", files)
    (git.path / "link").symlink_to("lib/f0")
    git.commit("b", {"other": "o"})
    worktree = _worktree(git, tmp_path)
    worktree.move_to(_tree(git))
    right, before = _content(worktree.path), snapshot(worktree.path)
    root = worktree.path
    (root / "lib/f0").write_text("edited")
    (root / "lib/f1").unlink()
    (root / "lib/f2").rename(root / "lib/f3")
    (root / "lib/f4").chmod(0o755)
    (root / "lib/new").mkdir()
    (root / "lib/new/x.h").write_text("hides another")
    (root / "stray").symlink_to(tmp_path)
    (root / "link").unlink()
    (root / "link").symlink_to("lib/f5")
    (root / "include/linux").rename(tmp_path / "outside")
    (root / "include/linux").symlink_to(tmp_path / "outside")
    assert _worktree(git, tmp_path).move_to(_tree(git)) > 0
    assert _content(root) == right
    for name in ("lib/f5", "run", "other"):
        assert snapshot(root)[str(root / name)] == before[str(root / name)]
    assert (tmp_path / "outside/x.h").read_text() == "x"
    assert _worktree(git, tmp_path).move_to(_tree(git)) == 0
