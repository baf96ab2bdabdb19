"""Random histories for tests: commits that edit, add, delete and include files, and merges of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attribute.world import SEARCHED, Tree, World

if TYPE_CHECKING:
    from random import Random

    from kabicheck.model import Commit

EXPORTS = {"lib/a.o": {"a": "k"}, "lib/b.o": {"b": "k", "bb": "q"}, "fs/ext4/c.o": {"c": "q"}}
HEADERS = ("list.h", "types.h", "async.h", "sched.h")
SOURCES = [path.replace(".o", ".c") for path in EXPORTS]


def random_world(random: Random, commits: int, *, merges: bool) -> tuple[World, Commit, Commit]:
    """A world with its first and last commit."""
    world = World(exports=EXPORTS)
    tree: Tree = {f"include/linux/{name}": ("k0 q0", ()) for name in HEADERS}
    tree |= {source: ("k0 q0", (random.choice(HEADERS),)) for source in SOURCES}
    base = head = world.commit(tree | {"Makefile": ("", ()), "lib/Makefile": ("", ())})
    main = [base]
    for _ in range(commits):
        if merges and random.random() < 0.3:
            head = _merge(random, world, head, random.choice(main))
        else:
            head = world.commit(_edited(random, world.trees[head.id]), head)
        main.append(head)
    return world, base, head


def _merge(random: Random, world: World, main: Commit, fork: Commit) -> Commit:
    """A branch from `fork`, which may merge one itself, merged into `main`."""
    tip = fork
    for _ in range(random.randint(1, 4)):
        if random.random() < 0.2:
            tip = _merge(random, world, tip, fork)
        else:
            tip = world.commit(_edited(random, world.trees[tip.id]), tip)
    old, theirs = world.trees[fork.id], world.trees[tip.id]
    merged = dict(world.trees[main.id])
    for path in old.keys() | theirs.keys():
        if old.get(path) != theirs.get(path):
            if path in theirs:
                merged[path] = theirs[path]
            else:
                merged.pop(path, None)
    if random.random() < 0.1:
        merged = _edited(random, merged)
    return world.commit(merged if _is_whole(merged) else world.trees[main.id], main, tip)


def _edited(random: Random, old: Tree) -> Tree:
    while True:
        tree = dict(old)
        for _ in range(random.choice((1, 1, 1, 2))):
            _edit(random, tree)
        if _is_whole(tree):
            return tree


def _edit(random: Random, tree: Tree) -> None:
    code = [path for path in tree if path.endswith((".c", ".h"))]
    path = random.choice(code)
    text, includes = tree[path]
    match random.randrange(10):
        case 0 | 1:  # a change that counts for one kind of export
            tree[path] = (f"{random.choice('kq')}{random.randrange(3)} {text[:2]}", includes)
        case 2 | 3:
            tree[path] = (f"{text} x{random.randrange(9)}", includes)
        case 4 | 5:
            tree[path] = (text, (*includes, random.choice(HEADERS)))
        case 6:
            tree[path] = (text, includes[1:])
        case 7:  # a header that hides another, or does so no longer
            hiding = f"include/arch/{random.choice(HEADERS)}"
            if hiding in tree:
                del tree[hiding]
            else:
                tree[hiding] = (f"k{random.randrange(3)}", ())
        case 8:
            source = random.choice(SOURCES)
            if source in tree:
                del tree[source]
            else:
                tree[source] = ("k1 q1", (random.choice(HEADERS),))
        case _:
            name = random.choice(("Documentation/x.rst", "lib/Makefile", "MAINTAINERS", "drivers/z.c"))
            tree[name] = (f"{random.random()}", ())


def _is_whole(tree: Tree) -> bool:
    """Whether every include is found."""
    return all(
        any(f"{folder}/{name}" in tree for folder in SEARCHED) for _, names in tree.values() for name in names
    )
