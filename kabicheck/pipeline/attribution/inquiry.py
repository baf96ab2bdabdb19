"""Who changed what: a search among the commits between both sides, and what it says of a comparison."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.attribute.branches import Branches
from kabicheck.attribute.question import Question
from kabicheck.attribute.search import BuildPlan, SearchRequest, SearchResult, plan, search
from kabicheck.errors import BuildError, FetchError, RepositoryError
from kabicheck.model import Attribution, ChangeKind
from kabicheck.pipeline.attribution.bisect_log import bisect_log
from kabicheck.pipeline.attribution.culprits import Culprits
from kabicheck.pipeline.attribution.declarations import Declarations
from kabicheck.pipeline.attribution.from_source import Suspicion
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.question import Observation, Point
    from kabicheck.config import Check
    from kabicheck.model import Commit, Comparison, ExportChange, ObjectSet, Step
    from kabicheck.pipeline.attribution.observer import Fetch, Observer
    from kabicheck.pipeline.sides import Range, Sides
    from kabicheck.progress import Progress

NO_RANGE = (
    "which commits changed this was not looked for: both sides are ready-made "
    "(--commit-objects says where those of each commit are)"
)
NO_COMMITS = "no commit lies between both sides"
ALIKE = "both commits give the same, built alike here: the toolchain or the configuration differs"


def with_culprits(
    comparison: Comparison,
    sides: Sides,
    observer: Callable[[Fetch], Observer],
    check: Check,
    progress: Progress = SILENT,
    *,
    folded: bool = True,
) -> Comparison:
    """Say of each cause and change which commits did it.

    observer: looks at commits, when told where their objects come from; check: how much may be done for that;
    folded: whether diffs of causes are.
    Raises KabicheckError.
    """
    if check.attribution == "off" or not comparison.changes:
        return comparison
    if sides.range is None:
        return replace(comparison, notes=(*comparison.notes, NO_RANGE))
    progress("following history")
    try:
        inquiry = Inquiry(comparison, sides, sides.range, observer(sides.range.fetch))
        return inquiry.answered(check, progress, folded=folded)
    except (BuildError, FetchError, RepositoryError) as error:
        # What changed is known all the same; a partial clone, for one, may lack what stands in between.
        why = error.sentence if isinstance(error, BuildError) else str(error)
        note = f"which commits changed this cannot be said: {why}"
        return replace(comparison, notes=(*comparison.notes, note))


class Inquiry:
    """The questions that a comparison raises, asked of few objects: those that show each cause at least once.

    What changed in the same way in many objects is followed in one of them.
    """

    def __init__(
        self, comparison: Comparison, sides: Sides, between: Range, observer: Observer, *, every: bool = False
    ) -> None:
        """every: look at all objects that changed."""
        self._comparison = comparison
        self._sides = sides
        self._base, self._head, self._bases = between.base, between.head, between.bases
        self._fetched = between.fetched
        self._observer = observer
        self._every = every
        self._repository = between.repository
        self._history = between.repository.history()
        self._branches = Branches(self._history.sides)
        self._before = {built.path: built for built in sides.old.objects}
        self.commits = between.commits()

    def answered(self, check: Check, progress: Progress, *, folded: bool = True) -> Comparison:
        """The comparison with who changed what, as far as `check` allows to find that out. Raises KabicheckError."""
        started = time.perf_counter()
        if check.attribution == "blame":
            return self._blamed(started, folded=folded)
        request = self._request(check.max_builds)
        findings = search(request, self._observer, self._branches, widen=self._widened, progress=progress)
        self.questions = {
            export: findings.widened.get(question, question) for export, question in self.questions.items()
        }
        unbuildable = findings.unbuildable
        return replace(
            self.culprits(findings, folded=folded).attributed(),
            attribution=Attribution(
                check.attribution,
                self.commits,
                findings.builds,
                self._observer.compiled,
                tuple(
                    (commit, unbuildable[commit.id]) for commit in self.commits if commit.id in unbuildable
                ),
                time.perf_counter() - started,
            ),
        )

    def plan(self) -> BuildPlan:
        """What a search would do. Raises BuildError, FetchError where not even the ends can be had."""
        return plan(self._request(), self._branches)

    def _request(self, most_builds: int | None = None) -> SearchRequest:
        return SearchRequest(self.chain, self._ends, self._asked, self._suspects, most_builds)

    def log(self, change: ExportChange, unbuildable: Collection[str]) -> Iterator[str]:
        """What was shown of the first commit that changed an export, for `git bisect replay`."""
        question = self.questions[change.object, change.name]
        return bisect_log(
            change.culprits[0],
            question,
            self._observer,
            self._base,
            bases=self._bases,
            commits=self.commits,
            unbuildable=unbuildable,
        )

    def _blamed(self, started: float, *, folded: bool) -> Comparison:
        """The comparison with whom the source makes suspects: nothing is built, so both sides are taken as they are."""
        paths = {path for question in self._asked for path in question.objects}
        self._observer.know(self._base, self._sides.old, paths, plain=True)
        self._observer.know(self._head, self._sides.new, paths)
        comparison = self._suspicion(folded=folded).attributed() if self.chain else self._comparison
        seconds = time.perf_counter() - started
        return replace(comparison, attribution=Attribution("blame", self.commits, seconds=seconds))

    def culprits(self, findings: SearchResult, *, folded: bool) -> Culprits:
        """What was found, ready to be put into the comparison."""
        return Culprits(
            comparison=self._comparison,
            questions=self.questions,
            points=findings.points,
            observer=self._observer,
            ends=(self._base, self._head),
            order=self.commits,
            declarations=self._declarations,
            nothing=ALIKE if self.commits else NO_COMMITS,
            suspects={
                findings.widened.get(question, question): ids for question, ids in self._suspects.items()
            },
            branches=self._branches,
            folded=folded,
        )

    @cached_property
    def _asked(self) -> tuple[Question, ...]:
        return tuple(dict.fromkeys(self.questions.values()))

    @cached_property
    def _ends(self) -> tuple[Mapping[str, Observation], Mapping[str, Observation]]:
        """What base and head make of the objects. Raises BuildError, FetchError."""
        paths = sorted({path for question in self._asked for path in question.objects})
        return (
            self._end(self._base, self._sides.old, paths, fetched=self._fetched[0]),
            self._end(self._head, self._sides.new, paths, fetched=self._fetched[1]),
        )

    @cached_property
    def _declarations(self) -> Declarations:
        return Declarations(self._repository, self.chain)

    @cached_property
    def _suspects(self) -> Mapping[Question, tuple[str, ...]]:
        assert self._ends, "what is at both ends is known by now"
        return self._suspicion().ids() if self.chain else {}

    def _suspicion(self, *, folded: bool = True) -> Suspicion:
        return Suspicion(
            comparison=self._comparison,
            questions=self.questions,
            observer=self._observer,
            ends=(self._base, self._head),
            commits={commit.id: commit for commit in self.commits},
            declarations=self._declarations,
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

    def _widened(self, question: Question, points: Sequence[Point]) -> Question:
        """The same question of the objects, too, that an export went to where it seems to end, or came from."""
        found = set(question.objects)
        for point in points:
            if not (point.old and point.new):
                for step in point.steps:
                    found |= self._declarations.exporters(question.export, step)
        return Question(question.export, tuple(sorted(found)))

    def _chosen(self) -> set[str]:
        """The objects that are looked at: all with changes that no type explains, and what shows the other causes."""
        chosen = {change.object for change in self._comparison.changes if self._every or not change.causes}
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
