"""Who changed an export though none of its causes names them.

A commit can change a version through a declaration that is no cause of its own, or that merely follows one. It is named
with the cause that leads there, and with what it changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.model import ChangeKind
from kabicheck.pipeline.attribution.between_builds import changed_between, changed_words, nearest
from kabicheck.pipeline.attribution.point_culprits import commit_ids, identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kabicheck.model import Cause, Culprit, ExportChange
    from kabicheck.pipeline.attribution.evidence import Evidence, ObservedPoint
    from kabicheck.pipeline.attribution.point_culprits import PointCulprits


class IndirectCulprit(NamedTuple):
    """A culprit of an export whom none of its causes names.

    culprit: Who it is, with a reason that says what was changed.
    through: Whether what was changed is reached through the cause that the culprit is named with.
    """

    culprit: Culprit
    through: bool


class IndirectCulprits:
    """Those whom no cause of a comparison names, each at one cause of the exports that they changed."""

    def __init__(self, evidence: Evidence, culprits: PointCulprits, causes: Mapping[str, Cause]) -> None:
        """causes: The causes of the comparison by key, with the culprits of their own texts."""
        self._evidence = evidence
        self._culprits = culprits
        self._causes = causes
        found: dict[str, dict[object, IndirectCulprit]] = {}
        self._add_those_of_changes(found)
        self._add_those_of_followers(found)
        self._found = {key: list(indirect.values()) for key, indirect in found.items()}

    def reached_through(self, cause: Cause) -> tuple[Culprit, ...]:
        """The culprits of a cause, and those who changed what is reached through it."""
        indirect = self._found.get(cause.key, ())
        return (*cause.culprits, *(each.culprit for each in indirect if each.through))

    def named_with(self, cause: Cause) -> Cause:
        """A cause with those, too, all in the order of history, and the lines of its diff still with their own."""
        indirect = self._found.get(cause.key, ())
        if not indirect:
            return cause
        culprits = [*cause.culprits, *(each.culprit for each in indirect)]
        order = sorted(
            range(len(culprits)), key=lambda number: self._culprits.last_position(culprits[number])
        )
        numbers = {old: new for new, old in enumerate(order)}
        diff = tuple(
            line if line.culprit is None else replace(line, culprit=numbers[line.culprit])
            for line in cause.diff
        )
        return replace(cause, culprits=tuple(culprits[number] for number in order), diff=diff)

    def _add_those_of_changes(self, found: dict[str, dict[object, IndirectCulprit]]) -> None:
        """Add whoever changed a version in another way than through the text of a cause."""
        for change in self._evidence.comparison.changes:
            roots = [self._causes[key] for key in change.causes if not self._causes[key].follows]
            for observed in self._unnamed(change, roots):
                cause, indirect = self._indirect(change, observed, roots)
                found.setdefault(cause.key, {}).setdefault(identity(indirect.culprit), indirect)

    def _add_those_of_followers(self, found: dict[str, dict[object, IndirectCulprit]]) -> None:
        """Add whoever changed a declaration that merely follows others, unless these name them."""
        for cause in self._causes.values():
            if not cause.follows:
                continue
            named = [each for key in cause.follows for each in self._causes[key].culprits]
            named += [each.culprit for key in cause.follows for each in found.get(key, {}).values()]
            known = {identity(each) for each in named}
            for culprit in cause.culprits:
                if identity(culprit) not in known:
                    reason = _joined(f"it changed {cause.title}, which follows this", culprit.reason)
                    indirect = IndirectCulprit(replace(culprit, reason=reason), through=False)
                    found.setdefault(cause.follows[0], {}).setdefault(identity(culprit), indirect)

    def _unnamed(self, change: ExportChange, roots: Iterable[Cause]) -> Iterator[ObservedPoint]:
        """The points at which an export's version changed, less those that its causes' culprits stand for."""
        question = self._evidence.questions.get((change.object, change.name))
        if question is None or change.kind is not ChangeKind.VERSION:
            return
        named = {identity(culprit) for cause in roots for culprit in cause.culprits}
        for point in self._culprits.points_of_kind(change.kind, question) if named else ():
            if (point.verdict, frozenset(commit_ids(point))) not in named:
                yield self._evidence.observed(question, point)

    def _indirect(
        self, change: ExportChange, observed: ObservedPoint, roots: Sequence[Cause]
    ) -> tuple[Cause, IndirectCulprit]:
        """At which cause of an export somebody is named who changed it in another way, and with which words."""
        types = [each.types() if each else {} for each in (observed.old, observed.new)]
        names = changed_between(change.name, *types) if observed.old and observed.new else []
        followed = {
            root
            for key in change.causes
            if self._causes[key].reference in names
            for root in self._causes[key].follows
        }
        first = next((root for root in roots if root.key in followed), None)
        through = nearest(roots, names, types)
        cause = first or through or roots[0]
        hunks = self._culprits.hunks_of_declaration(names[0], observed) if names else ()
        culprit = self._culprits.culprit(observed, cause.exports, hunks)
        words = changed_words(names, observed, self._evidence.at_ends(observed.question))
        reason = _joined(words, culprit.reason)
        return cause, IndirectCulprit(replace(culprit, reason=reason), through=cause is through)


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))
