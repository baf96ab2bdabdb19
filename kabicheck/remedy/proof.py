"""Remedies, proven: of what may help, the smallest set of rules under which every version is the old one again.

A rule about one type can change the versions of others (gendwarfksyms gives the name of a renamed last member to
what is around it), so that nothing less than a comparison of all exports under all rules is a proof.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from kabicheck.compare.unseen import CHANGED_UNSEEN, changed_unseen
from kabicheck.errors import UsageError
from kabicheck.model import ChangeKind
from kabicheck.remedy.growth import held
from kabicheck.remedy.plan import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import Cause, Comparison

# Each rule that may be left out costs another comparison.
MOST_LEFT_OUT = 12

NOT_PROVEN = "no rule gives the versions back that there were"


class OutOfTime(Exception):
    """A workshop was given a time, which is over."""


class Workshop(Protocol):
    """Where rules are tried. Both sides are read as with --stable. Raises OutOfTime where its time is over."""

    def old_types(self, path: str) -> Mapping[str, str]:
        """The type strings of an object's old side."""

    def new_types(self, path: str, rules: Sequence[KabiRule] = ()) -> Mapping[str, str]:
        """Those of its new side under rules. Raises UsageError where a rule makes no sense there."""

    def compare(self, rules: Sequence[KabiRule], only: Collection[str] = ()) -> Comparison:
        """Both sides, the new one under rules; only: some objects. Raises UsageError as `new_types` does."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What helps against one cause: rules, proven, or why there are none. cautions: what has to hold beside.

    cut: neither, since there was no time to look for them, or to prove them.
    """

    cause: Cause
    rules: tuple[KabiRule, ...] = ()
    refused: str = ""
    cautions: tuple[str, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Case:
    """A cause under treatment. left: the sets of rules that were not tried yet, the current one first."""

    cause: Cause
    plan: Plan
    left: list[tuple[KabiRule, ...]] = field(default_factory=list)
    refused: str = ""

    @property
    def rules(self) -> tuple[KabiRule, ...]:
        return self.left[0] if self.left else ()

    def refuse(self, reason: str) -> None:
        """Try nothing more."""
        self.left, self.refused = [], reason

    def fail(self) -> None:
        """The current rules do not help."""
        self.left = self.left[1:]
        if not self.left:
            self.refused = NOT_PROVEN


def find_remedies(comparison: Comparison, workshop: Workshop) -> tuple[Remedy, ...]:
    """A remedy for each cause, in the causes' order. comparison: without rules from outside, with --stable."""
    cases: list[_Case] = []
    proven: list[list[tuple[KabiRule, ...]]] = []
    try:
        for cause in comparison.causes.values():
            cases.append(_case(cause, workshop))
        _prove(cases, comparison, workshop)
        proven = [case.left for case in cases]
        _leave_out(cases, comparison, workshop)
    except OutOfTime:
        for case, left in zip(cases, proven or [[]] * len(cases), strict=True):
            case.left = left
    found = [
        Remedy(c.cause, c.rules, c.refused, c.plan.cautions if c.left else (), cut=not (c.left or c.refused))
        for c in cases
    ]
    found += [Remedy(cause, cut=True) for cause in list(comparison.causes.values())[len(cases) :]]
    return tuple(found)


def _prove(cases: Sequence[_Case], comparison: Comparison, workshop: Workshop) -> None:
    """Try the sets of rules of all cases, until all that are left help together."""
    _refuse(cases, workshop)
    while any(case.left for case in cases):
        failing = _failing(cases, comparison, workshop)
        if not failing:
            break
        for case in failing:
            case.fail()
        _refuse(cases, workshop)


def all_rules(remedies: Iterable[Remedy]) -> tuple[KabiRule, ...]:
    """The rules of all remedies, each once."""
    return tuple(dict.fromkeys(rule for remedy in remedies for rule in remedy.rules))


def _case(cause: Cause, workshop: Workshop) -> _Case:
    """Keep what gives the type its old text back in one of the objects; versions come later."""
    if not cause.reference:
        return _Case(cause, Plan(), refused=cause.summary)
    if changed_unseen(cause):
        return _Case(cause, Plan(), refused=CHANGED_UNSEEN)
    path = cause.exports[0][0]
    old = workshop.old_types(path)
    planned = _planned(cause, path, workshop)
    paths = tuple(dict.fromkeys(path for path, _ in cause.exports))
    if planned.grows:  # how a type is used differs from object to object
        others = (_planned(cause, path, workshop) for path in paths[1:])
        planned = next((other for other in others if other.refused), planned)
    case = _Case(cause, planned, refused=planned.refused)
    for rules in planned.alternatives:
        try:
            text = workshop.new_types(path, rules).get(cause.reference)
        except UsageError:  # it refers to a type that the object does not describe
            continue
        if text == old[cause.reference]:
            case.left += [rules, tuple(replace(rule, objects=paths) for rule in rules)]
    if not case.left and not case.refused:
        case.refused = NOT_PROVEN
    return case


def _planned(cause: Cause, path: str, workshop: Workshop) -> Plan:
    return plan(cause.reference, workshop.old_types(path), workshop.new_types(path), cause.findings)


def _refuse(cases: Sequence[_Case], workshop: Workshop) -> None:
    """Give up what cannot be safe or proven, because there is nothing against another cause."""
    refused = [case for case in cases if case.refused]
    while refused:
        against = refused.pop()
        held_there = _held(against.cause, workshop) if against.cause.reference else set()
        for case in cases:
            if not case.left:
                continue
            if case.cause.reference in held_there and case.plan.grows:
                case.refuse(f"it is a part of {against.cause.title}: {against.refused}")
            elif {*case.cause.exports} & {*against.cause.exports} and {*case.cause.exports} <= _beyond(cases):
                case.refuse(f"{against.cause.title} changes the same exports: {against.refused}")
            if case.refused:
                refused.append(case)


def _held(cause: Cause, workshop: Workshop) -> set[str]:
    types = workshop.new_types(cause.exports[0][0])
    return set(held(types.get(cause.reference, ""), types))


def _beyond(cases: Sequence[_Case]) -> set[tuple[str, str]]:
    """The exports that keep another version whatever is done."""
    return {export for case in cases if not case.left for export in case.cause.exports}


def _failing(cases: Sequence[_Case], comparison: Comparison, workshop: Workshop) -> list[_Case]:
    """The cases whose current rules do not help, or harm."""
    treated = [case for case in cases if case.left]
    paths = {path for case in treated for path, _ in case.cause.exports}
    wrong, result = _wrong(cases, comparison, workshop, paths)
    if not wrong:  # and what they do to all others
        wrong, result = _wrong(cases, comparison, workshop)
    if not wrong:
        return []
    if result is None:
        return [_at_odds(treated, workshop)]
    differing = {result.causes[key].reference for key in _causes_of(result, wrong) if key in result.causes}
    named = [case for case in treated if case.cause.reference in differing]
    return named or [case for case in treated if wrong & set(case.cause.exports)] or treated


def _at_odds(treated: Sequence[_Case], workshop: Workshop) -> _Case:
    """The first case whose rules make no sense beside those of the cases before it: they hide a type from the object
    that another rule refers to.
    """
    paths = {path for case in treated for path, _ in case.cause.exports}
    fine, count = 0, len(treated)
    while count - fine > 1:
        middle = (fine + count) // 2
        try:
            workshop.compare(all_rules(Remedy(case.cause, case.rules) for case in treated[:middle]), paths)
            fine = middle
        except UsageError:
            count = middle
    return treated[count - 1]


def _wrong(
    cases: Sequence[_Case], comparison: Comparison, workshop: Workshop, only: Collection[str] = ()
) -> tuple[set[tuple[str, str]], Comparison | None]:
    """The exports that should have their old version under the current rules and have not; and the comparison.

    only: some objects. An export that a cause without a remedy changes is left aside.
    """
    before = {(c.object, c.name) for c in comparison.changes if c.kind is ChangeKind.VERSION}
    try:
        result = workshop.compare(all_rules(Remedy(case.cause, case.rules) for case in cases), only)
    except UsageError:
        return before - _beyond(cases), None
    changed = {(c.object, c.name) for c in result.changes if c.kind is ChangeKind.VERSION}
    return changed - _beyond(cases), result


def _causes_of(comparison: Comparison, exports: set[tuple[str, str]]) -> set[str]:
    return {key for c in comparison.changes if (c.object, c.name) in exports for key in c.causes}


def _leave_out(cases: Sequence[_Case], comparison: Comparison, workshop: Workshop) -> None:
    """Drop each rule without which the rest is as good: found out where versions changed, then proven everywhere."""
    if sum(len(case.rules) for case in cases) > MOST_LEFT_OUT:
        return
    before = [case.left for case in cases]
    paths = {path for case in cases if case.left for path, _ in case.cause.exports}
    for case in cases:
        for rule in case.rules:
            if len(case.rules) == 1:
                break
            kept = case.left
            case.left = [tuple(other for other in case.rules if other != rule)]
            if _wrong(cases, comparison, workshop, paths)[0]:
                case.left = kept
    if before != [case.left for case in cases] and _wrong(cases, comparison, workshop)[0]:
        for case, left in zip(cases, before, strict=True):
            case.left = left
