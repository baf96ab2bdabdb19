"""What merges brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kabicheck.model import Step


class Branches:
    """sides: of a merge step, as History.sides gives them."""

    def __init__(self, sides: Callable[[Step], Sequence[Sequence[Step]]]) -> None:
        self._sides = sides
        self._brought: dict[tuple[str, str], frozenset[str]] = {}

    def brought(self, step: Step) -> frozenset[str]:
        """The ids of the commits that a step merged, through other merges too; none for a commit with one parent."""
        if len(step.commit.parents) < 2:
            return frozenset()
        key = (step.parent.id, step.commit.id)
        if key not in self._brought:
            inner = [one for side in self._sides(step) for one in side]
            self._brought[key] = frozenset(one.commit.id for one in inner).union(*map(self.brought, inner))
        return self._brought[key]
