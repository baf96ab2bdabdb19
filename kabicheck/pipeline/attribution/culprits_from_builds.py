"""Who changed what a comparison found, from the points at which a search saw exports change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.annotate import annotated_diff
from kabicheck.compare.classify import graded
from kabicheck.compare.unseen import between, is_defined, took_form, with_unseen
from kabicheck.pipeline.attribution.indirect_culprits import IndirectCulprits
from kabicheck.pipeline.attribution.point_culprits import commit_ids, each_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kabicheck.attribute.question import Question
    from kabicheck.model import Cause, Comparison, Culprit, DiffLine, ExportChange, Finding
    from kabicheck.pipeline.attribution.evidence import Evidence, ObservedPoint
    from kabicheck.pipeline.attribution.observer import ObservedObject
    from kabicheck.pipeline.attribution.point_culprits import PointCulprits


class CulpritsFromBuilds:
    """Puts a search's result into a comparison."""

    def __init__(self, evidence: Evidence, culprits: PointCulprits) -> None:
        self._evidence = evidence
        self._culprits = culprits

    def comparison(self) -> Comparison:
        """The comparison with culprits: each cause's are due to its own text, each export's to what changed of it.

        Who changed an export in another way is named with one of its causes, too: whoever counts can be found.
        """
        comparison = self._evidence.comparison
        causes = {key: self._cause(cause) for key, cause in comparison.causes.items()}
        for key, cause in causes.items():
            if not cause.culprits and cause.follows:
                followed = each_once(causes[root].culprits for root in cause.follows)
                causes[key] = replace(cause, culprits=tuple(replace(each, hunks=()) for each in followed))
        indirect = IndirectCulprits(self._evidence, self._culprits, causes)
        through = {key: indirect.reached_through(cause) for key, cause in causes.items()}
        changes = tuple(self._change(change, through) for change in comparison.changes)
        causes = {key: indirect.named_with(cause) for key, cause in causes.items()}
        changes = tuple(
            graded(change, causes) if any(took_form(causes[key]) for key in change.causes) else change
            for change in changes
        )
        return replace(comparison, changes=changes, causes=causes)

    def _cause(self, cause: Cause) -> Cause:
        asked = self._evidence.questions_of(cause.exports)
        if not asked:
            return cause
        text_changes = self._text_changes(cause, asked)
        culprits = tuple(
            self._culprits.culprit(
                each, cause.exports, self._culprits.hunks_of_declaration(cause.reference, each)
            )
            for each in text_changes
        )
        diff = self._annotated(cause, text_changes, asked[0])
        cause = with_unseen(cause, self._unseen(cause, text_changes, asked[0]))
        return replace(cause, culprits=culprits or self._culprits.undecided(asked), diff=diff or cause.diff)

    def _text_changes(self, cause: Cause, asked: Iterable[Question]) -> list[ObservedPoint]:
        """The points at which the cause's own text changed, in the order of history, each once."""
        found: dict[tuple[str, ...], ObservedPoint] = {}
        for question in asked:
            for point in self._culprits.points(question):
                observed = self._evidence.observed(question, point)
                if commit_ids(point) not in found and _text(cause, observed.old) != _text(
                    cause, observed.new
                ):
                    found[commit_ids(point)] = observed
        # Where an export was gone for a while, its declaration need not have changed.
        on_both_sides = [observed for observed in found.values() if observed.old and observed.new]
        return sorted(
            on_both_sides or found.values(), key=lambda observed: self._culprits.position(observed.point)
        )

    def _unseen(
        self, cause: Cause, text_changes: Iterable[ObservedPoint], question: Question
    ) -> Iterator[Finding]:
        """What builds on the way show of a definition that one end does not see: it was another when they first did."""
        if not took_form(cause):
            return
        base, head = self._evidence.at_ends(question)
        on_the_way = [holder for each in text_changes for holder in (each.old, each.new)]
        states = [holder.types() for holder in (base, *on_the_way, head) if holder]
        seen = [types for types in states if is_defined(types.get(cause.reference, ""))]
        if seen:
            yield from between(cause.reference, seen[0], seen[-1])

    def _annotated(
        self, cause: Cause, text_changes: Sequence[ObservedPoint], question: Question
    ) -> tuple[DiffLine, ...]:
        """The cause's diff with the culprit of each line; nothing where the states do not make up that diff."""
        base, head = self._evidence.at_ends(question)
        if not cause.reference or not text_changes or base is None or head is None:
            return ()
        states, culprits = [_state(cause, base)], list[int | None]()
        for number, each in enumerate(text_changes):
            for holder, culprit in ((each.old, None), (each.new, number)):
                state = _state(cause, holder)
                if culprit is not None or state[0] != states[-1][0]:
                    states.append(state)
                    culprits.append(culprit)
        if _text(cause, head) != states[-1][0]:
            states.append(_state(cause, head))
            culprits.append(None)
        diff = annotated_diff(cause.reference, states, culprits, folded=self._evidence.folded)
        same = [(line.mark, line.text) for line in diff] == [(line.mark, line.text) for line in cause.diff]
        return diff if same else ()

    def _change(self, change: ExportChange, through: Mapping[str, Iterable[Culprit]]) -> ExportChange:
        """A change with who did it.

        through: Key of a cause → its culprits, and those who changed what is reached through it.
        """
        question = self._evidence.questions.get((change.object, change.name))
        if question is None:
            known = each_once(through[key] for key in change.causes)
            return replace(change, culprits=tuple(replace(each, transitions=(), hunks=()) for each in known))
        points = self._culprits.points_of_kind(change.kind, question)
        observed = [self._evidence.observed(question, point) for point in points]
        culprits = tuple(
            self._culprits.culprit(
                each, [(change.object, change.name)], self._culprits.hunks_of_export(change, each)
            )
            for each in observed
        )
        return replace(change, culprits=culprits or self._culprits.undecided([question]))


def _text(cause: Cause, holder: ObservedObject | None) -> str:
    """A declaration's own text in an object; of a cause without one, all versions."""
    if holder is None:
        return ""
    if not cause.reference:
        return " ".join(f"{name} {state.version}" for name, state in holder.states.items())
    return holder.types().get(cause.reference, "")


def _state(cause: Cause, holder: ObservedObject | None) -> tuple[str, Mapping[str, str]]:
    return _text(cause, holder), holder.types() if holder else {}
