"""`kabicheck check` and the user's repository: it is never touched, wherever the command is run from."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.commands.conftest import Run
from tests.vcs.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository

FAILED = "FAILED: 4 exports changed by 2 causes, 1 added, 3 commits responsible"
COMMAND = (sys.executable, "-m", "kabicheck", "check", "--base")


@pytest.fixture
def own_cache(demo: DemoRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with nothing in it."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> Run:
    out, err = process.communicate()
    return Run(process.returncode, out, err)


def test_the_repository_stays_byte_for_byte(demo: DemoRepository, check: Callable[..., Run]) -> None:
    """Also what is not committed, and times of files; what is checked are commits, not these changes."""
    (demo.path / "lib/kobject.c").write_text("staged\n")
    demo.git("add", "lib/kobject.c")
    (demo.path / "lib/kobject.c").write_text("changed again\n")
    (demo.path / "include/linux/async.h").unlink()
    (demo.path / "untracked").write_text("x")
    before = snapshot(demo.path)
    assert check("--base", demo.base, "--no-cache").verdict == FAILED
    assert snapshot(demo.path) == before


def hang(demo: DemoRepository, cache: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a check that hangs in a child of make while it builds head; returns it and the child's id."""
    makefile = demo.read("lib/Makefile") + "$(shell echo $$$$ > sleeping; exec sleep 3600 >/dev/null)\n"
    demo.commit({"lib/Makefile": makefile}, "Hang")
    process = start(demo.base)
    while not (found := list(cache.glob("repositories/*/*/build/sleeping"))) or not found[0].read_text():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process, int(found[0].read_text())


def test_a_kill_in_the_middle_of_a_build(
    demo: DemoRepository, own_cache: Path, check: Callable[..., Run]
) -> None:
    process, child = hang(demo, own_cache)
    before = snapshot(demo.path)
    process.kill()
    assert end(process).status == -signal.SIGKILL
    os.killpg(os.getpgid(child), signal.SIGKILL)  # make outlives us, and holds the build folder as long
    assert snapshot(demo.path) == before
    run = check("--base", demo.base, "--head", demo.commits[-1].id)
    assert (run.status, run.verdict) == (1, FAILED)
    assert run.compiled == 14, "base is kept, and head is built from nothing"
    assert snapshot(demo.path) == before


def test_an_interrupt(demo: DemoRepository, own_cache: Path, check: Callable[..., Run]) -> None:
    process, _ = hang(demo, own_cache)
    before = snapshot(demo.path)
    process.send_signal(signal.SIGINT)
    assert end(process) == Run(130, "", "kabicheck: interrupted\n")
    assert check("--base", demo.base, "--head", demo.commits[-1].id).verdict == FAILED
    assert snapshot(demo.path) == before


def test_several_at_once(demo: DemoRepository, own_cache: Path) -> None:
    before = snapshot(demo.path)
    struct = demo.commits[1].id
    runs = [start(demo.base), start(demo.base, "--head", struct), start(demo.base, "--no-cache")]
    verdicts = [(run.status, run.verdict, run.err) for run in map(end, runs)]
    assert verdicts == [
        (1, FAILED, ""),
        (1, "FAILED: 3 exports changed by 1 cause, 1 commit responsible", ""),
        (1, FAILED, ""),
    ]
    assert snapshot(demo.path) == before


def test_the_refs_of_pre_commit_are_the_defaults(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", demo.base)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", demo.commits[1].id)
    assert check().verdict == "FAILED: 3 exports changed by 1 cause, 1 commit responsible"
    assert check("--head", demo.commits[0].id).status == 0, "the command line wins"
    assert check("--base", demo.commits[0].id).status == 1
    assert "same commit" in check("--base", demo.commits[1].id).error
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "")
    assert check().verdict == FAILED


def test_the_default_base_is_the_upstream(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a clone on a branch with work of its own."""
    clone = tmp_path / "clone"
    demo.git("clone", "--quiet", "--config", "core.hooksPath=/dev/null", str(demo.path), str(clone))
    demo.git("-C", str(clone), "reset", "--quiet", "--hard", demo.base)
    demo.git("-C", str(clone), "update-ref", "refs/remotes/origin/main", demo.base)
    demo.git("-C", str(clone), "merge", "--quiet", demo.commits[0].id)
    monkeypatch.chdir(clone)
    run = check()
    assert run.status == 0
    assert run.out.startswith(f"base {demo.base[:7]} (merge base of origin/main and HEAD) → head ")


def test_a_commit_compared_with_itself_is_no_answer(demo: DemoRepository, check: Callable[..., Run]) -> None:
    same = f"base and head are the same commit, {demo.head[:7]} (merge base of "
    for arguments in (
        (),
        ("--base", "HEAD"),
        ("--base", "HEAD~2", "--head", "HEAD~2"),
        ("--push", "--base", "HEAD"),
    ):
        error = check(*arguments, "kernel/async.o").error
        assert error.startswith(same.partition(",")[0])
        assert error.endswith(
            "so that nothing can differ (--base names another; --allow-same, where that is meant)"
        )
    demo.git("checkout", "--quiet", "--detach", "HEAD~1")
    assert "same commit" in check("--base", "main").error, "behind the branch is no work of its own"
    run = check("--base", "HEAD", "--allow-same", "kernel/async.o")
    assert run.status == 0
    assert "base and head are the same commit, so that nothing can differ" in run.notes


def test_what_the_remote_has_is_compared_itself(demo: DemoRepository, check: Callable[..., Run]) -> None:
    """A push that only takes commits back: the merge base would be its own head."""
    run = check("--push", "--base", "main", "--head", demo.base, "lib/", "kernel/")
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause, 1 removed")
    assert "bool registered;" in run.out
    assert [note for note in run.notes if note.startswith("of what the remote has, 5 commits")]
    assert run.out.startswith(f"base {demo.head[:7]} (what the remote has) → head {demo.base[:7]}")


def test_before_a_push_what_no_build_reads_needs_none(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "empty"))
    old = demo.head
    demo.commit({"README": "Read me.\n"}, "Say more")
    run = check("--push", "--base", old)
    assert (run.status, run.notes) == (0, ["nothing was built: no build reads what differs"])
    run = check("--push", "--allow-same", "--base", "HEAD")
    assert (run.status, len(run.notes)) == (0, 1)
    assert run.notes[0].startswith("nothing was built: base and head are the same commit")


def test_from_a_subfolder(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("drivers/i2c")
    assert check("--base", demo.base).verdict == FAILED
    assert check("--base", demo.base, "drivers/i2c/").status == 1, "targets are those of make"


@pytest.fixture
def linked(demo: DemoRepository, tmp_path: Path) -> Iterator[Path]:
    """A linked worktree on the commit that changes a structure."""
    path = tmp_path / "linked"
    demo.git("worktree", "add", "--quiet", "--detach", str(path), demo.commits[1].id)
    yield path
    demo.git("worktree", "remove", "--force", str(path))


def test_from_a_linked_worktree(
    demo: DemoRepository, linked: Path, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HEAD is the worktree's own; the builds are those of the repository."""
    check("--base", demo.base, "--head", demo.commits[1].id)
    before = snapshot(demo.path), snapshot(linked)
    monkeypatch.chdir(linked / "lib")
    run = check("--base", demo.base)
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause, 1 commit responsible")
    assert run.compiled == 0
    assert (snapshot(demo.path), snapshot(linked)) == before


def test_a_bare_repository(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "linux.git"
    demo.git("clone", "--quiet", "--bare", ".", str(bare))
    before = snapshot(bare)
    assert check("-C", bare, "--base", demo.base).verdict == FAILED
    monkeypatch.chdir(bare)
    monkeypatch.setenv("GIT_DIR", ".")  # as in a hook of the receiving side
    assert check("--base", demo.base).verdict == FAILED
    assert snapshot(bare) == before


@pytest.mark.parametrize("where", ["main", "linked"])
def test_in_a_hook_of_git(
    demo: DemoRepository, linked: Path, tmp_path: Path, where: str, check: Callable[..., Run]
) -> None:
    """`commit -a` runs it with GIT_INDEX_FILE, in a linked worktree with GIT_DIR as well."""
    check("--base", demo.base)
    folder = demo.path if where == "main" else linked
    hook = tmp_path / "hooks" / "pre-commit"
    hook.parent.mkdir()
    hook.write_text(
        f'#!/bin/sh\nenv >"{tmp_path}/env"\n{" ".join(COMMAND)} {demo.base} >"{tmp_path}/out"\n:\n'
    )
    hook.chmod(0o755)
    (folder / "lib/crc32.c").write_text((folder / "lib/crc32.c").read_text() + "/* x */\n")
    git = ["-C", str(folder), "-c", f"core.hooksPath={hook.parent}"]
    demo.git(*git, "commit", "--quiet", "-a", "-m", "Say something")
    assert re.search(r"^GIT_INDEX_FILE=.*\.lock$", (tmp_path / "env").read_text(), re.MULTILINE)
    expected = FAILED if where == "main" else "FAILED: 3 exports changed by 1 cause, 1 commit responsible"
    assert (tmp_path / "out").read_text().splitlines()[-1] == expected
    assert demo.git("-C", str(folder), "show", "--name-only", "--format=") == "lib/crc32.c"
    assert demo.git("-C", str(folder), "status", "--porcelain") == ""
