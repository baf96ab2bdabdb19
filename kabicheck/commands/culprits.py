"""Who changed what a comparison found, from the points at which a search saw exports change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.compare.annotate import annotated_diff
from kabicheck.model import ChangeKind, Culprit, Transition, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kabicheck.attribute.question import Point, Question
    from kabicheck.commands.declared import Declarations
    from kabicheck.commands.observing import Observer, SeenObject
    from kabicheck.model import Cause, Commit, Comparison, DiffLine, ExportChange, Hunk

    # (object, export) of a change → what was asked about it.
    Questions = Mapping[tuple[str, str], Question]

UNDECIDED = "each changed an export, but none was seen to change just this"


class Due(NamedTuple):
    """A point at which the text of a declaration changed. before, after: the objects that show it."""

    point: Point
    before: SeenObject | None
    after: SeenObject | None


@dataclass(frozen=True, kw_only=True)
class Culprits:
    """Puts a search's findings into a comparison.

    ends: base and head, as the observer knows them; order: all commits between them, oldest first; declarations:
    their source; nothing: why nobody is to blame where no point was found;
    folded: whether diffs of causes are.
    """

    comparison: Comparison
    questions: Questions
    points: Mapping[Question, Sequence[Point]]
    observer: Observer
    ends: tuple[Commit, Commit]
    order: Sequence[Commit]
    declarations: Declarations
    nothing: str
    folded: bool = True

    def attributed(self) -> Comparison:
        """The comparison with culprits: each cause's are due to its own text, each export's to what changed of it."""
        causes = {key: self._cause(cause) for key, cause in self.comparison.causes.items()}
        for key, cause in causes.items():
            if not cause.culprits and cause.follows:
                followed = _together(causes[root].culprits for root in cause.follows)
                causes[key] = replace(cause, culprits=tuple(replace(each, hunks=()) for each in followed))
        changes = tuple(self._change(change, causes) for change in self.comparison.changes)
        return replace(self.comparison, changes=changes, causes=causes)

    def _undecided(self, asked: Iterable[Question]) -> tuple[Culprit, ...]:
        """Of what no point is about: nobody, or where the exports did change in between, one of those who did that."""
        points = {point for question in asked for point in self.points.get(question, ())}
        if not points:
            return (Culprit(Verdict.NONE, reason=self.nothing),)
        commits = {step.commit.id: step.commit for point in points for step in point.steps}
        ordered = sorted(commits.values(), key=lambda commit: self._position.get(commit.id, len(self.order)))
        return (Culprit(Verdict.ONE_OF, tuple(ordered), reason=UNDECIDED),)

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {commit.id: number for number, commit in enumerate(self.order)}

    # --- causes ------------------------------------------------------------------------------------

    def _cause(self, cause: Cause) -> Cause:
        asked = [self.questions[export] for export in cause.exports if export in self.questions]
        if not asked:
            return cause
        due = self._due(cause, asked)
        culprits = tuple(
            self._culprit(each.point, self._transitions(cause.exports, each.point), self._hunks(cause, each))
            for each in due
        )
        diff = self._annotated(cause, due, asked[0])
        return replace(cause, culprits=culprits or self._undecided(asked), diff=diff or cause.diff)

    def _due(self, cause: Cause, asked: Iterable[Question]) -> list[Due]:
        """The points at which the cause's own text changed, in the order of history, each once."""
        found: dict[tuple[str, ...], Due] = {}
        for question in asked:
            for point in self.points.get(question, ()):
                before, after = (self.observer.holder(commit, question) for commit in point.observed)
                if _ids(point) not in found and _own(cause, before) != _own(cause, after):
                    found[_ids(point)] = Due(point, before, after)
        return sorted(found.values(), key=lambda due: self._place(due.point))

    def _hunks(self, cause: Cause, due: Due) -> tuple[Hunk, ...]:
        """The parts of the commit's own diff that meet the declaration, else of what the object reads, else any."""
        if due.point.verdict is not Verdict.VERIFIED:
            return ()
        step = due.point.steps[0]
        seen = due.before, due.after
        before, after = (each.content if each else None for each in seen)
        depends = {path for each in seen if each for path in each.depends}
        return self.declarations.hunks(
            cause.reference, step, before, after, depends
        ) or self.declarations.hunks(
            cause.reference, step, before, after, {touch.path for touch in step.touched}
        )

    def _annotated(self, cause: Cause, due: Sequence[Due], question: Question) -> tuple[DiffLine, ...]:
        """The cause's diff with the culprit of each line; nothing where the states do not make up that diff."""
        base, head = (self.observer.holder(commit, question) for commit in self.ends)
        if not cause.reference or not due or base is None or head is None:
            return ()
        states, culprits = [_state(cause, base)], list[int | None]()
        for number, each in enumerate(due):
            for holder, culprit in ((each.before, None), (each.after, number)):
                state = _state(cause, holder)
                if culprit is not None or state[0] != states[-1][0]:
                    states.append(state)
                    culprits.append(culprit)
        if _own(cause, head) != states[-1][0]:
            states.append(_state(cause, head))
            culprits.append(None)
        diff = annotated_diff(cause.reference, states, culprits, folded=self.folded)
        same = [(line.mark, line.text) for line in diff] == [(line.mark, line.text) for line in cause.diff]
        return diff if same else ()

    def _transitions(self, exports: Iterable[tuple[str, str]], point: Point) -> tuple[Transition, ...]:
        """What became of exports at a point, of those that were seen to change there."""
        found = []
        for path, name in exports:
            question = self.questions.get((path, name))
            if question and any(_ids(other) == _ids(point) for other in self.points.get(question, ())):
                old, new = (self.observer.state(commit, question) for commit in point.observed)
                versions = [state.version if state else "" for state in (old, new)]
                if versions[0] != versions[1]:
                    found.append(Transition(path, name, *versions))
        return tuple(found)

    # --- exports -----------------------------------------------------------------------------------

    def _change(self, change: ExportChange, causes: Mapping[str, Cause]) -> ExportChange:
        question = self.questions.get((change.object, change.name))
        if question is None:
            known = _together(causes[key].culprits for key in change.causes)
            return replace(change, culprits=tuple(replace(each, transitions=(), hunks=()) for each in known))
        culprits = tuple(
            self._culprit(
                point,
                self._transitions([(change.object, change.name)], point),
                self._naming(change, question, point),
            )
            for point in self.points.get(question, ())
            if self._is_about(change.kind, question, point)
        )
        return replace(change, culprits=culprits or self._undecided([question]))

    def _naming(self, change: ExportChange, question: Question, point: Point) -> tuple[Hunk, ...]:
        """The parts of the commit's own diff that say what happened to an export; of a version its causes say that."""
        if point.verdict is not Verdict.VERIFIED or change.kind is ChangeKind.VERSION:
            return ()
        seen = (self.observer.holder(commit, question) for commit in point.observed)
        depends = {path for each in seen if each for path in each.depends}
        return self.declarations.naming(change.name, point.steps[0], depends)

    def _is_about(self, kind: ChangeKind, question: Question, point: Point) -> bool:
        """Whether at this point of an export's history changed what a change of that kind is about."""
        old, new = (self.observer.state(commit, question) for commit in point.observed)
        if old is None or new is None:
            return kind in (ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.VERSION)
        if kind in (ChangeKind.ADDED, ChangeKind.REMOVED):
            return False
        return old.of_kind(kind) != new.of_kind(kind)

    def _culprit(
        self, point: Point, transitions: tuple[Transition, ...], hunks: tuple[Hunk, ...] = ()
    ) -> Culprit:
        return Culprit(
            point.verdict,
            tuple(step.commit for step in point.steps),
            transitions,
            point.merges,
            hunks,
            point.reason,
        )

    def _place(self, point: Point) -> int:
        return self._position.get(point.steps[-1].commit.id, len(self._position))


def _own(cause: Cause, holder: SeenObject | None) -> str:
    """A declaration's own text in an object; of a cause without one, all versions."""
    if holder is None:
        return ""
    if not cause.reference:
        return " ".join(f"{name} {state.version}" for name, state in holder.states.items())
    return holder.types().get(cause.reference, "")


def _state(cause: Cause, holder: SeenObject | None) -> tuple[str, Mapping[str, str]]:
    return _own(cause, holder), holder.types() if holder else {}


def _ids(point: Point) -> tuple[str, ...]:
    return tuple(step.commit.id for step in point.steps)


def _together(groups: Iterable[Iterable[Culprit]]) -> tuple[Culprit, ...]:
    """The culprits of several, each once."""
    found = {(each.verdict, each.commits): each for group in groups for each in group}
    return tuple(found.values())
