from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import RepositoryError
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git, snapshot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def forked(git: Git) -> dict[str, str]:
    """A, then B on main; A, then C and D on a branch that is checked out."""
    ids = {"a": git.commit("a: first", {"a": "1", "lib/x.c": "int x;"})}
    ids["b"] = git.commit("b", {"b": "1"})
    git("checkout", "-q", "-b", "topic", ids["a"])
    ids["c"] = git.commit("c: third\n\nwith a body", {"c": "1"})
    ids["d"] = git.commit("d", {"d": "1"})
    return ids


def test_commits_have_what_a_report_shows(git: Git, forked: dict[str, str]) -> None:
    commit = Repository.discover(git.path / "lib").commit("HEAD~1")
    assert (commit.id, commit.subject, commit.author) == (forked["c"], "c: third", "A U Thor")
    assert (commit.email, commit.parents) == ("author@example.org", (forked["a"],))
    assert commit.tree == git("rev-parse", "HEAD~1^{tree}")
    assert commit.short == git("rev-parse", "--short=7", "HEAD~1")
    assert commit.time == int(git("log", "-1", "--format=%ct", "HEAD~1"))


def test_files_are_those_of_the_commit(git: Git) -> None:
    first = git.commit("a", {"lib/x.c": "int x;"})
    (git.path / "link").symlink_to("lib/x.c")
    git.commit("b", {"lib/x.c": "int y;", "ü": b"\0\xff"})
    repository = Repository.discover(git.path)
    head = repository.commit("HEAD")
    assert repository.file(repository.commit(first), "lib/x.c", 6) == b"int x;"
    assert repository.file(head, "ü", 2) == b"\0\xff"
    for path in ("lib/y.c", "../lib/x.c", "lib/../lib/x.c", "/lib/x.c", "", "lib/x.c/z"):
        assert repository.file(head, path, 100) is None, path
    for path, said in (("lib", "regular"), ("link", "regular"), ("lib/x.c", "larger")):
        with pytest.raises(RepositoryError, match=f"{head.short}:{path}: .*{said}"):
            repository.file(head, path, 5)


def test_a_folder_outside_of_any_repository(tmp_path: Path) -> None:
    assert Repository.find(tmp_path) is None


def test_tags_and_short_ids_name_commits(git: Git, forked: dict[str, str]) -> None:
    git("tag", "-a", "-m", "x", "v1", forked["b"])
    repository = Repository.discover(git.path)
    assert repository.commit("v1").id == forked["b"]
    assert repository.commit(forked["b"][:10]).id == forked["b"]


def test_a_named_base_is_its_merge_base(git: Git, forked: dict[str, str]) -> None:
    repository = Repository.discover(git.path)
    base = repository.base(repository.commit("HEAD"), "main")
    assert base.commit.id == forked["a"]
    assert base.detail == "merge base of main and HEAD"


def test_the_default_base_is_the_upstream_then_origin_then_main(git: Git, forked: dict[str, str]) -> None:
    repository = Repository.discover(git.path)
    head = repository.commit("HEAD")
    assert repository.base(head).detail == "merge base of main and HEAD"
    git("update-ref", "refs/remotes/origin/trunk", forked["c"])
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert repository.base(head).detail == "merge base of origin/trunk and HEAD"
    assert repository.base(head).commit.id == forked["c"]
    git("config", "branch.topic.remote", ".")
    git("config", "branch.topic.merge", "refs/heads/main")
    assert Repository.discover(git.path).base(head).commit.id == forked["a"]


def test_what_a_remote_has_comes_before_what_is_only_here(git: Git, forked: dict[str, str]) -> None:
    git("update-ref", "refs/remotes/there/main", forked["c"])
    git("config", "branch.topic.remote", ".")
    git("config", "branch.topic.merge", "refs/heads/main")
    repository = Repository.discover(git.path)
    assert repository.default_base() == "main"
    assert repository.default_base("there") == "there/main"
    assert repository.default_base("../a place without a name.git") == "main"


def test_no_base_to_be_found_is_said(git: Git) -> None:
    git.commit("a", {"a": "1"})
    git("branch", "-m", "other")
    repository = Repository.discover(git.path)
    with pytest.raises(RepositoryError, match="--base"):
        repository.base(repository.commit("HEAD"))


def test_unrelated_histories_have_no_base(git: Git) -> None:
    git.commit("a", {"a": "1"})
    git("checkout", "-q", "--orphan", "other")
    git.commit("b", {"b": "1"})
    repository = Repository.discover(git.path)
    with pytest.raises(RepositoryError, match="no common ancestor"):
        repository.base(repository.commit("HEAD"), "main")


def test_commits_between_come_oldest_first(git: Git, forked: dict[str, str]) -> None:
    git("merge", "-q", "-m", "merge", "main")
    repository = Repository.discover(git.path)
    between = repository.between(repository.commit(forked["a"]), repository.commit("HEAD"))
    ids = [commit.id for commit in between]
    assert set(ids) == {forked["b"], forked["c"], forked["d"], git("rev-parse", "HEAD")}
    assert ids.index(forked["c"]) < ids.index(forked["d"]) < 3
    assert ids[3] == git("rev-parse", "HEAD")
    assert repository.between(repository.commit("HEAD"), repository.commit("HEAD")) == ()


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="not inside a git repository"):
        Repository.discover(tmp_path)


@pytest.mark.parametrize("ref", ["nothing", "HEAD~7", "0123456789", "", "a..b", "HEAD:a", "-x", "\x00"])
def test_unknown_refs(git: Git, ref: str) -> None:
    git.commit("a", {"a": "1"})
    with pytest.raises(RepositoryError):
        Repository.discover(git.path).commit(ref)


def test_a_repository_without_a_commit(git: Git) -> None:
    with pytest.raises(RepositoryError, match="no commit yet"):
        Repository.discover(git.path).commit("HEAD")


def test_a_shallow_clone_names_the_command_that_deepens_it(
    git: Git, forked: dict[str, str], tmp_path: Path
) -> None:
    git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{git.path}", str(tmp_path / "shallow"))
    repository = Repository.discover(tmp_path / "shallow")
    head = repository.commit("HEAD")
    assert head.id == forked["d"]
    with pytest.raises(RepositoryError, match="git fetch --unshallow"):
        repository.base(head, "origin/main")
    with pytest.raises(RepositoryError, match="git fetch --unshallow"):
        repository.commit("HEAD~1")


@pytest.mark.parametrize("kind", ["blob:none", "tree:0", "blob:limit=10"])
def test_a_partial_clone_names_the_command_that_completes_it(git: Git, tmp_path: Path, kind: str) -> None:
    """It is run as it stands, and brings what a check of base, head and the commits between reads; nothing else."""
    git("config", "uploadpack.allowFilter", "true")
    git.commit("old", {"lib/a.c": "an older version\n", "gone.c": "not there any more\n"})
    git.commit("base", {"lib/a.c": "the first version\n", "gone.c": None})
    git("checkout", "-q", "-b", "topic")
    git.commit("between", {"lib/a.c": "the second version\n", "b/c/d.c": "a new file\n"})
    head = git.commit("head", {"lib/a.c": "the third version\n"})
    unread = [git("rev-parse", name) for name in ("main~1:lib/a.c", "main~1:gone.c")]
    clone = tmp_path / "partial"
    git("clone", "-q", "--no-checkout", f"--filter={kind}", f"file://{git.path}", str(clone))
    repository = Repository.discover(clone)
    tip = repository.commit("origin/topic")
    base = repository.base(tip, "origin/main").commit
    with pytest.raises(RepositoryError, match=r"\(a partial clone: .*\)$") as error:
        repository.worktree("k", tmp_path / "cache").move_to(tip.tree)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = error.value.hint.removeprefix("a partial clone: ")
    done = subprocess.run(
        command, shell=True, cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert (
        done.returncode,
        [line for line in done.stderr.splitlines() if "error" in line or "fatal" in line],
    ) == (0, [])
    again = Repository.discover(clone)
    worktree = again.worktree("k", tmp_path / "cache")
    for commit in (base, *again.between(base, tip)):
        worktree.move_to(commit.tree)
        assert (worktree.path / "lib/a.c").is_file()
    assert tip.id == head
    assert [step.commit.subject for step in again.history().chain(base, tip)] == ["between", "head"]
    held = Git(clone)("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    assert not {*unread} & {*held}


def test_a_partial_clone_that_has_the_blobs_works(git: Git, forked: dict[str, str], tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    git("clone", "-q", "--filter=blob:none", f"file://{git.path}", str(clone))
    repository = Repository.discover(clone)
    worktree = repository.worktree("k", tmp_path / "cache")
    worktree.move_to(repository.commit("HEAD").tree)
    assert (worktree.path / "d").read_text() == "1"


@pytest.mark.parametrize("kind", ["bare", "linked", "borrowing", "packed", "nested"])
def test_repositories_of_every_kind_can_be_checked_out(
    git: Git, forked: dict[str, str], tmp_path: Path, kind: str
) -> None:
    other = tmp_path / "other"
    if kind == "bare":
        git("clone", "-q", "--bare", str(git.path), str(other))
    elif kind == "linked":
        git("worktree", "add", "-q", "--detach", str(other), "HEAD")
    elif kind == "borrowing":
        git("clone", "-q", "--shared", str(git.path), str(other))
    elif kind == "nested":
        git("clone", "-q", "--shared", str(git.path), str(tmp_path / "middle"))
        git("clone", "-q", "--shared", str(tmp_path / "middle"), str(other))
    else:
        git("gc", "-q")
        other = git.path
    before = snapshot(tmp_path)
    repository = Repository.discover(other)
    worktree = repository.worktree("k", tmp_path / "cache")
    worktree.move_to(repository.commit("HEAD").tree)
    assert {path.name for path in worktree.path.iterdir()} == {"a", "c", "d", "lib"}
    after = snapshot(tmp_path)
    assert {path: after[path] for path in before} == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a repository to another user")
def test_another_owners_repository_names_the_setting(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git.commit("a", {"a": "1"})
    for path in (git.path, *git.path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    with pytest.raises(RepositoryError) as error:
        Repository.discover(git.path)
    assert f"git config --global --add safe.directory {git.path}" in str(error.value)


def test_missing_objects_are_an_error_and_not_an_answer(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"a": "1"})
    tree = git("rev-parse", "HEAD^{tree}")
    (git.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    repository = Repository.discover(git.path)
    with pytest.raises(RepositoryError, match="missing"):
        repository.worktree("k", tmp_path / "cache").move_to(repository.commit("HEAD").tree)


def test_a_repository_that_moved_is_found_again(git: Git, tmp_path: Path) -> None:
    git.commit("a", {"a": "1"})
    repository = Repository.discover(git.path)
    repository.worktree("k", tmp_path / "cache").move_to(repository.commit("HEAD").tree)
    shutil.move(git.path, tmp_path / "elsewhere")
    moved = Repository.discover(tmp_path / "elsewhere")
    worktree = moved.worktree("k", tmp_path / "cache")
    worktree.move_to(moved.commit("HEAD").tree)
    assert (worktree.path / "a").read_text() == "1"
