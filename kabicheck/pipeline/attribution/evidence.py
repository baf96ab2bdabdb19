"""What is known of a comparison and of the history behind it: what culprits are named from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.attribute.question import Point, Question
    from kabicheck.model import Commit, Comparison
    from kabicheck.pipeline.attribution.declarations import Declarations
    from kabicheck.pipeline.attribution.observer import CommitObserver, ObservedObject

    # (object path, export) of a change → what was asked of history about it.
    QuestionsOfExports = Mapping[tuple[str, str], Question]


@dataclass(frozen=True, slots=True)
class ObservedPoint:
    """A point at which an export changed, with what the objects there show.

    point: The point in history.
    question: What was asked.
    old: The object as it was just before the point, None where no object held the export.
    new: The object as it was just after the point, None where no object held the export.
    """

    point: Point
    question: Question
    old: ObservedObject | None
    new: ObservedObject | None

    @property
    def depends(self) -> set[str]:
        """The files that the object is made from on either side of the point."""
        return {path for each in (self.old, self.new) if each for path in each.depends}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What culprits are named from.

    comparison: What differs between both ends.
    questions: What was asked of history about each change.
    observer: Knows what objects of commits hold, of both ends and of what was looked at in between.
    base: The commit before all changes.
    head: The commit behind all changes.
    commits: All commits that head has and base does not have, the oldest first.
    declarations: The source of declarations on the way from base to head.
    folded: Whether the diffs of causes leave out most of what did not change.
    """

    comparison: Comparison
    questions: QuestionsOfExports
    observer: CommitObserver
    base: Commit
    head: Commit
    commits: Sequence[Commit]
    declarations: Declarations
    folded: bool = True

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Commit id → its place in the order of history."""
        return {commit.id: number for number, commit in enumerate(self.commits)}

    def at_ends(self, question: Question) -> tuple[ObservedObject | None, ObservedObject | None]:
        """The objects that hold an export at base and at head, None where none does."""
        return self.observer.holder(self.base, question), self.observer.holder(self.head, question)

    def observed(self, question: Question, point: Point) -> ObservedPoint:
        """A point with the objects that show what changed there."""
        old, new = (self.observer.holder(commit, question) for commit in point.observed)
        return ObservedPoint(point, question, old, new)

    def questions_of(self, exports: Sequence[tuple[str, str]]) -> list[Question]:
        """What was asked about some exports, less those about which nothing was."""
        return [self.questions[export] for export in exports if export in self.questions]
