"""What `kabicheck bisect` prints: what is going to be done, and what was found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.plain_text import counted, printable
from kabicheck.report.culprit_words import cost_words, culprit_words, unbuildable_words
from kabicheck.report.words import change_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.model import BisectPlan, Comparison


def plan_lines(plan: BisectPlan) -> Iterator[str]:
    """Between which ends a search goes, and how many builds that may take."""
    yield f"good {plan.good.label} ({printable(plan.good.detail)}) → bad {plan.bad.label}"
    if plan.candidates:
        if plan.least_builds == plan.most_builds:
            builds = counted(plan.most_builds, "build")
        else:
            builds = f"{plan.least_builds} to {plan.most_builds} builds"
        commits = counted(plan.commits, "commit")
        yield f"{plan.candidates:,} of {commits} touch what the objects are made from: {builds} expected"
    yield ""


def answer_lines(symbols: Sequence[str], answer: Comparison) -> Iterator[str]:
    """What became of each symbol, and by which commits; which could not be built, and what the search cost."""
    for symbol in symbols:
        changes = [change for change in answer.changes if change.name == symbol]
        if not changes:
            yield f"{symbol}: the same at both ends"
        for change in changes:
            yield f"{symbol}: {change_words(change)}  ({printable(change.object)})"
            for culprit in change.culprits:
                # Of one change alone the line above says what became of it.
                steps = culprit.transitions if len(change.culprits) > 1 else ()
                states = "".join(f"{each.old or 'nothing'} → {each.new or 'nothing'}: " for each in steps)
                yield f"  {states}{culprit_words(culprit, dated=True)}"
    yield ""
    if answer.attribution:
        yield from unbuildable_words(answer.attribution)
        yield cost_words(answer.attribution)
