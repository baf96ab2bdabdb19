"""The words for who changed something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.model import Attribution, Culprit, DiffLine, Verdict
from kabicheck.report.culprit_words import (
    by_words,
    commit_words,
    cost_words,
    culprit_words,
    date_words,
    margin,
    unbuildable_words,
)
from kabicheck.report.words import verdict
from tests.report.reports import attributed, commit

ADA = Culprit(Verdict.VERIFIED, (commit(1, "async: use bool"),))
BOB = Culprit(Verdict.VERIFIED, (commit(2, "async: use long", "Bob"),))
BY_ADA = "1a1b2c3 async: use bool (Ada L, verified)"


def test_no_more_is_said_than_was_shown() -> None:
    commits = tuple(commit(number, f"subject {number}") for number in range(1, 9))
    assert culprit_words(ADA) == BY_ADA
    assert culprit_words(ADA, dated=True) == "1a1b2c3 async: use bool (Ada L, 2026-11-21, verified)"
    assert (
        culprit_words(replace(ADA, verdict=Verdict.SUSPECTED)) == "1a1b2c3 async: use bool (Ada L, suspected)"
    )
    merged = replace(ADA, merges=(commits[6], commits[7]), reason="it was a feature")
    assert culprit_words(merged) == (
        "1a1b2c3 async: use bool (Ada L, verified, merged by 7a1b2c3, merged by 8a1b2c3) · it was a feature"
    )
    assert culprit_words(Culprit(Verdict.ONE_OF, commits)) == (
        "one of 8 commits: 1a1b2c3 subject 1, 2a1b2c3 subject 2, 3a1b2c3 subject 3, 4a1b2c3 subject 4, … (+4)"
    )
    assert (
        culprit_words(Culprit(Verdict.ONE_OF, commits, reason="a"), candidates=False)
        == "one of 8 commits · a"
    )
    assert (
        culprit_words(Culprit(Verdict.NONE, reason="another gcc")) == "no commit of this range · another gcc"
    )


def test_who_is_named_in_full_on_a_line_is_not_named_again() -> None:
    assert by_words([ADA, BOB]) == [
        f"changed by {BY_ADA}",
        "changed by 2a1b2c3 async: use long (Bob, verified)",
    ]
    assert by_words([ADA, BOB], [f"+ bool a;  {BY_ADA}"]) == [
        "changed by 2a1b2c3 async: use long (Bob, verified)"
    ]


def test_whoever_is_counted_is_named() -> None:
    """In full, from some number on with the id alone; candidates as many as fit, or if all is asked for, all."""
    many = [Culprit(Verdict.VERIFIED, (replace(commit(1, "s"), short=f"c{number}"),)) for number in range(24)]
    words = by_words(many)
    assert (len(words), words[-1]) == (21, "changed by 4 more: c20, c21, c22, c23")
    assert len(by_words(many, every=True)) == 24
    commits = tuple(commit(number, f"subject {number}") for number in range(1, 9))
    one_of = Culprit(Verdict.ONE_OF, commits, reason="2a1b2c3 cannot be built")
    assert by_words([one_of])[0].endswith("4a1b2c3 subject 4, … (+4) · 2a1b2c3 cannot be built")
    assert by_words([one_of], every=True) == [
        "changed by one of 8 commits · 2a1b2c3 cannot be built",
        *(f"  {number}a1b2c3 subject {number} (Ada L)" for number in range(1, 9)),
    ]


LINES = [
    DiffLine(" ", "struct a {"),
    DiffLine("-", "int a;", 0),
    DiffLine("+", "bool a;", 0),
    DiffLine("+", "bool b;", 0),
    DiffLine("-", "long c;", 1),
    DiffLine(" ", "};"),
    DiffLine("-", "a line of nobody", None),
]
TEXTS = [line.text for line in LINES]


def test_each_run_of_lines_names_its_commit_once() -> None:
    assert margin(LINES, TEXTS, [ADA, BOB]) == [
        "struct a {",
        "int a;",
        f"bool a;    {BY_ADA}",
        "bool b;",
        "long c;    2a1b2c3 async: use long (Bob, verified)",
        "};",
        "a line of nobody",
    ]
    assert margin(LINES, TEXTS, [ADA, BOB], full=True)[1:5] == [
        "int a;     1a1b2c3",
        "bool a;    1a1b2c3 async: use bool (Ada L, 2026-11-21, verified)",
        "bool b;    1a1b2c3",
        "long c;    2a1b2c3 async: use long (Bob, 2026-11-22, verified)",
    ]


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (40, "1a1b2c3 async: use bool (Ada L, 2026-11-21, verified)"),
        (50, "1a1b2c3 async: use bool (Ada L, verified)"),
        (58, "1a1b2c3 async: use bool (verified)"),
        (90, "1a1b2c3 (verified)"),
    ],
)
def test_what_does_not_fit_is_left_out_in_order(width: int, words: str) -> None:
    (line,) = margin([DiffLine("+", "", 0)], ["x" * width], [ADA], full=True)
    assert line == f"{'x' * width}    {words}"


def test_a_long_subject_is_cut_to_what_fits() -> None:
    long = Culprit(Verdict.VERIFIED, (commit(1, "s" * 500),))
    (line,) = margin([DiffLine("+", "", 0)], ["x" * 50], [long])
    assert (len(line), line[-24:]) == (100, "ssssss… (Ada L, verified)"[-24:])


def test_a_culprit_that_is_not_there_is_nobody() -> None:
    assert margin([DiffLine("+", "a", 3)], ["a"], [ADA]) == ["a"]


@pytest.mark.parametrize("time", [2**62, -(2**62), 10**12])
def test_days_that_no_calendar_has(time: int) -> None:
    assert date_words(replace(ADA.commits[0], time=time)) == ""


def test_marks_of_direction_and_escapes_are_spelt_out() -> None:
    evil = commit(1, "\u202eevil\u2066\x1b[31m\n", "\u200fA\u200d")
    assert commit_words(evil) == "1a1b2c3 \\x202eevil\\x2066\\x1b[31m"
    assert culprit_words(Culprit(Verdict.VERIFIED, (evil,))).endswith("(\\x200fA\\x200d, verified)")


def test_what_the_search_cost() -> None:
    cost = Attribution("verify", (), 2, 7, (), 3.14)
    assert cost_words(cost) == "2 builds for attribution, 7 objects compiled, in 3.1 s"
    assert (
        cost_words(replace(cost, builds=0, objects=0))
        == "0 builds for attribution, nothing compiled, in 3.1 s"
    )
    assert cost_words(replace(cost, mode="blame", builds=0, objects=0)) == (
        "attribution by blame, nothing built for it, in 3.1 s"
    )
    broken = tuple((commit(1, f"commit {number}"), "Error 1") for number in range(12))
    words = unbuildable_words(replace(cost, unbuildable=broken))
    assert (len(words), words[0], words[-1]) == (
        11,
        "could not build 1a1b2c3 commit 0 · Error 1",
        "could not build 2 more commits",
    )
    words = unbuildable_words(replace(cost, unbuildable=broken), every=True)
    assert (len(words), words[-1]) == (12, "could not build 1a1b2c3 commit 11 · Error 1")


def test_the_last_line_counts_only_what_was_shown() -> None:
    def last(*culprits: Culprit) -> str:
        whole = attributed().comparison
        cause = replace(whole.causes["a"], culprits=culprits)
        changes = tuple(change for change in whole.changes if change.causes == ("a",))
        comparison = replace(whole, causes={"a": cause}, changes=changes)
        return verdict(replace(attributed(), comparison=comparison))

    start = "FAILED: 2 exports changed by 1 cause"
    suspected = replace(BOB, verdict=Verdict.SUSPECTED)
    assert last() == start
    assert last(ADA) == f"{start}, 1 commit responsible"
    assert last(ADA, BOB, ADA) == f"{start}, 2 commits responsible"
    assert last(suspected) == f"{start}, 1 commit suspected"
    assert last(BOB, suspected) == f"{start}, 1 commit responsible"
    assert last(Culprit(Verdict.NONE)) == f"{start}, by no commit of this range"
    assert last(ADA, Culprit(Verdict.ONE_OF, (*BOB.commits, *ADA.commits))) == (
        f"{start}, 1 commit responsible, one of 2 commits responsible"
    )
