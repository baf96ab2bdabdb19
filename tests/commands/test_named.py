"""Whoever the last line counts is named, with what he is responsible for, in every format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import parse_report
from tests.commands.scenarios.story import ASYNC_C, ASYNC_H, Story

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

BIT = "\tunsigned int registered : 1;\n"
FORMATS = ("text", "diff", "junit", "json", "sarif", "github", "gitlab", "markdown", "html")


def new_type(story: Story) -> dict[str, str]:
    """A member of a new type, which a second commit extends; and a typedef that goes away and comes back."""
    added = story.edit(
        "Count what waits",
        ASYNC_H,
        ("struct async_domain {\n", "struct async_stats {\n\tint count;\n};\n\nstruct async_domain {\n"),
        (BIT, f"{BIT}\tstruct async_stats *stats;\n"),
    )
    story.remark()
    extended = story.edit("Count for longer", ASYNC_H, ("\tint count;\n", "\tlong count;\n"))
    return {
        added: "",
        extended: "it changed struct async_stats, which this range brought in",
    }


def taken_back(story: Story) -> dict[str, str]:
    """A typedef that is shortened and made long again, and beside it a member that changes."""
    short = story.edit("Shorten cookies", ASYNC_H, ("typedef u64 async_c", "typedef u32 async_c"))
    member = story.edit("Make it a bool", ASYNC_H, (BIT, "\tbool registered;\n"))
    story.remark()
    long = story.edit("Take that back", ASYNC_H, ("typedef u32 async_c", "typedef u64 async_c"))
    words = "it changed typedef async_cookie_t, which is in the end what it was"
    return {short: words, member: "", long: words}


def gone_meanwhile(story: Story) -> dict[str, str]:
    """An export that is taken away and comes back, after what it reaches has changed."""
    export = "EXPORT_SYMBOL_GPL(async_synchronize_cookie_domain);\n"
    gone = story.edit("Do not export it", ASYNC_C, (export, "/* not exported */\n"))
    member = story.edit("Make it a bool", ASYNC_H, (BIT, "\tbool registered;\n"))
    back = story.edit("Export it again", ASYNC_C, ("/* not exported */\n", export))
    return {gone: "it took the export away", member: "", back: "it brought the export back"}


def follower(story: Story) -> dict[str, str]:
    """A structure that is in the end only as large as another one makes it, and was otherwise for a while."""
    function = "void async_outer(struct async_outer *outer)"
    outer = "struct async_outer {\n\tstruct async_domain domain;\n};\n"
    story.commit(
        "Hold a domain",
        {
            ASYNC_H: story.replaced(ASYNC_H, ("#endif /*", f"{outer}{function};\n#endif /*")),
            ASYNC_C: story.replaced(
                ASYNC_C,
                (
                    "void async_synchronize_full(void)",
                    f"{function}\n{{\n}}\nEXPORT_SYMBOL_GPL(async_outer);\n\n"
                    "void async_synchronize_full(void)",
                ),
            ),
        },
    )
    story.begin()
    first = story.edit("Add", ASYNC_H, ("domain domain;\n", "domain domain;\n\tint more;\n"))
    inner = story.edit("Grow", ASYNC_H, (BIT, f"{BIT}\tlong long_one;\n"))
    second = story.edit("Take away", ASYNC_H, ("\tint more;\n", ""))
    return {first: "it changed struct async_outer", inner: "", second: "it changed struct async_outer"}


@pytest.mark.parametrize("tell", [new_type, taken_back, gone_meanwhile, follower])
def test_who_is_counted_is_named(
    tell: Callable[[Story], dict[str, str]], demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    story = Story(demo)
    expected = tell(story)
    outputs = [f"{name}:{tmp_path / name}" for name in FORMATS]
    run = check("--base", story.base, "kernel/async.o", *(word for each in outputs for word in ("-o", each)))
    assert run.err == ""
    written = {name: (tmp_path / name).read_text() for name in FORMATS}
    assert f"{len(expected)} commits responsible" in written["text"]
    for name, text in written.items():
        for commit, words in expected.items():
            assert commit[:7] in text, f"{name} does not name {commit[:7]}"
            assert words in text, name
    report = parse_report(written["json"], "-")
    [cause] = [cause for cause in report.comparison.causes.values() if not cause.follows]
    assert [each.commits[0].id for each in cause.culprits] == list(expected)
    assert [each.reason for each in cause.culprits] == list(expected.values())
    for line in cause.diff:
        if line.culprit is not None:
            assert not cause.culprits[line.culprit].reason, (
                "who made a line did not merely change what it names"
            )


def test_suspects_come_first_and_why_it_cannot_be_built(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    """Of seven candidates, of which only the sixth touched the member's line; with --verbose all are named."""
    story = Story(demo)
    broken = story.edit("Break \x1b[31mit", ASYNC_C, ("struct async_entry {", "struct async_entry { \x07{"))
    story.remark(ASYNC_H, times=3)
    culprit = story.edit("Make it a bool", ASYNC_H, (BIT, "\tbool registered;\n"))
    story.edit("Mend it", ASYNC_C, ("struct async_entry { \x07{", "struct async_entry {"))
    diff = tmp_path / "diff"
    run = check("--base", story.base, "kernel/async.o", "-o", "text", "-o", f"diff:{diff}", "--verbose")
    said = run.out.partition("changed by one of 6 commits · ")[2]
    reason, *candidates = said.splitlines()[:7]
    assert re.match(
        r"\w+ cannot be built: building commit .* failed: kernel/async\.c:\d+:\d+: error: ", reason
    )
    assert not {"\x07", "\x1b"} & set(run.out)
    assert candidates[0].startswith(f"    {culprit[:7]} Make it a bool (")
    assert candidates[1].startswith(f"    {broken[:7]} Break ")
    assert len(candidates) == 6
    assert all(one.strip() in diff.read_text().replace(", 2026-03-01)", ")") for one in candidates)
    short = check("--base", story.base, "kernel/async.o")
    assert re.search(
        rf"changed by one of 6 commits: {culprit[:7]} Make it a bool, .* … \(\+\d\) · ", short.out
    )
