"""Who may have changed what a comparison found, from the source alone: where a search starts, and `blame`'s answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.compare.annotate import suspected_diff
from kabicheck.model import Culprit, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.attribute.question import Question
    from kabicheck.attribute.suspects import Suspect
    from kabicheck.model import Cause, Commit, Comparison, DiffLine, ExportChange, Step
    from kabicheck.pipeline.attribution.declarations import Declarations
    from kabicheck.pipeline.attribution.observer import Observer, SeenObject

    Questions = Mapping[tuple[str, str], Question]

# Of those that touched only files, not the lines of a declaration, so many are named.
MOST_BY_FILE = 3


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """Suspects for all that a comparison found.

    ends: base and head, whose objects the observer knows; commits: those between by id; declarations: their source.
    """

    comparison: Comparison
    questions: Questions
    observer: Observer
    ends: tuple[Commit, Commit]
    commits: Mapping[str, Commit]
    declarations: Declarations
    folded: bool = True

    def ids(self) -> Mapping[Question, tuple[str, ...]]:
        """Question → commit ids, best first."""
        found: dict[Question, dict[str, None]] = {}
        for name, exports in self._subjects():
            asked = [self.questions[export] for export in exports if export in self.questions]
            for suspect in self._suspects(name, asked[0]) if asked else ():
                for question in asked:
                    found.setdefault(question, {})[suspect.commit] = None
        return {question: tuple(ids) for question, ids in found.items()}

    def attributed(self) -> Comparison:
        """The comparison with whom the source makes suspects."""
        causes = {key: self._cause(cause) for key, cause in self.comparison.causes.items()}
        changes = tuple(self._change(change, causes) for change in self.comparison.changes)
        return replace(self.comparison, changes=changes, causes=causes)

    def _subjects(self) -> Iterable[tuple[str, Iterable[tuple[str, str]]]]:
        """What changed, by the name that it has in the objects, and the exports that it changed."""
        for cause in self.comparison.causes.values():
            if cause.reference and not cause.follows:
                yield cause.reference, cause.exports
        for change in self.comparison.changes:
            if not change.causes:
                yield change.name, [(change.object, change.name)]

    def _suspects(self, name: str, question: Question) -> tuple[Suspect, ...]:
        old, new = self._holders(question)
        depends = {*(old.depends if old else ()), *(new.depends if new else ())}
        was, became = (each.content if each else None for each in (old, new))
        return self.declarations.suspects(name, was, became, depends)

    # --- blame -------------------------------------------------------------------------------------

    def _cause(self, cause: Cause) -> Cause:
        asked = next((self.questions[export] for export in cause.exports if export in self.questions), None)
        if asked is None:
            return cause
        old, new = self._holders(asked)
        by_line: tuple[Culprit, ...] = ()
        diff: tuple[DiffLine, ...] = ()
        if cause.reference and old and new:
            by_line, diff = self._by_line(cause, old, new)
        same = [(line.mark, line.text) for line in diff] == [(line.mark, line.text) for line in cause.diff]
        culprits = by_line or self._guessed(cause.reference, asked)
        return replace(cause, culprits=culprits, diff=diff if by_line and same else cause.diff)

    def _by_line(
        self, cause: Cause, old: SeenObject, new: SeenObject
    ) -> tuple[tuple[Culprit, ...], tuple[DiffLine, ...]]:
        """Who touched the lines of changed members, and the diff with them."""
        was, became = self.declarations.sides(cause.reference, old.content, new.content)
        origins = [side.origin(name) for side in (was, became) for name in side.changed]
        steps = {origin.step.commit.id: origin for origin in origins if origin}
        numbers = {
            commit: number for number, commit in enumerate(id_ for id_ in self.commits if id_ in steps)
        }

        def suspect(mark: str, name: str) -> int | None:
            origin = (was if mark == "-" else became).origin(name) if name else None
            return numbers.get(origin.step.commit.id) if origin else None

        states = [(each.types().get(cause.reference, ""), each.types()) for each in (old, new)]
        diff = suspected_diff(cause.reference, states[0], states[1], suspect, folded=self.folded)
        return tuple(self._culprit(commit, steps[commit].merges) for commit in numbers), diff

    def _guessed(self, name: str, question: Question) -> tuple[Culprit, ...]:
        """Those that touched other lines, or only files, with what each of them touched."""
        found = [each for each in self._suspects(name, question) if each.commit in self.commits][
            :MOST_BY_FILE
        ]
        return tuple(replace(self._culprit(each.commit), reason=each.reason) for each in found)

    def _change(self, change: ExportChange, causes: Mapping[str, Cause]) -> ExportChange:
        if change.causes:
            known = {each.commits: each for key in change.causes for each in causes[key].culprits}
            return replace(change, culprits=tuple(known.values()))
        question = self.questions.get((change.object, change.name))
        return replace(change, culprits=self._guessed(change.name, question)) if question else change

    def _culprit(self, commit: str, merges: Iterable[Step] = ()) -> Culprit:
        return Culprit(
            Verdict.SUSPECTED, (self.commits[commit],), merges=tuple(merge.commit for merge in merges)
        )

    def _holders(self, question: Question) -> tuple[SeenObject | None, SeenObject | None]:
        base, head = (self.observer.holder(commit, question) for commit in self.ends)
        return base, head
