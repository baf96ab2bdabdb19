"""The annotated diff. attributed.diff was written by this test: KABICHECK_WRITE_GOLDEN=1 pytest tests/report."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from kabicheck.model import Culprit, DiffLine, Hunk, Location, Report, Transition, Verdict
from kabicheck.report import Output
from kabicheck.report.diff import LONGEST_HUNK, MOST_CANDIDATES, MOST_HUNKS, MOST_TRANSITIONS, emit, lines
from kabicheck.report.header import Role
from tests.report.hostile import NAMES
from tests.report.reports import EMPTY, attributed, commit, report

GOLDEN = Path(__file__).parent / "attributed.diff"


def test_two_commits_on_one_declaration_and_every_verdict() -> None:
    document = emit(attributed())
    if os.environ.get("KABICHECK_WRITE_GOLDEN"):
        GOLDEN.write_text(document)
    assert document == GOLDEN.read_text()


def test_without_commits_it_is_a_diff_all_the_same() -> None:
    document = emit(report()).splitlines()
    assert "-unsigned int registered : 1;" in document
    assert "-EXPORT_SYMBOL(licensed)" in document
    assert "+fresh 0x00000004" in document
    assert emit(EMPTY).splitlines()[-1] == "# OK: 0 exports compared, none changed"


def test_what_is_no_line_of_a_diff_begins_with_a_sharp() -> None:
    starts = {line[:1] for _, line in lines(attributed())}
    assert starts == {"", "#", " ", "-", "+", "@"}


def test_lines_have_roles_for_a_terminal() -> None:
    roles = {role for role, _ in lines(attributed())}
    assert roles == set(Role) - {Role.OK}
    assert Output("diff").lines(attributed()) is not None
    assert Output("junit").lines(attributed()) is None


def test_lines_of_declarations_fit_into_a_hundred_columns() -> None:
    document = emit(attributed(subject="x" * 500, author="y" * 500)).splitlines()
    assert max(len(line) for line in document if line[:1] in {" ", "-", "+"}) <= 100


def with_culprit(culprit: Culprit) -> Report:
    """One cause, changed by one."""
    whole = attributed()
    cause = replace(whole.comparison.causes["b"], culprits=(culprit,))
    return replace(whole, comparison=replace(whole.comparison, changes=(), causes={"b": cause}))


def test_whatever_is_left_out_is_counted() -> None:
    commits = tuple(commit(1, f"candidate {number}") for number in range(MOST_CANDIDATES + 3))
    long = tuple(DiffLine("+", f"line {number}") for number in range(LONGEST_HUNK + 7))
    hunks = tuple(Hunk("a.c", number, number, long) for number in range(MOST_HUNKS + 2))
    exports = tuple(Transition("a.o", f"export {number}", "1", "2") for number in range(MOST_TRANSITIONS + 5))
    document = emit(with_culprit(Culprit(Verdict.ONE_OF, commits, exports, (), hunks)))
    for rest in ("3 more commits", "7 more lines", "2 more hunks", "5 more exports"):
        assert f"#     … and {rest}\n" in document
    assert document.count("+++ b/a.c\n") == 1
    assert f"@@ -0,0 +0,{LONGEST_HUNK + 7} @@" in document


def test_exports_that_a_commit_brought_or_took() -> None:
    culprit = Culprit(
        Verdict.VERIFIED,
        (commit(1, "a"),),
        (Transition("a.o", "b", "", "0x1"), Transition("a.o", "c", "0x1", "")),
    )
    document = emit(with_culprit(culprit))
    assert "#     b (none) → 0x1\n#     c 0x1 → (none)\n" in document


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    """Neither another line nor a character that is not one of text: escapes, controls, marks of direction."""
    document = emit(attributed(subject=name, author=name))
    assert all(line.isprintable() for line in document.split("\n"))
    assert len(document.splitlines()) == len(emit(attributed()).splitlines())
    assert max(map(len, document.splitlines())) < 1000


def test_a_source_line_of_tabs_is_cut() -> None:
    hunk = Hunk("a.c", 1, 1, (DiffLine("+", "\t" * 10**6), DiffLine(" ", "")))
    document = emit(with_culprit(Culprit(Verdict.VERIFIED, (commit(1, "a"),), hunks=(hunk,))))
    assert max(map(len, document.splitlines())) < 5_000


def test_a_declaration_that_is_on_one_side_only() -> None:
    whole = with_culprit(Culprit(Verdict.NONE))
    (cause,) = whole.comparison.causes.values()
    one_side = replace(cause, old_location=None, new_location=Location("a.h", 1))
    document = emit(replace(whole, comparison=replace(whole.comparison, causes={"b": one_side})))
    assert "--- 3f2c1d0\n+++ 9b1e77a a.h:1\n" in document
