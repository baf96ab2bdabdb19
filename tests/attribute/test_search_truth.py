"""What a search says of random histories is true, and costs no more than it may."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kabicheck.attribute.schedule import SPARE, bisections
from kabicheck.model import Verdict
from tests.attribute.histories import EXPORTS, random_world

if TYPE_CHECKING:
    from kabicheck.attribute.question import Point, Question
    from kabicheck.attribute.search import SearchResult
    from kabicheck.model import Commit
    from tests.attribute.world import World

SEEDS = st.integers(0, 1 << 32)


def ask(world: World, base: Commit, head: Commit, **options: Any) -> SearchResult:
    """The search over all of a world, which must ask nothing twice."""
    world.asked.clear()
    chain = world.history(base, head)
    found = world.search(chain, **options)
    asked = [(commit, path) for commit, paths in world.asked for path in paths]
    built = [one for one in asked if one not in world.unbuildable]
    assert world.unbuildable or len(built) == len(set(built))
    return found


def check(world: World, base: Commit, head: Commit, found: SearchResult) -> None:
    """Everything that was said against what is so."""
    for question in world.questions():
        points = found.points.get(question, ())
        assert bool(points) == (world.state(base, question) != world.state(head, question))
        for point in points:
            check_point(world, question, point)
        if points and not any(point.merges for point in points):
            assert points[0].old == world.state(base, question)
            assert points[-1].new == world.state(head, question)
            assert all(one.new == other.old for one, other in pairwise(points))


def check_point(world: World, question: Question, point: Point) -> None:
    changes = {
        (world.state(step.parent, question), world.state(step.commit, question)) for step in point.steps
    }
    assert point.old != point.new
    assert (world.state(point.observed[0], question), world.state(point.observed[1], question)) == (
        point.old,
        point.new,
    )
    assert {commit.id for commit in point.observed} <= world.commits.keys()
    if point.verdict is Verdict.VERIFIED:
        assert changes == {(point.old, point.new)}
        assert len(point.steps) == 1
        assert not point.reason or len(point.steps[0].commit.parents) > 1
    else:
        assert point.verdict is Verdict.ONE_OF
        assert len(point.steps) > 1
        assert point.reason
        assert any(old != new for old, new in changes)


@given(SEEDS)
@settings(deadline=None)
def test_on_a_line(seed: int) -> None:
    world, base, head = random_world(Random(seed), 24, merges=False)
    found = ask(world, base, head)
    check(world, base, head, found)
    assert found.builds == len({commit for commit, _ in world.asked})
    again = list(world.asked)
    assert ask(world, base, head) == found
    assert world.asked == again, "a search that is started again asks the same"


@given(SEEDS)
@settings(deadline=None)
def test_through_merges(seed: int) -> None:
    world, base, head = random_world(Random(seed), 14, merges=True)
    check(world, base, head, ask(world, base, head))


@given(SEEDS, st.booleans())
@settings(deadline=None)
def test_with_commits_that_cannot_be_built(seed: int, merges: bool) -> None:
    random = Random(seed)
    world, base, head = random_world(random, 16, merges=merges)
    world.unbuildable = {
        (commit, path)
        for commit in world.commits
        for path in EXPORTS
        if commit not in (base.id, head.id) and random.random() < 0.4
    }
    found = ask(world, base, head)
    check(world, base, head, found)
    assert set(found.unbuildable) <= {commit for commit, _ in world.unbuildable}


@given(SEEDS, st.integers(0, 3), st.booleans())
@settings(deadline=None)
def test_with_few_builds(seed: int, most: int, merges: bool) -> None:
    world, base, head = random_world(Random(seed), 16, merges=merges)
    found = ask(world, base, head, most_builds=most)
    check(world, base, head, found)
    assert found.builds == len({commit for commit, _ in world.asked}) <= most


@given(SEEDS, st.integers(2, 60))
@settings(deadline=None)
def test_never_much_more_than_bisection_whatever_the_suspects(seed: int, commits: int) -> None:
    random = Random(seed)
    world, base, head = random_world(random, commits, merges=False)
    chain = world.history(base, head)
    for question in world.questions():
        ids = [step.commit.id for step in chain]
        random.shuffle(ids)
        world.asked.clear()
        found = world.search(chain, question, suspects={question: ids[:5]})
        points = found.points.get(question, ())
        assert len(world.asked) <= len(points) * (bisections(len(chain)) + SPARE)
        right = [point.steps[0].commit.id for point in points]
        world.asked.clear()
        again = world.search(chain, question, suspects={question: right})
        changes = [
            step for step in chain if world.state(step.parent, question) != world.state(step.commit, question)
        ]
        states = {world.state(step.parent, question) for step in chain} | {world.state(head, question)}
        if len(states) == len(changes) + 1:  # nothing was changed back, which need not be met
            assert [point.steps for point in again.points.get(question, ())] == [(step,) for step in changes]
            assert len(world.asked) <= 2 * len(changes)
