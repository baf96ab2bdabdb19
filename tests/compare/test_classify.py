"""Findings of the rules, and their summary in words."""

from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.classify import classify, summarize
from kabicheck.compare.fields import Field, nameless_field
from kabicheck.compare.surroundings import Surroundings
from tests.compare.type_strings import INT, LONG, LOST_COMMA, enumeration, function, member, structure

if TYPE_CHECKING:
    from collections.abc import ItemsView, ValuesView


def summary(old: str, new: str) -> str:
    return summarize(classify("s#a", old, new))


X, Y = member(INT, "x", 0), member(INT, "y", 4)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (structure(X), structure(X, Y), "member added"),
        (structure(X, size=4), structure(X, Y, size=8), "member added, size 4 → 8"),
        (structure(X, Y), structure(X), "member removed"),
        (structure(X), structure(member(LONG, "x", 0)), "member type changed"),
        (structure(X), structure(member(INT, "x", 8)), "layout changed"),
        (structure(X), structure(member(INT, "z", 0)), "only names changed"),
        (structure(X, Y), structure(member(INT, "z", 0), member(LONG, "y", 4)),
         "member renamed, member type changed"),
        (structure(X), structure(X) + " alignment(8)", "alignment changed"),
        (structure(X), structure(X).replace("structure_type", "union_type"), "struct became union"),
        (structure(X), "structure_type a { }", "became a declaration"),
        ("structure_type a { }", structure(X), "became defined"),
        (structure(member(f"union_type {{ {X} }} byte_size(4)", "u", 0)),
         structure(member(f"union_type {{ {X} , {Y} }} byte_size(8)", "u", 0)), "member added"),
        (f"union_type a {{ member {INT} x , member {LONG} y }} byte_size(8)",
         f"union_type a {{ member {LONG} y , member {INT} x }} byte_size(8)", "order changed"),
        (enumeration(A=1), enumeration(A=1, B=2), "enumerator added"),
        (enumeration(A=1, B=2, C=3), enumeration(A=1), "2 enumerators removed"),
        (enumeration(A=1), enumeration(A=2), "enumerator value changed"),
        (enumeration(A=1), enumeration(B=1), "only names changed"),
        (function(INT, f"{INT} x"), function(INT, f"{INT} x", f"{INT} y"), "parameter added"),
        (function(INT, f"{INT} x", "s#a y"), function(INT, "s#a y"), "parameter removed"),
        (function(INT, f"{INT} x"), function(INT, f"{LONG} x"), "parameter type changed"),
        (function(INT), function(LONG), "return type changed"),
        (function(INT, f"{INT} x"), function(INT, f"{INT} y"), "only names changed"),
        (f"variable {INT}", f"variable {LONG}", "variable type changed"),
        (function(INT), f"variable {INT}", "function became variable"),
        (f"typedef_type a {{ {INT} }}", f"typedef_type a {{ {LONG} }}", "type changed"),
        (f"typedef_type a {{ {structure(X)} }}", f"typedef_type a {{ {structure(X, Y)} }}", "member added"),
        (structure(X), structure(X).replace("encoding(5)", "encoding(7)"), "type attributes changed"),
        ("struct a { int x ; }", "struct a { int y ; }", "member changed"),
        ("", structure(X), "not known on the old side"),
        (structure(X), "", "not known on the new side"),
        (LOST_COMMA, LOST_COMMA.replace(")formal_parameter", ") , formal_parameter"),
         "a list comma that gendwarfksyms loses, depending on which other symbols are exported"),
    ],
)  # fmt: skip
def test_summaries(old: str, new: str, words: str) -> None:
    assert summary(old, new) == words


def test_a_parameter_name_in_a_member_is_a_name() -> None:
    def callback(name: str) -> str:
        inner = f"subroutine_type ( formal_parameter {INT} {name} ) -> {INT}"
        return structure(member(f"pointer_type {{ {inner} }} byte_size(8)", "call", 0))

    assert summary(callback("a"), callback("b")) == "only names changed"


def test_what_depends_on_no_surroundings_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of objects show the same causes; what their typedefs stand for is asked in each."""
    calls = []

    def counted(found: Field) -> Field:
        calls.append(found)
        return nameless_field(found)

    monkeypatch.setattr("kabicheck.compare.pair.nameless_field", counted)
    old = structure(*(member(INT, f"m{n}", 4 * n) for n in range(50)), size=208)
    new = old.replace(f"{INT} m7", "t#u32 m7")
    found = [*classify("s#a", old, new)]
    first = len(calls)
    for text in (INT, LONG):
        types = {"t#u32": f"typedef_type u32 {{ {text} }}"}
        found += classify("s#a", old, new, Surroundings("s#a", types, types))
    assert [each.rule for each in found] == ["member-type", "type-respelled", "member-type"]
    assert first
    assert len(calls) == first


class LookedThrough(UserDict[str, str]):
    """The type strings of one side, which count how often somebody looks through all of them."""

    times = 0

    def items(self) -> ItemsView[str, str]:
        self.times += 1
        return super().items()

    def values(self) -> ValuesView[str]:
        self.times += 1
        return super().values()


def test_a_side_is_looked_through_once_for_all_causes() -> None:
    """However many declarations of an object differ: who uses them, and how wide a pointer is, is found out once."""
    pointer = f"pointer_type {{ {INT} }}"
    old, new = LookedThrough({"s#word": structure(member(LONG, "w", 0), size=8)}), LookedThrough()
    for number in range(20):
        hole = member(INT, "x", 0), member("s#word", "w", 8), member(pointer, "p", 16)
        old[f"s#a{number}"] = structure(*hole, size=24)
        new[f"s#a{number}"] = structure(hole[0], member(INT, "new", 4), *hole[1:], size=24)
    new["s#word"] = old["s#word"]
    found = [
        finding.rule
        for name in old
        if name != "s#word"
        for finding in classify(name, old[name], new[name], Surroundings(name, old, new))
    ]
    assert found == ["member-in-hole"] * 20
    assert 0 < old.times <= 3
    assert 0 < new.times <= 3
