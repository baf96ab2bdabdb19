"""`kabicheck bisect` and `kabicheck bisect step`, with the real git where git has its say."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.errors import RepositoryError
from tests.commands.conftest import Run
from tests.commands.hand_built import build_by_hand
from tests.commands.scenarios.catalogue import SCENARIOS
from tests.commands.scenarios.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository

KABICHECK = (sys.executable, "-m", "kabicheck")
SYMBOL = "async_schedule_node_domain"
FOUND = """\
good {base} (merge base of {base_id} and HEAD) → bad {head}
4 of 5 commits touch what the objects are made from: 2 to 5 builds expected

i2c_transfer: 0xc9960950 → 0xbf95146b  (drivers/i2c/i2c-core-base.o)
  {retries} i2c: Let callers of i2c_transfer() ask for retries (Mei Okafor, 2026-03-09, verified)
async_schedule_node_domain: 0xa22fd374 → 0xb6156bc6  (kernel/async.o)
  {bool} async: Make async_domain::registered a bool (Tomás Arce, 2026-03-03, verified)
raw_notifier_chain_unregister: added with version 0xa1920bc2  (kernel/notifier.o)
  {head} notifier: Add raw_notifier_chain_unregister() (Mei Okafor, 2026-03-10, verified)
"""


@pytest.fixture
def bisect(capsys: pytest.CaptureFixture[str], plain: None) -> Callable[..., Run]:
    """Run `kabicheck bisect` with these arguments in this process."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        try:
            status = main(["bisect", *map(str, arguments)])
        except SystemExit as end:
            assert isinstance(end.code, int)
            status = end.code
        return Run(status, *capsys.readouterr())

    return run


def step(*arguments: str) -> Run:
    """Run `kabicheck bisect step` as git does."""
    command = [*KABICHECK, "bisect", "step", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout, done.stderr)


def first_bad(demo: DemoRepository) -> str:
    """What git found, by its own log."""
    found = re.findall(r"^# first bad commit: \[(\w+)\]", demo.git("bisect", "log"), re.MULTILINE)
    demo.git("bisect", "reset")
    return found[0] if found else ""


def test_several_symbols_share_builds(demo: DemoRepository, bisect: Callable[..., Run]) -> None:
    run = bisect("--good", demo.base, "i2c_transfer", SYMBOL, "raw_notifier_chain_unregister")
    short = {name: demo.commits[number].id[:7] for name, number in (("bool", 1), ("retries", 3), ("head", 4))}
    assert run.out.startswith(FOUND.format(base=demo.base[:7], base_id=demo.base, **short))
    assert "\n2 builds for attribution, " in run.out
    assert (run.status, run.err) == (0, "")


def test_what_did_not_change_has_no_answer(demo: DemoRepository, bisect: Callable[..., Run]) -> None:
    run = bisect("--good", demo.base, "--target", "lib/", "kobject_init")
    assert run.status == 2
    assert "\nkobject_init: the same at both ends\n" in run.out


def test_what_is_not_exported(demo: DemoRepository, bisect: Callable[..., Run]) -> None:
    run = bisect("--good", demo.base, "--target", "lib/", "kobject_ini")
    assert run.error == "kobject_ini: exported at neither end (did you mean kobject_init?)"
    assert bisect("--good", demo.base, "x", "y", "--log", "z").status == 2
    assert bisect("--good", demo.base, SYMBOL, "--max-builds", "-1").status == 2


def test_a_dry_run_builds_the_ends_alone(demo: DemoRepository, bisect: Callable[..., Run]) -> None:
    run = bisect("--dry-run", "--good", demo.base, SYMBOL)
    assert run.status == 0
    assert "commits touch what the objects are made from: " in run.out
    assert demo.commits[1].id[:7] not in run.out


@pytest.mark.parametrize("name", ["struct", "revert", "merge", "broken-elsewhere", "two-commits"])
def test_git_replays_the_log(
    demo: DemoRepository, bisect: Callable[..., Run], tmp_path: Path, name: str
) -> None:
    """git comes to the same commit, without a test of its own."""
    story = Story(demo)
    SCENARIOS[name].tell(story)
    log = tmp_path / "log"
    run = bisect("--good", story.base, "--target", "kernel/async.o", SYMBOL, "--log", log)
    assert run.status == 0
    [short, *_] = re.findall(r"^  (?:.*: )?(\w{7,}) ", run.out, re.MULTILINE)
    demo.git("bisect", "replay", str(log))
    assert first_bad(demo).startswith(short)


def test_git_goes_on_where_the_log_ends(
    demo: DemoRepository, bisect: Callable[..., Run], tmp_path: Path
) -> None:
    """One of several: git knows that nothing but skipped commits is left."""
    story = Story(demo)
    SCENARIOS["unbuildable"].tell(story)
    log = tmp_path / "log"
    run = bisect("--good", story.base, "--target", "kernel/async.o", SYMBOL, "--log", log)
    assert run.status == 2
    assert "one of 3 commits: " in run.out
    with pytest.raises(RepositoryError):
        demo.git("bisect", "replay", str(log))
    assert "# only skipped commits left to test" in demo.git("bisect", "log")
    assert first_bad(demo) == ""


@pytest.mark.parametrize("good", [(), ("--good-version", "0xa22fd374")], ids=["commit", "version"])
def test_git_bisect_run(demo: DemoRepository, good: tuple[str, ...], plain: None) -> None:
    demo.git("bisect", "start", "HEAD", demo.base)
    demo.git("bisect", "run", *KABICHECK, "bisect", "step", "--target", "kernel/async.o", *good, SYMBOL)
    assert first_bad(demo) == demo.commits[1].id


def test_git_bisect_run_in_a_linked_worktree(demo: DemoRepository, plain: None, tmp_path: Path) -> None:
    """Where git keeps what it was told is good beside the worktree."""
    linked = tmp_path / "linked"
    demo.git("worktree", "add", "--quiet", "--detach", str(linked))
    there = ("-C", str(linked), "bisect")
    demo.git(*there, "start", "HEAD", demo.base)
    demo.git(*there, "run", *KABICHECK, "bisect", "step", "--target", "kernel/async.o", SYMBOL)
    log = demo.git(*there, "log")
    demo.git("worktree", "remove", "--force", str(linked))
    assert f"# first bad commit: [{demo.commits[1].id}]" in log


def test_git_bisect_run_with_words_of_ones_own(demo: DemoRepository, plain: None) -> None:
    demo.git("bisect", "start", "--term-old", "fine", "--term-new", "spoiled")
    demo.git("bisect", "fine", demo.base)
    demo.git("bisect", "spoiled", "HEAD")
    demo.git("bisect", "run", *KABICHECK, "bisect", "step", "--target", "drivers/i2c/", "i2c_transfer")
    log = demo.git("bisect", "log")
    demo.git("bisect", "reset")
    assert f"# first spoiled commit: [{demo.commits[3].id}]" in log


def test_a_commit_that_does_not_build_is_skipped(demo: DemoRepository, plain: None) -> None:
    story = Story(demo)
    SCENARIOS["unbuildable"].tell(story)
    demo.git("checkout", "--quiet", "HEAD~4")
    run = step("--target", "kernel/async.o", "--good", story.base, SYMBOL)
    assert run.status == 125
    assert run.out.startswith(f"{demo.head[:7]} cannot be tested: building commit ")


def test_a_symbol_that_went_away_is_bad(demo: DemoRepository, plain: None) -> None:
    """Also one that is exported from elsewhere is found."""
    source = demo.read("kernel/async.c").replace("EXPORT_SYMBOL_GPL(async_schedule_node);\n", "")
    demo.commit({"kernel/async.c": source}, "Keep it")
    run = step("--target", "kernel/", "--good", demo.base, "async_schedule_node", "register_ftrace_function")
    assert run.status == 1
    assert run.out.splitlines()[0].startswith("async_schedule_node: bad, not exported, good was 0x")
    assert run.out.splitlines()[1].startswith("register_ftrace_function: good, 0x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--no-such-option", SYMBOL), "unrecognized arguments"),
        ((), "the following arguments are required: SYMBOL"),
        (("--good", "nowhere", SYMBOL), "no commit nowhere"),
        ((SYMBOL,), "git was not told of a good commit"),
        (("--good-version", "crc", SYMBOL), "not a version"),
        (("--good-version", "0x1", SYMBOL, "b"), "of one symbol"),
        (("-C", "/nonexistent", SYMBOL), "not inside a git repository"),
        (("--good", "HEAD", "--target", "kernel/async.o", "nothing"), "not exported by the good commit"),
        (("--good", "HEAD", "--config", "no/such.config", SYMBOL), "no such file"),
        (("--good", "HEAD", "--commit-objects", "/tmp", SYMBOL), "the same for every commit"),
    ],
)
def test_no_mistake_is_an_answer(
    demo: DemoRepository, plain: None, arguments: tuple[str, ...], said: str
) -> None:
    run = step(*arguments)
    assert run.status == 128
    assert said in run.err


@pytest.mark.parametrize("shown", [False, True])
def test_a_bug_is_no_answer(
    demo: DemoRepository, plain: None, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    if not shown:
        monkeypatch.delenv("KABICHECK_TRACEBACK")
    program = (
        "import sys, kabicheck.commands.bisect_step as step; step.run = lambda _: 1 // 0; "
        "sys.argv[1:] = ['bisect', 'step', 'x']; from kabicheck.cli import entry; entry()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 128
    assert "ZeroDivisionError" in done.stderr


def test_a_full_disk_is_no_answer(demo: DemoRepository, plain: None) -> None:
    arguments = ("bisect", "step", "--target", "kernel/async.o", "--good", demo.base, SYMBOL)
    with open("/dev/full", "w") as full:  # noqa: PTH123  a device
        done = subprocess.run(
            [*KABICHECK, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 128


def test_a_missing_compiler_is_no_answer(demo: DemoRepository, plain: None, tmp_path: Path) -> None:
    """git would take it for a commit that cannot be tested, and skip them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        run = step("--target", "kernel/async.o", "--good", demo.base, SYMBOL)
    assert run.status == 128
    assert "is not on this host" in run.err


def test_ready_made_commits(demo: DemoRepository, bisect: Callable[..., Run], tmp_path: Path) -> None:
    """The same search over what somebody else built; what is missing widens the answer."""
    story = Story(demo)
    SCENARIOS["struct"].tell(story)
    commits = [story.base, *demo.git("rev-list", "--reverse", f"{story.base}..HEAD").splitlines()]
    for commit in commits:
        build_by_hand(demo, commit, tmp_path / "builds" / commit)
    template = tmp_path / "builds" / "{commit}"
    arguments = ("--good", story.base, "--bad", story.head, SYMBOL, "--commit-objects", template)
    run = bisect(*arguments)
    assert run.status == 0
    assert re.search(r"^  \w+ Make it a bool \(.* verified\)$", run.out, re.MULTILINE), run.out
    assert ", nothing compiled, " in run.out
    for commit in commits[3:6]:
        (tmp_path / "builds" / commit).rename(tmp_path / f"away-{commit}")
    run = bisect(*arguments)
    assert run.status == 2
    assert "one of 4 commits: " in run.out
    assert "there are no objects of " in run.out
