"""The search for the commits that changed some exports, between two ends of a range that were built."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.model import BisectPlan, BisectResult
from kabicheck.pipeline.attribution.culprit_search import CulpritSearch
from kabicheck.pipeline.attribution.observer import CommitObserver
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.request import AttributionOptions

if TYPE_CHECKING:
    from kabicheck.model import Comparison, ObjectSet
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.pipeline.request import BisectRequest
    from kabicheck.pipeline.session import Session
    from kabicheck.pipeline.sides import Sides


class Bisection:
    """Which commits changed some symbols: all of them share every build."""

    def __init__(self, request: BisectRequest, session: Session, sides: Sides, fetch: Fetch) -> None:
        """Compare what exports the symbols at both ends.

        sides: Both ends, with the history between them.
        fetch: Gives the objects of commits in between.
        Raises UsageError for a symbol that neither end exports, KabicheckError for what cannot be read.
        """
        if sides.range is None:
            raise UsageError(
                f"{sides.base.label} is no ancestor of {sides.head.label}, so that nothing lies between"
            )
        self._symbols = request.symbols
        self._check = request.check
        self._session = session
        self._sides = sides
        observer = CommitObserver(fetch, session.reader, request.read)
        old, new = self._exporting(observer)
        comparison = compare_builds(old, new, request.read, session.reader, jobs=request.check.jobs)
        changes = tuple(change for change in comparison.changes if change.name in request.symbols)
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

    @cached_property
    def plan(self) -> BisectPlan:
        """What `result` would do. Raises BuildError, FetchError where not even the ends can be had."""
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

    def result(self) -> BisectResult:
        """Look at commits in between, as many as the request allows. Raises KabicheckError."""
        plan = self.plan
        options = AttributionOptions("verify", self._check.max_builds)
        comparison = self._search.run(options, self._session.progress)
        return BisectResult(plan, comparison, self._log(comparison))

    def _log(self, comparison: Comparison) -> tuple[str, ...]:
        found = next((c for c in comparison.changes if c.culprits and c.culprits[0].commits), None)
        if found is None or comparison.attribution is None:
            return ()
        unbuildable = {commit.id for commit, _ in comparison.attribution.unbuildable}
        return tuple(self._search.log(found, unbuildable))
