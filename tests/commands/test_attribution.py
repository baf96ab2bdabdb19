"""`kabicheck check` and who changed what: options, ready-made objects, what nobody changed, and odd changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import parse_report
from kabicheck.model import ChangeKind, Verdict
from kabicheck.pipeline.attribution.point_culprits import ALIKE
from tests.commands.hand_built import build_by_hand
from tests.commands.scenarios.story import ASYNC_C, ASYNC_H, Story

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import ExportChange, Report
    from tests.commands.conftest import Run

CHANGED_BY = re.compile(r"^  changed by (.*)$", re.MULTILINE)


@pytest.fixture
def report(check: Callable[..., Run]) -> Callable[..., Report]:
    """Run `kabicheck check` with these arguments; its report."""
    return lambda *arguments: parse_report(check(*arguments, "-o", "json").out, "-")


def subjects(change: ExportChange) -> list[str]:
    return [commit.subject for culprit in change.culprits for commit in culprit.commits]


def test_off_asks_nobody(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base, "--attribution", "off")
    assert "attribution" not in run.out
    assert not CHANGED_BY.search(run.out)
    assert "responsible" not in run.out


def test_where_nothing_changed_nothing_is_asked(demo: DemoRepository, report: Callable[..., Report]) -> None:
    assert report("--base", "HEAD", "--allow-same").attribution is None


def test_the_settings_of_the_tree(demo: DemoRepository, check: Callable[..., Run]) -> None:
    (demo.path / "kabicheck.toml").write_text('[check]\nattribution = "blame"\nmax_builds = 3\n')
    assert "nothing built for it" in check("--base", demo.base).out
    assert "2 builds for attribution" in check("--base", demo.base, "--attribution", "verify").out


def test_no_builds_are_allowed(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """What needs none is verified all the same."""
    found = report("--base", demo.base, "--max-builds", "0")
    assert found.attribution
    assert found.attribution.builds == 0
    verdicts = {
        change.name: [each.verdict for each in change.culprits] for change in found.comparison.changes
    }
    assert verdicts["async_schedule_node_domain"] == [Verdict.ONE_OF]
    assert verdicts["raw_notifier_chain_unregister"] == [Verdict.VERIFIED]


@pytest.mark.parametrize("number", ["-1", "1000001"])
def test_numbers_of_builds(check: Callable[..., Run], demo: DemoRepository, number: str) -> None:
    assert "--max-builds" in check("--max-builds", number).error


def test_another_configuration_is_nobodys_doing(
    demo: DemoRepository, report: Callable[..., Report], tmp_path: Path
) -> None:
    """The base's objects were built in another way: its commit is built here, and equals head's."""
    build_by_hand(demo, demo.base, tmp_path / "build", "DEBUG_KOBJECT_RELEASE=y", goal="lib/kobject.o")
    found = report("--base", demo.base, "--base-objects", tmp_path / "build", "lib/kobject.o")
    [cause] = [cause for cause in found.comparison.causes.values() if not cause.follows]
    assert cause.title == "struct kobject"
    [culprit] = cause.culprits
    assert (culprit.verdict, culprit.commits, culprit.reason) == (Verdict.NONE, (), ALIKE)
    assert all(
        each.verdict is Verdict.NONE for change in found.comparison.changes for each in change.culprits
    )


def test_a_base_that_does_not_build_here(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    """Its objects come from elsewhere, and so could the difference: nobody can be named, which fails nothing."""
    build_by_hand(demo, demo.base, tmp_path / "build")
    broken = demo.commit({"kernel/async.c": "#error\n"}, "Break it")
    demo.git("revert", "--no-edit", "HEAD")
    run = check("--base", broken, "--base-objects", tmp_path / "build", "kernel/async.o")
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause")
    said = f"which commits changed this cannot be said: building commit {broken[:7]} (Break it) failed"
    said += ": kernel/async.c:1:2: error: #error"
    assert [note for note in run.notes if note.startswith("which")] == [said]


def test_commits_that_others_built(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    """Base and head, too, and no compiler runs here."""
    for commit in (demo.base, *(commit.id for commit in demo.commits)):
        build_by_hand(demo, commit, tmp_path / "builds" / commit[:7])
    run = check("--base", demo.base, "--commit-objects", tmp_path / "builds" / "{short}")
    assert " objects compiled" not in run.out
    assert run.verdict == "FAILED: 3 exports changed by 1 cause, 1 commit responsible"
    [changed] = CHANGED_BY.findall(run.out)
    assert changed.startswith(f"{demo.commits[1].id[:7]} async: Make async_domain::registered a bool")
    both = [tmp_path / "builds" / commit[:7] for commit in (demo.base, demo.head)]
    ends = ("--base-objects", both[0], "--head-objects", both[1])
    same = check("--base", demo.base, *ends, "--commit-objects", tmp_path / "builds" / "{short}")
    assert (same.verdict, CHANGED_BY.findall(same.out)) == (run.verdict, [changed])
    (tmp_path / "builds" / demo.head[:7]).rename(tmp_path / "away")
    assert (
        "there are no objects of "
        in check("--base", demo.base, "--commit-objects", tmp_path / "builds" / "{short}").error
    )


def test_changes_that_no_type_explains(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """Each kind has who did that, not who did something else to the same export."""
    steps = (
        (
            "Open it",
            "EXPORT_SYMBOL_GPL(raw_notifier_chain_register)",
            "EXPORT_SYMBOL(raw_notifier_chain_register)",
        ),
        ("Say nothing", "struct notifier_block *nb;\n\tint ret", "struct notifier_block *nb;\n\n\tint ret"),
        (
            "Name a space",
            "EXPORT_SYMBOL(raw_notifier_chain_register)",
            'EXPORT_SYMBOL_NS(raw_notifier_chain_register, "N")',
        ),
        ("Drop one", "EXPORT_SYMBOL_GPL(raw_notifier_call_chain);\n", ""),
    )
    base = demo.head
    for subject, old, new in steps:
        text = demo.read("kernel/notifier.c")
        assert old in text
        demo.commit({"kernel/notifier.c": text.replace(old, new)}, subject)
    found = report("--base", base, "kernel/notifier.o")
    by_kind = {change.kind: subjects(change) for change in found.comparison.changes}
    assert by_kind == {
        ChangeKind.LICENCE: ["Open it"],
        ChangeKind.NAMESPACE: ["Name a space"],
        ChangeKind.REMOVED: ["Drop one"],
    }
    assert {each.verdict for change in found.comparison.changes for each in change.culprits} == {
        Verdict.VERIFIED
    }


def test_rules_outside_the_source(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """What a rule hides is nobody's doing; what it does not is somebody's."""
    header = demo.read("include/linux/async.h")
    hidden = demo.commit(
        {
            "include/linux/async.h": header.replace(
                "\tbool registered;\n", "\tbool registered;\n\tint late;\n"
            )
        },
        "Hide",
    )
    demo.commit(
        {
            "include/linux/async.h": demo.read("include/linux/async.h").replace(
                "typedef u64 async_c", "typedef u32 async_c"
            )
        },
        "Shorten",
    )
    rules = demo.path / "rules.toml"
    rules.write_text(
        '[[kabi]]\nrule = "member_ignore"\ntarget = "async_domain late"\nreason = "it is ours"\n'
    )
    found = report("--base", f"{hidden}~1", "--kabi", rules, "kernel/async.o")
    assert found.comparison.changes
    assert {tuple(subjects(change)) for change in found.comparison.changes} == {("Shorten",)}


def test_one_object_shows_what_many_share(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """A type that changed alike in many objects is followed in one of them."""
    base = demo.head
    path = "include/linux/kobject.h"
    for number in range(3):
        demo.commit({path: demo.read(path) + f"/* {number} */\n"}, "Remark")
    demo.commit(
        {path: demo.read(path).replace("\tatomic_t\t\tkref;\n", "\tatomic_t\t\tkref;\n\tint more;\n")}, "Add"
    )
    demo.commit({path: demo.read(path) + "/* last */\n"}, "Remark")
    found = report("--base", base)
    assert found.attribution
    changed = {change.object for change in found.comparison.changes}
    assert len(changed) > 3
    assert found.attribution.builds == 2
    assert found.attribution.objects <= 2, "one object at each"
    assert {tuple(subjects(change)) for change in found.comparison.changes} == {("Add",)}


def test_history_that_cannot_be_read(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    """As in a partial clone: what changed is said all the same, and why nobody is named."""
    clone = tmp_path / "clone"
    demo.git("clone", "--quiet", "--no-hardlinks", ".", str(clone))
    check("-C", clone, "--base", demo.base, "--attribution", "off")
    tree = demo.git("rev-parse", f"{demo.commits[2].id}^{{tree}}")
    (clone / ".git/objects" / tree[:2] / tree[2:]).unlink()
    run = check("-C", clone, "--base", demo.base)
    assert (run.status, run.verdict) == (1, "FAILED: 4 exports changed by 2 causes, 1 added")
    [note] = run.notes
    assert note.startswith("which commits changed this cannot be said: ")
    assert "missing" in note


def test_the_last_export_of_an_object_goes(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """What an object without exports is made from is known as well, so that nothing between has to be built."""
    base = demo.git("rev-parse", "HEAD").strip()
    for number in range(3):
        demo.commit({"lib/string.c": demo.read("lib/string.c") + "\n"}, f"Touch another file, {number}")
    bare = demo.read("lib/kobject.c").replace("EXPORT_SYMBOL", "// EXPORT_SYMBOL")
    demo.commit({"lib/kobject.c": bare}, "Export nothing")
    demo.commit({"lib/string.c": demo.read("lib/string.c") + "\n"}, "Touch another file, 3")
    found = report("--base", base)
    assert found.attribution
    assert found.attribution.builds == 0
    for change in found.comparison.changes:
        assert change.kind is ChangeKind.REMOVED
        assert [each.verdict for each in change.culprits] == [Verdict.VERIFIED]
        assert subjects(change) == ["Export nothing"]


def move(story: Story, old: str, new: str) -> None:
    """Commit the move of an object's source within kernel/."""
    makefile = story.replaced("kernel/Makefile", (f"{old}.o", f"{new}.o"))
    text = story.replaced(f"kernel/{old}.c")
    story.commit(
        f"Move to {new}",
        {f"kernel/{old}.c": None, f"kernel/{new}.c": text, "kernel/Makefile": makefile},
    )
    story.remark(f"kernel/{new}.c", times=2)


@pytest.mark.parametrize("last", ["async", "end"])
def test_exports_are_followed_through_objects_that_neither_end_has(
    demo: DemoRepository, report: Callable[..., Report], last: str
) -> None:
    """An export that is elsewhere for some commits was neither removed nor added."""
    story = Story(demo)
    move(story, "async", "mid")
    story.edit("Make it a bool", ASYNC_H, ("\tunsigned int registered : 1;\n", "\tbool registered;\n"))
    story.remark("kernel/mid.c")
    move(story, "mid", last)
    found = report("--base", story.base, "kernel/")
    assert len(found.comparison.changes) == 3
    for change in found.comparison.changes:
        assert subjects(change) == ["Make it a bool"]
        [culprit] = change.culprits
        assert culprit.verdict is Verdict.VERIFIED
        assert [(each.old, each.new) for each in culprit.transitions] == [(change.old, change.new)]


@pytest.mark.parametrize("most", [0, 1, 2])
def test_with_few_builds_who_did_it_is_among_those_that_are_named(
    demo: DemoRepository, report: Callable[..., Report], most: int
) -> None:
    """Those who moved it are not all there are, though no build of its new object may have been allowed yet."""
    story = Story(demo)
    move(story, "async", "mid")
    story.edit("Make it a bool", ASYNC_H, ("\tunsigned int registered : 1;\n", "\tbool registered;\n"))
    story.remark("kernel/mid.c")
    move(story, "mid", "end")
    found = report("--base", story.base, "kernel/", "--max-builds", str(most))
    assert found.attribution
    assert found.attribution.builds == most
    for change in found.comparison.changes:
        [culprit] = change.culprits
        assert culprit.verdict is Verdict.ONE_OF
        assert "Make it a bool" in subjects(change)


def test_what_was_added_elsewhere_and_moved(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """Who brought the export is named, not who brought it to where it ends."""
    story = Story(demo)
    whole = story.replaced(ASYNC_C)
    body = "int async_count(void)\n{\n\treturn 0;\n}\nEXPORT_SYMBOL_GPL(async_count);\n"
    story.commit("Count", {ASYNC_C: f"{whole}\nint async_count(void);\n{body}"})
    story.remark(ASYNC_C)
    makefile = story.replaced("kernel/Makefile", ("async.o", "async.o count.o"))
    count = f"#include <linux/export.h>\n\nint async_count(void);\n{body}"
    story.commit("Move", {ASYNC_C: whole, "kernel/count.c": count, "kernel/Makefile": makefile})
    story.remark("kernel/count.c")
    [change] = report("--base", story.base, "kernel/").comparison.changes
    assert (change.kind, change.object, subjects(change)) == (ChangeKind.ADDED, "kernel/count.o", ["Count"])
    assert [each.verdict for each in change.culprits] == [Verdict.VERIFIED]


def test_an_export_that_went_and_came_back(demo: DemoRepository, report: Callable[..., Report]) -> None:
    """No object had it in between: both who removed it and who brought it back changed it."""
    story = Story(demo)
    source, makefile = story.replaced(ASYNC_C), story.replaced("kernel/Makefile")
    story.commit("Delete", {ASYNC_C: None, "kernel/Makefile": makefile.replace("async.o ", "")})
    story.edit("Make it a bool", ASYNC_H, ("\tunsigned int registered : 1;\n", "\tbool registered;\n"))
    story.commit("Bring back", {ASYNC_C: source, "kernel/Makefile": makefile})
    found = report("--base", story.base, "kernel/")
    assert found.comparison.changes
    for change in found.comparison.changes:
        assert subjects(change) == ["Delete", "Bring back"]
        assert {each.verdict for each in change.culprits} == {Verdict.VERIFIED}
