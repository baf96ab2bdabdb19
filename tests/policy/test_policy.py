"""Which changes count: a policy applied to a comparison, and what is said of a policy that makes no sense."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest

from kabicheck.errors import UsageError
from kabicheck.formats.severities import parse_severities
from kabicheck.model import (
    Cause,
    ChangeKind,
    Commit,
    Comparison,
    Culprit,
    ExportChange,
    Finding,
    Severity,
    Verdict,
)
from kabicheck.policy.apply import Lists, judge
from kabicheck.policy.policy import Policy, parse_policy

TODAY = date(2026, 6, 1)


def finding(rule: str, severity: Severity = Severity.BREAKING) -> Finding:
    return Finding(rule, severity, "s#x", "")


def cause(name: str, *findings: Finding) -> Cause:
    return Cause(f"key-{name}", f"s#{name}", f"struct {name}", "changed", (), (), findings=findings)


NAMES = cause("names", finding("names-only", Severity.INCOMPATIBLE))
SIZE = cause("large", finding("size"), finding("member-added"))
CHANGES = (
    ExportChange(ChangeKind.VERSION, "f", "lib/a.o", "vmlinux", "0x1", "0x2", (NAMES.key,)),
    ExportChange(ChangeKind.VERSION, "g", "lib/a.o", "vmlinux", "0x1", "0x2", (NAMES.key, SIZE.key)),
    ExportChange(
        ChangeKind.REMOVED, "h", "net/b.o", "net/b", "0x1", namespace="NET", findings=(finding("export-removed"),)
    ),
    ExportChange(
        ChangeKind.ADDED, "i", "net/b.o", "net/b", new="0x1", fails=False,
        findings=(finding("export-added", Severity.HARMLESS),),
    ),
)  # fmt: skip
COMPARISON = Comparison(CHANGES, {each.key: each for each in (NAMES, SIZE)}, ())


def judged(
    text: str,
    lists: Lists | None = None,
    commits: tuple[str, ...] = (),
    comparison: Comparison = COMPARISON,
) -> Comparison:
    return judge(parse_policy(tomllib.loads(text), "f.toml"), comparison, TODAY, lists=lists, commits=commits)


def failing(found: Comparison) -> str:
    return "".join(change.name for change in found.changes if change.fails)


def excuses(found: Comparison) -> dict[str, str]:
    return {change.name: change.excuse for change in found.changes if change.excuse}


def test_without_a_policy() -> None:
    found = judged("")
    assert failing(found) == "fgh"
    assert not excuses(found)
    assert found.changes[0].severity is Severity.INCOMPATIBLE


@pytest.mark.parametrize(
    ("level", "names"), [("breaking", "gh"), ("incompatible", "fgh"), ("harmless", "fghi")]
)
def test_the_level_at_which_it_fails(level: str, names: str) -> None:
    assert failing(judged(f'[policy]\nfail_on = "{level}"')) == names


def test_grades() -> None:
    found = judged('[severity]\nnames-only = "harmless"\nexport-added = "breaking"')
    assert failing(found) == "ghi"
    assert [change.severity for change in found.changes] == [
        Severity.HARMLESS, Severity.BREAKING, Severity.BREAKING, Severity.BREAKING,
    ]  # fmt: skip
    assert found.causes[NAMES.key].severity is Severity.HARMLESS


def test_what_is_ignored_does_not_fail_at_any_level() -> None:
    found = judged('[policy]\nfail_on = "harmless"\n[severity]\nnames-only = "ignore"')
    assert failing(found) == "ghi"
    assert excuses(found) == {"f": "ignored: names-only"}


def test_exports_without_a_version_always_fail() -> None:
    unknown = ExportChange(ChangeKind.UNVERSIONED, "u", "a.o", "vmlinux", findings=(finding("unversioned"),))
    policy = parse_policy(tomllib.loads('[severity]\nunversioned = "ignore"'), "f.toml")
    found = judge(policy, replace(COMPARISON, changes=(unknown,)), TODAY, lists=Lists(stable=frozenset()))
    assert failing(found) == "u"


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        ("assembly", "assembly", False),
        ("assembly", "0x00000001", True),
        ("assembly", "unreadable", True),
        ("unreadable", "unreadable", True),
    ],
)
def test_what_can_have_no_version_passes_where_nothing_else_happened(old: str, new: str, fails: bool) -> None:
    unknown = ExportChange(ChangeKind.UNVERSIONED, "u", "", "vmlinux", old, new)
    found = judge(Policy(), replace(COMPARISON, changes=(unknown,)), TODAY, untyped={"assembly"})
    assert failing(found) == "u" * fails


# --- files -------------------------------------------------------------------------------------------


def test_severity_rules_and_those_without_use() -> None:
    rules = parse_severities("f PASS\nNET PASS\ng FAIL\nqux PASS\n", "sev")
    found = judged("", Lists(rules))
    assert failing(found) == "g"
    assert excuses(found) == {"f": "tolerated: sev:1: f PASS", "h": "tolerated: sev:2: NET PASS"}
    assert found.notes == ("a severity rule decides nothing: sev:4: qux PASS",)


def test_severity_rules_go_by_the_old_module() -> None:
    moved = ExportChange(ChangeKind.MODULE, "m", "b.o", "net/new", "lib/old", "net/new")
    version = ExportChange(ChangeKind.VERSION, "m", "b.o", "net/new", "0x1", "0x2")
    comparison = replace(COMPARISON, changes=(moved, version))
    for rules, names in (("lib/* PASS\n", ""), ("net/* PASS\n", "mm")):
        found = judge(parse_policy({}, ""), comparison, TODAY, lists=Lists(parse_severities(rules, "sev")))
        assert failing(found) == names


def test_a_stablelist_restricts_what_can_fail() -> None:
    found = judged("", Lists(stable=frozenset({"g", "typo"})))
    assert found.notes == ("in a stablelist, and exported by neither side: typo",)
    assert failing(found) == "g"
    assert excuses(found) == {"f": "not in a stablelist", "h": "not in a stablelist"}


# --- waivers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ('symbol = "f"', "gh"),
        ('symbol = "[fg]"', "h"),
        ('module = "net/*"', "fg"),
        ('namespace = "NET"', "fg"),
        ('cause = "struct names"', "gh"),  # g is changed by struct large too
        ('cause = "s#names"', "gh"),
        ('cause = "names"', "gh"),
        ('cause = "*"', "h"),
        ('rule = "names-only"', "gh"),
        ('rule = "export-removed"', "fg"),
        ('symbol = "*"\ncommit = "0123456"', ""),
        ('symbol = "*"\ncommit = "fedcba9"', "fgh"),
        ('symbol = "f"\nmodule = "net/*"', "fgh"),
    ],
)
def test_scopes(scope: str, names: str) -> None:
    found = judged(f'[[waiver]]\nreason = "agreed"\n{scope}', commits=("0123456789",))
    assert failing(found) == names
    assert set(excuses(found).values()) <= {"waived: agreed"}
    assert any(note.startswith("unused: ") for note in found.notes) == (names == "fgh")


def test_waivers_for_each_cause() -> None:
    found = judged("""
        [[waiver]]
        reason = "one"
        cause = "struct names"
        [[waiver]]
        reason = "two"
        cause = "struct large"
        expires = 2026-06-01
    """)
    assert failing(found) == "h"
    assert excuses(found) == {"f": "waived: one", "g": "waived: one; waived until 2026-06-01: two"}
    assert not found.notes


def test_a_waiver_for_a_cause_is_for_what_follows_it() -> None:
    follower = replace(cause("outer", finding("size")), follows=(SIZE.key,))
    twice = replace(cause("both", finding("size")), follows=(SIZE.key, NAMES.key))
    for extra, names in ((follower, "fh"), (twice, "fgh")):
        change = replace(CHANGES[1], causes=(SIZE.key, extra.key))
        comparison = replace(
            COMPARISON,
            changes=(CHANGES[0], change, CHANGES[2]),
            causes={**COMPARISON.causes, extra.key: extra},
        )
        policy = tomllib.loads('[[waiver]]\nreason = "agreed"\ncause = "struct large"')
        assert failing(judge(parse_policy(policy, "f.toml"), comparison, TODAY)) == names


def test_unused_and_expired_waivers() -> None:
    found = judged("""
        [[waiver]]
        reason = "was long ago"
        symbol = "*"
        expires = 2026-05-31
        [[waiver]]
        reason = "of no use"
        symbol = "i"
    """)
    assert failing(found) == "fgh"
    assert found.notes == (
        "expired on 2026-05-31: waiver f.toml: [[waiver]] 1: symbol=* (was long ago)",
        "unused: waiver f.toml: [[waiver]] 2: symbol=i (of no use)",
    )


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("stale", ['symbol = "i"', 'symbol = "*"\nexpires = 2026-05-31'])
def test_stale_waivers_fail_where_the_policy_is_strict(stale: str, *, strict: bool) -> None:
    found = judged(f"""
        [policy]
        strict_waivers = {str(strict).lower()}
        [[waiver]]
        reason = "agreed"
        symbol = "[fgh]"
        [[waiver]]
        reason = "stale"
        {stale}
    """)
    assert failing(found) == ""
    assert found.failed == strict
    assert not judged("[policy]\nstrict_waivers = true", comparison=replace(COMPARISON, changes=())).failed


# --- tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[policy]\nfail-on = "breaking"', '[policy]: unknown key "fail-on" (did you mean fail_on?)'),
        ('[policy]\nfail_on = "bad"', "policy.fail_on must be one of breaking, incompatible, harmless, not"),
        ("[policy]\nseverities = 1", "policy.severities must be an array of strings"),
        ("[policy]\nstrict_waivers = 1", "policy.strict_waivers must be true or false"),
        ('[severity]\nsize = "bad"', "severity.size must be one of breaking, incompatible, harmless, ignore"),
        ("severity = 1", "severity must be a table, not 1"),
        ('[[waiver]]\nsymbol = "f"', "[[waiver]] 1: reason is missing"),
        ('[[waiver]]\nreason = " "\nsymbol = "f"', "[[waiver]] 1: reason must be a string that is not empty"),
        ('[[waiver]]\nreason = "x"', "[[waiver]] 1: it says not for what it is (one of symbol, module,"),
        (
            '[[waiver]]\nreason = "x"\nsymbol = "f"\nexpires = "2026-01-01"',
            "expires must be a day, as 2027-06-30",
        ),
        (
            '[[waiver]]\nreason = "x"\ncommit = "0123456"',
            "it says not for what it is (one of symbol, module,",
        ),
        ('[[waiver]]\nreason = "x"\ncommit = "HEAD"', "commit must be the id of a commit"),
        ('[waiver]\nreason = "x"', "waiver must be an array of tables, not a table"),
    ],
)
def test_what_is_not_allowed(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_policy(tomllib.loads(text), "f.toml")
    assert str(caught.value).startswith("f.toml: ")
    assert said in str(caught.value)


def by(verdict: Verdict, *commits: str, merges: tuple[str, ...] = ()) -> Culprit:
    made = [Commit(one, one[:7], "", "", "", 0, "") for one in (*commits, *merges)]
    return Culprit(verdict, tuple(made[: len(commits)]), merges=tuple(made[len(commits) :]))


@pytest.mark.parametrize(
    ("culprits", "waived"),
    [
        ((), True),
        ((by(Verdict.SUSPECTED, "0123456789"),), True),
        ((by(Verdict.SUSPECTED, "a" * 10),), True),
        ((by(Verdict.VERIFIED, "0123456789"),), True),
        ((by(Verdict.VERIFIED, "a" * 10),), False),
        ((by(Verdict.VERIFIED, "0123456789"), by(Verdict.VERIFIED, "a" * 10)), False),
        ((by(Verdict.VERIFIED, "a" * 10, merges=("0123456789",)),), True),
        ((by(Verdict.ONE_OF, "a" * 10, "0123456789"),), True),
        ((by(Verdict.ONE_OF, "a" * 10, "b" * 10),), False),
        ((by(Verdict.NONE),), False),
    ],
)
def test_a_waiver_for_a_commit(culprits: tuple[Culprit, ...], waived: bool) -> None:
    """It is for what that commit did, as far as that is known."""
    guilty = replace(
        COMPARISON,
        changes=tuple(replace(change, culprits=culprits) for change in CHANGES),
        causes={each.key: replace(each, culprits=culprits) for each in (NAMES, SIZE)},
    )
    text = '[[waiver]]\nreason = "agreed"\nsymbol = "*"\ncommit = "0123456"'
    policy = parse_policy(tomllib.loads(text), "f.toml")
    found = judge(policy, guilty, TODAY, commits=("0123456789", "a" * 10))
    assert failing(found) == ("" if waived else "fgh")
