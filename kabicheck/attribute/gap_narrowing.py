"""One question on one chain: what is known, what looking further may cost, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.attribute.known_states import KnownStates
from kabicheck.attribute.question import Point
from kabicheck.attribute.schedule import allowance, bisections, useful_positions
from kabicheck.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.attribute.branches import Branches
    from kabicheck.attribute.chain import Chain
    from kabicheck.attribute.known_states import Gap
    from kabicheck.attribute.question import Observation, Question
    from kabicheck.attribute.schedule import UsefulPositions

SAME_FILES = "what differs was built from the same files: these builds cannot be compared"


class Narrowing:
    """Narrows the gaps of one question on one chain, until each is a single step or nothing more can be learned."""

    def __init__(self, chain: Chain, question: Question, suspects: Sequence[str], branches: Branches) -> None:
        """suspects: Commit ids, the most likely first."""
        self.question = question
        self.known = KnownStates(chain, question)
        self._chain = chain
        self._suspects = tuple(suspects)
        self._branches = branches
        self._obstacles: dict[int, str] = {}
        # The positions of a gap's ends → the number of builds that closing it may still cost.
        self._budgets: dict[tuple[int, int], int] = {}

    def on(self, chain: Chain) -> Narrowing:
        """The same question on another chain, of which nothing is known yet."""
        return Narrowing(chain, self.question, self._suspects, self._branches)

    def useful_positions(self) -> list[UsefulPositions]:
        """Where to look, for each gap that can be narrowed."""
        found = (self._useful(gap) for gap in self.known.gaps() if not gap.is_closed)
        return [useful for useful in found if useful]

    def is_open_at(self, position: int) -> bool:
        """Whether looking at a position would narrow a gap."""
        return self._gap_at(position) is not None

    def learn(self, position: int, observations: Mapping[str, Observation]) -> None:
        """Take in what was seen at a position at which a gap is open."""
        gap = self._gap_at(position)
        assert gap, "asked only where a gap is open"
        useful = self._useful(gap)
        budget = self._budget(gap) - bool(useful and position in useful.positions)
        self.known.observe(position, observations, self._chain.commits[position])
        beside = [each for each in self.known.gaps() if position in each.ends]
        self._budgets |= {each.ends: budget for each in beside}
        if len(beside) == 2:  # there is one more commit to find: the larger gap starts anew
            larger = max(beside, key=lambda each: each.size)
            self._budgets[larger.ends] = allowance(larger.size)

    def avoid(self, position: int, obstacle: str) -> None:
        """Never look at a position again. obstacle: A sentence that says why."""
        self._obstacles[position] = obstacle

    def points(self, limit: str) -> tuple[Point, ...]:
        """Where it changed, as far as that is known. limit: Why no further commit may be looked at, or ""."""
        return tuple(self._point(gap, limit) for gap in self.known.gaps())

    def _useful(self, gap: Gap) -> UsefulPositions | None:
        return useful_positions(gap, list(self._suspected(gap)), self._budget(gap), self._obstacles)

    def _budget(self, gap: Gap) -> int:
        # Never less than bisection needs: where lists were shown to be wrong, a gap has become larger.
        return max(self._budgets.get(gap.ends, allowance(gap.size)), bisections(gap.size))

    def _gap_at(self, position: int) -> Gap | None:
        return next((gap for gap in self.known.gaps() if gap.first <= position < gap.last), None)

    def _suspected(self, gap: Gap) -> Iterator[int]:
        """The suspects' steps, or those of the merges that brought them in."""
        for commit in self._suspects:
            if number := self._chain.position.get(commit):
                yield number
                continue
            for number in gap.likely:
                if self._chain.is_known(number) and self._brings(number, commit):
                    yield number

    def _brings(self, number: int, commit: str) -> bool:
        return commit in self._branches.brought(self._chain.step(number))

    def _point(self, gap: Gap, limit: str) -> Point:
        verdict, reason = Verdict.VERIFIED, ""
        numbers = list(range(gap.first, gap.last + 1))
        if not gap.is_closed:
            verdict = Verdict.ONE_OF
            if self.known.trusted:
                numbers = [number for number in numbers if not self.known.is_idle(number)]
            between = (self._obstacles.get(position) for position in range(gap.first, gap.last))
            reason = next(filter(None, between), limit)
        elif self.known.is_idle(gap.first):
            verdict, reason, numbers = Verdict.NONE, SAME_FILES, []
        return Point(
            verdict,
            tuple(map(self._chain.step, numbers)),
            gap.old.state,
            gap.new.state,
            (gap.old.built, gap.new.built),
            reason=reason,
        )
