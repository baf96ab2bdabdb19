"""Facts about one side's type strings are found out once, and never taken for those of another side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.measures import measures_of
from kabicheck.compare.once import once_per_side

if TYPE_CHECKING:
    from collections.abc import Mapping

WORD = "base_type long int byte_size(8) encoding(5)"


def test_a_side_is_looked_at_once() -> None:
    asked: list[Mapping[str, str]] = []

    @once_per_side
    def count(types: Mapping[str, str]) -> int:
        """How many type strings there are."""
        asked.append(types)
        return len(types)

    old, new = {"f": WORD}, {"f": WORD, "g": WORD}
    assert [count(old), count(new), count(old), count(new)] == [1, 2, 1, 2]
    assert asked == [old, new]
    assert count.__doc__ == "How many type strings there are."


def test_sides_that_are_equal_are_still_two() -> None:
    old, new = {"f": WORD}, {"f": WORD}
    assert measures_of(old) is measures_of(old)
    assert measures_of(old) is not measures_of(new)


def test_sides_of_long_ago_are_forgotten() -> None:
    asked = 0

    @once_per_side
    def count(types: Mapping[str, str]) -> int:
        nonlocal asked
        asked += 1
        return len(types)

    sides = [{"f": WORD} for _ in range(5)]
    for side in (*sides, sides[0]):
        count(side)
    assert asked == 6
