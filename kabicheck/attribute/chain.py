"""A line of commits with positions, and which of its steps touch what an object is made from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.attribute.depends import ANYTHING, EVERYTHING, inputs, reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.attribute.question import Observation
    from kabicheck.model import Commit, Step


class Chain:
    """Steps, oldest first, and the commits between them by position.

    Position 0 is the first step's parent, and step number N leads from position N - 1 to position N.
    """

    def __init__(self, steps: Sequence[Step], *, open_ended: bool = False) -> None:
        """open_ended: Nothing is known of what the last step touches."""
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
        """What an object may listen to, as `depends.inputs` spells it → the numbers of the steps that touch it."""
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
