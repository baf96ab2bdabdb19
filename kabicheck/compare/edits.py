"""How one list of parameters became another: the fewest additions, removals and changes of type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.compare.declaration import Type

# The calculation is quadratic; no real function has more parameters.
MOST = 200


@dataclass(frozen=True, slots=True)
class Edit:
    """One parameter that differs. place: counted from 1, on the side that has it; old, new: None where it is not."""

    place: int
    old: Type | None
    new: Type | None


def edits(old: Sequence[Type], new: Sequence[Type]) -> list[Edit]:
    """The edits in the order of the parameters.

    Of all shortest ways that with the fewest removals is taken, and so with the fewest additions, since their
    difference is given: swapped lists have additions and removals swapped, and as many changes of type.
    """
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(before), len(after)) > MOST:
        pairs = [*zip(before, after, strict=False)]
        rest, more = before[len(pairs) :], after[len(pairs) :]
        found = [*pairs, *((kind, None) for kind in rest), *((None, kind) for kind in more)]
        return [Edit(head + place, was, became) for place, (was, became) in enumerate(found, 1)]
    return _walked_back(before, after, head)


def _common(old: Sequence[Type], new: Sequence[Type]) -> int:
    """How many elements both begin with."""
    shorter = min(len(old), len(new))
    return next((i for i in range(shorter) if old[i] != new[i]), shorter)


def _walked_back(old: Sequence[Type], new: Sequence[Type], head: int) -> list[Edit]:
    """Levenshtein's table of (edits, removals) for all beginnings of both lists, and the way through it."""
    table = [[(0, 0)] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            ways = []
            if i and j:
                ways.append(_plus(table[i - 1][j - 1], int(old[i - 1] != new[j - 1]), 0))
            if i:
                ways.append(_plus(table[i - 1][j], 1, 1))
            if j:
                ways.append(_plus(table[i][j - 1], 1, 0))
            table[i][j] = min(ways, default=(0, 0))
    found: list[Edit] = []
    i, j = len(old), len(new)
    while i or j:
        same = bool(i and j) and old[i - 1] == new[j - 1]
        if i and j and table[i][j] == _plus(table[i - 1][j - 1], int(not same), 0):
            i, j = i - 1, j - 1
            if not same:
                found.append(Edit(head + j + 1, old[i], new[j]))
        elif i and table[i][j] == _plus(table[i - 1][j], 1, 1):
            i -= 1
            found.append(Edit(head + i + 1, old[i], None))
        else:
            j -= 1
            found.append(Edit(head + j + 1, None, new[j]))
    return found[::-1]


def _plus(cost: tuple[int, int], edits: int, removals: int) -> tuple[int, int]:
    return cost[0] + edits, cost[1] + removals
