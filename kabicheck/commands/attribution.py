"""Who changed what: a search among the commits between both sides, and what it says of a comparison."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.attribute.question import Question
from kabicheck.attribute.search import Findings, search
from kabicheck.commands.culprits import Culprits
from kabicheck.errors import BuildError, FetchError
from kabicheck.model import Attribution, ChangeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kabicheck.attribute.question import Observation
    from kabicheck.commands.observing import Fetch, Observer
    from kabicheck.commands.sides import Range, Sides
    from kabicheck.config import Check
    from kabicheck.model import Commit, Comparison, ObjectSet, Step

NO_RANGE = (
    "which commits changed this was not looked for: both sides are ready-made "
    "(--commit-objects says where those of each commit are)"
)
NO_COMMITS = "no commit lies between both sides"
ALIKE = "both commits give the same, built alike here: the toolchain or the configuration differs"


@dataclass(frozen=True, slots=True)
class Attributed:
    """A comparison with culprits, what it took, and sentences for the report."""

    comparison: Comparison
    attribution: Attribution | None = None
    notes: tuple[str, ...] = ()


def attribute(
    comparison: Comparison,
    sides: Sides,
    observer: Callable[[Fetch], Observer],
    check: Check,
    tell: Callable[[str], None] = lambda _: None,
    *,
    folded: bool = True,
) -> Attributed:
    """Say of each cause and change which commits did it.

    observer: looks at commits, when told where their objects come from; check: how much may be done for that;
    folded: whether diffs of causes are.
    Raises KabicheckError.
    """
    if check.attribution == "off" or not comparison.changes:
        return Attributed(comparison)
    if sides.range is None:
        return Attributed(comparison, notes=(NO_RANGE,))
    started = time.perf_counter()
    observe = observer(sides.range.fetch)
    inquiry = Inquiry(comparison, sides, sides.range, observe)
    try:
        findings = inquiry.findings(check.max_builds, tell)
    except (BuildError, FetchError) as error:
        return Attributed(comparison, notes=(f"which commits changed this cannot be said: {error}",))
    return Attributed(
        inquiry.culprits(findings, folded=folded).attributed(),
        Attribution(
            check.attribution,
            inquiry.commits,
            findings.builds,
            observe.compiled,
            tuple((c, findings.unbuildable[c.id]) for c in inquiry.commits if c.id in findings.unbuildable),
            time.perf_counter() - started,
        ),
    )


class Inquiry:
    """The questions that a comparison raises, asked of few objects: those that show each cause at least once.

    What changed in the same way in many objects is followed in one of them.
    """

    def __init__(self, comparison: Comparison, sides: Sides, between: Range, observer: Observer) -> None:
        self._comparison = comparison
        self._sides = sides
        self._base, self._head = between.base, between.head
        self._between = between
        self._observer = observer
        self._history = between.repository.history()
        self._before = {built.path: built for built in sides.old.objects}
        self.commits = between.repository.between(between.base, between.head)

    def findings(self, most_builds: int | None, tell: Callable[[str], None]) -> Findings:
        """Where the exports in question changed. Raises BuildError, FetchError where not even the ends can be had."""
        asked = tuple(dict.fromkeys(self.questions.values()))
        paths = sorted({path for question in asked for path in question.objects})
        return search(
            self.chain,
            (
                self._end(self._base, self._sides.old, paths, fetched=self._between.fetched[0]),
                self._end(self._head, self._sides.new, paths, fetched=self._between.fetched[1]),
            ),
            asked,
            self._observer,
            sides=self._history.sides,
            most_builds=most_builds,
            progress=tell,
        )

    def culprits(self, findings: Findings, *, folded: bool) -> Culprits:
        """What was found, ready to be put into the comparison."""
        return Culprits(
            comparison=self._comparison,
            questions=self.questions,
            points=findings.points,
            observer=self._observer,
            ends=(self._base, self._head),
            order=self.commits,
            hunks=lambda _cause, _point: (),
            nothing=ALIKE if self.commits else NO_COMMITS,
            folded=folded,
        )

    @cached_property
    def chain(self) -> tuple[Step, ...]:
        """The way from base to head."""
        return self._history.chain(self._base, self._head)

    @cached_property
    def questions(self) -> Mapping[tuple[str, str], Question]:
        """(object, export) → the question, for all changes in the objects that are looked at."""
        chosen = self._chosen()
        found = {}
        for change in self._comparison.changes:
            if change.object in chosen:
                former = () if change.kind is ChangeKind.ADDED else self._former(change.object, change.name)
                objects = tuple(sorted({change.object, *former}))
                found[change.object, change.name] = Question(change.name, objects)
        return found

    def _chosen(self) -> set[str]:
        """The objects that are looked at: all with changes that no type explains, and what shows the other causes."""
        chosen = {change.object for change in self._comparison.changes if not change.causes}
        causes = [cause for cause in self._comparison.causes.values() if not cause.follows]
        left = [{path for path, _ in cause.exports} for cause in causes]
        while left := [paths for paths in left if paths.isdisjoint(chosen)]:
            seen_in = Counter(path for paths in left for path in paths)
            chosen.add(min(seen_in, key=lambda path: (-seen_in[path], path)))
        return chosen

    def _former(self, path: str, name: str) -> Collection[str]:
        """The object of the old side that an export moved from, none where it is still the same one."""
        built = self._before.get(path)
        if built and name in self._observer.read(built).states:
            return ()
        return self._old_places.get(name, ())

    @cached_property
    def _old_places(self) -> Mapping[str, list[str]]:
        """Export → the objects of the old side that have it."""
        places: dict[str, list[str]] = {}
        for path, built in self._before.items():
            for name in self._observer.read(built).states:
                places.setdefault(name, []).append(path)
        return places

    def _end(
        self, commit: Commit, objects: ObjectSet, paths: Collection[str], *, fetched: bool
    ) -> Mapping[str, Observation]:
        """What a side makes of the objects; one that comes from elsewhere is no witness, and its commit is asked."""
        if fetched:
            self._observer.know(commit, objects, paths, plain=commit is self._base)
        return self._observer(commit, paths)
