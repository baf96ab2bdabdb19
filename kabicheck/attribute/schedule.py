"""Which commit to look at next, so that few builds answer all questions.

Every gap names the positions that would narrow it well, mostly a run of them, since steps that touch nothing lie
between. One build is placed where it helps as many gaps as possible, and builds follow each other along the chain, as
an elevator stops at floors, so that the worktree moves and rebuilds little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kabicheck.attribute.known_states import Gap

# Builds that a search may need beyond those of plain bisection: they pay for suspects that are wrong.
SPARE = 2


@dataclass(frozen=True, slots=True)
class UsefulPositions:
    """Where a build would narrow a gap as well as can be.

    positions: Positions on the chain, in order, any one of which will do. None of them is known to fail.
    """

    positions: Sequence[int]


def allowance(steps: int) -> int:
    """The number of builds that the search for one of so many steps may cost."""
    return bisections(steps) + SPARE


def most_builds_of(gaps: Iterable[Gap]) -> int:
    """The number of builds that it takes at most to close gaps. Equal gaps share theirs."""
    sizes = {(gap.first, gap.likely): gap.size for gap in gaps}
    return sum(min(allowance(size), size - 1) for size in sizes.values())


def bisections(steps: int) -> int:
    """The number of builds that bisection needs to find one of so many steps."""
    return (steps - 1).bit_length() if steps > 0 else 0


def useful_positions(
    gap: Gap, suspects: Sequence[int], builds: int, failing: Collection[int]
) -> UsefulPositions | None:
    """Where to look to narrow a gap, None where no commit between its ends can be had.

    suspects: Numbers of steps, the most likely first.
    builds: How many builds this gap may still cost.
    failing: Positions of commits that cannot be had.
    """
    first, last = _preferred(gap, suspects)
    # After this build, plain bisection must still come to an end within the builds that remain.
    reach = 1 << max(builds - 1, 0)
    lowest, highest = max(gap.first, gap.last - reach), min(gap.last - 1, gap.first + reach - 1)
    if found := _without(failing, max(first, lowest), min(last, highest)):
        return UsefulPositions(found)
    possible = _without(failing, lowest, highest) or _without(failing, gap.first, gap.last - 1)
    nearest = min(
        possible, key=lambda position: (max(first - position, position - last), position), default=None
    )
    return None if nearest is None else UsefulPositions((nearest,))


def _without(failing: Collection[int], first: int, last: int) -> Sequence[int]:
    positions = range(first, last + 1)
    return [position for position in positions if position not in failing] if failing else positions


def _preferred(gap: Gap, suspects: Sequence[int]) -> tuple[int, int]:
    """The first and the last position of those that split the gap best."""
    for step in suspects:
        if gap.first < step <= gap.last:  # is all as it was until just before the suspect?
            return max(number for number in gap.likely if number < step), step - 1
        if step == gap.first < gap.last:  # and has it changed just after it?
            return step, step
    middle = len(gap.likely) // 2
    return gap.likely[middle - 1], gap.likely[middle] - 1


def fewest_positions(useful: Iterable[UsefulPositions]) -> list[int]:
    """As few positions as possible so that each gap has one of its own among them, in the order of history."""
    chosen: list[int] = []
    for each in sorted(useful, key=lambda each: each.positions[-1]):
        if not any(position in each.positions for position in chosen):
            chosen.append(each.positions[-1])
    return chosen


class ElevatorOrder:
    """Goes along the chain in one direction as long as positions lie ahead, then back, as an elevator does."""

    def __init__(self, position: int) -> None:
        self._position = position
        self._forward = False

    def next(self, positions: Sequence[int]) -> int:
        """The position to look at now, of one or more."""
        ahead = self._ahead(positions)
        if not ahead:
            self._forward = not self._forward
            ahead = self._ahead(positions)
        self._position = min(ahead) if self._forward else max(ahead)
        return self._position

    def _ahead(self, positions: Sequence[int]) -> list[int]:
        if self._forward:
            return [position for position in positions if position >= self._position]
        return [position for position in positions if position <= self._position]
