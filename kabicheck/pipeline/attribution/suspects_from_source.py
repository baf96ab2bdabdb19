"""Who may have changed what a comparison found, from the source alone: where a search starts, and `blame`'s answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.annotate import suspected_diff
from kabicheck.model import Culprit, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kabicheck.attribute.question import Question
    from kabicheck.attribute.suspects import Suspect
    from kabicheck.model import Cause, Comparison, DiffLine, ExportChange, Step
    from kabicheck.pipeline.attribution.evidence import Evidence
    from kabicheck.pipeline.attribution.observer import ObservedObject

# Of those that touched only files, not the lines of a declaration, so many are named.
MOST_BY_FILE = 3


class SuspectsFromSource:
    """Suspects for all that a comparison found."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._commits = {commit.id: commit for commit in evidence.commits}

    def ids(self) -> Mapping[Question, tuple[str, ...]]:
        """The ids of the commits that most likely changed a question's export, the most likely first."""
        found: dict[Question, dict[str, None]] = {}
        for name, exports in self._subjects():
            asked = self._evidence.questions_of(exports)
            for suspect in self._suspects(name, asked[0]) if asked else ():
                for question in asked:
                    found.setdefault(question, {})[suspect.commit] = None
        return {question: tuple(ids) for question, ids in found.items()}

    def comparison(self) -> Comparison:
        """The comparison with whom the source makes suspects."""
        comparison = self._evidence.comparison
        causes = {key: self._cause(cause) for key, cause in comparison.causes.items()}
        changes = tuple(self._change(change, causes) for change in comparison.changes)
        return replace(comparison, changes=changes, causes=causes)

    def _subjects(self) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
        """What changed, by the name that it has in the objects, and the exports that it changed."""
        for cause in self._evidence.comparison.causes.values():
            if cause.reference and not cause.follows:
                yield cause.reference, cause.exports
        for change in self._evidence.comparison.changes:
            if not change.causes:
                yield change.name, [(change.object, change.name)]

    def _suspects(self, name: str, question: Question) -> tuple[Suspect, ...]:
        ends = self._evidence.at_ends(question)
        depends = {path for end in ends if end for path in end.depends}
        old, new = (end.content if end else None for end in ends)
        return self._evidence.declarations.suspects(name, old, new, depends)

    def _cause(self, cause: Cause) -> Cause:
        asked = self._evidence.questions_of(cause.exports)
        if not asked:
            return cause
        old, new = self._evidence.at_ends(asked[0])
        by_line: tuple[Culprit, ...] = ()
        diff: tuple[DiffLine, ...] = ()
        if cause.reference and old and new:
            by_line, diff = self._by_line(cause, old, new)
        same = [(line.mark, line.text) for line in diff] == [(line.mark, line.text) for line in cause.diff]
        culprits = by_line or self._guessed(cause.reference, asked[0])
        return replace(cause, culprits=culprits, diff=diff if by_line and same else cause.diff)

    def _by_line(
        self, cause: Cause, old: ObservedObject, new: ObservedObject
    ) -> tuple[tuple[Culprit, ...], tuple[DiffLine, ...]]:
        """Who touched the lines of changed members, and the diff with them."""
        reference = cause.reference
        old_side, new_side = self._evidence.declarations.sides(reference, old.content, new.content)
        origins = [side.origin(name) for side in (old_side, new_side) for name in side.changed]
        origin_of = {origin.step.commit.id: origin for origin in origins if origin}
        ordered = [commit for commit in self._commits if commit in origin_of]
        numbers = {commit: number for number, commit in enumerate(ordered)}

        def suspect(mark: str, name: str) -> int | None:
            origin = (old_side if mark == "-" else new_side).origin(name) if name else None
            return numbers.get(origin.step.commit.id) if origin else None

        states = [(each.types().get(reference, ""), each.types()) for each in (old, new)]
        diff = suspected_diff(reference, states[0], states[1], suspect, folded=self._evidence.folded)
        return tuple(self._culprit(commit, origin_of[commit].merges) for commit in ordered), diff

    def _guessed(self, name: str, question: Question) -> tuple[Culprit, ...]:
        """Those that touched other lines, or only files, with what each of them touched."""
        found = [each for each in self._suspects(name, question) if each.commit in self._commits]
        return tuple(replace(self._culprit(each.commit), reason=each.reason) for each in found[:MOST_BY_FILE])

    def _change(self, change: ExportChange, causes: Mapping[str, Cause]) -> ExportChange:
        if change.causes:
            known = {each.commits: each for key in change.causes for each in causes[key].culprits}
            return replace(change, culprits=tuple(known.values()))
        question = self._evidence.questions.get((change.object, change.name))
        return replace(change, culprits=self._guessed(change.name, question)) if question else change

    def _culprit(self, commit: str, merges: Iterable[Step] = ()) -> Culprit:
        return Culprit(
            Verdict.SUSPECTED, (self._commits[commit],), merges=tuple(merge.commit for merge in merges)
        )
