"""`kabicheck check` where branch and base have merged each other: nobody is blamed for what both sides hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.formats.report_json import parse_report
from kabicheck.model import Verdict
from tests.commands.hand_built import build_by_hand
from tests.commands.scenarios.story import ASYNC_H, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

BIT = "\tunsigned int registered : 1;\n"
KOBJECT_H = "include/linux/kobject.h"


@pytest.fixture
def crossed(demo: DemoRepository) -> Iterator[Story]:
    """`trunk` and `topic`, each of which merged the other; on trunk's side a member was added before that."""
    story = Story(demo)
    start = story.head
    story.edit("Add on trunk", ASYNC_H, (BIT, f"{BIT}\tint late;\n"))
    trunk = story.head
    demo.git("checkout", "--quiet", "--detach", start)
    story.remark(KOBJECT_H, times=2)  # newer than trunk's
    topic = story.head
    for name, tip, other in (("trunk", trunk, topic), ("topic", topic, trunk)):
        demo.git("checkout", "--quiet", "-B", name, tip)
        story.merge(f"Merge into {name}", other)
        story.remark("lib/string.c")
    yield story
    demo.git("checkout", "--quiet", "--detach")
    for name in ("trunk", "topic"):
        demo.git("branch", "--quiet", "-D", name)


def test_what_both_sides_hold_is_no_change(crossed: Story, check: Callable[..., Run]) -> None:
    run = check("--base", "trunk", "--head", "topic", "kernel/async.o")
    assert (run.status, run.verdict) == (0, "OK: 5 exports compared, none changed")
    [note] = [note for note in run.notes if "merge bases" in note]
    for base in crossed.git("merge-base", "--all", "trunk", "topic").split():
        assert base[:7] in note


def test_what_the_branch_did_is_found(crossed: Story, check: Callable[..., Run], tmp_path: Path) -> None:
    own = crossed.edit("Own", ASYNC_H, ("typedef u64 async_c", "typedef u32 async_c"))
    crossed.remark()
    for mode in ("verify", "blame"):
        run = check(
            "--base", "trunk", "--head", "topic", "kernel/async.o", "--attribution", mode, "-o", "json"
        )
        report = parse_report(run.out, "-")
        [cause] = report.comparison.causes.values()
        assert cause.title == "typedef async_cookie_t"
        assert [commit.id for each in cause.culprits for commit in each.commits] == [own]
        assert report.attribution
        subjects = [commit.subject for commit in report.attribution.commits]
        assert (subjects[0], subjects[2], len(subjects)) == ("Merge into topic", "Own", 4)
    log = tmp_path / "log"
    symbol = "async_synchronize_cookie_domain"
    ends = ("--good", "trunk", "--bad", "topic", "--target", "kernel/async.o")
    assert main(["bisect", symbol, *ends, "--log", str(log)]) == 0
    crossed.git("bisect", "replay", str(log))
    try:
        assert own in crossed.git("bisect", "log").splitlines()[-1]
    finally:
        crossed.git("bisect", "reset", "topic")


def test_objects_that_others_built(
    crossed: Story, check: Callable[..., Run], demo: DemoRepository, tmp_path: Path
) -> None:
    """Nobody built the merge of the merge bases: the newest counts. For what the other one brought nobody is blamed."""
    commits = crossed.git("rev-list", "topic", f"^{demo.base}").split()
    for commit in (demo.base, *commits):
        build_by_hand(demo, commit, tmp_path / commit[:7], goal="kernel/async.o")
    ready = ("--commit-objects", tmp_path / "{short}", "kernel/async.o")
    run = check("--base", "trunk", "--head", "topic", *ready, "-o", "json")
    report = parse_report(run.out, "-")
    assert report.base.label == crossed.git("rev-parse", "--short=7", "topic~2")
    assert any("the newest" in note for note in report.notes)
    assert len(report.comparison.changes) == 3
    for change in report.comparison.changes:
        [culprit] = change.culprits
        assert (culprit.verdict, culprit.commits) == (Verdict.NONE, ())
        assert "(Add on trunk), which is in the history of another merge base" in culprit.reason
