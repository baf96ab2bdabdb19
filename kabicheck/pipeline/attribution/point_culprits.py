"""Culprits of points in history: who did it, what became of exports there, and the hunks that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Culprit, Transition, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kabicheck.attribute.branches import Branches
    from kabicheck.attribute.question import Point, Question
    from kabicheck.model import ExportChange, Hunk
    from kabicheck.pipeline.attribution.evidence import Evidence, ObservedPoint

OUTSIDE = (
    "both sides have it: it came with {0.short} ({0.subject}), which is in the history of another merge base"
)
UNDECIDED = "each changed an export, but none was seen to change just this"
NO_COMMITS = "no commit lies between both sides"
ALIKE = "both commits give the same, built alike here: the toolchain or the configuration differs"


class PointCulprits:
    """Names culprits from the points that a search found."""

    def __init__(
        self,
        evidence: Evidence,
        points: Mapping[Question, Sequence[Point]],
        suspects: Mapping[Question, Sequence[str]],
        branches: Branches,
    ) -> None:
        """points: Where each question changed. suspects: Commit ids, the most likely first."""
        self._evidence = evidence
        self._points = points
        self._suspects = suspects
        self._branches = branches

    def points(self, question: Question) -> Sequence[Point]:
        """Where the state of an export changed."""
        return self._points.get(question, ())

    def points_of_kind(self, kind: ChangeKind, question: Question) -> list[Point]:
        """Where that of an export changed which a kind of change is about."""
        return [point for point in self.points(question) if self._is_of_kind(kind, question, point)]

    def culprit(
        self, observed: ObservedPoint, exports: Iterable[tuple[str, str]], hunks: tuple[Hunk, ...] = ()
    ) -> Culprit:
        """Who is responsible for a point, and what became there of some exports.

        Of several candidates the suspects come first, be it that a merge brought them. Nobody is blamed for what base
        has.
        """
        point = observed.point
        suspects = set(self._suspects.get(observed.question, ()))
        steps = sorted(
            (step for step in point.steps if step.commit.id in self._evidence.position),
            key=lambda step: (
                step.commit.id not in suspects and suspects.isdisjoint(self._branches.brought(step))
            ),
        )
        if point.steps and not steps:
            return Culprit(Verdict.NONE, reason=OUTSIDE.format(point.steps[0].commit))
        return Culprit(
            point.verdict,
            tuple(step.commit for step in steps),
            self._transitions(exports, point),
            point.merges,
            hunks,
            point.reason,
        )

    def undecided(self, questions: Collection[Question]) -> tuple[Culprit, ...]:
        """Of what no point is about: nobody, or where the exports did change in between, one of those who did that."""
        nobody = (Culprit(Verdict.NONE, reason=ALIKE if self._evidence.commits else NO_COMMITS),)
        position = self._evidence.position
        commits = {
            step.commit.id: step.commit
            for question in questions
            for point in self.points(question)
            for step in point.steps
            if step.commit.id in position
        }
        if not commits:
            return nobody
        suspects = {commit for question in questions for commit in self._suspects.get(question, ())}
        ordered = sorted(
            commits.values(), key=lambda commit: (commit.id not in suspects, position[commit.id])
        )
        return (Culprit(Verdict.ONE_OF, tuple(ordered), reason=UNDECIDED),)

    def hunks_of_declaration(self, reference: str, observed: ObservedPoint) -> tuple[Hunk, ...]:
        """The parts of the commit's own diff that meet a declaration, else of what the object reads, else any."""
        if observed.point.verdict is not Verdict.VERIFIED:
            return ()
        step = observed.point.steps[0]
        old, new = (each.content if each else None for each in (observed.old, observed.new))
        declarations = self._evidence.declarations
        return declarations.hunks(reference, step, old, new, observed.depends) or declarations.hunks(
            reference, step, old, new, {touch.path for touch in step.touched}
        )

    def hunks_of_export(self, change: ExportChange, observed: ObservedPoint) -> tuple[Hunk, ...]:
        """The parts of the commit's own diff that say what happened to an export; of a version its causes say that."""
        if observed.point.verdict is not Verdict.VERIFIED or change.kind is ChangeKind.VERSION:
            return ()
        return self._evidence.declarations.naming(change.name, observed.point.steps[0], observed.depends)

    def position(self, point: Point) -> int:
        """The place of a point in the order of history."""
        position = self._evidence.position
        return position.get(point.steps[-1].commit.id, len(position))

    def last_position(self, culprit: Culprit) -> int:
        """The place of the last commit of a culprit in the order of history, -1 where it has none."""
        position = self._evidence.position
        return max((position.get(commit.id, len(position)) for commit in culprit.commits), default=-1)

    def _transitions(self, exports: Iterable[tuple[str, str]], point: Point) -> tuple[Transition, ...]:
        """What became of exports at a point, of those that were seen to change there."""
        found = []
        for path, name in exports:
            question = self._evidence.questions.get((path, name))
            if question and any(commit_ids(each) == commit_ids(point) for each in self.points(question)):
                states = (self._evidence.observer.state(commit, question) for commit in point.observed)
                old, new = (state.version if state else "" for state in states)
                if old != new:
                    found.append(Transition(path, name, old, new))
        return tuple(found)

    def _is_of_kind(self, kind: ChangeKind, question: Question, point: Point) -> bool:
        """Whether at this point of an export's history changed what a change of that kind is about."""
        old, new = (self._evidence.observer.state(commit, question) for commit in point.observed)
        if old is None or new is None:
            return kind in (ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.VERSION)
        if kind in (ChangeKind.ADDED, ChangeKind.REMOVED):
            return False
        return old.of_kind(kind) != new.of_kind(kind)


def commit_ids(point: Point) -> tuple[str, ...]:
    """The ids of the commits that may have done it, in the order of history."""
    return tuple(step.commit.id for step in point.steps)


def identity(culprit: Culprit) -> tuple[Verdict, frozenset[str]]:
    """What is equal of two culprits that are the same commits with the same verdict."""
    return culprit.verdict, frozenset(commit.id for commit in culprit.commits)


def each_once(groups: Iterable[Iterable[Culprit]]) -> tuple[Culprit, ...]:
    """The culprits of several groups, each once."""
    found: dict[object, Culprit] = {}
    for group in groups:
        for culprit in group:
            found.setdefault(identity(culprit), culprit)
    return tuple(found.values())
