"""The words that every emitter uses for a change, so that all reports say the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Severity, Verdict
from kabicheck.plain_text import LONGEST_NAME, counted, listed, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kabicheck.model import Cause, Comparison, DiffLine, ExportChange, Finding, Hidden, Report

# A remedy that is one type string is of use only as a whole, and those of large structures are long.
LONGEST_REMEDY = 16_000
# How many groups of commits of which one is responsible the last line names.
_MOST_UNSURE = 3


def change_words(change: ExportChange) -> str:
    """What happened to an export, without its name."""
    old, new = printable(change.old), printable(change.new)
    words = {
        ChangeKind.ADDED: f"added with version {new}",
        ChangeKind.REMOVED: f"removed, was {old}",
        ChangeKind.VERSION: f"{old} → {new}",
        ChangeKind.NAMESPACE: f"namespace {old or '(none)'} → {new or '(none)'}",
        ChangeKind.LICENCE: f"{_macro(old)} → {_macro(new)}",
        ChangeKind.MODULE: f"moved from {old} to {new}",
        ChangeKind.UNVERSIONED: f"no version: {old} → {new}" if old else f"no version: {new}",
    }
    if change.kind is ChangeKind.UNVERSIONED and old == new:
        return f"no version on both sides: {new}"
    return words[change.kind]


def state_words(change: ExportChange, state: str) -> str:
    """What an export is on one side, with its name: state is the change's `old` or `new`."""
    name, state = printable(change.name, LONGEST_NAME), printable(state)
    if change.kind is ChangeKind.LICENCE:
        return f"{_macro(state)}({name})"
    if change.kind is ChangeKind.NAMESPACE:
        return f"{name} in namespace {state}" if state else f"{name} in no namespace"
    return f"{name} in {state}" if change.kind is ChangeKind.MODULE else f"{name} {state}".rstrip()


def cause_words(cause: Cause) -> str:
    """`struct kref: member added`."""
    return f"{printable(cause.title, LONGEST_NAME)}: {printable(cause.summary)}"


def grade_words(severity: Severity, findings: Iterable[Finding]) -> str:
    """`breaking (member-type, bit-field)`: the rules as `kabicheck explain` takes them."""
    rules = dict.fromkeys(printable(finding.rule, LONGEST_NAME) for finding in findings)
    return f"{severity} ({', '.join(rules)})" if rules else str(severity)


def care_words(findings: Iterable[Finding]) -> list[str]:
    """`take care: …`, for what a grade takes for granted; each once."""
    return [
        f"take care: {printable(care)}"
        for care in dict.fromkeys(finding.care for finding in findings)
        if care
    ]


def path_words(cause: Cause) -> str:
    """`reached by device_register() → struct device → struct kobject`; "" where the export is it, or nobody asked."""
    return (
        f"reached by {' → '.join(printable(step, LONGEST_NAME) for step in cause.path)}"
        if len(cause.path) > 1
        else ""
    )


def remedy_words(cause: Cause) -> str:
    """`keep the ABI: KABI_IGNORE(0, unsigned int late);`, "" where nobody looked for a way to."""
    return f"keep the ABI: {printable(cause.remedy, LONGEST_REMEDY)}" if cause.remedy else ""


def hidden_words(hidden: Hidden) -> str:
    """`struct clk: member added, size 8 → 16`, which rules hide."""
    return f"{printable(hidden.title, LONGEST_NAME)}: {printable(hidden.summary)}"


def hidden_facts(hidden: Hidden) -> tuple[str, ...]:
    """How bad it is, what hides it, and from whom."""
    by = ", ".join(printable(each, LONGEST_NAME) for each in hidden.by)
    return (
        grade_words(hidden.severity, hidden.findings),
        f"hidden by {by or 'kABI rules'} from {counted(len(hidden.exports), 'export')}",
    )


def hidden_total(comparison: Comparison) -> str:
    """`kABI rules hide 3 changes, 1 of them breaking`, "" where they hide none."""
    if not comparison.hidden:
        return ""
    count = len(comparison.hidden)
    breaking = sum(each.severity is Severity.BREAKING for each in comparison.hidden)
    start = f"kABI rules hide {counted(count, 'change')}"
    if count == 1:
        return f"{start}, which is {'breaking' if breaking else 'not breaking'}"
    return f"{start}, {f'{breaking:,}' if breaking else 'none'} of them breaking"


def roots(comparison: Comparison) -> list[Cause]:
    """The causes that do not merely follow others."""
    return [cause for cause in comparison.causes.values() if not cause.follows]


def shown_causes(report: Report) -> list[Cause]:
    """Those that only follow others are left out unless all is asked for."""
    return list(report.comparison.causes.values()) if report.verbose else roots(report.comparison)


def version_changes(comparison: Comparison) -> dict[tuple[str, str], ExportChange]:
    """(object, export) of each export whose version changed → what happened to it; as Cause.exports names them."""
    return {
        (change.object, change.name): change
        for change in comparison.changes
        if change.kind is ChangeKind.VERSION
    }


def followers_of(comparison: Comparison) -> dict[str, list[str]]:
    """The key of a cause → the titles of those that follow it; no key where none does."""
    followers: dict[str, list[str]] = {}
    for cause in comparison.causes.values():
        for root in cause.follows:
            followers.setdefault(root, []).append(cause.title)
    return followers


def follower_words(titles: Sequence[str]) -> str:
    """`14 types that contain it move: struct device, struct bus_type, … (+12)`, "" where there are none."""
    if not titles:
        return ""
    start = (
        "1 type that contains it moves:" if len(titles) == 1 else f"{len(titles)} types that contain it move:"
    )
    return listed(start, [printable(title, LONGEST_NAME) for title in titles])


def exports_words(changed: Sequence[ExportChange]) -> str:
    """`3 exports change: a 0x… → 0x…, b 0x… → 0x…, … (+1)`."""
    start = f"{counted(len(changed), 'export')} change{'s' if len(changed) == 1 else ''}:"
    return listed(
        start, (f"{printable(change.name, LONGEST_NAME)} {change_words(change)}" for change in changed)
    )


def excuse_words(changes: Iterable[ExportChange]) -> list[str]:
    """`waived until 2027-06-30: nobody uses it · 2 exports`: why changes do not count though they are that bad."""
    excuses = Counter(change.excuse for change in changes if change.excuse)
    return [f"{printable(excuse)} · {counted(number, 'export')}" for excuse, number in excuses.items()]


def diff_words(line: DiffLine) -> str:
    """A line of a type diff with its mark."""
    return f"{line.mark} {printable(line.text)}".rstrip()


def verdict(report: Report) -> str:
    """The last line of a report: `FAILED: 3 exports changed by 1 cause, 2 removed`."""
    comparison = report.comparison
    if not comparison.changes:
        word = "FAILED, by its waivers" if report.failed else "OK"
        totals = [f"{counted(comparison.compared, 'export')} compared, none changed"]
        return f"{word}: {'; '.join(filter(None, (*totals, hidden_total(comparison))))}"
    counts = Counter(change.kind for change in comparison.changes)
    kind, *others = (kind for kind in _TOTALS if counts[kind])
    totals = [f"{counted(counts[kind], 'export')} {_TOTALS[kind]}"]
    if kind is ChangeKind.VERSION and roots(comparison):
        totals[0] += f" by {counted(len(roots(comparison)), 'cause')}"
    totals += [f"{counts[kind]:,} {_TOTALS[kind]}" for kind in others]
    excused = len({(change.object, change.name) for change in comparison.changes if change.excuse})
    totals += [f"{excused:,} excused"] * bool(excused)
    unanswered = any(change.kind is ChangeKind.UNVERSIONED and change.fails for change in comparison.changes)
    totals += _responsible(comparison)
    word = "FAILED" if report.failed else "INCOMPLETE" if unanswered else "OK"
    return f"{word}: {'; '.join(filter(None, (', '.join(totals), hidden_total(comparison))))}"


_TOTALS = {
    ChangeKind.VERSION: "changed",
    ChangeKind.REMOVED: "removed",
    ChangeKind.ADDED: "added",
    ChangeKind.NAMESPACE: "with another namespace",
    ChangeKind.LICENCE: "with another licence",
    ChangeKind.MODULE: "moved to another module",
    ChangeKind.UNVERSIONED: "without a version",
}


def _responsible(comparison: Comparison) -> list[str]:
    """`2 commits responsible`, and what was not shown of single commits."""
    culprits = [culprit for cause in comparison.causes.values() for culprit in cause.culprits]
    culprits += [culprit for change in comparison.changes for culprit in change.culprits]
    found = {
        verdict: {
            frozenset(commit.id for commit in culprit.commits)
            for culprit in culprits
            if culprit.verdict is verdict
        }
        for verdict in Verdict
    }
    verified, several = found[Verdict.VERIFIED], sorted(map(len, found[Verdict.ONE_OF]))
    suspected = found[Verdict.SUSPECTED] - verified
    words = [f"{counted(len(verified), 'commit')} responsible"] * bool(verified)
    words += [f"one of {counted(count, 'commit')} responsible" for count in several[:_MOST_UNSURE]]
    words += [f"{counted(len(suspected), 'commit')} suspected"] * bool(suspected)
    if found[Verdict.NONE]:
        words.append(f"{'some ' if words else ''}by no commit of this range")
    return words


def _macro(licence: str) -> str:
    return f"EXPORT_SYMBOL_{licence}" if licence else "EXPORT_SYMBOL"
