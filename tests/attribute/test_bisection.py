"""How many commits a search looks at, beside plain `git bisect`: the table in docs/attribution.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.attribute.schedule import SPARE, bisections
from kabicheck.model import Verdict
from tests.attribute.world import Tree, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kabicheck.attribute.question import Question
    from kabicheck.model import Commit

DOCUMENT = Path(__file__).parents[2] / "docs/attribution.md"


@dataclass
class Scenario:
    """culprits: indices of commits; blamed: what blame names, for every export; broken: commits that do not build."""

    title: str
    tree: Callable[[int], Tree]
    culprits: tuple[int, ...]
    commits: int = 200
    blamed: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    exports: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"lib/kobject.o": {"kobject_get": "k"}}
    )


def _header(*culprits: int) -> Callable[[int], Tree]:
    """Every commit touches the declaration's header, some change it."""
    return lambda number: {
        "lib/kobject.c": ("", ("kobject.h",)),
        "include/linux/kobject.h": (f"k{sum(number >= at for at in culprits)} x{number}", ()),
    }


def _apart(number: int) -> Tree:
    """Three subsystems; all other commits touch something else."""
    tree: Tree = {"drivers/x.c": (f"{number}", ())}
    for name, at in (("lib/a", 40), ("fs/b", 90), ("net/c", 150)):
        tree[f"{name}.c"] = (f"k{int(number >= at)}", ())
    return tree


def _shared(number: int) -> Tree:
    """One header under forty objects."""
    return {f"drivers/d{one}.c": ("", ("device.h",)) for one in range(40)} | {
        "include/linux/device.h": (f"k{int(number >= 77)} x{number}", ())
    }


SCENARIOS = (
    Scenario("three commits in three subsystems, 197 elsewhere", _apart, (40, 90, 150), exports={
        "lib/a.o": {"a": "k"}, "fs/b.o": {"b": "k"}, "net/c.o": {"c": "k"}
    }),
    Scenario("all touch the header, blame is right", _header(77), (77,), blamed=(77,)),
    Scenario("all touch the header, blame names a whitespace commit", _header(77), (77,), blamed=(78,)),
    Scenario("all touch the header, blame knows nothing", _header(77), (77,)),
    Scenario("two commits on one structure, blame is right", _header(30, 140), (30, 140), blamed=(30, 140)),
    Scenario("one header under 40 objects, blame knows nothing", _shared, (77,), exports={
        f"drivers/d{one}.o": {f"d{one}": "k"} for one in range(40)
    }),
    Scenario("four commits in the middle do not build", _header(77), (77,), broken=(99, 100, 101, 102)),
)  # fmt: skip


def _looked_at(scenario: Scenario) -> int:
    world = World(exports=scenario.exports)
    commits: list[Commit] = []
    for number in range(scenario.commits + 1):
        commits.append(world.commit(scenario.tree(number), *commits[-1:]))
    world.unbuildable = {
        (commits[number].id, path) for number in scenario.broken for path in scenario.exports
    }
    chain = world.chain(*commits)
    questions = world.questions()
    suspects: dict[Question, Sequence[str]] = {
        question: [commits[number].id for number in scenario.blamed] for question in questions
    }
    found = world.search(chain, suspects=suspects)
    points = [point for points in found.points.values() for point in points]
    assert all(point.verdict is Verdict.VERIFIED for point in points)
    assert {point.steps[0].commit for point in points} == {commits[number] for number in scenario.culprits}
    return found.builds


def test_the_table_of_builds() -> None:
    rows = []
    for scenario in SCENARIOS:
        plain = len(scenario.culprits) * bisections(scenario.commits)
        looked_at = _looked_at(scenario)
        assert looked_at <= plain + SPARE * len(scenario.culprits) + len(scenario.broken)
        if scenario.blamed == scenario.culprits:
            assert looked_at <= 2 * len(scenario.culprits)
        rows.append(f"| {scenario.title} | {plain} | {looked_at} |")
    table = "\n".join(rows)
    assert table in DOCUMENT.read_text(), f"docs/attribution.md must say:\n{table}"
