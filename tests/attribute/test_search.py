"""The search on simulated histories, where the truth is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kabicheck.attribute.branches import Branches
from kabicheck.attribute.question import Question
from kabicheck.attribute.search import SearchRequest, plan, search
from kabicheck.errors import RepositoryError
from kabicheck.model import Verdict
from tests.attribute.world import Tree, World

if TYPE_CHECKING:
    from kabicheck.attribute.question import Point
    from kabicheck.model import Commit, Step

KOBJECT = Question("kobject_get", ("lib/kobject.o",))


def linear(texts: list[Tree]) -> tuple[World, list[Commit]]:
    """A world with one object, from trees."""
    world = World(exports={"lib/kobject.o": {"kobject_get": "k"}})
    commits: list[Commit] = []
    for tree in texts:
        commits.append(world.commit(tree, *commits[-1:]))
    return world, commits


def kobject(text: str, **others: str) -> Tree:
    """lib/kobject.c, a header of its own with `text`, and others."""
    tree: Tree = {
        "lib/kobject.c": ("k", ("kobject.h",)),
        "include/linux/kobject.h": (text, ()),
        "lib/Makefile": ("", ()),
    }
    return tree | {name.replace("__", "/").replace("_c", ".c"): (text, ()) for name, text in others.items()}


def test_one_commit_that_touches_the_object_needs_no_build() -> None:
    world, commits = linear(
        [kobject("k0", a_c="0"), kobject("k0", a_c="1"), kobject("k1", a_c="1"), kobject("k1", a_c="2")]
    )
    chain = world.chain(*commits)
    found = world.search(chain, KOBJECT)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[1],))
    assert point.observed == (commits[0], commits[-1])
    assert world.asked == []
    assert plan(world.request(chain, KOBJECT), Branches(world.sides)).most == 0


def test_many_commits_on_the_same_file_are_bisected() -> None:
    world, commits = linear([kobject(f"k{number >= 77} x{number}") for number in range(129)])
    chain = world.chain(*commits)
    found = world.search(chain, KOBJECT)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[76],))
    assert found.builds == len(world.asked) <= 7
    world.asked.clear()
    world.search(chain, KOBJECT, suspects={KOBJECT: [commits[77].id]})
    assert len(world.asked) == 2


def header(texts: list[str]) -> tuple[World, list[Commit]]:
    """One commit after the other on the object's own header."""
    return linear([kobject(text) for text in texts])


def ask(world: World, commits: list[Commit], **options: Any) -> tuple[Point, ...]:
    chain = world.chain(*commits)
    return world.search(chain, KOBJECT, **options).points.get(KOBJECT, ())


def test_a_suspect_that_is_wrong_costs_little() -> None:
    """A commit that only moved the lines is blamed for them; the one before it changed them."""
    world, commits = header([f"k{number > 60} x{number}" for number in range(200)])
    (point,) = ask(world, commits, suspects={KOBJECT: [commits[62].id]})
    assert point.steps[0].commit == commits[61]
    assert len(world.asked) <= 8 + 2


def test_every_change_between_different_states_is_found() -> None:
    world, commits = header([f"k{(number > 9) + (number > 40) + (number > 41)}" for number in range(64)])
    points = ask(world, commits)
    assert [point.steps[0].commit for point in points] == [commits[10], commits[41], commits[42]]
    assert all(one.new == other.old for one, other in pairwise(points))


def test_what_cannot_be_built_widens_the_answer() -> None:
    world, commits = header([f"k{number > 5}" + f" x{number}" for number in range(12)])
    world.unbuildable = {(commits[number].id, "lib/kobject.o") for number in (5, 6)}
    (point,) = ask(world, commits)
    assert point.verdict is Verdict.ONE_OF
    assert [step.commit for step in point.steps] == commits[5:8]
    assert "cannot be built: lib/kobject.o of c" in point.reason


def test_with_no_build_allowed_all_that_may_have_done_it_are_named() -> None:
    world, commits = linear(
        [
            kobject(f"k{number > 5} x{number // 3}", **{"Documentation__a.rst": str(number)})
            for number in range(12)
        ]
    )
    (point,) = ask(world, commits, most_builds=0)
    assert point.reason == "no more than 0 commits were to be built"
    assert [step.commit for step in point.steps] == [commits[3], commits[6], commits[9]]
    assert world.asked == []


def test_a_list_that_is_shown_to_lie_is_not_believed() -> None:
    """Only the source is listed: no commit touches it, and still the version changes."""
    world, commits = header([f"k{number > 11}" for number in range(20)])
    world.lying = True
    (point,) = ask(world, commits)
    assert (point.verdict, point.steps[0].commit) == (Verdict.VERIFIED, commits[12])
    assert {commit for commit, _ in world.asked} >= {commits[11].id, commits[12].id}, "both were built"
    (wide,) = ask(world, commits, most_builds=1)
    assert wide.verdict is Verdict.ONE_OF


def test_builds_of_the_same_files_that_differ_are_no_commits_fault() -> None:
    """As where one side was made by another compiler."""
    world, commits = linear([kobject("k0", **{"Documentation__a.rst": str(number)}) for number in range(3)])
    chain = world.chain(*commits)
    ends = world.ends(chain)
    other = {"lib/kobject.o": replace(ends[1]["lib/kobject.o"], states={"kobject_get": "0x1"})}
    found = search(SearchRequest(chain, (ends[0], other), [KOBJECT]), world.observe, Branches(world.sides))
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.NONE, ())
    assert "cannot be compared" in point.reason


def test_an_export_that_moves_to_another_object_is_one_question() -> None:
    moved = {"lib/kobject.o": {"kobject_get": "k"}, "lib/kref.o": {"kobject_get": "k"}}
    world = World(exports=moved)
    first: Tree = {"lib/kobject.c": ("k0", ())}
    trees: list[Tree] = [first, {"lib/kref.c": ("k0", ())}, {"lib/kref.c": ("k1", ())}]
    commits: list[Commit] = []
    for tree in trees:
        commits.append(world.commit(tree, *commits[-1:]))
    chain = world.chain(*commits)
    (question,) = world.questions()
    (point,) = world.search(chain, question).points[question]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[1],))


def test_one_build_answers_for_many_exports() -> None:
    paths = [f"drivers/d{number}.o" for number in range(40)]
    world = World(exports={path: {path[8:-2]: "k"} for path in paths})
    commits: list[Commit] = []
    for number in range(64):
        tree: Tree = {path.replace(".o", ".c"): ("", ("all.h",)) for path in paths}
        commits.append(
            world.commit(tree | {"include/linux/all.h": (f"k{number > 20} x{number}", ())}, *commits[-1:])
        )
    chain = world.chain(*commits)
    found = world.search(chain)
    assert {point.steps for (point,) in found.points.values()} == {(chain[20],)}
    assert found.builds == len(world.asked) <= 6


def test_what_breaks_one_object_does_not_keep_others_from_being_seen() -> None:
    world = World(exports={"lib/a.o": {"a": "k"}, "lib/b.o": {"b": "k"}})
    commits: list[Commit] = []
    for number in range(8):
        tree: Tree = {
            "lib/a.c": (f"k{number > 3} x{number}", ()),
            "lib/b.c": (f"k{number > 3} x{number}", ()),
        }
        commits.append(world.commit(tree, *commits[-1:]))
    world.unbuildable = {(commit.id, "lib/b.o") for commit in commits[1:-1]}
    chain = world.chain(*commits)
    found = world.search(chain)
    verdicts = {question.export: point.verdict for question, (point,) in found.points.items()}
    assert verdicts == {"a": Verdict.VERIFIED, "b": Verdict.ONE_OF}


def merged(*, broken: bool = False) -> tuple[World, list[Commit], tuple[Step, ...]]:
    """main 0 - 1 - M, and a branch 0 - a - b - c merged by M, whose b changed the object."""
    world, (base, main) = linear([kobject("k0"), kobject("k0", init__main_c="1")])
    a = world.commit(kobject("k0 x1"), base)
    b = world.commit(kobject("k1 x1"), a)
    c = world.commit(kobject("k1 x2"), b)
    merge = world.commit(kobject("k1 x2", init__main_c="1"), main, c)
    last = world.commit(kobject("k1 x2", init__main_c="2"), merge)
    if broken:
        world.unbuildable = {(a.id, "lib/kobject.o")}
    return world, [a, b, c, merge], world.chain(base, main, merge, last)


def test_a_merge_leads_to_the_commit_that_it_brought_in() -> None:
    world, (_, b, _, merge), chain = merged()
    for suspects in ({}, {KOBJECT: [b.id]}):
        world.asked.clear()
        found = world.search(chain, KOBJECT, suspects=suspects)
        (point,) = found.points[KOBJECT]
        assert (point.verdict, point.steps[0].commit, point.merges) == (Verdict.VERIFIED, b, (merge,))
        assert len(world.asked) <= 2


def test_of_a_branch_that_cannot_be_built_what_is_left_is_told() -> None:
    world, (a, b, _, merge), chain = merged(broken=True)
    found = world.search(chain, KOBJECT)
    (point,) = found.points[KOBJECT]
    assert point.verdict is Verdict.ONE_OF
    assert [step.commit for step in point.steps] == [a, b]
    assert point.merges == (merge,)


def test_a_merge_that_is_not_looked_into_says_why() -> None:
    world, _, chain = merged()
    other = world.commit(kobject("k9"), *world.commits.values())
    fork = world.commit(kobject("k0 x7"))
    side = world.chain(fork, other)
    found = world.search(chain, KOBJECT, sides=lambda _: [side], most_builds=0)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[1],))
    assert "was not searched: no more than 0 commits" in point.reason


def test_a_merge_whose_other_side_is_not_there_says_why() -> None:
    world, _, chain = merged()

    def cut_off(_: Step) -> tuple[()]:
        raise RepositoryError("the clone is shallow", hint="git fetch --unshallow")

    found = world.search(chain, KOBJECT, sides=cut_off)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[1],))
    assert point.reason == (
        "what this merge brought in was not searched: the clone is shallow (git fetch --unshallow)"
    )


def test_a_plan_is_kept() -> None:
    world, commits = header([f"k{number > 70} x{number}" for number in range(100)])
    chain = world.chain(*commits)
    for suspects in ({}, {KOBJECT: [commits[71].id]}, {KOBJECT: [commits[5].id, commits[99].id]}):
        world.asked.clear()
        told = plan(world.request(chain, KOBJECT, suspects=suspects), Branches(world.sides))
        assert told.candidates == {KOBJECT: chain}
        world.search(chain, KOBJECT, suspects=suspects)
        assert told.least <= len(world.asked) <= told.most
