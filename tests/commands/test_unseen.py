"""A definition that came into sight, or went out of it, and changed as well: by builds on the way, by other objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import parse_report
from kabicheck.model import Severity
from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from tests.commands.scenarios.story import ASYNC_C, ASYNC_H, Story
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import Cause, Report
    from tests.commands.conftest import Run

BIT = "\tunsigned int registered : 1;\n"
NOTIFIER_C, NOTIFIER_H = "kernel/notifier.c", "include/linux/notifier.h"
HIDDEN, HIDDEN_H = "struct hidden", "include/linux/hidden.h"
INCLUDE = ("#include <linux/export.h>\n", "#include <linux/export.h>\n#include <linux/hidden.h>\n")


@pytest.fixture
def story(demo: DemoRepository) -> Story:
    """kernel/async.o and kernel/notifier.o both reach a structure of which neither sees more than a declaration."""
    story = Story(demo)
    story.commit(
        "Point to what is hidden",
        {
            ASYNC_H: story.replaced(
                ASYNC_H,
                ("struct async_domain {\n", f"{HIDDEN};\n\nstruct async_domain {{\n"),
                (BIT, f"{BIT}\t{HIDDEN} *hidden;\n"),
            ),
            NOTIFIER_H: story.replaced(
                NOTIFIER_H,
                (
                    "struct notifier_block {\n",
                    f"{HIDDEN};\n\nstruct notifier_block {{\n\t{HIDDEN} *hidden;\n",
                ),
            ),
            HIDDEN_H: f"struct inner {{\n\tint deep;\n}};\n{HIDDEN} {{\n\tint depth;\n\tstruct inner inner;\n}};\n",
        },
    )
    story.begin()
    return story


def show(story: Story, path: str = ASYNC_C) -> str:
    return story.edit("Look inside", path, INCLUDE)


def hide(story: Story, path: str = ASYNC_C) -> str:
    return story.edit("Look away", path, INCLUDE[::-1])


def change(story: Story, old: str = "int depth;", new: str = "long depth;") -> str:
    return story.edit("Change it", HIDDEN_H, (old, new))


def forms(report: Report) -> list[Cause]:
    causes = [cause for cause in report.comparison.causes.values() if cause.title == HIDDEN]
    return [cause for cause in causes if any(f.rule.startswith("became-") for f in cause.findings)]


@pytest.fixture
def form(story: Story, check: Callable[..., Run]) -> Callable[..., Cause]:
    """Check; the cause of what took form in kernel/async.o."""

    def run(*arguments: str) -> Cause:
        checked = check("--base", story.base, *arguments, "-o", "json")
        report = parse_report(checked.out, "-")
        [cause] = [
            cause
            for cause in forms(report)
            if ("kernel/async.o", "async_schedule_node_domain") in cause.exports
        ]
        for change in report.comparison.changes:
            if cause.key in change.causes:
                assert change.severity is cause.severity
        return cause

    return run


def test_where_nothing_shows_that_it_changed(story: Story, form: Callable[..., Cause]) -> None:
    """It is incompatible, with a word of care; the remedy is offered."""
    show(story)
    story.remark()
    cause = form("kernel/async.o")
    assert (cause.severity, cause.summary) == (Severity.INCOMPATIBLE, "became defined")
    assert "how it was defined before" in cause.findings[0].care
    assert "KABI_DECLONLY(hidden)" in cause.remedy


@pytest.mark.parametrize(
    ("edit", "rule"),
    [(("int depth;", "long depth;"), "member-type"), (("int deep;", "long deep;"), "member-type")],
)
def test_builds_on_the_way_show_it(
    story: Story, form: Callable[..., Cause], edit: tuple[str, str], rule: str
) -> None:
    """Shown by one commit, changed by a second: itself, or what it holds."""
    first, second = show(story), change(story, *edit)
    cause = form("kernel/async.o")
    assert cause.severity is Severity.BREAKING
    assert {"became-defined", rule} <= {finding.rule for finding in cause.findings}
    assert cause.summary.startswith("became defined, ")
    assert cause.remedy.startswith("no rule is safe: ")
    assert "DECLONLY" not in cause.remedy
    assert [commit.id for each in cause.culprits for commit in each.commits] == [first, second]


def test_what_was_changed_and_changed_back_is_what_it_was(story: Story, form: Callable[..., Cause]) -> None:
    show(story)
    change(story)
    change(story, "long depth;", "int depth;")
    assert form("kernel/async.o").severity is Severity.INCOMPATIBLE


def test_it_went_out_of_sight_and_had_changed_before(story: Story, form: Callable[..., Cause]) -> None:
    show(story)
    story.begin()
    change(story)
    hide(story)
    cause = form("kernel/async.o")
    assert cause.severity is Severity.BREAKING
    assert {"became-declared", "member-type"} <= {finding.rule for finding in cause.findings}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([NOTIFIER_C], [NOTIFIER_C, ASYNC_C]),  # the other object sees it on both sides
        ([NOTIFIER_C], [ASYNC_C]),  # it goes there where it comes here
        ([NOTIFIER_C, ASYNC_C], [NOTIFIER_C]),
    ],
)
def test_other_objects_show_it(
    story: Story, form: Callable[..., Cause], before: list[str], after: list[str]
) -> None:
    """Where the order of commits is such that no build of the object itself does."""
    for path in before:
        show(story, path)
    story.begin()
    if ASYNC_C in before:
        hide(story)
    change(story)
    if ASYNC_C not in before:
        show(story)
    if NOTIFIER_C not in after:
        hide(story, NOTIFIER_C)
    cause = form("kernel/async.o", "kernel/notifier.o", "--attribution", "off")
    assert cause.severity is Severity.BREAKING
    assert "member-type" in {finding.rule for finding in cause.findings}
    assert "DECLONLY" not in cause.remedy


def test_other_objects_that_show_no_change(story: Story, form: Callable[..., Cause]) -> None:
    show(story, NOTIFIER_C)
    story.begin()
    show(story)
    story.edit(
        "Another change", NOTIFIER_H, (f"\t{HIDDEN} *hidden;\n", f"\t{HIDDEN} *hidden;\n\tint more;\n")
    )
    cause = form("kernel/async.o", "kernel/notifier.o", "--attribution", "off")
    assert cause.severity is Severity.INCOMPATIBLE


def test_of_two_objects_that_are_named_alone(tmp_path: Path) -> None:
    """Their paths have nothing in common, and one of an export that moved is on one side only."""
    code, both = "void f(struct s *p) { } void g(struct w *q) { }", ("f", "g")
    old = compile_header("struct s; struct w { int a; };", tmp_path / "old" / "x.o", code, both)
    new = compile_header("struct s { int a; }; struct w { long a; };", tmp_path / "new" / "y.o", code, both)
    for before, after in ((old, new), (new, old), (old.parent, new.parent), (new.parent, old.parent)):
        comparison = compare_inputs(read_input(before), read_input(after))
        rules = {f.rule for cause in comparison.causes.values() for f in cause.findings}
        assert rules >= {
            "member-type",
            "became-defined" if before in (old, old.parent) else "became-declared",
        }
