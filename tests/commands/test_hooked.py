"""What git and pre-commit let a hook know: amendments, merges, --from-ref and --to-ref, a run by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.commands.options.hook import git_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

HEADER = "include/linux/async.h"
WIDER = ("bool registered;", "bool registered;\n\tlong hooked;")
RESULT = ("lib/crc32.c", "u32 crc", "u64 crc")


@pytest.fixture
def hooked(demo: DemoRepository) -> Iterator[DemoRepository]:
    """The demo on a branch of its own, with our hooks, and a HEAD that is built."""
    demo.git("config", "core.hooksPath", ".git/hooks")
    demo.git("checkout", "--quiet", "-b", "hooked")
    try:
        assert main(["install-hooks"]) == 0
        assert main(["build"]) == 0
        yield demo
    finally:
        demo.git("config", "core.hooksPath", os.devnull)
        assert main(["install-hooks", "--uninstall"]) in (0, 2)
        for name in ("pre-commit", "pre-merge-commit", "pre-push"):
            (demo.path / ".git/hooks" / name).unlink(missing_ok=True)
        demo.git("reset", "--quiet", "--hard")
        demo.git("checkout", "--quiet", "main")
        demo.git("branch", "--quiet", "-D", "hooked")


def git(demo: DemoRepository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git as a user does."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # noqa: PTH120
    return subprocess.run(
        ["git", *who, *arguments],
        cwd=demo.path,
        env={
            **{k: v for k, v in os.environ.items() if k != "GIT_INDEX_FILE"},
            "PATH": path,
            "GIT_EDITOR": "true",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def edit(demo: DemoRepository, old: str, new: str, path: str = HEADER) -> None:
    text = demo.read(path)
    assert old in text
    (demo.path / path).write_text(text.replace(old, new, 1))


def test_an_amendment_may_take_a_change_back(hooked: DemoRepository) -> None:
    """And nothing else: neither a plain commit may, nor an amendment that changes it in another way."""
    edit(hooked, *WIDER)
    assert git(hooked, "commit", "--quiet", "--no-verify", "-a", "-m", "wider").returncode == 0
    edit(hooked, "long hooked;", "int hooked, other;\n\tlong last;")
    assert git(hooked, "commit", "-a", "--amend", "--no-edit").returncode == 1, "another change"
    hooked.git("checkout", "--quiet", "--", HEADER)
    edit(hooked, WIDER[1], WIDER[0])
    for option in ("-m", "--mess"):
        plain = git(hooked, "commit", "-a", option, "--amend")
        assert plain.returncode == 1
        assert "FAILED: 3 exports changed by 1 cause" in plain.stdout
    with_more = hooked.read("lib/crc32.c").replace("EXPORT_SYMBOL", "/* More. */\nEXPORT_SYMBOL", 1)
    (hooked.path / "lib/crc32.c").write_text(with_more)
    head = hooked.git("rev-parse", "HEAD~1").strip()
    hooked.git("config", "alias.again", "commit --am --no-edit")
    amended = git(hooked, "again", "-a")
    assert amended.returncode == 0, amended.stdout
    assert hooked.git("rev-parse", "HEAD~1").strip() == head
    assert hooked.read(HEADER).count("hooked") == 0


def test_an_amendment_that_takes_half_of_it_back_passes(
    hooked: DemoRepository, check: Callable[..., Run]
) -> None:
    """What it keeps of the commit was let through before, and is as it was."""
    edit(hooked, *WIDER)
    edit(hooked, "EXPORT_SYMBOL(crc32_le);", "", "lib/crc32.c")
    assert git(hooked, "commit", "--quiet", "--no-verify", "-a", "-m", "two").returncode == 0
    edit(hooked, WIDER[1], WIDER[0])
    hooked.git("add", "--update")
    assert check("--staged").status == 1
    run = check("--staged", "--amend", "-o", "text", "-o", "json:report.json")
    assert run.status == 0
    assert run.verdict == "OK: 3 exports changed by 1 cause, 3 excused"
    assert (
        f"taken back by the amendment: as in {hooked.git('rev-parse', '--short=7', 'HEAD~1').strip()}"
        in run.out
    )
    assert git(hooked, "commit", "--amend", "--no-edit").returncode == 0


def test_merges_are_checked(hooked: DemoRepository) -> None:
    hooked.git("checkout", "--quiet", "-b", "side")
    edit(hooked, *WIDER)
    assert git(hooked, "commit", "--quiet", "--no-verify", "-a", "-m", "wider").returncode == 0
    hooked.git("checkout", "--quiet", "hooked")
    hooked.commit({"README": "More.\n"}, "more")
    head = hooked.head
    merged = git(hooked, "merge", "--no-edit", "side")
    assert merged.returncode != 0
    assert "struct async_domain: member added" in merged.stdout
    assert "note: a merge is compared with HEAD, its first parent" in merged.stdout
    assert hooked.head == head
    # What git leaves is a merge to be finished by `git commit`, which asks the other hook.
    finished = git(hooked, "commit", "--no-edit")
    assert finished.returncode == 1
    assert "note: a merge is compared with HEAD, its first parent" in finished.stdout
    hooked.git("merge", "--abort")
    hooked.git("branch", "--quiet", "-D", "side")


def test_pre_commits_refs_are_a_range_at_the_commit_stage_too(
    hooked: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--from-ref A --to-ref B` is A...B: what A got meanwhile is not the branch's doing."""
    hooked.git("checkout", "--quiet", "-B", "hooked", hooked.commits[0].id)
    hooked.commit({"lib/crc32.c": hooked.read("lib/crc32.c") + "/* 1 */\n"}, "comment")
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "main")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    run = check("--staged", "lib/", "kernel/")
    assert (run.status, run.out.partition(" → ")[0]) == (
        0,
        f"base {hooked.commits[0].id[:7]} (merge base of main and HEAD)",
    )
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "hooked")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "main")
    run = check("--staged", "lib/", "kernel/")
    assert run.status == 1, "another head than what is checked out"
    assert "changed by" in run.out
    monkeypatch.setenv("PRE_COMMIT_TO_REF", hooked.commits[0].id)
    error = check("--staged", "lib/").error
    assert error == (
        f"--to-ref {hooked.commits[0].id} has no commit that --from-ref hooked has not, so that nothing can differ "
        "(other refs; or --allow-same among the hook's args, where that is meant)"
    )
    assert check("--staged", "--base", "HEAD").status == 0, "options win"


def test_pre_commit_by_hand_compares_the_branch(
    hooked: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pre-commit run --all-files` in a clean checkout; git names an index to a hook, even where nothing is staged."""
    monkeypatch.setenv("PRE_COMMIT", "1")
    error = check("--staged").error
    assert error.startswith(f"nothing is staged, and HEAD, {hooked.head[:7]}, is the merge base of ")
    assert "SKIP=kabicheck" in error
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert check("--staged").notes == ["nothing was built: what is staged is what the commit holds"]
    monkeypatch.setenv("GIT_INDEX_FILE", "")
    edit(hooked, *WIDER)
    assert git(hooked, "commit", "--quiet", "--no-verify", "-a", "-m", "wider").returncode == 0
    run = check("--staged")
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause, 1 commit responsible")
    edit(hooked, "EXPORT_SYMBOL", "/* Staged. */\nEXPORT_SYMBOL", "lib/crc32.c")
    hooked.git("add", "--update")
    assert check("--staged").status == 0, "something is staged, which is what was asked about"


def test_a_push_through_pre_commit(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what pre-commit sets for a push; by hand, with the same refs, the merge base counts."""
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", demo.head)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", demo.base)
    assert "--to-ref" in check("--push", "kernel/").error
    monkeypatch.setenv("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main")
    assert check("--push", "kernel/").status == 1, "a push back"
    for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")
    run = check("--push", "kernel/")
    assert (run.status, run.notes[0].partition(",")[0]) == (
        0,
        "nothing was built: base and head are the same commit",
    )


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("git commit --amend", "commit"),
        ("/usr/lib/git-core/git -c user.name=x -C dir --no-pager commit", "commit"),
        ("sh .git/hooks/pre-commit", ""),
        ("git --exec-path", ""),
    ],
)
def test_commands_of_git_are_recognised(line: str, command: str) -> None:
    assert "".join(git_command(line.split())[:1]) == command


EMPTY = [
    ("check", "--base", ""),
    ("check", "--base="),
    ("check", "--base", " "),
    ("check", "--head", ""),
    ("check", "-C", ""),
    ("check", "-o", ""),
    ("check", "-o", "junit:"),
    ("check", "--config", ""),
    ("check", "--kcflags="),
    ("check", "--base-objects", ""),
    ("check", "--settings", ""),
    ("check", "--severities="),
    ("check", ""),
    ("check", "--", ""),
    ("compare", "", ""),
    ("compare", "x", "y", "--kabi", ""),
    ("bisect", "--good", "", "kobject_init"),
    ("bisect", ""),
    ("bisect", "step", "--good=", "kobject_init"),
    ("build", ""),
    ("suggest", "x", "y", "-o", ""),
    ("explain", ""),
    ("symver", ""),
    ("demo", "--keep", ""),
    ("init", "-C", ""),
    ("doctor", "-C", ""),
    ("install-hooks", "-C", ""),
    ("consolidate", "x", "-o", ""),
    ("",),
]


@pytest.mark.parametrize("arguments", EMPTY)
def test_an_empty_value_is_no_default(
    demo: DemoRepository, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main(list(arguments)) == (128 if arguments[1:2] == ("step",) else 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert "is empty: is a variable unset?" in said.err or "no file name after 'junit:'" in said.err


def test_an_empty_home_is_none(
    demo: DemoRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "KABICHECK_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")
    main(["doctor"])
    assert " /.cache/kabicheck" not in capsys.readouterr().out
