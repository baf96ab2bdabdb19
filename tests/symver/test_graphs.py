"""Random graphs of types: wherever the quick way has an answer, it is the exact walk's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kabicheck.errors import ObjectError
from tests.dwarf_writer import Die, Unit, die, function, member, pointer, struct_type, variable
from tests.symver.objects import INT, version

if TYPE_CHECKING:
    from random import Random


def graph(rng: Random, *, hidden: tuple[str, ...] = ()) -> tuple[Unit, list[str]]:
    """A unit of functions, variables and symbol pointers over a few types, and their names.

    hidden: what members that --stable hides may be called.
    As in C, only structures and unions may be mentioned before they are complete. Lists of parameters are shared by
    several types, since that is what the order of the walk can be seen in.
    """
    records = [
        die(rng.choice(("structure_type", "union_type")), name=rng.choice("abcdef"))
        for _ in range(rng.randint(1, 4))
    ]
    complete: list[Die] = [INT]  # typedefs and lists of parameters, each made of earlier ones

    def some() -> Die:
        target = rng.choice(records if rng.random() < 0.5 else complete)
        if target is INT:
            return INT
        if rng.random() < 0.1:
            return die("array_type", die("subrange_type", count=2), type=pointer(target))
        return pointer(target)

    for _ in range(rng.randint(1, 6)):
        if rng.random() < 0.5:
            complete.append(die("typedef", name=rng.choice("ghijkl"), type=some()))
        else:
            parameters = [die("formal_parameter", type=some()) for _ in range(rng.choice((0, 1, 2, 2, 3)))]
            complete.append(die("subroutine_type", *parameters, type=some()))
    for each in records:
        for n in range(rng.randint(0, 3)):
            name = f"__kabi_{rng.choice(hidden)}{n}" if hidden and rng.random() < 0.5 else ""
            each.children.append(
                in_union(rng, name, rng.choice((INT, some())), some()) if name else member(f"m{n}", some())
            )
        if rng.random() < 0.2:
            each.children.append(die("member", type=struct_type(None, member("inner", some()))))
    symbols, names = [], []
    for name in "pqrstuv"[: rng.randint(1, 5)]:
        names.append(name)
        match rng.randrange(3):
            case 0:
                symbols.append(function(name, *(some() for _ in range(rng.randint(0, 3)))))
            case 1:
                symbols.append(variable(name, some()))
            case _:
                lists = [each for each in complete if each.tag == "subroutine_type"]
                target = rng.choice(lists) if lists and rng.random() < 0.7 else some()
                symbols.append(variable(f"__gendwarfksyms_ptr_{name}", pointer(target)))
    everything = [*records, *complete, *symbols]
    unit = Unit(*rng.sample(everything, len(everything)), siblings=rng.random() < 0.5)
    return unit, rng.sample(names, len(names))


def in_union(rng: Random, name: str, old: Die, new: Die) -> Die:
    """A member that --stable hides, mostly in a union with the one that is there now."""
    kept = member(name, old)
    if rng.random() < 0.3:
        return kept
    if rng.random() < 0.5:
        kept = die("member", type=struct_type(None, kept))
    union = die("union_type", *rng.sample([member("now", new), kept], 2))
    return die("member", type=union) if rng.random() < 0.8 else member("u", pointer(union))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_random_graphs(rng: Random) -> None:
    unit, names = graph(rng)
    assert set(version(unit, names=names).versions) == set(names)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from([("reserved", "ignored"), ("renamed", "reserved")]))
def test_random_graphs_with_hidden_members(rng: Random, hidden: tuple[str, ...]) -> None:
    unit, names = graph(rng, hidden=hidden)
    try:
        assert set(version(unit, names=names, stable=True).versions) == set(names)
    except ObjectError as error:
        assert "a type that contains itself" in str(error)
