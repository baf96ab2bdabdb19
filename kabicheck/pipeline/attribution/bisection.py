"""The search for the commits that changed some exports, between two ends of a range that were built."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.model import BisectPlan, Verdict
from kabicheck.pipeline.attribution.culprit_search import CulpritSearch
from kabicheck.pipeline.attribution.observer import CommitObserver
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.request import AttributionOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.config import Check
    from kabicheck.index.index import Index
    from kabicheck.model import Comparison, ObjectSet
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.pipeline.read_options import ReadOptions
    from kabicheck.pipeline.sides import Sides
    from kabicheck.progress import Progress


class Bisection:
    """Which commits changed some symbols: all of them share every build."""

    def __init__(
        self,
        symbols: Sequence[str],
        sides: Sides,
        options: ReadOptions,
        fetch: Fetch,
        *,
        jobs: int,
        index: Index | None,
    ) -> None:
        """Compare what exports the symbols at both ends.

        sides: Both ends, with the history between them.
        options: How objects of the new end and of commits in between are read.
        fetch: Gives the objects of commits in between.
        jobs: Worker processes, 0 for one per processor.
        index: What is known of objects that were read before.
        Raises UsageError for a symbol that neither end exports, KabicheckError for what cannot be read.
        """
        assert sides.range
        self._symbols = symbols
        self._sides = sides
        observer = CommitObserver(fetch, index, options)
        old, new = self._exporting(observer)
        comparison = compare_builds(old, new, jobs, stable=options.stable, kabi=options.kabi, index=index)
        changes = tuple(change for change in comparison.changes if change.name in symbols)
        self._search = CulpritSearch(
            replace(comparison, changes=changes), sides, sides.range, observer, every=True
        )

    def _exporting(self, observer: CommitObserver) -> tuple[ObjectSet, ObjectSet]:
        """Of both ends the objects that export one of the symbols."""
        exports: set[str] = set()
        ends = []
        for objects in (self._sides.old, self._sides.new):
            names = {built.path: observer.read(built).states.keys() for built in objects.objects}
            exports.update(*names.values())
            kept = tuple(
                built for built in objects.objects if not names[built.path].isdisjoint(self._symbols)
            )
            ends.append(replace(objects, objects=kept))
        for symbol in self._symbols:
            if symbol not in exports:
                near = get_close_matches(symbol, exports, 1)
                hint = f"did you mean {near[0]}?" if near else "--target says what to build"
                raise UsageError(f"{symbol}: exported at neither end", hint=hint)
        old, new = ends
        return old, new

    def plan(self) -> BisectPlan:
        """What `answered` would do. Raises BuildError, FetchError where not even the ends can be had."""
        plan = self._search.plan()
        candidates = {step.commit.id for steps in plan.candidates.values() for step in steps}
        return BisectPlan(
            good=self._sides.base,
            bad=self._sides.head,
            commits=len(self._search.commits),
            candidates=len(candidates),
            least_builds=plan.least,
            most_builds=plan.most,
        )

    def answered(self, check: Check, progress: Progress) -> Comparison:
        """The changes of the symbols, with the commits that made them, and what the search cost. Raises KabicheckError.

        check: How many builds may be made.
        """
        return self._search.run(AttributionOptions(check.attribution, check.max_builds), progress)

    def log(self, answer: Comparison) -> list[str]:
        """What was shown of the first change that has commits, as lines for `git bisect replay`; none where none has.

        answer: From `answered`.
        """
        named = (change for change in answer.changes if change.culprits and change.culprits[0].commits)
        found = next(named, None)
        if found is None or answer.attribution is None:
            return []
        unbuildable = {commit.id for commit, _ in answer.attribution.unbuildable}
        return list(self._search.log(found, unbuildable))


def is_shown(symbol: str, answer: Comparison) -> bool:
    """Whether a symbol changed, and all that changed of it has commits that were shown to have changed it."""
    changes = [change for change in answer.changes if change.name == symbol]
    verdicts = [culprit.verdict for change in changes for culprit in change.culprits]
    return bool(verdicts) and set(verdicts) == {Verdict.VERIFIED}
