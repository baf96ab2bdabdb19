"""Applies a policy to a comparison. What it excuses stays in the comparison, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.formats.severities import first_match
from kabicheck.model import ChangeKind, Severity, worst
from kabicheck.policy.policy import IGNORE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from kabicheck.formats.severities import SeverityRule
    from kabicheck.model import Cause, Comparison, ExportChange, Finding
    from kabicheck.policy.policy import Policy
    from kabicheck.policy.waivers import Waiver

ALLOWED = "allowed: without a version on both sides, for the same reason"

_ORDER = list(Severity)


@dataclass(frozen=True, slots=True)
class Lists:
    """What the files say that a policy names.

    severities: The rules of its files of severities.
    stable: The exports of its stablelists, None where it has none.
    """

    severities: tuple[SeverityRule, ...] = ()
    stable: frozenset[str] | None = None


def judge(
    policy: Policy,
    comparison: Comparison,
    today: date,
    *,
    lists: Lists | None = None,
    commits: Collection[str] = (),
    untyped: Collection[str] = (),
) -> Comparison:
    """Say of each change whether it fails, and why not, and of the comparison whether it does.

    What should be known of the policy itself is added to the notes. What has an excuse already keeps it.

    today: Decides which waivers are expired.
    lists: What the files say that the policy names.
    commits: The ids of those between the sides.
    untyped: Reasons for which an export may have no version, where both sides have the same one.
    """
    verdicts = _Verdicts(policy, lists or Lists(), comparison, today, commits=commits, untyped=untyped)
    causes = {key: replace(c, findings=verdicts.graded(c.findings)) for key, c in comparison.causes.items()}
    changes = tuple(verdicts.change(change) for change in comparison.changes)
    hidden = tuple(replace(each, findings=verdicts.graded(each.findings)) for each in comparison.hidden)
    stale = policy.strict_waivers and bool(verdicts.stale())
    return replace(
        comparison,
        changes=changes,
        causes=causes,
        hidden=hidden,
        notes=(*comparison.notes, *verdicts.notes()),
        failed=stale or any(change.fails for change in changes),
    )


class _Verdicts:
    """A policy applied to the changes of one comparison, one after the other; knows what of it was of use."""

    def __init__(
        self,
        policy: Policy,
        lists: Lists,
        comparison: Comparison,
        today: date,
        *,
        commits: Collection[str],
        untyped: Collection[str],
    ) -> None:
        self._policy = policy
        self._lists = lists
        self._causes: Mapping[str, Cause] = comparison.causes
        self._commits = commits
        self._untyped = untyped
        self._names = {c.name for c in comparison.changes} | {name for _, _, name in comparison.unchanged}
        self._modules = {(c.object, c.name): c.old for c in comparison.changes if c.kind is ChangeKind.MODULE}
        self._held = [waiver for waiver in policy.waivers if waiver.holds(today)]
        self._used_waivers: set[str] = set()
        self._used_rules: set[str] = set()

    def graded(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Findings as bad as the policy says. What it ignores is harmless, and `change` knows it."""
        grades = self._policy.grades
        return tuple(
            replace(finding, severity=_severity(grades[finding.rule])) if finding.rule in grades else finding
            for finding in findings
        )

    def change(self, change: ExportChange) -> ExportChange:
        """One change with its verdict."""
        findings = [*change.findings, *(f for key in change.causes for f in self._causes[key].findings)]
        severity = worst(f.severity for f in self.graded(findings)) if findings else change.severity
        judged = replace(change, findings=self.graded(change.findings), severity=severity)
        if change.excuse:  # no policy is needed
            return judged
        if change.kind is ChangeKind.UNVERSIONED:
            allowed = change.old == change.new and change.old in self._untyped
            return replace(judged, fails=not allowed, excuse=ALLOWED if allowed else "")
        ignored = [f.rule for f in findings if self._policy.grades.get(f.rule) == IGNORE]
        if findings and len(ignored) == len(findings):
            return replace(judged, fails=False, excuse=f"ignored: {', '.join(dict.fromkeys(ignored))}")
        if _ORDER.index(severity) > _ORDER.index(self._policy.fail_on):
            return replace(judged, fails=False)
        excuse = self._tolerated(judged) or self._not_stable(judged) or self._waived(judged)
        return replace(judged, fails=not excuse, excuse=excuse)

    def notes(self) -> list[str]:
        """What should be known of the policy itself."""
        unused = [str(rule) for rule in self._lists.severities if rule.place not in self._used_rules]
        notes = [f"{len(unused)} severity rules decide nothing: {_listed(unused)}"] if len(unused) > 1 else []
        if len(unused) == 1:
            notes = [f"a severity rule decides nothing: {unused[0]}"]
        absent = sorted((self._lists.stable or frozenset()) - self._names)
        if absent:
            notes.append(f"in a stablelist, and exported by neither side: {_listed(absent)}")
        for waiver in self._policy.waivers:
            if waiver not in self._held:
                notes.append(f"expired on {waiver.expires}: waiver {waiver}")
            elif waiver.place not in self._used_waivers:
                notes.append(f"unused: waiver {waiver}")
        return notes

    def stale(self) -> list[Waiver]:
        """The waivers that are of no use any more."""
        return [w for w in self._policy.waivers if w not in self._held or w.place not in self._used_waivers]

    def _tolerated(self, change: ExportChange) -> str:
        """By the module and the namespace that the old side has, as suse-kabi-tools does."""
        module = self._modules.get((change.object, change.name), change.module)
        rule = first_match(self._lists.severities, change.name, module, change.namespace)
        if rule is None:
            return ""
        self._used_rules.add(rule.place)
        return f"tolerated: {rule}" if rule.tolerates else ""

    def _not_stable(self, change: ExportChange) -> str:
        stable = self._lists.stable
        return "not in a stablelist" if stable is not None and change.name not in stable else ""

    def _waived(self, change: ExportChange) -> str:
        """By waivers for all its causes that count; one that is not for a cause is for all of them."""
        counting = [self._causes[key] for key in change.causes]
        level = _ORDER.index(self._policy.fail_on)
        counting = [
            cause
            for cause in counting
            if _ORDER.index(worst(f.severity for f in self.graded(cause.findings))) <= level
        ]
        waivers = [waiver for cause in (counting or (None,)) for waiver in self._waivers(change, cause)]
        if None in waivers:
            return ""
        used = dict.fromkeys(waiver for waiver in waivers if waiver is not None)
        self._used_waivers.update(waiver.place for waiver in used)
        return "; ".join(_waiver_words(waiver) for waiver in used)

    def _waivers(self, change: ExportChange, cause: Cause | None) -> list[Waiver | None]:
        """The waiver for a cause; for one that merely follows others, as reports do not show it, those for them."""
        own = self._waiver(change, cause)
        if own is not None or cause is None or not cause.follows:
            return [own]
        return [self._waiver(change, self._causes[key]) for key in cause.follows]

    def _waiver(self, change: ExportChange, cause: Cause | None) -> Waiver | None:
        return next((w for w in self._held if w.covers(change, cause, self._commits)), None)


def _severity(grade: str) -> Severity:
    return Severity.HARMLESS if grade == IGNORE else Severity(grade)


def _waiver_words(waiver: Waiver) -> str:
    until = f" until {waiver.expires}" if waiver.expires else ""
    return f"waived{until}: {waiver.reason}"


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return "; ".join(items[:5]) + more
