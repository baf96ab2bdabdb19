"""The exact walk over a file's units: which DIE is walked for which symbol, and in which order."""

from __future__ import annotations

import pytest

from kabicheck.errors import ObjectError
from kabicheck.symver.dies import Dies
from kabicheck.symver.symbols import State, Symbols
from kabicheck.symver.walk import Walk
from tests.dwarf.objects import read
from tests.dwarf_writer import Unit, die, function, pointer, struct_type, variable
from tests.symver.objects import INT


def walk(*units: Unit, names: str) -> Walk:
    found = Walk(Dies(read(*units)), Symbols(names.split()), None)
    found.run()
    return found


def roots(found: Walk) -> dict[str, str]:
    """Symbol → the first words of what its DIE says."""
    return {
        symbol.name: str(found.roots[symbol.die].pieces[0]).strip()
        for symbol in found.symbols
        if symbol.die is not None
    }


def test_functions_and_variables() -> None:
    found = walk(Unit(function("f"), variable("v", INT), function("g")), names="f v nowhere")
    assert roots(found) == {"f": "subprogram", "v": "variable"}
    assert [symbol.name for symbol in found.symbols if symbol.state is State.UNPROCESSED] == ["nowhere"]
    assert len(found.roots) == 2, "nobody asked for g"


def test_of_two_units_the_first_counts() -> None:
    found = walk(Unit(variable("v", INT)), Unit(function("v")), names="v")
    assert roots(found) == {"v": "variable"}


def test_the_name_of_an_abstract_origin() -> None:
    """match_export_symbol: the type is the origin's, the kind that of the DIE itself."""
    origin = die("subprogram", die("formal_parameter", type=INT), name="f", inline=1)
    found = walk(Unit(die("subprogram", abstract_origin=origin), origin), names="f")
    assert roots(found) == {"f": "subprogram"}
    (root,) = found.roots.values()
    assert any(isinstance(piece, int) and piece >= 0 for piece in root.pieces), "the origin has a parameter"


def test_symbol_pointers_wait_for_the_end_of_the_unit() -> None:
    call = die("subroutine_type", die("formal_parameter", type=INT))
    named = variable("__gendwarfksyms_ptr_g", pointer(call))
    assert roots(walk(Unit(named), names="g")) == {"g": "subprogram"}
    assert roots(walk(Unit(named, variable("g", INT)), names="g")) == {"g": "variable"}
    to_variable = variable("__gendwarfksyms_ptr_g", pointer(struct_type("s")))
    assert roots(walk(Unit(to_variable), names="g")) == {"g": "variable"}


@pytest.mark.parametrize(
    ("of", "words"),
    [(INT, "the pointer for g is no pointer"), (pointer(), "the pointer for g has no type")],
)
def test_symbol_pointers_that_are_none(of: object, words: str) -> None:
    with pytest.raises(ObjectError, match=words):
        walk(Unit(variable("__gendwarfksyms_ptr_g", of)), names="g")  # type: ignore[arg-type]


def test_symbols_that_share_a_die_are_walked_once() -> None:
    shared = pointer(struct_type("s"))
    units = Unit(*(variable(f"__gendwarfksyms_ptr_{name}", shared) for name in "gh"))
    found = walk(units, names="g h")
    assert len(found.roots) == 1
    assert len({symbol.die for symbol in found.symbols}) == 1
