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
    """One parameter that differs.

    place: counted from 1; on the new side, but of a parameter that only the old side has.
    old: its type on the old side; None where it was added.
    new: its type on the new side; None where it was removed.
    """

    place: int
    old: Type | None
    new: Type | None


def edits(old: Sequence[Type], new: Sequence[Type]) -> list[Edit]:
    """The edits in the order of the parameters.

    Of all shortest ways that with the fewest removals is taken, and so with the fewest additions, since their
    difference is given: swapped lists have additions and removals swapped, and as many changes of type.
    """
    head = common_start(old, new)
    tail = common_start(old[head:][::-1], new[head:][::-1])
    old_rest, new_rest = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old_rest), len(new_rest)) > MOST:
        pairs = [*zip(old_rest, new_rest, strict=False)]
        removed, added = old_rest[len(pairs) :], new_rest[len(pairs) :]
        found = [*pairs, *((kind, None) for kind in removed), *((None, kind) for kind in added)]
        return [Edit(head + place, old_type, new_type) for place, (old_type, new_type) in enumerate(found, 1)]
    return _walked_back(old_rest, new_rest, head)


def common_start(old: Sequence[object], new: Sequence[object]) -> int:
    """How many elements both sequences begin with."""
    shorter = min(len(old), len(new))
    return next((index for index in range(shorter) if old[index] != new[index]), shorter)


def _walked_back(old: Sequence[Type], new: Sequence[Type], head: int) -> list[Edit]:
    """Levenshtein's table of (edits, removals) for all beginnings of both lists, and the way through it."""
    table = [[(0, 0)] * (len(new) + 1) for _ in range(len(old) + 1)]
    for old_count in range(len(old) + 1):
        for new_count in range(len(new) + 1):
            ways = []
            if old_count and new_count:
                differ = old[old_count - 1] != new[new_count - 1]
                ways.append(_plus(table[old_count - 1][new_count - 1], int(differ), 0))
            if old_count:
                ways.append(_plus(table[old_count - 1][new_count], 1, 1))
            if new_count:
                ways.append(_plus(table[old_count][new_count - 1], 1, 0))
            table[old_count][new_count] = min(ways, default=(0, 0))
    walked: list[Edit] = []
    old_count, new_count = len(old), len(new)
    while old_count or new_count:
        cost = table[old_count][new_count]
        both = bool(old_count and new_count)
        differ = both and old[old_count - 1] != new[new_count - 1]
        if both and cost == _plus(table[old_count - 1][new_count - 1], int(differ), 0):
            old_count, new_count = old_count - 1, new_count - 1
            if differ:
                walked.append(Edit(head + new_count + 1, old[old_count], new[new_count]))
        elif old_count and cost == _plus(table[old_count - 1][new_count], 1, 1):
            old_count -= 1
            walked.append(Edit(head + old_count + 1, old[old_count], None))
        else:
            new_count -= 1
            walked.append(Edit(head + new_count + 1, None, new[new_count]))
    return walked[::-1]


def _plus(cost: tuple[int, int], edits: int, removals: int) -> tuple[int, int]:
    return cost[0] + edits, cost[1] + removals
