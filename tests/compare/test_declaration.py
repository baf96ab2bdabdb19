"""Type strings as declarations, and declarations as C."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.declaration import (
    MAX_DEPTH,
    Aggregate,
    Base,
    Function,
    Member,
    Parameter,
    Pointer,
    Reference,
    Variant,
    parse,
)
from kabicheck.compare.lines import format_lines
from kabicheck.compare.render import render
from kabicheck.formats.symtypes import read_symtypes
from tests.compare.type_strings import LOST_COMMA
from tests.parity import corpus

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corpus"]

INT = "base_type int byte_size(4) encoding(5)"
CALLBACK = "pointer_type { subroutine_type ( ) -> base_type void } byte_size(8)"
# The words of the grammar, for strings that are nearly right.
GRAMMAR = """
    { } ( ) , -> = 7 name s#a t#b s#'c int void byte_size(8) bit_size(3) data_bit_offset(9) alignment(8)
    data_member_location(4) member formal_parameter enumerator variant variant_part structure_type union_type
    enumeration_type typedef_type subroutine_type subprogram variable pointer_type const_type array_type
    array_type[3] array_type[] base_type unspecified_type
"""
WORDS = st.sampled_from([INT, "base_type void", "enumerator A = 1", "s#'c d'", *GRAMMAR.split()])


def rendered(name: str, text: str, **types: str) -> list[str]:
    """Lines, with types given by their names without `s#`."""
    return format_lines(render(name, text, {f"s#{key}": value for key, value in types.items()}))


def test_a_structure() -> None:
    members = f"member {INT} x data_member_location(0) , member s#b y data_member_location(8)"
    text = f"structure_type a {{ {members} }} byte_size(24) alignment(8)"
    assert parse(text) == Aggregate(
        "struct", "a", (Member(Base("int", 4, 5), "x", 0), Member(Reference("s#b"), "y", 8)), 24, 8
    )
    assert rendered("s#a", text, b="structure_type b { } byte_size(16)") == [
        "struct a {",
        "        int x;                     /* 0  4 */",
        "        struct b y;                /* 8 16 */",
        "} __attribute__((__aligned__(8))); /* size 24 */",
    ]


def test_a_declaration_has_no_body() -> None:
    assert rendered("s#a", "structure_type a { }") == ["struct a;"]
    assert rendered("s#a", "structure_type a { } byte_size(0)") == ["struct a {", "}; /* size 0 */"]
    assert rendered("e#a", "enumeration_type a { }") == ["enum a;"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (INT, "int v;"),
        ("array_type[2][3] { s#a }", "struct a v[2][3];"),
        ("array_type[] { pointer_type { t#u } byte_size(8) }", "u *v[];"),
        ("pointer_type { array_type[4] { e#a } } byte_size(8)", "enum a (*v)[4];"),
        ("const_type { pointer_type { const_type { u#a } } byte_size(8) }", "const union a *const v;"),
        ("const_type { array_type[2] { const_type { t#a } } }", "const a v[2];"),
        ("pointer_type { base_type void } byte_size(8)", "void *v;"),
        ("pointer_type { const_type { base_type void } } byte_size(8)", "const void *v;"),
        (
            f"pointer_type {{ subroutine_type ( formal_parameter s#a , formal_parameter {CALLBACK} cb ) -> "
            "pointer_type { s#b } byte_size(8) } byte_size(8)",
            "struct b *(*v)(struct a, void (*cb)(void));",
        ),
        (f"array_type[3] {{ {CALLBACK} }}", "void (*v[3])(void);"),
        (
            f"pointer_type {{ structure_type {{ member {INT} x data_member_location(0) }} byte_size(4) }}",
            "struct {|        int x; /* 0 4 */|} *v;          /* size 4 */",
        ),
    ],
)
def test_declarators(text: str, expected: str) -> None:
    assert rendered("v", f"variable {text}") == expected.split("|")


def test_a_list_comma_that_gendwarfksyms_lost() -> None:
    device = Pointer(Reference("s#device"), 8)
    function = parse(LOST_COMMA)
    assert isinstance(function, Function)
    assert function.parameters[0] == Parameter(device, "")
    assert len(function.parameters) == 2


def test_bit_fields_show_their_storage_unit() -> None:
    text = (
        f"structure_type a {{ member {INT} x bit_size(3) data_bit_offset(32) , "
        f"member {INT} y bit_size(9) data_bit_offset(40) , "
        f"member {INT} bit_size(2) data_bit_offset(49) }} byte_size(8)"
    )
    assert rendered("s#a", text)[1:4] == [
        "        int x : 3; /*    4 4 */",
        "        int y : 9; /*  4:8 4 */",
        "        int : 2;   /* 4:17 4 */",
    ]


def test_rust_types() -> None:
    text = (
        "structure_type core::Option<&dyn Error> { variant_part { "
        "member base_type u64 byte_size(8) encoding(7) data_member_location(0) , "
        "variant { member s#'core::Option<&dyn Error>::None' None data_member_location(0) } discr_value(0) "
        "} } byte_size(16) alignment(8)"
    )
    declaration = parse(text)
    assert isinstance(declaration, Aggregate)
    assert declaration.name == "core::Option<&dyn Error>"
    assert isinstance(declaration.items[0], Variant)
    assert isinstance(declaration.items[0].items[1], Variant)
    assert declaration.items[0].items[1].discriminant == 0
    assert "        None = 0,      /* 0   */" in rendered("s#'core::Option<&dyn Error>'", text)


def test_enumerators_are_signed() -> None:
    text = "enumeration_type a { enumerator A = 18446744073709551615 , enumerator B = 0 } byte_size(4)"
    assert rendered("e#a", text) == ["enum a {", "        A = -1,", "        B = 0,", "}; /* size 4 */"]


def test_what_is_no_declaration_is_shown_as_it_is() -> None:
    assert parse("struct a { int x ; }") is None
    assert rendered("s#a", "struct a { int x ; }") == ["struct a {", "        int x ;", "}"]


@pytest.mark.parametrize("opening", ["pointer_type { ", "structure_type { member ", "variant_part { "])
def test_hostile_nesting_falls_back(opening: str) -> None:
    text = opening * 50_000
    assert parse(text) is None
    assert len(render("s#a", text, {})) >= 50_000


def test_nesting_within_the_bound_is_rendered() -> None:
    depth = MAX_DEPTH - 1
    text = "structure_type { member " * depth + INT + " x data_member_location(0) } byte_size(4)" * depth
    assert parse(text) is not None
    assert len(render("s#a", text, {})) == 2 * depth + 1


def test_typedefs_in_a_circle_have_no_size() -> None:
    types = {"t#a": "typedef_type a { t#b }", "t#b": "typedef_type b { t#a }"}
    text = "structure_type s { member t#a x data_member_location(0) } byte_size(1)"
    assert format_lines(render("s#s", text, types))[1] == "        a x; /* 0  */"


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map(" ".join)))
def test_rendering_never_raises(text: str) -> None:
    types = {"s#a": text, "t#b": f"typedef_type b {{ {text} }}", "export": text}
    for name in types:
        assert isinstance(format_lines(render(name, text, types)), list)


def test_every_type_of_a_real_kernel_is_a_declaration(corpus: Path) -> None:
    strings = 0
    for entry in json.loads((corpus / "manifest.json").read_text()):
        types = read_symtypes((corpus / entry["object"]).with_suffix(".symtypes"))
        for name, text in types.items():
            assert parse(text) is not None, f"{entry['object']}: {name}"
            assert render(name, text, types)
        strings += len(types)
    assert strings
