"""The search on simulated histories, where the truth is known."""

from __future__ import annotations

from kabicheck.attribute.question import Question
from kabicheck.attribute.search import plan, search
from kabicheck.model import Commit, Verdict
from tests.attribute.world import Tree, World

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
    found = search(chain, world.ends(chain), [KOBJECT], world.observe)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[1],))
    assert point.observed == (commits[0], commits[-1])
    assert world.asked == []
    assert plan(chain, world.ends(chain), [KOBJECT]).most == 0


def test_many_commits_on_the_same_file_are_bisected() -> None:
    world, commits = linear([kobject(f"k{n >= 77} x{n}") for n in range(129)])
    chain = world.chain(*commits)
    found = search(chain, world.ends(chain), [KOBJECT], world.observe)
    (point,) = found.points[KOBJECT]
    assert (point.verdict, point.steps) == (Verdict.VERIFIED, (chain[76],))
    assert found.builds == len(world.asked) <= 7
    world.asked.clear()
    search(chain, world.ends(chain), [KOBJECT], world.observe, suspects={KOBJECT: [commits[77].id]})
    assert len(world.asked) == 2
