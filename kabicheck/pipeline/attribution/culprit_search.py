"""Who changed what: a search among the commits between both sides, and what it says of a comparison."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.attribute.branches import Branches
from kabicheck.attribute.question import Question
from kabicheck.attribute.search import BuildPlan, SearchRequest, SearchResult, plan, search
from kabicheck.errors import BuildError, FetchError, RepositoryError
from kabicheck.model import Attribution
from kabicheck.pipeline.attribution.bisect_log import ShownChange, bisect_log
from kabicheck.pipeline.attribution.culprits_from_builds import CulpritsFromBuilds
from kabicheck.pipeline.attribution.declarations import Declarations
from kabicheck.pipeline.attribution.evidence import Evidence
from kabicheck.pipeline.attribution.export_questions import questions_of
from kabicheck.pipeline.attribution.point_culprits import PointCulprits
from kabicheck.pipeline.attribution.suspects_from_source import SuspectsFromSource
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.question import Observation, Point
    from kabicheck.model import Commit, Comparison, ExportChange, ObjectSet, Step
    from kabicheck.pipeline.attribution.observer import CommitObserver
    from kabicheck.pipeline.request import AttributionOptions
    from kabicheck.pipeline.sides import Range, Sides
    from kabicheck.progress import Progress

NO_RANGE = (
    "which commits changed this was not looked for: both sides are ready-made "
    "(--commit-objects says where those of each commit are)"
)


def with_culprits(
    comparison: Comparison,
    sides: Sides,
    observer: CommitObserver | None,
    options: AttributionOptions,
    progress: Progress = SILENT,
) -> Comparison:
    """The comparison with the commits that did it, named at each cause and each change.

    Where history cannot be read, or the ends cannot be built, a note says so and nobody is named.

    observer: Looks at commits between both sides. It is needed where `sides.range` is known.
    options: How far culprits are looked for.
    """
    if options.method == "off" or not comparison.changes:
        return comparison
    if sides.range is None or observer is None:
        return _with_note(comparison, NO_RANGE)
    progress("following history")
    try:
        return CulpritSearch(comparison, sides, sides.range, observer).run(options, progress)
    except (BuildError, FetchError, RepositoryError) as error:
        # What changed is known all the same; a partial clone, for one, may lack what stands in between.
        why = error.sentence if isinstance(error, BuildError) else str(error)
        return _with_note(comparison, f"which commits changed this cannot be said: {why}")


def _with_note(comparison: Comparison, note: str) -> Comparison:
    return replace(comparison, notes=(*comparison.notes, note))


class CulpritSearch:
    """The search for who changed what a comparison found."""

    def __init__(
        self,
        comparison: Comparison,
        sides: Sides,
        between: Range,
        observer: CommitObserver,
        *,
        every: bool = False,
    ) -> None:
        """every: Look at all objects that changed, not only at those that show each cause once."""
        self._comparison = comparison
        self._sides = sides
        self._range = between
        self._observer = observer
        self._every = every
        self._history = between.repository.history()
        self._branches = Branches(self._history.sides)
        self.commits = between.commits()

    def run(self, options: AttributionOptions, progress: Progress = SILENT) -> Comparison:
        """The comparison with who changed what, as far as the options allow to find that out.

        Raises BuildError, FetchError where the ends cannot be had, RepositoryError where history cannot be read.
        """
        started = time.perf_counter()
        if options.method == "blame":
            return self._suspected(started, folded=options.folded)
        result = search(
            self._request(options.most_builds),
            self._observer,
            self._branches,
            widen=self._widened,
            progress=progress,
        )
        self.questions = {
            export: result.widened.get(question, question) for export, question in self.questions.items()
        }
        comparison = CulpritsFromBuilds(
            self._evidence(folded=options.folded), self._point_culprits(result)
        ).comparison()
        unbuildable = result.unbuildable
        attribution = Attribution(
            options.method,
            self.commits,
            result.builds,
            self._observer.compiled,
            tuple((commit, unbuildable[commit.id]) for commit in self.commits if commit.id in unbuildable),
            time.perf_counter() - started,
        )
        return replace(comparison, attribution=attribution)

    def plan(self) -> BuildPlan:
        """What a search would build. Raises BuildError, FetchError where not even the ends can be had."""
        return plan(self._request(), self._branches)

    def log(self, change: ExportChange, unbuildable: Collection[str]) -> Iterator[str]:
        """What was shown of the first commit that changed an export, for `git bisect replay`.

        unbuildable: The ids of commits that could not be built.
        """
        question = self.questions[change.object, change.name]
        good = self._observer.state(self._range.base, question)
        unchanged = [
            commit
            for commit in self.commits
            if self._observer.asked(commit) and self._observer.state(commit, question) == good
        ]
        candidates = change.culprits[0].commits
        return bisect_log(ShownChange(candidates, self._range.bases, self.commits, unchanged, unbuildable))

    def _suspected(self, started: float, *, folded: bool) -> Comparison:
        """The comparison with whom the source makes suspects: nothing is built, so both sides are taken as they are."""
        paths = {path for question in self._asked for path in question.objects}
        self._observer.know(self._range.base, self._sides.old, paths, as_old=True)
        self._observer.know(self._range.head, self._sides.new, paths)
        comparison = self._comparison
        if self.chain:
            comparison = SuspectsFromSource(self._evidence(folded=folded)).comparison()
        seconds = time.perf_counter() - started
        return replace(comparison, attribution=Attribution("blame", self.commits, seconds=seconds))

    def _request(self, most_builds: int | None = None) -> SearchRequest:
        return SearchRequest(self.chain, self._ends, self._asked, self._suspects, most_builds)

    def _point_culprits(self, result: SearchResult) -> PointCulprits:
        suspects = {result.widened.get(question, question): ids for question, ids in self._suspects.items()}
        return PointCulprits(self._evidence(), result.points, suspects, self._branches)

    def _evidence(self, *, folded: bool = True) -> Evidence:
        return Evidence(
            comparison=self._comparison,
            questions=self.questions,
            observer=self._observer,
            base=self._range.base,
            head=self._range.head,
            commits=self.commits,
            declarations=self._declarations,
            folded=folded,
        )

    @cached_property
    def _asked(self) -> tuple[Question, ...]:
        return tuple(dict.fromkeys(self.questions.values()))

    @cached_property
    def _ends(self) -> tuple[Mapping[str, Observation], Mapping[str, Observation]]:
        """What base and head make of the objects. Raises BuildError, FetchError."""
        paths = sorted({path for question in self._asked for path in question.objects})
        old_fetched, new_fetched = self._range.fetched
        return (
            self._end(self._range.base, self._sides.old, paths, fetched=old_fetched),
            self._end(self._range.head, self._sides.new, paths, fetched=new_fetched),
        )

    def _end(
        self, commit: Commit, objects: ObjectSet, paths: Collection[str], *, fetched: bool
    ) -> Mapping[str, Observation]:
        """What a side makes of the objects; one that comes from elsewhere is no witness, and its commit is asked."""
        if fetched:
            self._observer.know(commit, objects, paths, as_old=commit is self._range.base)
        return self._observer(commit, paths)

    @cached_property
    def _declarations(self) -> Declarations:
        return Declarations(self._range.repository, self.chain)

    @cached_property
    def _suspects(self) -> Mapping[Question, tuple[str, ...]]:
        assert self._ends, "what is at both ends is known by now"
        return SuspectsFromSource(self._evidence()).ids() if self.chain else {}

    @cached_property
    def chain(self) -> tuple[Step, ...]:
        """The way from base to head."""
        return self._history.chain(self._range.base, self._range.head)

    @cached_property
    def questions(self) -> Mapping[tuple[str, str], Question]:
        """(object path, export) of each change in the objects that are looked at → what is asked of history."""
        return questions_of(self._comparison, self._sides.old, self._observer, every=self._every)

    def _widened(self, question: Question, points: Sequence[Point]) -> Question:
        """The same question of the objects, too, that an export went to where it seems to end, or came from."""
        found = set(question.objects)
        for point in points:
            if not (point.old and point.new):
                for step in point.steps:
                    found |= self._declarations.exporters(question.export, step)
        return Question(question.export, tuple(sorted(found)))
