"""How a type is used, and that each type string is looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.compare import usage
from kabicheck.compare.declaration import Aggregate, Member, parse
from kabicheck.compare.usage import How, is_table, uses
from kabicheck.formats import symtypes

if TYPE_CHECKING:
    from kabicheck.compare.declaration import Declaration

INT = "base_type int byte_size(4) encoding(5)"
CALL = f"pointer_type {{ subroutine_type ( formal_parameter {INT} n ) -> {INT} }} byte_size(8)"


def pointer(kind: str) -> str:
    return f"pointer_type {{ {kind} }} byte_size(8)"


def struct(name: str, *kinds: str) -> str:
    inside = " , ".join(f"member {kind} m{n} data_member_location({8 * n})" for n, kind in enumerate(kinds))
    return f"structure_type {name} {{ {inside} }} byte_size({8 * len(kinds)})"


POINTED = {
    "s#a": struct("a", INT),
    "f": f"subprogram ( formal_parameter {pointer('s#a')} a ) -> {pointer('s#a')}",
}


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ({}, []),
        ({"s#list": struct("list", pointer("s#list"))}, []),
        ({"t#a_t": "typedef_type a_t { s#a }"}, []),
        ({"g": f"subprogram ( formal_parameter s#a a ) -> {INT}"}, ["g passes it by value"]),
        ({"g": "subprogram ( ) -> s#a"}, ["g passes it by value"]),
        ({"g": "subprogram ( ) -> const_type { t#a_t }", "t#a_t": "typedef_type a_t { s#a }"},
         ["g passes it by value"]),
        ({"v": "variable s#a"}, ["v is exported, and is or holds it"]),
        ({"v": f"variable structure_type {{ member s#a a , member {INT} n }} byte_size(8)"},
         ["v is exported, and is or holds it"]),
        ({"v": f"variable {pointer('s#a')}"}, []),
        ({"v": "variable array_type[2] { s#a }"},
         ["v is an array of it, or has one", "v is exported, and is or holds it"]),
        ({"s#b": struct("b", INT, "s#a")}, ["struct b has it as a member"]),
        ({"s#b": struct("b", "union_type { member s#a x } byte_size(8)")}, ["struct b has it as a member"]),
        ({"s#b": struct("b", "array_type[2] { s#a }")},
         ["struct b is an array of it, or has one", "struct b has it as a member"]),
        ({"s#b": struct("b", pointer("array_type[2] { s#a }"))}, ["struct b is an array of it, or has one"]),
        ({"s#b": struct("b", pointer("subroutine_type ( formal_parameter s#a a ) -> base_type void"))},
         ["struct b passes it by value"]),
        ({"s#b": struct("b", "t#a_t"), "t#a_t": "typedef_type a_t { s#a }", "v": "variable s#b",
          "s#c": struct("c", pointer("s#b"))},
         ["struct b has it as a member", "v is exported, and is or holds struct b, which holds it"]),
    ],
)  # fmt: skip
def test_uses(around: dict[str, str], words: list[str]) -> None:
    assert [use.words for use in uses("s#a", {**POINTED, **around})] == words


def test_what_holds_it_is_left_aside_on_demand() -> None:
    types = {**POINTED, "s#b": struct("b", "s#a"), "v": "variable s#b"}
    assert [(use.how, use.user, use.part) for use in uses("s#a", types)] == [
        (How.EMBEDDED, "s#b", ""),
        (How.EXPORTED, "v", "s#b"),
    ]
    assert [use.user for use in uses("s#a", types, parts=False)] == ["s#b"]


@pytest.mark.parametrize(
    ("kinds", "table"),
    [
        ([CALL], True),
        (["t#call_t", pointer("s#a"), INT], True),
        ([f"const_type {{ {CALL} }}", f"array_type[3] {{ {CALL} }}"], True),
        ([CALL, INT, INT, INT], False),
        ([pointer(INT), pointer("s#a")], False),
        ([pointer(CALL)], False),
        ([], False),
    ],
)
def test_tables_of_function_pointers(kinds: list[str], table: bool) -> None:
    parsed = parse(struct("ops", *kinds))
    assert isinstance(parsed, Aggregate)
    members = [item.type for item in parsed.items if isinstance(item, Member)]
    assert is_table(members, {"t#call_t": f"typedef_type call_t {{ {CALL} }}"}) == table


def test_an_object_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects have tens of thousands of types, and hundreds of causes."""
    types = {f"s#n{n}": struct(f"n{n}", f"s#n{n + 1}") for n in range(300)} | {"v": "variable s#n0"}
    scanned: list[str] = []
    read: list[str] = []

    def references(text: str) -> tuple[str, ...]:
        scanned.append(text)
        return symtypes.references(text)

    def parsed(text: str) -> Declaration | None:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(usage, "references", references)
    monkeypatch.setattr(usage, "parse", parsed)
    for n in range(1, 300):
        assert next(uses(f"s#n{n}", types)).user == f"s#n{n - 1}"
    assert len(list(uses("s#n299", types))) == 300
    assert sorted(scanned) == sorted(types.values())
    assert len(read) == len(set(read)) == len(types) - 1  # nobody holds the last one
