"""Repositories as git's environment and settings name them, and those of kinds that libgit2 does not read."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import RepositoryError
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.vcs.conftest import Git

TOLD = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*TOLD, "GIT_INDEX_FILE", "GIT_CEILING_DIRECTORIES"):
        monkeypatch.delenv(name, raising=False)


def hook(git_dir: Path, name: str, marker: Path) -> None:
    """A hook that writes down its folder and what git tells it."""
    file = git_dir / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f"#!/bin/sh\ncat >/dev/null\n(pwd; env | grep ^GIT_) >{marker}\nexit ${{HOOK_STATUS:-0}}\n"
    )
    file.chmod(0o755)


def as_the_hook(marker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go where the hook was, and know what it knew."""
    folder, *variables = marker.read_text().splitlines()
    monkeypatch.chdir(folder)
    for variable in variables:
        name, _, value = variable.partition("=")
        if name in (*TOLD, "GIT_INDEX_FILE"):
            monkeypatch.setenv(name, value)


def test_a_hook_of_a_work_tree_elsewhere(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git --git-dir=… --work-tree=… commit: the folder has no .git, and other repositories are above it."""
    git.commit("first", {"a.c": "int a;\n"})
    work = git.path / "elsewhere"
    work.mkdir()
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "store.git")], check=True)
    options = (f"--git-dir={tmp_path / 'store.git'}", f"--work-tree={work}")
    (work / "b.c").write_text("int b;\n")
    git(*options, "-c", "core.bare=false", "add", "b.c")
    git(*options, "commit", "-q", "-m", "one")
    hook(tmp_path / "store.git", "pre-commit", tmp_path / "told")
    (work / "b.c").write_text("long b;\n")
    git(*options, "commit", "-q", "-a", "-m", "two")
    as_the_hook(tmp_path / "told", monkeypatch)
    assert os.environ["GIT_DIR"]
    repository = Repository.discover()
    assert (repository.path, repository.source) == (tmp_path / "store.git", work)
    base = repository.commit("HEAD~1")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert [touch.path for touch in repository.staged(base, "", tmp_path / "cache").touched] == ["b.c"]
    assert (repository.tracked(["a.c", "b.c"]), repository.tracked(["a.c"])) == ("b.c", "")
    named = Repository.discover(git.path)
    assert named.path == git.path / ".git", "a folder that somebody names counts more"


def test_what_is_told_wrongly(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git.commit("first", {"a.c": "int a;\n"})
    monkeypatch.chdir(git.path)
    monkeypatch.setenv("GIT_DIR", "nowhere")
    with pytest.raises(RepositoryError, match="nowhere: no git folder, though GIT_DIR names it"):
        Repository.discover()
    monkeypatch.setenv("GIT_DIR", "")
    assert Repository.discover().source == git.path
    monkeypatch.setenv("GIT_COMMON_DIR", str(tmp_path))
    with pytest.raises(RepositoryError, match="GIT_COMMON_DIR is "):
        Repository.discover()
    monkeypatch.delenv("GIT_COMMON_DIR")
    (git.path / "deep").mkdir()
    monkeypatch.chdir(git.path / "deep")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(git.path))
    assert Repository.find() is None


def test_objects_of_a_push_that_is_not_accepted_yet(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pre-receive hook they are in quarantine; the variables lead there while the hook runs."""
    first = git.commit("first", {"a.c": "int a;\n"})
    server = tmp_path / "server.git"
    git("clone", "-q", "--bare", ".", str(server))
    hook(server, "pre-receive", tmp_path / "told")
    keep = server / "hooks/pre-receive"
    kept = tmp_path / "kept"
    keep.write_text(keep.read_text().replace("exit", f'cp -r "$GIT_OBJECT_DIRECTORY" {kept}\nexit'))
    second = git.commit("second", {"a.c": "long a;\n"})
    environment = {**os.environ, "HOOK_STATUS": "1"}
    subprocess.run(
        ["git", "push", "-q", str(server), "main"],
        cwd=git.path,
        env=environment,
        check=False,
        capture_output=True,
    )
    as_the_hook(tmp_path / "told", monkeypatch)
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(kept))
    repository = Repository.discover()
    assert repository.path == server
    commit = repository.commit(second)
    assert [each.id for each in repository.between(repository.commit(first), commit)] == [second]
    worktree = repository.worktree("k", tmp_path / "cache")
    worktree.move_to(commit.tree)
    assert (worktree.path / "a.c").read_text() == "long a;\n"
    monkeypatch.delenv("GIT_OBJECT_DIRECTORY")
    with pytest.raises(RepositoryError):
        Repository.discover().commit(second)


def test_alternates_with_relative_paths(git: Git, tmp_path: Path) -> None:
    """Those of alternates, too, which libgit2 does not follow from where we borrow."""
    head = git.commit("first", {"a.c": "int a;\n"})
    for name, source in (("middle", "../../../user/.git/objects"), ("last", "../../../middle/.git/objects")):
        subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path / name)], check=True)
        (tmp_path / name / ".git/objects/info/alternates").write_text(f"# a remark\n{source}\n")
        (tmp_path / name / ".git/refs/heads/main").write_text(f"{head}\n")
    repository = Repository.discover(tmp_path / "last")
    worktree = repository.worktree("k", tmp_path / "cache")
    worktree.move_to(repository.commit("HEAD").tree)
    assert (worktree.path / "a.c").is_file()


@pytest.fixture
def anothers(git: Git) -> Iterator[Git]:
    """A repository of another user."""
    if os.getuid() != 0:
        pytest.skip("needs to be root to give a folder away")
    git.commit("first", {"a.c": "int a;\n"})
    for folder in (git.path, git.path / ".git"):
        os.chown(folder, 12345, 12345)
    yield git


@pytest.mark.parametrize(
    "settings",
    [
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"},
        {"GIT_CONFIG_PARAMETERS": "'safe.directory'='*'"},
        {"GIT_CONFIG_GLOBAL": "settings"},
    ],
)
def test_what_settings_in_the_environment_allow(
    anothers: Git, settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        RepositoryError, match=r"belongs to another user \(git config --global --add safe.directory"
    ):
        Repository.discover(anothers.path)
    (tmp_path / "settings").write_text("[safe]\n\tdirectory = *\n")
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, str(tmp_path / value) if name.endswith("GLOBAL") else value)
    asks_git = subprocess.run(
        ["git", "-C", anothers.path, "rev-parse", "HEAD"], capture_output=True, check=False
    )
    if (
        asks_git.returncode
    ):  # git takes safe.directory from there only since 2.38 or so, and not in all distributions
        with pytest.raises(RepositoryError, match="belongs to another user"):
            Repository.discover(anothers.path)
        return
    assert Repository.discover(anothers.path).commit("HEAD").subject == "first"


def test_kinds_that_cannot_be_read_are_said(git: Git, tmp_path: Path) -> None:
    other = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(other)], check=True)
    with pytest.raises(RepositoryError, match=r"named by SHA-256.*kabicheck compare OLD NEW"):
        Repository.discover(other)
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.worktreeConfig", "true")
    assert Repository.discover(git.path).is_unborn
    git("config", "extensions.refStorage", "reftable")
    with pytest.raises(RepositoryError, match=r"reftable.*git refs migrate --ref-format=files"):
        Repository.discover(git.path)
    config = git.path / ".git/config"
    config.write_text(config.read_text().replace("refStorage", "somethingNew"))
    with pytest.raises(
        RepositoryError, match=r"unsupported extension name extensions.somethingnew \(.*git clone"
    ):
        Repository.discover(git.path)


def test_replace_refs_are_ignored_and_that_is_said(git: Git) -> None:
    first = git.commit("first", {"a.c": "int a;\n"})
    second = git.commit("second", {"a.c": "long a;\n"})
    repository = Repository.discover(git.path)
    assert repository.remarks() == ()
    git("replace", second, first)
    assert git("log", "-1", "--format=%s", second) == "first"
    assert repository.commit(second).subject == "second"
    [said] = repository.remarks()
    assert said.startswith("1 replace ref is ignored: ")


@pytest.mark.parametrize("name", ["info/commit-graph", "pack/multi-pack-index"])
def test_damaged_indexes_of_history_change_nothing(git: Git, name: str) -> None:
    """They only save time, and what does not add up is not used."""
    first = git.commit("first", {"a.c": "int a;\n"})
    git.commit("second", {"a.c": "long a;\n"})
    git("repack", "-adq")
    git("commit-graph", "write", "--reachable")
    git("multi-pack-index", "write")
    file = git.path / ".git/objects" / name
    content = file.read_bytes()
    file.chmod(0o644)
    for damaged in (content[:40], bytes(len(content)), content[:100] + b"\xff" * (len(content) - 100)):
        file.write_bytes(damaged)
        repository = Repository.discover(git.path)
        head = repository.commit("HEAD")
        assert repository.base(head, first).commit.id == first
        assert len(repository.between(repository.commit(first), head)) == 1
