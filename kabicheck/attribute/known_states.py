"""What observations show of one question: where on a chain its state is known, and between which steps it changed.

An observation speaks for more than its own commit. As long as no step touches what the objects are made from, they
stay what they are, before it and after it. Two observations that speak for the same commit and differ show that the
lists of files are wrong. From then on each of them speaks for its own commit alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.attribute.chain import Chain
    from kabicheck.attribute.question import Observation, Question
    from kabicheck.model import Commit


@dataclass(frozen=True, slots=True)
class KnownState:
    """What one build says of a question at one position of a chain.

    position: The position of the commit on the chain.
    state: What the objects hold of the export, "" where none has it.
    built: The commit that was built, which is the one at the position or one that is known to equal it.
    observations: What was seen of each of the question's objects, by path.
    touching: The numbers of the steps that touch what the objects are made from, sorted.
    complete: Whether all files that the objects are made from are known.
    first: The first position of those for which this build speaks.
    last: The last position of those for which this build speaks.
    """

    position: int
    state: str
    built: Commit
    observations: Mapping[str, Observation]
    touching: tuple[int, ...]
    complete: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Two neighbouring known states that differ, so that one of the steps between them is to be found.

    old: The state before the change.
    new: The state after the change.
    first: The number of the first step that may have made the change.
    last: The number of the last step that may have made the change.
    likely: The numbers of those steps that touch what is known of the objects, `first` and `last` among them.
    """

    old: KnownState
    new: KnownState
    first: int
    last: int
    likely: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of steps that may have made the change."""
        return self.last - self.first + 1

    @property
    def ends(self) -> tuple[int, int]:
        """The positions of both states."""
        return self.old.position, self.new.position

    @property
    def is_closed(self) -> bool:
        """Whether the step is found."""
        return self.first == self.last


class KnownStates:
    """All that is known of one question on one chain.

    `trusted` is whether the lists of files are believed, so that a build speaks for more than its own commit.
    """

    def __init__(self, chain: Chain, question: Question) -> None:
        self._chain = chain
        self._question = question
        self._by_position: dict[int, KnownState] = {}
        self._gaps: tuple[Gap, ...] | None = None
        self.trusted = True

    @property
    def objects(self) -> tuple[str, ...]:
        """The paths of the question's objects."""
        return self._question.objects

    def observe(self, position: int, observations: Mapping[str, Observation], built: Commit) -> None:
        """Learn what one commit makes of the question's objects, all of which must be there."""
        seen = {path: observations[path] for path in self._question.objects}
        export = self._question.export
        touching = sorted(
            frozenset().union(
                *(self._chain.touching(path, position, observation) for path, observation in seen.items())
            )
        )
        behind = bisect_right(touching, position)
        states = {observation.states[export] for observation in seen.values() if export in observation.states}
        self._by_position[position] = KnownState(
            position,
            " or ".join(sorted(states)),
            built,
            seen,
            tuple(touching),
            all(observation.complete for observation in seen.values()),
            first=touching[behind - 1] if behind else 0,
            last=touching[behind] - 1 if behind < len(touching) else self._chain.end,
        )
        self._gaps = None

    def distrust(self) -> None:
        """Let every state speak for its own commit alone."""
        self.trusted = False
        self._gaps = None

    def contradicts_itself(self) -> bool:
        """Whether two different states speak for the same commit."""
        known = self._ordered()
        return any(
            earlier.state != later.state and later.first <= earlier.last
            for number, earlier in enumerate(known)
            for later in known[number + 1 :]
        )

    def at(self, position: int) -> KnownState | None:
        """The nearest state that speaks for a position, None where none does."""
        if not self.trusted:
            return self._by_position.get(position)
        speaking = [known for known in self._ordered() if known.first <= position <= known.last]
        return min(speaking, key=lambda known: abs(known.position - position), default=None)

    def gaps(self) -> tuple[Gap, ...]:
        """Between neighbours that differ, in the order of history."""
        if self._gaps is None:
            self._gaps = tuple(self._find_gaps())
        return self._gaps

    def is_idle(self, number: int) -> bool:
        """Whether a step touches only what no build reads, and nothing that any observed object is made from."""
        seen = any(number in known.touching for known in self._by_position.values())
        return self._chain.is_inert(number) and not seen

    def _ordered(self) -> list[KnownState]:
        return [self._by_position[position] for position in sorted(self._by_position)]

    def _find_gaps(self) -> Iterator[Gap]:
        for old, new in pairwise(self._ordered()):
            if old.state == new.state:
                continue
            first, last = old.position + 1, new.position
            if self.trusted:
                first, last = old.last + 1, new.first
            yield Gap(old, new, first, last, self._likely(old, new, first, last))

    def _likely(self, old: KnownState, new: KnownState, first: int, last: int) -> tuple[int, ...]:
        lists = [known.touching for known in (old, new) if known.complete]
        if not self.trusted or not lists:
            return tuple(
                number
                for number in range(first, last + 1)
                if number in (first, last) or not self._chain.is_inert(number)
            )
        between = {
            number
            for touching in lists
            for number in touching[bisect_left(touching, first) : bisect_right(touching, last)]
        }
        return tuple(sorted(between | {first, last}))


def distrust_contradicted_lists(questions: Sequence[KnownStates]) -> None:
    """Trust the lists of no object any more for which states contradict each other, whichever export showed it."""
    contradicted = {
        path
        for states in questions
        if states.trusted and states.contradicts_itself()
        for path in states.objects
    }
    for states in questions:
        if states.trusted and not contradicted.isdisjoint(states.objects):
            states.distrust()
