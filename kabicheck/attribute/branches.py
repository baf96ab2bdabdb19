"""What merges brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kabicheck.model import Step


class Branches:
    """sides: of a merge step, as History.sides gives them."""

    def __init__(self, sides: Callable[[Step], Sequence[Sequence[Step]]]) -> None:
        self._sides = sides
        self._brought: dict[tuple[str, str], frozenset[str]] = {}
        self._cut: dict[str, str] = {}

    def sides(self, step: Step) -> Sequence[Sequence[Step]]:
        """Of a merge, what it brought in; nothing for a commit with one parent, and where that is not known."""
        if len(step.commit.parents) < 2:
            return ()
        try:
            return self._sides(step)
        except RepositoryError as error:
            self._cut[step.commit.id] = str(error)
            return ()

    def obstacle(self, step: Step) -> str:
        """Why it is not known what a merge brought in, a sentence, once that was asked; "" where it is."""
        return self._cut.get(step.commit.id, "")

    def brought(self, step: Step) -> frozenset[str]:
        """The ids of the commits that a step merged, through other merges too; none for a commit with one parent."""
        key = (step.parent.id, step.commit.id)
        if key not in self._brought:
            inner = [one for side in self.sides(step) for one in side]
            self._brought[key] = frozenset(one.commit.id for one in inner).union(*map(self.brought, inner))
        return self._brought[key]
