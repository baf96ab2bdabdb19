"""What an emitter is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.model.history import Verdict

if TYPE_CHECKING:
    from kabicheck.model.changes import Comparison, Severity
    from kabicheck.model.history import Attribution
    from kabicheck.model.suggestions import Suggestions


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a report.

    label: A short commit id or a path.
    detail: How it was chosen ("merge base of …"), "" where that goes without saying.
    objects: How many objects it has, 0 where that is not known.
    """

    label: str
    detail: str = ""
    objects: int = 0


@dataclass(frozen=True, slots=True)
class BisectPlan:
    """What a bisection would do.

    good: The old end of the range.
    bad: The new end of it.
    commits: How many commits lie between both ends.
    candidates: How many of these touch what the objects are made from.
    least_builds: How many commits will be looked at at least, where each export changed in one commit.
    most_builds: How many at most, in the same case.
    """

    good: Side
    bad: Side
    commits: int
    candidates: int
    least_builds: int
    most_builds: int


@dataclass(frozen=True, slots=True)
class BisectResult:
    """What a bisection found out.

    plan: What was to be done, before anything was.
    comparison: The changes of the symbols between both ends, with the commits that made them, and what the search cost.
    log: What was shown of the first change that has commits, as lines for `git bisect replay`; none where none has.
    """

    plan: BisectPlan
    comparison: Comparison
    log: tuple[str, ...] = ()

    def is_shown(self, symbol: str) -> bool:
        """Whether a symbol changed, and all that changed of it has commits that were shown to have changed it."""
        changes = (change for change in self.comparison.changes if change.name == symbol)
        verdicts = {culprit.verdict for change in changes for culprit in change.culprits}
        return verdicts == {Verdict.VERIFIED}


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule means.

    id: As `kabicheck explain` takes it.
    severity: The grade where nothing else is configured.
    text: Markdown that begins with a sentence.
    """

    id: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an emitter is given.

    base: The old side.
    head: The new side.
    comparison: What differs between both.
    commits: How many commits lie between both sides.
    machine: What the new side is for, as compilers call it; "" where that is not known.
    compiler: What made it, "" where that is not known.
    built: How many object files were compiled.
    cached: How many objects were there already.
    seconds: Of wall time, for the comparison.
    notes: Sentences for the header, those of the comparison among them.
    failed: The verdict.
    verbose: Whether nothing is folded.
    attribution: What the search for commits cost, None where nobody asked who changed what.
    rules: The rules of the findings, where a reader wants them.
    suggestions: kABI rules that keep the versions, where these were asked for.
    """

    base: Side
    head: Side
    comparison: Comparison
    commits: int = 0
    machine: str = ""
    compiler: str = ""
    built: int = 0
    cached: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    failed: bool = False
    verbose: bool = False
    attribution: Attribution | None = None
    rules: tuple[RuleText, ...] = ()
    suggestions: Suggestions | None = None
