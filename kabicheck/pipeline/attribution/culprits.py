"""Who changed what a comparison found, from the points at which a search saw exports change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.compare.annotate import annotated_diff
from kabicheck.compare.classify import graded
from kabicheck.compare.unseen import between, is_defined, took_form, with_unseen
from kabicheck.model import ChangeKind, Culprit, Transition, Verdict
from kabicheck.pipeline.attribution.between_builds import declarations_between, nearest, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kabicheck.attribute.branches import Branches
    from kabicheck.attribute.question import Point, Question
    from kabicheck.model import Cause, Commit, Comparison, DiffLine, ExportChange, Finding, Hunk
    from kabicheck.pipeline.attribution.declarations import Declarations
    from kabicheck.pipeline.attribution.observer import Observer, SeenObject

    # (object, export) of a change → what was asked about it.
    Questions = Mapping[tuple[str, str], Question]

OUTSIDE = (
    "both sides have it: it came with {0.short} ({0.subject}), which is in the history of another merge base"
)
UNDECIDED = "each changed an export, but none was seen to change just this"


class Due(NamedTuple):
    """A point at which the text of a declaration changed. before, after: the objects that show it, of a question."""

    point: Point
    question: Question
    before: SeenObject | None
    after: SeenObject | None


class Other(NamedTuple):
    """A culprit of an export whom none of its causes names. through: what he changed is reached through that cause."""

    culprit: Culprit
    through: bool


@dataclass(frozen=True, kw_only=True)
class Culprits:
    """Puts a search's findings into a comparison.

    ends: base and head, as the observer knows them; order: all commits between them, oldest first; declarations:
    their source; nothing: why nobody is to blame where no point was found; suspects: commit ids, best first;
    branches: what merges brought in; folded: whether diffs of causes are.
    """

    comparison: Comparison
    questions: Questions
    points: Mapping[Question, Sequence[Point]]
    observer: Observer
    ends: tuple[Commit, Commit]
    order: Sequence[Commit]
    declarations: Declarations
    nothing: str
    suspects: Mapping[Question, Sequence[str]]
    branches: Branches
    folded: bool = True

    def attributed(self) -> Comparison:
        """The comparison with culprits: each cause's are due to its own text, each export's to what changed of it.

        Who changed an export in another way is named with one of its causes, too: whoever counts can be found.
        """
        causes = {key: self._cause(cause) for key, cause in self.comparison.causes.items()}
        for key, cause in causes.items():
            if not cause.culprits and cause.follows:
                followed = _together(causes[root].culprits for root in cause.follows)
                causes[key] = replace(cause, culprits=tuple(replace(each, hunks=()) for each in followed))
        others = self._others(causes)
        through = {
            key: (*cause.culprits, *(other.culprit for other in others.get(key, ()) if other.through))
            for key, cause in causes.items()
        }
        changes = tuple(self._change(change, through) for change in self.comparison.changes)
        causes = {key: self._with_others(cause, others.get(key, ())) for key, cause in causes.items()}
        changes = tuple(
            graded(change, causes) if any(took_form(causes[key]) for key in change.causes) else change
            for change in changes
        )
        return replace(self.comparison, changes=changes, causes=causes)

    def _undecided(self, asked: Collection[Question]) -> tuple[Culprit, ...]:
        """Of what no point is about: nobody, or where the exports did change in between, one of those who did that."""
        points = {point for question in asked for point in self.points.get(question, ())}
        if not points:
            return (Culprit(Verdict.NONE, reason=self.nothing),)
        commits = {
            step.commit.id: step.commit
            for point in points
            for step in point.steps
            if step.commit.id in self._position
        }
        if not commits:
            return (Culprit(Verdict.NONE, reason=self.nothing),)
        suspects = {commit for question in asked for commit in self.suspects.get(question, ())}
        ordered = sorted(
            commits.values(),
            key=lambda commit: (commit.id not in suspects, self._position.get(commit.id, len(self.order))),
        )
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
            self._culprit(
                each.question,
                each.point,
                self._transitions(cause.exports, each.point),
                self._hunks(cause.reference, each),
            )
            for each in due
        )
        diff = self._annotated(cause, due, asked[0])
        cause = with_unseen(cause, self._unseen(cause, due, asked[0]))
        return replace(cause, culprits=culprits or self._undecided(asked), diff=diff or cause.diff)

    def _unseen(self, cause: Cause, due: Iterable[Due], question: Question) -> Iterator[Finding]:
        """What builds on the way show of a definition that one end does not see: it was another when they first did."""
        if not took_form(cause):
            return
        ends = [self.observer.holder(commit, question) for commit in self.ends]
        on_the_way = [holder for each in due for holder in (each.before, each.after)]
        states = [holder.types() for holder in (ends[0], *on_the_way, ends[1]) if holder]
        seen = [types for types in states if is_defined(types.get(cause.reference, ""))]
        if seen:
            yield from between(cause.reference, seen[0], seen[-1])

    def _due(self, cause: Cause, asked: Iterable[Question]) -> list[Due]:
        """The points at which the cause's own text changed, in the order of history, each once."""
        found: dict[tuple[str, ...], Due] = {}
        for question in asked:
            for point in self.points.get(question, ()):
                before, after = (self.observer.holder(commit, question) for commit in point.observed)
                if _ids(point) not in found and _own(cause, before) != _own(cause, after):
                    found[_ids(point)] = Due(point, question, before, after)
        # Where an export was gone for a while, its declaration need not have changed.
        there = [due for due in found.values() if due.before and due.after]
        return sorted(there or found.values(), key=lambda due: self._place(due.point))

    def _hunks(self, reference: str, due: Due) -> tuple[Hunk, ...]:
        """The parts of the commit's own diff that meet the declaration, else of what the object reads, else any."""
        if due.point.verdict is not Verdict.VERIFIED:
            return ()
        step = due.point.steps[0]
        seen = due.before, due.after
        before, after = (each.content if each else None for each in seen)
        depends = {path for each in seen if each for path in each.depends}
        return self.declarations.hunks(reference, step, before, after, depends) or self.declarations.hunks(
            reference, step, before, after, {touch.path for touch in step.touched}
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

    # --- those whom no cause names -------------------------------------------------------------------

    def _others(self, causes: Mapping[str, Cause]) -> dict[str, list[Other]]:
        """The key of a cause that is shown → who else changed one of its exports, each at one cause of that export."""
        found: dict[str, dict[object, Other]] = {}
        for change in self.comparison.changes:
            roots = [causes[key] for key in change.causes if not causes[key].follows]
            for due in self._unnamed(change, roots):
                cause, other = self._other(change, due, roots, causes)
                found.setdefault(cause.key, {}).setdefault(_who(other.culprit), other)
        for cause in causes.values():
            if not cause.follows:
                continue
            named = [each for key in cause.follows for each in causes[key].culprits]
            named += [other.culprit for key in cause.follows for other in found.get(key, {}).values()]
            known = {_who(each) for each in named}
            for culprit in cause.culprits:
                if _who(culprit) not in known:
                    reason = _joined(f"it changed {cause.title}, which follows this", culprit.reason)
                    one = Other(replace(culprit, reason=reason), through=False)
                    found.setdefault(cause.follows[0], {}).setdefault(_who(culprit), one)
        return {key: list(others.values()) for key, others in found.items()}

    def _unnamed(self, change: ExportChange, roots: Iterable[Cause]) -> Iterator[Due]:
        """The points at which an export's version changed, less those that its causes' culprits stand for."""
        question = self.questions.get((change.object, change.name))
        if question is None or change.kind is not ChangeKind.VERSION:
            return
        named = {_who(culprit) for cause in roots for culprit in cause.culprits}
        for point in self._about(change.kind, question) if named else ():
            if (point.verdict, frozenset(_ids(point))) not in named:
                yield Due(
                    point, question, *(self.observer.holder(commit, question) for commit in point.observed)
                )

    def _other(
        self, change: ExportChange, due: Due, roots: Sequence[Cause], causes: Mapping[str, Cause]
    ) -> tuple[Cause, Other]:
        """At which cause of an export somebody is named who changed it otherwise, and with which words."""
        seen = due.before, due.after
        states = [each.types() if each else {} for each in seen]
        names = declarations_between(change.name, *states) if all(seen) else []
        followed = {
            root for key in change.causes if causes[key].reference in names for root in causes[key].follows
        }
        first = next((root for root in roots if root.key in followed), None)
        through = nearest(roots, names, states)
        cause = first or through or roots[0]
        base, head = (self.observer.holder(commit, due.question) for commit in self.ends)
        culprit = self._culprit(
            due.question,
            due.point,
            self._transitions(cause.exports, due.point),
            self._hunks(names[0], due) if names else (),
        )
        reason = _joined(words_of(names, seen, (base, head)), culprit.reason)
        return cause, Other(replace(culprit, reason=reason), through=cause is through)

    def _with_others(self, cause: Cause, others: Sequence[Other]) -> Cause:
        """A cause with more culprits, all in the order of history, and the lines of its diff still with their own."""
        if not others:
            return cause
        culprits = [*cause.culprits, *(other.culprit for other in others)]
        order = sorted(range(len(culprits)), key=lambda number: self._place_of(culprits[number]))
        numbers = {old: new for new, old in enumerate(order)}
        diff = tuple(
            line if line.culprit is None else replace(line, culprit=numbers[line.culprit])
            for line in cause.diff
        )
        return replace(cause, culprits=tuple(culprits[number] for number in order), diff=diff)

    # --- exports -----------------------------------------------------------------------------------

    def _change(self, change: ExportChange, named: Mapping[str, Iterable[Culprit]]) -> ExportChange:
        """named: the key of a cause → its culprits, and those who changed what is reached through it."""
        question = self.questions.get((change.object, change.name))
        if question is None:
            known = _together(named[key] for key in change.causes)
            return replace(change, culprits=tuple(replace(each, transitions=(), hunks=()) for each in known))
        culprits = tuple(
            self._culprit(
                question,
                point,
                self._transitions([(change.object, change.name)], point),
                self._naming(change, question, point),
            )
            for point in self._about(change.kind, question)
        )
        return replace(change, culprits=culprits or self._undecided([question]))

    def _about(self, kind: ChangeKind, question: Question) -> list[Point]:
        return [point for point in self.points.get(question, ()) if self._is_about(kind, question, point)]

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
        self,
        question: Question,
        point: Point,
        transitions: tuple[Transition, ...],
        hunks: tuple[Hunk, ...] = (),
    ) -> Culprit:
        """Of several candidates the suspects first, be it that a merge brought them; nobody whose commit base has."""
        suspects = set(self.suspects.get(question, ()))
        steps = sorted(
            (step for step in point.steps if step.commit.id in self._position),
            key=lambda step: (
                step.commit.id not in suspects and suspects.isdisjoint(self.branches.brought(step))
            ),
        )
        if point.steps and not steps:
            return Culprit(Verdict.NONE, reason=OUTSIDE.format(point.steps[0].commit))
        return Culprit(
            point.verdict,
            tuple(step.commit for step in steps),
            transitions,
            point.merges,
            hunks,
            point.reason,
        )

    def _place(self, point: Point) -> int:
        return self._position.get(point.steps[-1].commit.id, len(self._position))

    def _place_of(self, culprit: Culprit) -> int:
        return max(
            (self._position.get(commit.id, len(self._position)) for commit in culprit.commits), default=-1
        )


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


def _who(culprit: Culprit) -> tuple[Verdict, frozenset[str]]:
    return culprit.verdict, frozenset(commit.id for commit in culprit.commits)


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _together(groups: Iterable[Iterable[Culprit]]) -> tuple[Culprit, ...]:
    """The culprits of several, each once."""
    found: dict[object, Culprit] = {}
    for group in groups:
        for each in group:
            found.setdefault(_who(each), each)
    return tuple(found.values())
