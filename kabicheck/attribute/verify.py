"""What observations show: where on a chain an export is known, and between which steps it changed.

An observation speaks for more than its own commit: as long as no step touches what the objects are made from, they
stay what they are, before it and after it. Two observations that speak for the same commit and differ show that the
lists of files are wrong; then each speaks for its own commit alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from kabicheck.attribute.depends import ANYTHING, EVERYTHING, inputs, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.attribute.question import Observation, Question
    from kabicheck.model import Commit, Step


class Chain:
    """Steps, oldest first, and the commits between them by position: 0 is the first step's parent.

    Step number i leads from position i - 1 to position i. open_ended: nothing is known of what the last one touches.
    """

    def __init__(self, steps: Sequence[Step], *, open_ended: bool = False) -> None:
        self.steps = tuple(steps)
        self.commits: tuple[Commit, ...] = (steps[0].parent, *(step.commit for step in steps))
        self.end = len(self.steps)
        self.open_ended = open_ended
        self._touching: dict[tuple[str, int], frozenset[int]] = {}

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Commit id → position."""
        return {commit.id: number for number, commit in enumerate(self.commits)}

    @cached_property
    def _steps_by_input(self) -> Mapping[str, frozenset[int]]:
        found: dict[str, set[int]] = {}
        for number, step in enumerate(self.steps, 1):
            unknown = not self.is_known(number)
            for name in {ANYTHING, EVERYTHING} if unknown else reached(step):
                found.setdefault(name, set()).add(number)
        return {name: frozenset(numbers) for name, numbers in found.items()}

    def step(self, number: int) -> Step:
        """The step that leads to a position."""
        return self.steps[number - 1]

    def is_known(self, number: int) -> bool:
        """Whether it is known what a step touches."""
        return not (self.open_ended and number == self.end)

    def is_inert(self, number: int) -> bool:
        """Whether a step touches only what no build reads."""
        return number not in self._steps_by_input.get(ANYTHING, ())

    def touching(self, path: str, position: int, observation: Observation) -> frozenset[int]:
        """The steps that touch what an object is made from, as it was observed at a position."""
        key = (path, position)
        if key not in self._touching:
            names = self._steps_by_input.keys() & inputs(path, observation)
            self._touching[key] = frozenset().union(*(self._steps_by_input[name] for name in names))
        return self._touching[key]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one build says of a question at one position of a chain.

    by: the commit that was built, this one or one that is known to equal it; touching: the steps that touch what the
    objects are made from, sorted; first, last: the positions between which nothing does.
    """

    position: int
    state: str
    by: Commit
    observations: Mapping[str, Observation]
    touching: tuple[int, ...]
    complete: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Two neighbouring sights that differ: the change lies in one of the steps first..last.

    likely: those of the steps that touch what is known of the objects, first and last among them.
    """

    low: Sight
    high: Sight
    first: int
    last: int
    likely: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of steps that it may be."""
        return self.last - self.first + 1

    @property
    def ends(self) -> tuple[int, int]:
        """The positions of both sights."""
        return self.low.position, self.high.position

    @property
    def is_closed(self) -> bool:
        """Whether the step is found."""
        return self.first == self.last


class Trail:
    """All that is known of one question on one chain."""

    def __init__(self, chain: Chain, question: Question) -> None:
        self._chain = chain
        self._question = question
        self._sights: dict[int, Sight] = {}
        self._gaps: tuple[Gap, ...] | None = None
        self.trusted = True

    @property
    def objects(self) -> tuple[str, ...]:
        """The paths of the question's objects."""
        return self._question.objects

    def observe(self, position: int, observations: Mapping[str, Observation], by: Commit) -> None:
        """Learn what one commit makes of the question's objects, all of which must be there."""
        seen = {path: observations[path] for path in self._question.objects}
        export = self._question.export
        touching = sorted(
            frozenset().union(*(self._chain.touching(path, position, one) for path, one in seen.items()))
        )
        after = bisect_right(touching, position)
        self._sights[position] = Sight(
            position,
            " or ".join(sorted({one.states[export] for one in seen.values() if export in one.states})),
            by,
            seen,
            tuple(touching),
            all(one.complete for one in seen.values()),
            first=touching[after - 1] if after else 0,
            last=touching[after] - 1 if after < len(touching) else self._chain.end,
        )
        self._gaps = None

    def distrust(self) -> None:
        """Let every sight speak for its own commit alone."""
        self.trusted = False
        self._gaps = None

    def contradicts_itself(self) -> bool:
        """Whether two different sights speak for the same commit."""
        sights = self._ordered()
        return any(
            one.state != other.state and other.first <= one.last
            for number, one in enumerate(sights)
            for other in sights[number + 1 :]
        )

    def sight(self, position: int) -> Sight | None:
        """A sight that speaks for this position, the nearest; None where none does."""
        if not self.trusted:
            return self._sights.get(position)
        speaking = [one for one in self._ordered() if one.first <= position <= one.last]
        return min(speaking, key=lambda one: abs(one.position - position), default=None)

    def gaps(self) -> tuple[Gap, ...]:
        """Between neighbours that differ, in the order of history."""
        if self._gaps is None:
            self._gaps = tuple(self._find_gaps())
        return self._gaps

    def is_idle(self, number: int) -> bool:
        """Whether a step touches only what no build reads, and nothing that any sight lists."""
        seen = any(number in one.touching for one in self._sights.values())
        return self._chain.is_inert(number) and not seen

    def _ordered(self) -> list[Sight]:
        return [self._sights[position] for position in sorted(self._sights)]

    def _find_gaps(self) -> Iterator[Gap]:
        sights = self._ordered()
        for low, high in pairwise(sights):
            if low.state == high.state:
                continue
            first, last = low.position + 1, high.position
            if self.trusted:
                first, last = low.last + 1, high.first
            yield Gap(low, high, first, last, self._likely(low, high, first, last))

    def _likely(self, low: Sight, high: Sight, first: int, last: int) -> tuple[int, ...]:
        lists = [one.touching for one in (low, high) if one.complete]
        if not self.trusted or not lists:
            return tuple(
                n for n in range(first, last + 1) if n in (first, last) or not self._chain.is_inert(n)
            )
        between = {n for one in lists for n in one[bisect_left(one, first) : bisect_right(one, last)]}
        return tuple(sorted(between | {first, last}))


def distrust_liars(trails: Sequence[Trail]) -> None:
    """Trust the lists of no object any more for which sights contradict each other, whichever export showed it."""
    lying = {
        path for trail in trails if trail.trusted and trail.contradicts_itself() for path in trail.objects
    }
    for trail in trails:
        if trail.trusted and not lying.isdisjoint(trail.objects):
            trail.distrust()
