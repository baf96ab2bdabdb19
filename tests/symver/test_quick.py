"""The quick way from units to strings: who is a symbol, what is queued, and what refers to itself."""

from __future__ import annotations

import pytest

from kabicheck.symver.grammar import MARK
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.quick import QuickReading, _refuse_cycles
from tests.dwarf.objects import read
from tests.dwarf_writer import Unit, die, function, member, pointer, struct_type, variable
from tests.symver.objects import INT, INT_TEXT


def test_only_what_exports_reach_is_read() -> None:
    reached, not_reached = struct_type("reached", member("a", INT)), struct_type("other", member("a", INT))
    info = read(Unit(variable("v", reached), variable("w", not_reached)))
    strings = QuickReading(info, ["v"], None).strings
    assert strings.named == {"s#reached": f"structure_type reached {{ member {INT_TEXT} a }}"}
    assert strings.symbols == {"v": f"variable {MARK}s#reached{MARK}"}


def test_the_first_unit_that_describes_a_symbol_counts() -> None:
    info = read(Unit(variable("v", INT)), Unit(variable("v", pointer())))
    reading = QuickReading(info, ["v", "nowhere"], None)
    assert reading.strings.symbols == {"v": f"variable {INT_TEXT}"}
    assert [symbol.name for symbol in reading.symbols if symbol.die is None] == ["nowhere"]


def test_symbol_pointers_come_behind_what_is_defined() -> None:
    call = die("subroutine_type", die("formal_parameter", type=INT))
    info = read(Unit(variable("__gendwarfksyms_ptr_g", pointer(call)), function("g"), variable("w", INT)))
    reading = QuickReading(info, ["g", "w"], None)
    assert reading.strings.symbols["g"] == "subprogram ( ) -> base_type void"
    only = read(Unit(variable("__gendwarfksyms_ptr_g", pointer(call))))
    assert QuickReading(only, ["g"], None).strings.symbols == {
        "g": f"subprogram ( formal_parameter {INT_TEXT} ) -> base_type void"
    }


def test_unnamed_types_are_nodes_of_a_graph() -> None:
    info = read(Unit(variable("v", struct_type(None, member("a", INT)))))
    assert QuickReading(info, ["v"], None).strings.named == {}
    graph = QuickReading(info, ["v"], None, graph=True)
    ((reference, text),) = graph.strings.named.items()
    assert reference.startswith("s# ")
    assert text == f"structure_type {{ member {INT_TEXT} a }}"
    assert graph.strings.symbols == {"v": f"variable {MARK}{reference}{MARK}"}


@pytest.mark.parametrize(
    "typedefs",
    [
        {"t#a": {"t#a"}},
        {"t#a": {"t#b"}, "t#b": {"t#a"}},
        {"t#a": {"t#b", "t#x"}, "t#b": {"t#c"}, "t#c": {"t#y", "t#b"}, "t#x": {"t#y"}},
    ],
)
def test_typedefs_on_a_cycle(typedefs: dict[str, set[str]]) -> None:
    with pytest.raises(NotProven, match="a typedef of itself"):
        _refuse_cycles(typedefs)


def test_typedefs_on_no_cycle() -> None:
    _refuse_cycles({})
    _refuse_cycles({"t#a": {"t#b", "t#c"}, "t#b": {"t#c", "t#d"}, "t#c": {"t#d"}})
    _refuse_cycles({"t#a": {"t#b"}, "t#c": {"t#b"}})


def test_a_chain_of_typedefs_costs_what_it_is_long() -> None:
    """Looking through all of them for each of them would take minutes."""
    _refuse_cycles({f"t#{number}": {f"t#{number + 1}"} for number in range(100_000)})
