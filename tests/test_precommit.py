"""pre-commit on this repository, and this repository's hooks in another one. Both install tools from PyPI."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.demo.repository import DemoRepository, write_repository
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]


def _run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _cannot_install(output: str) -> None:
    reason = f"pre-commit cannot install its tools: {output.strip().splitlines()[-1]}"
    skip_or_fail(reason, output)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository's last commit, since fixers change files."""
    if _run("git", "rev-parse", "--verify", "HEAD", cwd=ROOT).returncode:
        pytest.skip("not a git checkout")
    folder = tmp_path / "kabicheck"
    cloned = _run("git", "clone", "--quiet", str(ROOT), str(folder), cwd=ROOT)
    assert cloned.returncode == 0, cloned.stdout
    return folder


def test_our_files_are_valid() -> None:
    for validate, file in (
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ):
        done = _run(*PRE_COMMIT, validate, file, cwd=ROOT)
        assert done.returncode == 0, done.stdout


def test_hooks_and_ci_have_the_same_opinion() -> None:
    """The tools of the hooks are those of the extra `dev`, and mypy knows the types of all that the program imports."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = [need for need in project["optional-dependencies"]["dev"] if "==" in need]
    assert pinned
    imported = [
        need.partition(">=")[0] for need in project["dependencies"] if not need.startswith("pre-commit")
    ]
    assert [need for need in (*pinned, *imported) if need not in hooks] == []


def test_our_own_hooks_pass(clone: Path) -> None:
    installed = _run(*PRE_COMMIT, "install-hooks", cwd=clone)
    if installed.returncode:
        _cannot_install(installed.stdout)
    done = _run(*PRE_COMMIT, "run", "--all-files", "--show-diff-on-failure", cwd=clone)
    assert done.returncode == 0, done.stdout
    assert "Skipped" not in done.stdout, "a hook that looks at no file"


@dataclass(frozen=True)
class Hooked:
    """The demo on branch `topic`, one commit behind `main`, with both of our hooks installed by pre-commit."""

    demo: DemoRepository
    cache: Path

    def git(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run git as a user does, who has pre-commit on PATH."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return _run(
            "git", *arguments, cwd=folder or self.demo.path, KABICHECK_CACHE=str(self.cache), PATH=path
        )

    def write(self, change: tuple[str, str, str], folder: Path | None = None) -> None:
        path, old, new = change
        file = (folder or self.demo.path) / path
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))


BREAKING = ("include/linux/async.h", "bool registered;", "bool registered;\n\tlong late;")
COMMENT = ("lib/crc32.c", "EXPORT_SYMBOL", "/* For modules. */\nEXPORT_SYMBOL")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    """Installing takes pip, which is slow: once for all tests."""
    folder = tmp_path_factory.mktemp("hooked")
    cloned = _run("git", "clone", "--quiet", str(ROOT), str(folder / "kabicheck"), cwd=ROOT)
    if cloned.returncode:
        pytest.skip("not a git checkout")
    rev = _run("git", "rev-parse", "HEAD", cwd=folder / "kabicheck").stdout.strip()
    demo = write_repository(folder / "linux")
    demo.git("config", "--unset", "core.hooksPath")
    (demo.path / ".git/hooks").mkdir()
    config = f"repos:\n- repo: {folder}/kabicheck\n  rev: {rev}\n  hooks: [{{id: kabicheck}}, {{id: kabicheck-push}}]\n"
    demo.commit({".pre-commit-config.yaml": config}, "Check what is committed")
    types = [
        word for name in ("pre-commit", "pre-merge-commit", "pre-push") for word in ("--hook-type", name)
    ]
    done = _run(*PRE_COMMIT, "install", "--install-hooks", *types, cwd=demo.path)
    if done.returncode:
        _cannot_install(done.stdout)
    demo.git("init", "--quiet", "--bare", str(folder / "remote.git"))
    demo.git("remote", "add", "origin", str(folder / "remote.git"))
    demo.git("push", "--quiet", "--no-verify", "origin", "main")
    return Hooked(demo, folder / "cache")


@pytest.fixture
def hooked(installed: Hooked) -> Iterator[Hooked]:
    """A base that is built, and afterwards everything as it was."""
    start = installed.demo.head
    built = _run(
        sys.executable,
        "-m",
        "kabicheck",
        "build",
        cwd=installed.demo.path,
        KABICHECK_CACHE=str(installed.cache),
    )
    assert built.returncode == 0, built.stdout
    yield installed
    installed.demo.git("reset", "--quiet", "--hard", start)


def test_a_commit_that_breaks_is_stopped(hooked: Hooked) -> None:
    head = hooked.demo.head
    hooked.write(BREAKING)
    done = hooked.git("commit", "--message", "nothing staged yet", "--allow-empty")
    assert done.returncode == 0, done.stdout
    assert "note: nothing was built: what is staged is what the commit holds" in done.stdout
    hooked.git("reset", "--quiet", "--soft", head)
    hooked.git("add", "--update")
    for how in (["-m", "x"], ["-a", "-m", "x"], ["-m", "x", "--", BREAKING[0]], ["--amend", "-m", "x"]):
        done = hooked.git("commit", *how)
        assert done.returncode == 1, (how, done.stdout)
        assert "struct async_domain: member added" in done.stdout
    assert hooked.demo.head == head


def test_only_the_files_of_a_commit_count(hooked: Hooked) -> None:
    """`git commit FILE` leaves out what else is staged, `-a` takes what is not; the index that git names knows."""
    hooked.write(BREAKING)
    hooked.write(COMMENT)
    hooked.git("add", BREAKING[0])
    done = hooked.git("commit", "-m", "comment", "--", COMMENT[0])
    assert done.returncode == 0, done.stdout
    hooked.git("reset", "--quiet")
    done = hooked.git("commit", "-a", "-m", "all")
    assert done.returncode == 1, done.stdout


def test_a_comment_is_committed_and_amended_and_pushed(hooked: Hooked) -> None:
    hooked.write(COMMENT)
    for how in (["-a", "-m", "comment"], ["--amend", "-m", "a comment"]):
        done = hooked.git("commit", *how)
        assert done.returncode == 0, (how, done.stdout)
    assert "Passed" in done.stdout or "Skipped" in done.stdout
    pushed = hooked.git("push", "origin", "HEAD:refs/heads/comment")
    assert pushed.returncode == 0, pushed.stdout
    assert "kabicheck (push)" in pushed.stdout


def test_an_amendment_may_take_back_what_was_committed(hooked: Hooked) -> None:
    head = hooked.demo.head
    hooked.write(BREAKING)
    assert hooked.git("commit", "--no-verify", "--quiet", "-a", "-m", "wider").returncode == 0
    hooked.write((BREAKING[0], BREAKING[2], BREAKING[1]))
    assert hooked.git("commit", "-a", "-m", "plain").returncode == 1
    done = hooked.git("commit", "-a", "--amend", "--allow-empty", "--no-edit")
    assert done.returncode == 0, done.stdout
    assert hooked.demo.git("diff", head) == ""


def test_a_merge_is_checked(hooked: Hooked) -> None:
    head = hooked.demo.head
    hooked.git("checkout", "--quiet", "-B", "side")
    hooked.write(BREAKING)
    assert hooked.git("commit", "--no-verify", "--quiet", "-a", "-m", "wider").returncode == 0
    hooked.git("checkout", "--quiet", "main")
    done = hooked.git("merge", "--no-ff", "--no-edit", "side")
    assert done.returncode != 0
    assert "a merge is compared with HEAD" in done.stdout
    assert hooked.demo.head == head
    hooked.git("merge", "--abort")


def test_by_hand_a_range_is_compared_or_it_is_said_that_there_is_none(hooked: Hooked) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return _run(*PRE_COMMIT, "run", *arguments, cwd=hooked.demo.path, KABICHECK_CACHE=str(hooked.cache))

    clean = run("--all-files", "kabicheck")
    assert clean.returncode == 1
    assert "nothing is staged, and HEAD" in clean.stdout
    skipped = _run(*PRE_COMMIT, "run", "--all-files", "kabicheck", cwd=hooked.demo.path, SKIP="kabicheck")
    assert skipped.returncode == 0
    hooked.write(BREAKING)
    assert hooked.git("commit", "--no-verify", "--quiet", "-a", "-m", "wider").returncode == 0
    wider = hooked.demo.head
    hooked.git("checkout", "--quiet", "HEAD~1")
    done = run("--from-ref", "HEAD", "--to-ref", wider, "kabicheck")
    assert done.returncode == 1
    assert "1 commit responsible" in done.stdout
    hooked.git("checkout", "--quiet", "main")


def test_a_push_that_takes_commits_back_is_compared_with_them(hooked: Hooked) -> None:
    hooked.write(BREAKING)
    assert hooked.git("commit", "--no-verify", "--quiet", "-a", "-m", "wider").returncode == 0
    hooked.git("push", "--no-verify", "origin", "HEAD:refs/heads/wider")
    pushed = hooked.git("push", "--force", "origin", "HEAD~1:refs/heads/wider")
    assert pushed.returncode == 1, pushed.stdout
    assert "FAILED: 3 exports changed by 1 cause" in pushed.stdout


def test_a_push_that_breaks_is_stopped(hooked: Hooked) -> None:
    hooked.write(BREAKING)
    hooked.git("commit", "--no-verify", "--quiet", "-a", "-m", "wider")
    pushed = hooked.git("push", "origin", "HEAD:refs/heads/main")
    assert pushed.returncode == 1, pushed.stdout
    assert "struct async_domain: member added" in pushed.stdout
    assert "1 commit responsible" in pushed.stdout


def test_a_linked_worktree_has_the_same_hooks(hooked: Hooked, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    hooked.git("worktree", "add", "--quiet", "--detach", str(linked))
    hooked.write(BREAKING, linked)
    done = hooked.git("commit", "-a", "-m", "wider", folder=linked)
    assert done.returncode == 1, done.stdout
    assert "struct async_domain: member added" in done.stdout
    hooked.git("worktree", "remove", "--force", str(linked))


def test_a_first_commit_is_told_what_is_missing(hooked: Hooked, tmp_path: Path) -> None:
    hooked.write(COMMENT)
    done = Hooked(hooked.demo, tmp_path / "empty").git("commit", "-a", "-m", "comment")
    assert done.returncode == 1, done.stdout
    assert "`kabicheck build` makes that build" in done.stdout
