"""What merges brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kabicheck.model import Step


class Branches:
    """Remembers what each merge brought in."""

    def __init__(self, sides: Callable[[Step], Sequence[Sequence[Step]]]) -> None:
        """sides: Gives the chains that a merge step brought in, as History.sides does."""
        self._sides = sides
        self._brought: dict[tuple[str, str], frozenset[str]] = {}
        self._obstacles: dict[str, str] = {}

    def sides(self, step: Step) -> Sequence[Sequence[Step]]:
        """What a merge brought in, which is nothing for a commit with one parent, and where that is not known."""
        if len(step.commit.parents) < 2:
            return ()
        try:
            return self._sides(step)
        except RepositoryError as error:
            self._obstacles[step.commit.id] = str(error)
            return ()

    def obstacle(self, step: Step) -> str:
        """Why it is not known what a merge brought in, a sentence, once that was asked. It is "" where it is known."""
        return self._obstacles.get(step.commit.id, "")

    def brought(self, step: Step) -> frozenset[str]:
        """The ids of the commits that a step merged, through other merges too. A commit with one parent has none."""
        key = (step.parent.id, step.commit.id)
        if key not in self._brought:
            inner = [each for side in self.sides(step) for each in side]
            self._brought[key] = frozenset(each.commit.id for each in inner).union(*map(self.brought, inner))
        return self._brought[key]
