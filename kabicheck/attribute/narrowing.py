"""One question on one chain: what is known, what looking further may cost, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.attribute.question import Point
from kabicheck.attribute.schedule import allowance, bisections, wish
from kabicheck.attribute.verify import Trail
from kabicheck.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.attribute.branches import Branches
    from kabicheck.attribute.question import Observation, Question
    from kabicheck.attribute.schedule import Wish
    from kabicheck.attribute.verify import Chain, Gap


class Pursuit:
    """suspects: commit ids, best first."""

    def __init__(self, chain: Chain, question: Question, suspects: Sequence[str], branches: Branches) -> None:
        self.question = question
        self.trail = Trail(chain, question)
        self._chain = chain
        self._suspects = tuple(suspects)
        self._branches = branches
        self._obstacles: dict[int, str] = {}
        self._left: dict[tuple[int, int], int] = {}  # what a gap between two positions may still cost

    def on(self, chain: Chain) -> Pursuit:
        """The same question on another chain, of which nothing is known yet."""
        return Pursuit(chain, self.question, self._suspects, self._branches)

    def wishes(self) -> list[Wish]:
        """Where to look, one for each gap that can be narrowed."""
        found = (self._wish(gap) for gap in self.trail.gaps() if not gap.is_closed)
        return [one for one in found if one]

    def is_open_at(self, position: int) -> bool:
        """Whether looking at a position would narrow a gap."""
        return self._gap_at(position) is not None

    def learn(self, position: int, observations: Mapping[str, Observation]) -> None:
        """Take in what was seen at a position."""
        gap = self._gap_at(position)
        assert gap, "asked only where a gap is open"
        wished = self._wish(gap)
        left = self._left_for(gap) - bool(wished and position in wished.positions)
        self.trail.observe(position, observations, self._chain.commits[position])
        inner = [one for one in self.trail.gaps() if position in (one.low.position, one.high.position)]
        self._left |= {one.ends: left for one in inner}
        if len(inner) == 2:  # one more commit to find: the larger gap starts anew
            larger = max(inner, key=lambda one: one.size)
            self._left[larger.ends] = allowance(larger.size)

    def avoid(self, position: int, obstacle: str) -> None:
        """Never wish for a position again. obstacle: a sentence."""
        self._obstacles[position] = obstacle

    def points(self, limit: str) -> tuple[Point, ...]:
        """What is known of where it changed. limit: why no further commit may be looked at, a sentence, or ""."""
        return tuple(self._point(gap, limit) for gap in self.trail.gaps())

    def _wish(self, gap: Gap) -> Wish | None:
        return wish(gap, list(self._suspected(gap)), self._left_for(gap), self._obstacles)

    def _left_for(self, gap: Gap) -> int:
        # Never less than bisection needs: where lists were shown to be wrong, a gap has become larger.
        return max(self._left.get(gap.ends, allowance(gap.size)), bisections(gap.size))

    def _gap_at(self, position: int) -> Gap | None:
        return next((gap for gap in self.trail.gaps() if gap.first <= position < gap.last), None)

    def _suspected(self, gap: Gap) -> Iterator[int]:
        """The suspects' steps, or those of the merges that brought them in."""
        for commit in self._suspects:
            if number := self._chain.position.get(commit):
                yield number
                continue
            for number in gap.likely:
                if self._chain.is_known(number) and commit in self._branches.brought(
                    self._chain.step(number)
                ):
                    yield number

    def _point(self, gap: Gap, limit: str) -> Point:
        verdict, reason = Verdict.VERIFIED, ""
        numbers = list(range(gap.first, gap.last + 1))
        if not gap.is_closed:
            verdict = Verdict.ONE_OF
            if self.trail.trusted:
                numbers = [number for number in numbers if not self.trail.is_idle(number)]
            between = (self._obstacles.get(n) for n in range(gap.first, gap.last))
            reason = next(filter(None, between), limit)
        elif self.trail.is_idle(gap.first):
            verdict = Verdict.NONE
            reason = "what differs was built from the same files: these builds cannot be compared"
            numbers = []
        return Point(
            verdict,
            tuple(map(self._chain.step, numbers)),
            gap.low.state,
            gap.high.state,
            (gap.low.by, gap.high.by),
            reason=reason,
        )
