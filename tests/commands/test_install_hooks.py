"""`kabicheck install-hooks` where git really looks for hooks, and the hook that it installs for commits."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.vcs.conftest import Git

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository

ALL = ["pre-commit", "pre-merge-commit", "pre-push"]


@pytest.fixture
def user(tmp_path: Path, plain: None, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository with a commit, in which the program runs."""
    git = Git(tmp_path / "user")
    git.path.mkdir()
    git("init", "--quiet")
    git.commit("first", {"a.c": "int a;\n"})
    for sample in (git.path / ".git/hooks").iterdir():
        sample.unlink()
    monkeypatch.chdir(git.path)
    return git


def _hooks(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _commit(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-a", "-m", "second"]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_they_are_installed_updated_and_removed(user: Git, capsys: pytest.CaptureFixture[str]) -> None:
    folder = user.path / ".git/hooks"
    for word in ("installed", "updated"):
        assert main(["install-hooks"]) == 0
        assert capsys.readouterr().out.splitlines() == [f"{word} {folder / name}" for name in ALL]
    assert all(os.access(folder / name, os.X_OK) for name in ALL)
    assert main(["install-hooks", "--uninstall", "--hook", "pre-push"]) == 0
    assert _hooks(folder) == ["pre-commit", "pre-merge-commit"]
    assert main(["install-hooks", "--uninstall"]) == 0
    assert _hooks(folder) == []


def test_another_hook_is_never_lost(user: Git, capsys: pytest.CaptureFixture[str]) -> None:
    folder = user.path / ".git/hooks"
    (folder / "pre-push").write_text("#!/bin/sh\necho mine\n")
    assert main(["install-hooks"]) == 2
    assert "--chain keeps it as pre-push.chained" in capsys.readouterr().err
    assert _hooks(folder) == ["pre-push"], "nothing is done by halves"
    assert main(["install-hooks", "--chain"]) == 0
    assert _hooks(folder) == [*ALL, "pre-push.chained"]
    assert main(["install-hooks"]) == 0, "an update"
    assert main(["install-hooks", "--uninstall"]) == 0
    assert (folder / "pre-push").read_text() == "#!/bin/sh\necho mine\n"
    assert main(["install-hooks", "--uninstall"]) == 0
    assert _hooks(folder) == ["pre-push"]


def test_a_chained_hook_runs_first_and_may_stop_the_commit(user: Git) -> None:
    hook = user.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho mine\n[ ! -e stop ] || exit 3\n")
    hook.chmod(0o755)
    assert main(["install-hooks", "--chain"]) == 0
    (user.path / "README").write_text("Read me.\n")
    user("add", "README")
    done = _commit(user.path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "mine"), done.stdout
    (user.path / "stop").touch()
    (user.path / "a.c").write_text("long a;\n")
    done = _commit(user.path)
    assert (done.returncode, done.stdout) == (1, "mine\n")


def test_they_go_where_git_looks(user: Git, tmp_path: Path) -> None:
    user("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert main(["install-hooks", "-C", str(tmp_path / "linked")]) == 0
    assert _hooks(user.path / ".git/hooks") == ALL
    user("config", "core.hooksPath", "tools/hooks")
    (user.path / "tools").mkdir()
    assert main(["install-hooks"]) == 0
    assert _hooks(user.path / "tools/hooks") == ALL
    user("config", "--unset", "core.hooksPath")
    user("submodule", "--quiet", "add", str(user.path), "sub")
    assert main(["install-hooks", "-C", "sub"]) == 0
    assert set(ALL) <= set(_hooks(user.path / ".git/modules/sub/hooks"))


def test_where_they_would_be_for_others_or_nobody_is_said(
    user: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    user("config", "core.hooksPath", os.devnull)
    assert main(["install-hooks"]) == 2
    assert "hooks are switched off" in capsys.readouterr().err


def test_a_commit_is_checked(
    demo: DemoRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.git("config", "core.hooksPath", ".git/hooks")
    try:
        assert main(["install-hooks", "--hook", "pre-commit"]) == 0
        assert main(["build"]) == 0
        header = demo.path / "include/linux/async.h"
        header.write_text(header.read_text().replace("bool registered;", "bool registered;\n\tlong late;"))
        folders = os.environ["PATH"].split(":")
        without_us = ":".join(folder for folder in folders if not os.access(f"{folder}/kabicheck", os.X_OK))
        stopped = _commit(demo.path, PATH=without_us)
        assert stopped.returncode == 1
        assert "struct async_domain: member added" in stopped.stdout
        demo.git("checkout", "--quiet", "--", ".")
        (demo.path / "lib/crc32.c").write_text(demo.read("lib/crc32.c") + "/* The end. */\n")
        done = _commit(demo.path)
        assert done.returncode == 0, done.stdout
        assert "kabicheck" not in done.stdout and "OK" not in done.stdout
        (demo.path / "README").write_text("Read me.\n")
        demo.git("add", "README")
        done = _commit(demo.path, NO_COLOR="")
        assert done.stdout.startswith("kabicheck: nothing was built: no build reads what is staged\n"), (
            done.stdout
        )
    finally:
        demo.git("config", "core.hooksPath", os.devnull)
        assert main(["install-hooks", "--uninstall"]) in (0, 2)
        (demo.path / ".git/hooks/pre-commit").unlink(missing_ok=True)
