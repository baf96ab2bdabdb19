"""The search for the steps that changed each export, with as few builds as can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kabicheck.attribute.builds import Builds
from kabicheck.attribute.chain import Chain
from kabicheck.attribute.gap_narrowing import Narrowing
from kabicheck.attribute.known_states import distrust_contradicted_lists
from kabicheck.attribute.question import Observation
from kabicheck.attribute.schedule import ElevatorOrder, fewest_positions, most_builds_of
from kabicheck.errors import BuildError, FetchError
from kabicheck.model import Step, Verdict
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kabicheck.attribute.branches import Branches
    from kabicheck.attribute.question import Observe, Point, Question
    from kabicheck.model import Commit
    from kabicheck.progress import Progress

    Ends = tuple[Mapping[str, Observation], Mapping[str, Observation]]
    # A question and where it changed, as far as known → the same question, maybe of more objects.
    Widen = Callable[[Question, Sequence[Point]], Question]

_UNSEEN = Observation({}, complete=False)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is to be found out about a chain.

    chain: The steps of the chain, the oldest first, as History.chain gives them.
    ends: What the first step's parent and the last step's commit make of the objects, each by object path.
    questions: The exports whose changes are to be found.
    suspects: Ids of the commits that most likely changed a question's export, the most likely first.
    most_builds: How many commits may be looked at, None for as many as it takes.
    """

    chain: Sequence[Step]
    ends: Ends
    questions: Sequence[Question]
    suspects: Mapping[Question, Sequence[str]] = field(default_factory=dict)
    most_builds: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    points: Where each question that differs changed, in the order of history.
    widened: Each question → the same question of all objects that it was asked of in the end.
    builds: How many commits were looked at, whether they could be built or not.
    unbuildable: Commit id → why some of its objects could not be had.
    """

    points: Mapping[Question, tuple[Point, ...]]
    widened: Mapping[Question, Question] = field(default_factory=dict)
    builds: int = 0
    unbuildable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a search would build, if each export changed in one commit and all commits can be built.

    candidates: The steps that touch what the objects of a question are made from, for each question that differs.
    least: The least number of commits that will be looked at.
    most: The largest number of commits that will be looked at.
    """

    candidates: Mapping[Question, tuple[Step, ...]]
    least: int
    most: int


def _never(question: Question, _: Sequence[Point]) -> Question:
    return question


def search(
    request: SearchRequest,
    observe: Observe,
    branches: Branches,
    *,
    widen: Widen = _never,
    progress: Progress = SILENT,
) -> SearchResult:
    """Find where the state of each question changed on a chain.

    The same request and the same answers look at the same commits in the same order.

    observe: Looks at other commits than the ends.
    branches: Knows what merges brought in.
    widen: Adds the objects that an export came from or went to, so that it is asked of these, too.
    progress: Is told of each commit that is looked at.
    """
    if not request.chain:
        return SearchResult({})
    chain = Chain(request.chain)
    base, head = chain.commits[0], chain.commits[-1]
    builds = Builds(observe, request.most_builds)
    followed = _FollowedQuestions(builds, branches, progress)
    ends = request.ends
    widened = {question: question for question in request.questions}
    while True:
        suspects = {widened[question]: ids for question, ids in request.suspects.items()}
        narrowings = _narrowings(
            chain, replace(request, ends=ends, suspects=suspects), widened.values(), branches
        )
        points = followed.follow(chain, narrowings)
        wider = {
            question: wide
            for question, asked in widened.items()
            if (wide := widen(asked, points[asked])) != asked
        }
        if not wider:
            found = {question: its for question, its in points.items() if its}
            return SearchResult(found, widened, builds.count, builds.unbuildable)
        widened |= wider
        ends = (
            _seen_too(ends[0], base, wider.values(), observe),
            _seen_too(ends[1], head, wider.values(), observe),
        )


def plan(request: SearchRequest, branches: Branches) -> BuildPlan:
    """What a search for the same request would build. What it would build within merges is not counted."""
    if not request.chain:
        return BuildPlan({}, 0, 0)
    chain = Chain(request.chain)
    narrowings = _narrowings(chain, request, request.questions, branches)
    distrust_contradicted_lists([narrowing.known for narrowing in narrowings])
    gaps = {narrowing.question: gap for narrowing in narrowings for gap in narrowing.known.gaps()}
    candidates = {
        question: tuple(chain.step(number) for number in gap.likely) for question, gap in gaps.items()
    }
    useful = [each for narrowing in narrowings for each in narrowing.useful_positions()]
    return BuildPlan(candidates, len(fewest_positions(useful)), most_builds_of(gaps.values()))


def _seen_too(
    end: Mapping[str, Observation], commit: Commit, questions: Iterable[Question], observe: Observe
) -> Mapping[str, Observation]:
    """What is known of an end, and what it makes of the objects of some questions, too."""
    more = {path for question in questions for path in question.objects} - end.keys()
    try:
        return {**end, **observe(commit, sorted(more))}
    except (BuildError, FetchError):  # of these nothing is known there
        return end


def _narrowings(
    chain: Chain, request: SearchRequest, questions: Iterable[Question], branches: Branches
) -> list[Narrowing]:
    """Each question on a chain, of which both ends are known."""
    found = []
    for question in sorted(set(questions), key=lambda question: (question.objects, question.export)):
        narrowing = Narrowing(chain, question, request.suspects.get(question, ()), branches)
        for position, end in zip((0, chain.end), request.ends, strict=True):
            seen = {path: end.get(path, _UNSEEN) for path in question.objects}
            narrowing.known.observe(position, seen, chain.commits[position])
        found.append(narrowing)
    return found


class _FollowedQuestions:
    """Follows questions along chains, and into what their merges brought in, with one account of builds."""

    def __init__(self, builds: Builds, branches: Branches, progress: Progress) -> None:
        self._builds = builds
        self._branches = branches
        self._progress = progress

    def follow(self, chain: Chain, narrowings: Sequence[Narrowing]) -> dict[Question, tuple[Point, ...]]:
        """The points of questions whose states at both ends of a chain are known."""
        self._narrow(chain, narrowings)
        points = {narrowing.question: narrowing.points(self._builds.limit) for narrowing in narrowings}
        for number in range(1, chain.end + (not chain.open_ended)):
            step = chain.step(number)
            if len(step.commit.parents) < 2:
                continue
            at_merge = {
                narrowing: point
                for narrowing in narrowings
                for point in points[narrowing.question]
                if _is_at(point, step)
            }
            for question, inner in self._inside(chain, number, at_merge).items():
                points[question] = tuple(
                    found
                    for point in points[question]
                    for found in (inner if _is_at(point, step) else (point,))
                )
        return points

    def _narrow(self, chain: Chain, narrowings: Sequence[Narrowing]) -> None:
        """Look at one commit after the other until no gap can be narrowed any more."""
        order = ElevatorOrder(chain.end)
        while True:
            distrust_contradicted_lists([narrowing.known for narrowing in narrowings])
            useful = [each for narrowing in narrowings for each in narrowing.useful_positions()]
            if not useful or self._builds.limit:
                return
            position = order.next(fewest_positions(useful))
            commit = chain.commits[position]
            asking = [narrowing for narrowing in narrowings if narrowing.is_open_at(position)]
            self._progress(f"looking at {commit.short} ({commit.subject}), exports open: {len(asking)}")
            self._builds.look(commit, [narrowing.question for narrowing in asking])
            for narrowing in asking:
                seen = self._builds.observations(commit, narrowing.question)
                if seen is None:
                    narrowing.avoid(position, self._builds.obstacle(commit, narrowing.question))
                else:
                    narrowing.learn(position, seen)

    def _inside(
        self, chain: Chain, number: int, at_merge: Mapping[Narrowing, Point]
    ) -> dict[Question, tuple[Point, ...]]:
        """What a merge brought in that explains its points. A question for which nothing does is left out.

        number: The number of the merge's step on the chain.
        at_merge: The questions that changed in the merge, with the point that says so.
        """
        merge = chain.step(number)
        found: dict[Question, tuple[Point, ...]] = {}
        for side in self._branches.sides(merge) if at_merge else ():
            # From the fork through the side to the merge, whose last step combines it with the other side.
            combining = Step(side[-1].commit, merge.commit, ())
            inner = Chain([*side, combining], open_ended=True)
            unexplained = [narrowing for narrowing in at_merge if narrowing.question not in found]
            entered, obstacles = self._entered(chain, number, inner, unexplained)
            for question, points in self.follow(inner, entered).items():
                explaining = [point for point in points if point.steps != (combining,)]
                if explaining:
                    found[question] = tuple(_through(merge, combining, point) for point in explaining)
            for narrowing, obstacle in obstacles.items():
                found[narrowing.question] = (_not_entered(at_merge[narrowing], obstacle),)
        if obstacle := self._branches.obstacle(merge):
            for narrowing, point in at_merge.items():
                found.setdefault(narrowing.question, (_not_entered(point, obstacle),))
        return found

    def _entered(
        self, chain: Chain, number: int, inner: Chain, narrowings: Sequence[Narrowing]
    ) -> tuple[list[Narrowing], dict[Narrowing, str]]:
        """The same questions on a side of a merge; and why not, of those whose state at the fork cannot be had."""
        fork = inner.commits[0]
        position = chain.position.get(fork.id)
        known_at_fork = {
            narrowing: narrowing.known.at(position) if position is not None else None
            for narrowing in narrowings
        }
        unknown = [narrowing.question for narrowing, known in known_at_fork.items() if known is None]
        self._builds.look(fork, unknown)
        entered, obstacles = [], {}
        for narrowing, known in known_at_fork.items():
            seen = known.observations if known else self._builds.observations(fork, narrowing.question)
            end = narrowing.known.at(number)
            assert end, "the merge was found, so what it builds is known"
            if seen is None:
                obstacles[narrowing] = self._builds.obstacle(fork, narrowing.question)
                continue
            on_side = narrowing.on(inner)
            on_side.known.observe(0, seen, known.built if known else fork)
            on_side.known.observe(inner.end, end.observations, end.built)
            entered.append(on_side)
        return entered, obstacles


def _not_entered(point: Point, obstacle: str) -> Point:
    return replace(point, reason=f"what this merge brought in was not searched: {obstacle}")


def _is_at(point: Point, step: Step) -> bool:
    return point.verdict is Verdict.VERIFIED and point.steps == (step,)


def _through(merge: Step, combining: Step, point: Point) -> Point:
    """A point on a side of a merge, as the chain of the merge has it."""
    steps = tuple(merge if step is combining else step for step in point.steps)
    return replace(point, steps=steps, merges=(merge.commit, *point.merges))
