"""The search for the steps that changed each export, with as few builds as can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kabicheck.attribute.branches import Branches
from kabicheck.attribute.builds import Builds
from kabicheck.attribute.narrowing import Pursuit
from kabicheck.attribute.question import Observation
from kabicheck.attribute.schedule import Sweep, most_builds_of, stops
from kabicheck.attribute.verify import Chain, distrust_liars
from kabicheck.errors import BuildError, FetchError
from kabicheck.model import Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kabicheck.attribute.question import Observe, Point, Question
    from kabicheck.model import Commit

    Ends = tuple[Mapping[str, Observation], Mapping[str, Observation]]
    Widen = Callable[[Question, Sequence[Point]], Question]

_UNSEEN = Observation({}, complete=False)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found.

    points: of each question that differs, in the order of history; asked: question → the same of more objects, where
    it became wider; builds: how many commits were looked at, whether they could be built or not; unbuildable:
    commit id → why some of its objects could not be had.
    """

    points: Mapping[Question, tuple[Point, ...]]
    asked: Mapping[Question, Question] = field(default_factory=dict)
    builds: int = 0
    unbuildable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search would do.

    candidates: of each question that differs, the steps that touch what its objects are made from; least, most: how
    many commits will be looked at, if each export changed in one commit and all commits can be built.
    """

    candidates: Mapping[Question, tuple[Step, ...]]
    least: int
    most: int


def search(
    chain: Sequence[Step],
    ends: Ends,
    questions: Sequence[Question],
    observe: Observe,
    *,
    sides: Callable[[Step], Sequence[Sequence[Step]]] = lambda _: (),
    suspects: Mapping[Question, Sequence[str]] | None = None,
    widen: Widen = lambda question, _: question,
    most_builds: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Find where the state of each question changed on a chain.

    chain: oldest step first, as History.chain gives it; ends: what the first step's parent and the last step's commit
    make of the objects, by path; observe: looks at other commits; sides: of a merge, as History.sides gives them;
    suspects: commit ids, best first; widen: given a question and what was found, adds objects that the export came
    from or went to there, so that it is asked of them, too; most_builds: how many commits may be looked at; progress:
    told of each.
    The same arguments and answers look at the same commits in the same order.
    """
    if not chain:
        return Findings({})
    builds = Builds(observe, most_builds)
    whole = Chain(chain)
    branches = Branches(sides)
    following = _Search(builds, branches, progress)
    asked = {question: question for question in questions}
    while True:
        first = {asked[question]: ids for question, ids in (suspects or {}).items()}
        pursuits = _pursuits(whole, ends, asked.values(), first, branches)
        points = following.follow(whole, pursuits)
        wider = {q: wide for q, now in asked.items() if (wide := widen(now, points[now])) != now}
        if not wider:
            found = {question: its for question, its in points.items() if its}
            return Findings(found, asked, builds.count, builds.unbuildable)
        asked |= wider
        base, head = whole.commits[0], whole.commits[-1]
        ends = _seen(ends[0], base, wider.values(), observe), _seen(ends[1], head, wider.values(), observe)


def plan(
    chain: Sequence[Step],
    ends: Ends,
    questions: Sequence[Question],
    *,
    sides: Callable[[Step], Sequence[Sequence[Step]]] = lambda _: (),
    suspects: Mapping[Question, Sequence[str]] | None = None,
) -> Plan:
    """What a search with the same arguments would do. Sides of merges are not counted."""
    if not chain:
        return Plan({}, 0, 0)
    whole = Chain(chain)
    pursuits = _pursuits(whole, ends, questions, suspects or {}, Branches(sides))
    distrust_liars([pursuit.trail for pursuit in pursuits])
    gaps = {pursuit.question: gap for pursuit in pursuits for gap in pursuit.trail.gaps()}
    candidates = {q: tuple(whole.step(number) for number in gap.likely) for q, gap in gaps.items()}
    least = len(stops([wish for pursuit in pursuits for wish in pursuit.wishes()]))
    return Plan(candidates, least, most_builds_of(gaps.values()))


def _seen(
    end: Mapping[str, Observation], commit: Commit, questions: Iterable[Question], observe: Observe
) -> Mapping[str, Observation]:
    """What an end makes of the objects of some questions, too."""
    more = {path for question in questions for path in question.objects} - end.keys()
    try:
        return {**end, **observe(commit, sorted(more))}
    except (BuildError, FetchError):  # of these nothing is known there
        return end


def _pursuits(
    chain: Chain,
    ends: Ends,
    questions: Iterable[Question],
    suspects: Mapping[Question, Sequence[str]],
    branches: Branches,
) -> list[Pursuit]:
    found = []
    for question in sorted(set(questions), key=lambda question: (question.objects, question.export)):
        pursuit = Pursuit(chain, question, suspects.get(question, ()), branches)
        for position, end in zip((0, chain.end), ends, strict=True):
            seen = {path: end.get(path, _UNSEEN) for path in question.objects}
            pursuit.trail.observe(position, seen, chain.commits[position])
        found.append(pursuit)
    return found


class _Search:
    """Follows questions along chains, with one account of builds."""

    def __init__(self, builds: Builds, branches: Branches, progress: Callable[[str], None]) -> None:
        self._builds = builds
        self._branches = branches
        self._progress = progress

    def follow(self, chain: Chain, pursuits: Sequence[Pursuit]) -> dict[Question, tuple[Point, ...]]:
        """The points of questions whose states at both ends of a chain are known."""
        self._narrow(chain, pursuits)
        points = {pursuit.question: pursuit.points(self._builds.limit) for pursuit in pursuits}
        for number in range(1, chain.end + (not chain.open_ended)):
            step = chain.step(number)
            if len(step.commit.parents) < 2:
                continue
            at_merge = {p: point for p in pursuits for point in points[p.question] if _is_at(point, step)}
            for question, inner in self._inside(chain, number, at_merge).items():
                points[question] = tuple(
                    found
                    for point in points[question]
                    for found in (inner if _is_at(point, step) else (point,))
                )
        return points

    def _narrow(self, chain: Chain, pursuits: Sequence[Pursuit]) -> None:
        """Look at one commit after the other until no gap can be narrowed any more."""
        sweep = Sweep(chain.end)
        while True:
            distrust_liars([pursuit.trail for pursuit in pursuits])
            wishes = [wish for pursuit in pursuits for wish in pursuit.wishes()]
            if not wishes or self._builds.limit:
                return
            position = sweep.next(stops(wishes))
            commit = chain.commits[position]
            asking = [pursuit for pursuit in pursuits if pursuit.is_open_at(position)]
            self._progress(f"looking at {commit.short} ({commit.subject}), exports open: {len(asking)}")
            self._builds.look(commit, [pursuit.question for pursuit in asking])
            for pursuit in asking:
                seen = self._builds.observations(commit, pursuit.question)
                if seen is None:
                    pursuit.avoid(position, self._builds.obstacle(commit, pursuit.question))
                else:
                    pursuit.learn(position, seen)

    def _inside(
        self, chain: Chain, number: int, at_merge: Mapping[Pursuit, Point]
    ) -> dict[Question, tuple[Point, ...]]:
        """What a merge brought in that explains its points; the points themselves where nothing does."""
        merge = chain.step(number)
        found: dict[Question, tuple[Point, ...]] = {}
        for side in self._branches.sides(merge) if at_merge else ():
            # From the fork through the side to the merge, whose last step combines it with the other side.
            combining = Step(side[-1].commit, merge.commit, ())
            inner = Chain([*side, combining], open_ended=True)
            left = [pursuit for pursuit in at_merge if pursuit.question not in found]
            going, obstacles = self._entered(chain, number, inner, left)
            for question, points in self.follow(inner, going).items():
                told = [point for point in points if point.steps != (combining,)]
                if told:
                    found[question] = tuple(_through(merge, combining, point) for point in told)
            found |= {p.question: (_not_entered(at_merge[p], obstacle),) for p, obstacle in obstacles.items()}
        if obstacle := self._branches.obstacle(merge):
            found |= {
                p.question: (_not_entered(at_merge[p], obstacle),)
                for p in at_merge
                if p.question not in found
            }
        return found

    def _entered(
        self, chain: Chain, number: int, inner: Chain, pursuits: Sequence[Pursuit]
    ) -> tuple[list[Pursuit], dict[Pursuit, str]]:
        """The same questions on a side of a merge; and why not, of those whose state at the fork cannot be had."""
        fork = inner.commits[0]
        at = chain.position.get(fork.id)
        start = {p: p.trail.sight(at) if at is not None else None for p in pursuits}
        self._builds.look(fork, [p.question for p, sight in start.items() if sight is None])
        entered, obstacles = [], {}
        for pursuit, sight in start.items():
            seen = sight.observations if sight else self._builds.observations(fork, pursuit.question)
            end = pursuit.trail.sight(number)
            assert end, "the merge was found, so what it builds is known"
            if seen is None:
                obstacles[pursuit] = self._builds.obstacle(fork, pursuit.question)
                continue
            one = pursuit.on(inner)
            one.trail.observe(0, seen, sight.by if sight else fork)
            one.trail.observe(inner.end, end.observations, end.by)
            entered.append(one)
        return entered, obstacles


def _not_entered(point: Point, obstacle: str) -> Point:
    return replace(point, reason=f"what this merge brought in was not searched: {obstacle}")


def _is_at(point: Point, step: Step) -> bool:
    return point.verdict is Verdict.VERIFIED and point.steps == (step,)


def _through(merge: Step, combining: Step, point: Point) -> Point:
    steps = tuple(merge if step is combining else step for step in point.steps)
    return replace(point, steps=steps, merges=(merge.commit, *point.merges))
