"""Which commit to look at next, so that few builds answer all questions.

Every gap names the positions that would do for it, mostly a run of them, since steps that touch nothing lie between.
One build is placed where it does for as many gaps as possible, and builds are made in sweeps along the chain, as a
lift stops at floors, so that the worktree moves and rebuilds little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kabicheck.attribute.verify import Gap

# Builds that a search may need beyond those of plain bisection: they pay for suspects that are wrong.
SPARE = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """Positions, any of which would do for a gap, from the first to the last, without those that cannot be had."""

    positions: Sequence[int]


def allowance(steps: int) -> int:
    """The builds that the search for one of so many steps may cost."""
    return bisections(steps) + SPARE


def most_builds_of(gaps: Iterable[Gap]) -> int:
    """The builds that it takes at most to close gaps; equal ones share theirs."""
    sizes = {(gap.first, gap.likely): gap.size for gap in gaps}
    return sum(min(allowance(size), size - 1) for size in sizes.values())


def bisections(steps: int) -> int:
    """The builds that bisection needs to find one of so many steps."""
    return (steps - 1).bit_length() if steps > 0 else 0


def wish(gap: Gap, suspects: Sequence[int], left: int, bad: Collection[int]) -> Wish | None:
    """Where to look to narrow a gap; None where nothing between can be had.

    suspects: steps, best first; left: builds that this gap may still cost; bad: positions that cannot be had.
    """
    low, high = _preferred(gap, suspects)
    # After this build, plain bisection must still come to an end within what is left.
    most = 1 << max(left - 1, 0)
    lowest, highest = max(gap.first, gap.last - most), min(gap.last - 1, gap.first + most - 1)
    if found := _without(bad, max(low, lowest), min(high, highest)):
        return Wish(found)
    possible = _without(bad, lowest, highest) or _without(bad, gap.first, gap.last - 1)
    nearest = min(possible, key=lambda p: (max(low - p, p - high), p), default=None)
    return None if nearest is None else Wish((nearest,))


def _without(bad: Collection[int], first: int, last: int) -> Sequence[int]:
    positions = range(first, last + 1)
    return [p for p in positions if p not in bad] if bad else positions


def _preferred(gap: Gap, suspects: Sequence[int]) -> tuple[int, int]:
    """First and last position of those that split the gap best."""
    for step in suspects:
        if gap.first < step <= gap.last:  # is all as before until just before it?
            return max(number for number in gap.likely if number < step), step - 1
        if step == gap.first < gap.last:  # and has it changed just after?
            return step, step
    middle = len(gap.likely) // 2
    return gap.likely[middle - 1], gap.likely[middle] - 1


def stops(wishes: Iterable[Wish]) -> list[int]:
    """As few positions as possible that meet all wishes, in the order of history."""
    chosen: list[int] = []
    for one in sorted(wishes, key=lambda one: one.positions[-1]):
        if not any(position in one.positions for position in chosen):
            chosen.append(one.positions[-1])
    return chosen


class Sweep:
    """Goes along the chain in one direction as long as there are stops ahead, then back."""

    def __init__(self, position: int) -> None:
        self._position = position
        self._forward = False

    def next(self, stops: Sequence[int]) -> int:
        """The stop to go to now, of one or more."""
        ahead = self._ahead(stops)
        if not ahead:
            self._forward = not self._forward
            ahead = self._ahead(stops)
        self._position = min(ahead) if self._forward else max(ahead)
        return self._position

    def _ahead(self, stops: Sequence[int]) -> list[int]:
        if self._forward:
            return [stop for stop in stops if stop >= self._position]
        return [stop for stop in stops if stop <= self._position]
