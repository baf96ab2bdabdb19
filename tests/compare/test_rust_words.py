"""Declarations of Rust, from what rustc's objects say. tests/symver/data/README.md has the objects' origin."""

from __future__ import annotations

import pytest

from kabicheck.compare.causes import title
from kabicheck.compare.classify import classify
from kabicheck.compare.lines import format_lines
from kabicheck.compare.render import render
from kabicheck.formats.symtypes import read_symtypes
from tests.rust_build import OBJECTS

TYPES = read_symtypes(OBJECTS / "shapes.symtypes")
CHANGED = read_symtypes(OBJECTS / "shapes_changed.symtypes")
SHAPE = "shapes::geometry::Shape"
OPTION = "core::option::Option<core::num::nonzero::NonZero<u32>>"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORIGIN", "static ORIGIN: shapes::geometry::Point<u16>; /* 0 4 */"),
        ("call", 'fn call(callback: core::option::Option<extern "C" fn(*mut shapes::Word) -> u8>) -> u8;'),
        ("area", f"""
fn area(
        shape: &{SHAPE},
        word: shapes::Word,
) -> {OPTION};"""),
        ("s#shapes::geometry::Point<i32>", """
struct shapes::geometry::Point<i32> {
        x: i32, /* 0 4 */
        y: i32, /* 4 4 */
} /* align 4 */ /* size 8 */"""),
        (f"s#{SHAPE}", f"""
enum {SHAPE} {{
        /* tag: u32 */                            /* 0  4 */
        Circle(shapes::geometry::Point<i32>) = 0, /* 0 16 */
        Square {{ side: u64 }} = 1,                 /* 0 16 */
        Nothing = 2,                              /* 0 16 */
}} /* align 8 */                                   /* size 16 */"""),
        (f"s#{SHAPE}::Circle", f"""
struct {SHAPE}::Circle(
        shapes::geometry::Point<i32>, /* 4 8 */
) /* align 8 */                       /* size 16 */"""),
        ("u#shapes::Word", """
union shapes::Word {
        whole: u32,     /* 0 4 */
        bytes: [u8; 4], /* 0 4 */
} /* align 4 */         /* size 4 */"""),
        ("s#'(&str, char)'", """
type (&str, char) = (
        &str,   /*  0 16 */
        char,   /* 16  4 */
) /* align 8 */ /* size 24 */"""),
    ],
)  # fmt: skip
def test_declarations(name: str, expected: str) -> None:
    assert format_lines(render(name, TYPES[name], TYPES)) == expected.strip("\n").split("\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("area", "area()"),
        (f"s#{SHAPE}", f"enum {SHAPE}"),
        (f"s#{SHAPE}::Circle", f"struct {SHAPE}::Circle"),
        ("u#shapes::Word", "union shapes::Word"),
        ("s#&str", "&str"),
    ],
)
def test_titles(name: str, expected: str) -> None:
    assert title(name, TYPES[name]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enumeration_type a::Level { enumerator Low = 18446744073709551615 } byte_size(1)",
         ["enum a::Level {", "        Low = -1,", "} /* size 1 */"]),
        ("structure_type a::Hidden { }", ["struct a::Hidden;"]),
        ("structure_type a::Hidden { member array_type[2][3] { base_type u8 byte_size(1) } m "
         "data_member_location(0) } byte_size(6)",
         ["struct a::Hidden {", "        m: [[u8; 3]; 2], /* 0 6 */", "}                        /* size 6 */"]),
        ("structure_type a::Hidden { member pointer_type { subroutine_type ( formal_parameter base_type u8 "
         "byte_size(1) ) -> base_type void } m data_member_location(0) } byte_size(8)",
         ["struct a::Hidden {", "        m: *fn(u8), /* 0  */", "}                   /* size 8 */"]),
    ],
)  # fmt: skip
def test_what_is_rare(text: str, expected: list[str]) -> None:
    assert format_lines(render("s#a::Hidden", text, {})) == expected


def test_findings_are_in_rusts_words() -> None:
    (name,) = (name for name in TYPES if TYPES[name] != CHANGED[name] and name.endswith("::Square"))
    added = classify(name, TYPES[name], CHANGED[name])[0]
    assert (added.rule, added.detail) == ("member-added", "turned: bool")


def test_variants_are_enumerators() -> None:
    text = TYPES[f"s#{SHAPE}"]
    without = text[: text.rindex(" , variant {")] + text[text.rindex(" } } byte_size") :]
    assert [(f.rule, f.detail) for f in classify("s#x", without, text)] == [("enumerator-added", "Nothing")]
    other = text.replace("discr_value(2)", "discr_value(7)")
    assert [(f.rule, f.detail) for f in classify("s#x", text, other)] == [
        ("enumerator-value", "Nothing: 2 → 7")
    ]


def test_c_is_not_taken_for_rust() -> None:
    text = "structure_type a { member base_type char byte_size(1) encoding(6) c data_member_location(0) } byte_size(1)"
    assert format_lines(render("s#a", text, {}))[1] == "        char c; /* 0 1 */"
