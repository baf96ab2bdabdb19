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
from kabicheck.remedy.plan import RemedyPlan, plan_remedy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import Cause, Comparison, DescribedObject

    RuleSet = tuple[KabiRule, ...]
    ExportId = tuple[str, str]  # object and export

# Each rule that may be left out costs another comparison.
MOST_LEFT_OUT = 12

NOT_PROVEN = "no rule gives the versions back that there were"


class OutOfTime(Exception):
    """A search for remedies was given a time, which is over."""


class SidesUnderRules(Protocol):
    """Both sides of a comparison, which are read as with --stable. Raises OutOfTime where the time for them is over."""

    def old(self, path: str) -> DescribedObject:
        """The old side of an object, with nothing in it where that side has no such object."""

    def new(self, path: str, rules: Sequence[KabiRule] = ()) -> DescribedObject:
        """Its new side under rules. Asking it for types raises UsageError where a rule makes no sense there."""

    def compare(self, rules: Sequence[KabiRule], only: Collection[str] = ()) -> Comparison:
        """Both sides, the new one under rules. only: Some objects, all by default.

        Raises UsageError where a rule makes no sense.
        """


@dataclass(frozen=True, slots=True)
class Remedy:
    """What helps against one cause, or why nothing does.

    cause: the cause of the comparison that it is for.
    rules: those that are proven to give the old versions back; none where nothing helps.
    refused: why there are no rules, in words for the user; "" where there are some.
    cautions: sentences that say what has to hold for the rules to be safe.
    cut: whether there are neither rules nor a refusal, since the time was over before either was found.
    """

    cause: Cause
    rules: tuple[KabiRule, ...] = ()
    refused: str = ""
    cautions: tuple[str, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Treatment:
    """A cause, and how far the search for what helps against it is.

    cause: the cause that is treated.
    plan: what may be tried against it.
    untried: the sets of rules that were not refuted yet; the first one is the current one.
    refused: why nothing helps, in words for the user; "" as long as something may.
    """

    cause: Cause
    plan: RemedyPlan
    untried: list[RuleSet] = field(default_factory=list)
    refused: str = ""

    @property
    def rules(self) -> RuleSet:
        """The set of rules that is tried now."""
        return self.untried[0] if self.untried else ()

    def refuse(self, reason: str) -> None:
        """Try nothing more."""
        self.untried, self.refused = [], reason

    def try_next(self) -> None:
        """Give up the current rules, which do not help."""
        self.untried = self.untried[1:]
        if not self.untried:
            self.refused = NOT_PROVEN

    def remedy(self) -> Remedy:
        """What has been found."""
        return Remedy(
            self.cause,
            self.rules,
            self.refused,
            self.plan.cautions if self.untried else (),
            cut=not (self.untried or self.refused),
        )


def find_remedies(comparison: Comparison, sides: SidesUnderRules) -> tuple[Remedy, ...]:
    """A remedy for each cause, in the causes' order. comparison: without rules from outside, with --stable."""
    treatments: list[_Treatment] = []
    proven: list[list[RuleSet]] = []
    try:
        for cause in comparison.causes.values():
            treatments.append(_begin(cause, sides))
        _prove(treatments, comparison, sides)
        proven = [treatment.untried for treatment in treatments]
        _drop_needless_rules(treatments, comparison, sides)
    except OutOfTime:
        for treatment, untried in zip(treatments, proven or [[]] * len(treatments), strict=True):
            treatment.untried = untried
    found = [treatment.remedy() for treatment in treatments]
    found += [Remedy(cause, cut=True) for cause in list(comparison.causes.values())[len(treatments) :]]
    return tuple(found)


def all_rules(remedies: Iterable[Remedy]) -> RuleSet:
    """The rules of all remedies, each once."""
    return tuple(dict.fromkeys(rule for remedy in remedies for rule in remedy.rules))


# --- what may be tried ---------------------------------------------------------------------------------


def _begin(cause: Cause, sides: SidesUnderRules) -> _Treatment:
    """Keep what gives the type its old text back in one of the objects; versions come later."""
    if not cause.reference:
        return _Treatment(cause, RemedyPlan(), refused=cause.summary)
    if changed_unseen(cause):
        return _Treatment(cause, RemedyPlan(), refused=CHANGED_UNSEEN)
    path = cause.exports[0][0]
    old_types = sides.old(path).types()
    plan = _plan_in(path, cause, sides)
    paths = tuple(dict.fromkeys(path for path, _ in cause.exports))
    if plan.grows:  # how a type is used differs from object to object
        others = (_plan_in(other_path, cause, sides) for other_path in paths[1:])
        plan = next((other for other in others if other.refused), plan)
    treatment = _Treatment(cause, plan, refused=plan.refused)
    for rules in plan.alternatives:
        try:
            text = sides.new(path, rules).types().get(cause.reference)
        except UsageError:  # it refers to a type that the object does not describe
            continue
        if text == old_types[cause.reference]:
            treatment.untried += [rules, tuple(replace(rule, objects=paths) for rule in rules)]
    if not treatment.untried and not treatment.refused:
        treatment.refused = NOT_PROVEN
    return treatment


def _plan_in(path: str, cause: Cause, sides: SidesUnderRules) -> RemedyPlan:
    """What may be tried, as far as one object shows."""
    return plan_remedy(cause.reference, sides.old(path).types(), sides.new(path).types(), cause.findings)


# --- what helps ----------------------------------------------------------------------------------------


def _prove(treatments: Sequence[_Treatment], comparison: Comparison, sides: SidesUnderRules) -> None:
    """Try the sets of rules of all treatments, until all that remain help together."""
    _refuse(treatments, sides)
    while any(treatment.untried for treatment in treatments):
        failing = _failing(treatments, comparison, sides)
        if not failing:
            break
        for treatment in failing:
            treatment.try_next()
        _refuse(treatments, sides)


def _refuse(treatments: Sequence[_Treatment], sides: SidesUnderRules) -> None:
    """Give up what cannot be safe or proven, because there is nothing against another cause."""
    refused = [treatment for treatment in treatments if treatment.refused]
    while refused:
        other = refused.pop()
        inside = _held(other.cause, sides) if other.cause.reference else set()
        for treatment in treatments:
            if not treatment.untried:
                continue
            exports = {*treatment.cause.exports}
            if treatment.cause.reference in inside and treatment.plan.grows:
                treatment.refuse(f"it is a part of {other.cause.title}: {other.refused}")
            elif exports & {*other.cause.exports} and exports <= _given_up(treatments):
                treatment.refuse(f"{other.cause.title} changes the same exports: {other.refused}")
            if treatment.refused:
                refused.append(treatment)


def _held(cause: Cause, sides: SidesUnderRules) -> set[str]:
    """The named types that a cause's type holds by value."""
    types = sides.new(cause.exports[0][0]).types()
    return set(held(types.get(cause.reference, ""), types))


def _given_up(treatments: Sequence[_Treatment]) -> set[ExportId]:
    """The exports that keep another version whatever is done."""
    return {export for treatment in treatments if not treatment.untried for export in treatment.cause.exports}


def _failing(
    treatments: Sequence[_Treatment], comparison: Comparison, sides: SidesUnderRules
) -> list[_Treatment]:
    """The treatments whose current rules do not help, or harm."""
    tried = [treatment for treatment in treatments if treatment.untried]
    paths = {path for treatment in tried for path, _ in treatment.cause.exports}
    differing, result = _still_differing(treatments, comparison, sides, paths)
    if not differing:  # and what they do to all others
        differing, result = _still_differing(treatments, comparison, sides)
    if not differing:
        return []
    if result is None:
        return [_at_odds(tried, sides)]
    references = {
        result.causes[key].reference for key in _causes_of(result, differing) if key in result.causes
    }
    named = [treatment for treatment in tried if treatment.cause.reference in references]
    return named or [each for each in tried if differing & set(each.cause.exports)] or tried


def _at_odds(tried: Sequence[_Treatment], sides: SidesUnderRules) -> _Treatment:
    """The first treatment whose rules make no sense beside those before it: they hide a type from the object that
    another rule refers to.
    """
    paths = {path for treatment in tried for path, _ in treatment.cause.exports}
    fine, count = 0, len(tried)
    while count - fine > 1:
        middle = (fine + count) // 2
        try:
            sides.compare(_current_rules(tried[:middle]), paths)
            fine = middle
        except UsageError:
            count = middle
    return tried[count - 1]


def _still_differing(
    treatments: Sequence[_Treatment],
    comparison: Comparison,
    sides: SidesUnderRules,
    only: Collection[str] = (),
) -> tuple[set[ExportId], Comparison | None]:
    """The exports that should have their old version under the current rules and have not; and the comparison.

    only: some objects. An export that a cause without a remedy changes is left aside. There is no comparison, and all
    exports differ, where the rules make no sense together.
    """
    try:
        result = sides.compare(_current_rules(treatments), only)
    except UsageError:
        return _changed_exports(comparison) - _given_up(treatments), None
    return _changed_exports(result) - _given_up(treatments), result


def _current_rules(treatments: Iterable[_Treatment]) -> RuleSet:
    """The rules that are tried now, each once."""
    return tuple(dict.fromkeys(rule for treatment in treatments for rule in treatment.rules))


def _changed_exports(comparison: Comparison) -> set[ExportId]:
    return {
        (change.object, change.name) for change in comparison.changes if change.kind is ChangeKind.VERSION
    }


def _causes_of(comparison: Comparison, exports: set[ExportId]) -> set[str]:
    """The keys of the causes of some exports' changes."""
    return {
        key
        for change in comparison.changes
        if (change.object, change.name) in exports
        for key in change.causes
    }


# --- what is not needed --------------------------------------------------------------------------------


def _drop_needless_rules(
    treatments: Sequence[_Treatment], comparison: Comparison, sides: SidesUnderRules
) -> None:
    """Drop each rule without which the rest is as good: found out where versions changed, then proven everywhere."""
    if sum(len(treatment.rules) for treatment in treatments) > MOST_LEFT_OUT:
        return
    proven = [treatment.untried for treatment in treatments]
    paths = {path for treatment in treatments if treatment.untried for path, _ in treatment.cause.exports}
    for treatment in treatments:
        for rule in treatment.rules:
            if len(treatment.rules) == 1:
                break
            kept = treatment.untried
            treatment.untried = [tuple(other for other in treatment.rules if other != rule)]
            if _still_differing(treatments, comparison, sides, paths)[0]:
                treatment.untried = kept
    dropped = proven != [treatment.untried for treatment in treatments]
    if dropped and _still_differing(treatments, comparison, sides)[0]:
        for treatment, untried in zip(treatments, proven, strict=True):
            treatment.untried = untried
