"""Rules as macros; where the compiler would not take one, or it would do something else, there is none."""

from __future__ import annotations

import pytest

from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.remedy.macro import macros

INT = "base_type int byte_size(4) encoding(5)"
ULONG = "base_type long unsigned int byte_size(8) encoding(7)"
BYTES = "array_type[8] { base_type unsigned char byte_size(1) encoding(8) }"
POINTER = "pointer_type {{ {} }} byte_size(8)"


def structure(member: str) -> dict[str, str]:
    return {
        "s#s": f"structure_type s {{ member {member} data_member_location(0) }} byte_size(8)",
        "s#known": f"structure_type known {{ member {INT} a data_member_location(0) }} byte_size(4)",
        "s#opaque": "structure_type opaque { }",
    }


def ignored(member: str) -> list[str] | None:
    """The macro for a new member with this type string."""
    found = macros([KabiRule("member_ignore", "s n")], structure(INT), structure(f"{member} n"))
    return None if found is None else [macro.call for macro in found]


@pytest.mark.parametrize(
    ("member", "declared"),
    [
        (INT, "int n"),
        ("array_type[2][3] { s#known }", "struct known n[2][3]"),
        (POINTER.format("e#e"), "enum e *n"),
        (POINTER.format(f"subroutine_type ( formal_parameter {INT} , formal_parameter {ULONG} ) -> {INT}"),
         "int (*n)(int, long unsigned int)"),
        (POINTER.format(f"array_type[] {{ {INT} }}"), "int (*n)[]"),
    ],
)  # fmt: skip
def test_a_member_is_ignored(member: str, declared: str) -> None:
    assert ignored(member) == [f"KABI_IGNORE(0, {declared});"]


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("enumeration_type { enumerator A = 0 , enumerator B = 1 } byte_size(4)", id="commas"),
        pytest.param("array_type[] { base_type char byte_size(1) encoding(6) }", id="a flexible array in a union"),
        pytest.param(f"structure_type {{ member {INT} a data_member_location(0) }} byte_size(64) alignment(64)",
                     id="an alignment that is not spelled"),
        pytest.param("pointer_type &mut_u8 { base_type u8 byte_size(1) encoding(7) }", id="Rust"),
        pytest.param("s#'core::option::Option<u8, u8>'", id="Rust's names"),
        pytest.param("base_type complex double byte_size(16) encoding(3)", id="no keyword"),
        pytest.param(f"{INT} bit_size(3) data_bit_offset(0)", id="a bit-field"),
    ],
)  # fmt: skip
def test_what_the_compiler_would_not_take(member: str) -> None:
    before, _, after = member.partition(" bit_size")
    text = f"{before} n bit_size{after}" if after else f"{member} n"
    new = structure(text) if after else structure(f"{member} n")
    assert macros([KabiRule("member_ignore", "s n")], structure(INT), new) is None


@pytest.mark.parametrize(
    ("old", "replaced"),
    [
        (INT, "int"),
        ("s#known", "struct known"),
        (POINTER.format("s#gone"), "struct gone *"),
        (POINTER.format(f"subroutine_type ( ) -> {INT}"), "typeof(int (*)(void))"),
        ("array_type[2] { s#known }", "typeof(struct known [2])"),
        # What is not declared any more, or hidden.
        ("t#gone", None),
        (POINTER.format("t#gone"), None),
        ("s#opaque", None),
        # gendwarfksyms would forget the old name.
        (POINTER.format(f"subroutine_type ( formal_parameter {INT} ) -> {INT}"), None),
    ],
)
def test_a_member_is_replaced(old: str, replaced: str | None) -> None:
    rule = KabiRule("member_replace", "s n", old, "was")
    found = macros([rule], structure(f"{old} was"), structure(f"{INT} n"))
    calls = None if found is None else [macro.call for macro in found]
    assert calls == (None if replaced is None else [f"KABI_REPLACE({replaced}, was, int n);"])


@pytest.mark.parametrize(
    ("reserved", "name", "call"),
    [
        (ULONG, "__kabi_reserved1", "KABI_USE(1, int n);"),
        (ULONG, "__kabi_reserved_2", "KABI_USE(2, int n);"),
        (BYTES, "__kabi_reserved3", "KABI_USE_ARRAY(3, 8, int n);"),
        (INT, "__kabi_reserved1", None),  # KABI_USE would make it an unsigned long
        (ULONG, "padding", None),
    ],
)
def test_a_reserved_member_is_used(reserved: str, name: str, call: str | None) -> None:
    rule = KabiRule("member_use", "s n", reserved)
    found = macros([rule], structure(f"{reserved} {name}"), structure(f"{INT} n"))
    assert (None if found is None else [macro.call for macro in found]) == ([call] if call else None)


@pytest.mark.parametrize(
    "rule",
    [
        KabiRule("declonly", "core::option::Option<u8, u8>"),
        KabiRule("enumerator_ignore", "kernel::E A"),
        KabiRule("type_string", "s#s", "structure_type sä { }"),
        KabiRule("alignment", "s", "8"),
    ],
    ids=lambda rule: str(rule.rule),
)
def test_what_no_macro_says(rule: KabiRule) -> None:
    assert macros([rule], {}, {}) is None
