"""Where a search looks next, without any history."""

from __future__ import annotations

import pytest

from kabicheck.attribute.known_states import Gap, KnownState
from kabicheck.attribute.schedule import (
    ElevatorOrder,
    UsefulPositions,
    allowance,
    bisections,
    fewest_positions,
    most_builds_of,
    useful_positions,
)
from kabicheck.model import Commit

COMMIT = Commit("1" * 40, "1111111", "Subject", "A", "a@x", 0, "2" * 40)


def gap(first: int, last: int, likely: tuple[int, ...] = ()) -> Gap:
    """A gap of which all steps are likely, or only some."""
    old, new = (
        KnownState(position, state, COMMIT, {}, (), complete=True, first=position, last=position)
        for position, state in ((first - 1, "old"), (last, "new"))
    )
    return Gap(old, new, first, last, likely or tuple(range(first, last + 1)))


@pytest.mark.parametrize(("steps", "builds"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (200, 8)])
def test_bisection_halves(steps: int, builds: int) -> None:
    assert bisections(steps) == builds


def test_without_suspects_it_looks_in_the_middle() -> None:
    assert useful_positions(gap(1, 8), [], allowance(8), {}) == UsefulPositions(range(4, 5))


def test_steps_that_touch_nothing_are_one_place_to_look() -> None:
    """Between the second likely step and the third it is the same wherever it looks."""
    found = useful_positions(gap(1, 8, (1, 2, 7, 8)), [], allowance(8), {})
    assert found
    assert list(found.positions) == [2, 3, 4, 5, 6]


def test_a_suspect_is_looked_at_just_before_and_then_just_after_it() -> None:
    found = useful_positions(gap(1, 8), [5], allowance(8), {})
    assert found
    assert list(found.positions) == [4]
    found = useful_positions(gap(5, 8), [5], allowance(8), {})
    assert found
    assert list(found.positions) == [5]


def test_suspects_do_not_spend_what_bisection_needs() -> None:
    """With three builds for eight steps nothing but the middle is left to look at, whoever is a suspect."""
    found = useful_positions(gap(1, 8), [8], 3, {})
    assert found
    assert list(found.positions) == [4]


def test_what_fails_is_passed_by() -> None:
    assert useful_positions(gap(1, 8), [], allowance(8), {4}) == UsefulPositions((3,))
    assert useful_positions(gap(1, 3), [], allowance(3), {1, 2}) is None


def test_equal_gaps_share_their_builds() -> None:
    assert most_builds_of([gap(1, 8), gap(1, 8)]) == most_builds_of([gap(1, 8)]) == 5
    assert most_builds_of([gap(1, 8), gap(11, 12)]) == 6


def test_one_build_serves_all_gaps_that_it_helps() -> None:
    useful = [
        UsefulPositions(range(2, 7)),
        UsefulPositions((4,)),
        UsefulPositions(range(4, 20)),
        UsefulPositions((30,)),
    ]
    assert fewest_positions(useful) == [4, 30]


def test_builds_follow_each_other_along_history() -> None:
    order = ElevatorOrder(10)
    positions = [2, 9, 12, 15]
    visited = []
    while positions:
        visited.append(order.next(positions))
        positions.remove(visited[-1])
    assert visited == [9, 2, 12, 15]
