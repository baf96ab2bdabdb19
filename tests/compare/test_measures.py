"""Sizes and alignments of types, as far as type strings tell them."""

from __future__ import annotations

import pytest

from kabicheck.compare.declaration import Typedef, Variable, parse
from kabicheck.compare.measures import lowest_bit, measures_of, members_of
from tests.compare.type_strings import INT, LONG, member, structure

CHAR = "base_type char byte_size(1) encoding(6)"
TYPES = {
    "s#pair": structure(member(CHAR, "c", 0), member(LONG, "l", 8)).replace(" a {", " pair {"),
    "s#loop": structure(member("s#loop", "inner", 0)),
    "s#declared": "structure_type declared { }",
    "t#u64": f"typedef_type u64 {{ {LONG} }}",
    "t#wide": f"typedef_type wide {{ {INT} }} alignment(16)",
    "t#pair": "typedef_type pair { s#pair }",
    "t#self": "typedef_type self { t#self }",
}


@pytest.mark.parametrize(
    ("text", "size", "alignment"),
    [
        (INT, 4, 4),
        ("t#u64", 8, 8),
        ("t#wide", 4, 16),
        ("s#pair", 16, 8),
        ("t#pair", 16, 8),
        (f"array_type[3][2] {{ {INT} }}", 24, 4),
        (f"array_type[] {{ {INT} }}", 0, 4),
        ("const_type { t#u64 }", 8, 8),
        ("pointer_type { s#declared } byte_size(8)", 8, 8),
        ("pointer_type { s#declared }", 8, 8),  # as LLVM has them
        (structure(member(INT, "x", 0), size=4) + " alignment(64)", 4, 64),
        (structure(member(CHAR, "c", 0), member(LONG, "l", 1), size=9), 9, 1),  # packed: the size says so
        ("s#declared", None, None),
        ("s#unknown", None, None),
        ("s#loop", 16, None),
        ("t#self", None, None),
        (f"subroutine_type ( ) -> {INT}", None, None),
    ],
)
def test_sizes_and_alignments(text: str, size: int | None, alignment: int | None) -> None:
    kind = parse(text)
    assert kind is not None
    assert not isinstance(kind, Variable)
    measures = measures_of(TYPES)
    assert measures.size(kind) == size
    assert measures.alignment(kind) == alignment


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("s#pair", "s#pair"),
        ("t#pair", "s#pair"),
        ("array_type[2] { const_type { t#pair } }", "s#pair"),
        ("pointer_type { s#pair } byte_size(8)", ""),
        ("t#u64", ""),
        ("t#unknown", ""),
        ("t#self", ""),
    ],
)
def test_what_a_member_holds_by_value(text: str, name: str) -> None:
    kind = parse(text)
    assert kind is not None
    assert not isinstance(kind, Variable)
    assert measures_of(TYPES).contained(kind) == name


def test_a_typedef_of_its_own_type_string_is_looked_up() -> None:
    assert isinstance(measures_of(TYPES).declaration("t#u64"), Typedef)
    assert measures_of(TYPES).declaration("t#unknown") is None


def test_members_of_variants_share_their_place() -> None:
    declaration = parse(
        "structure_type E { variant_part { variant { member s#A A data_member_location(0) } discr_value(0) , "
        "variant { member s#B B data_member_location(0) } } } byte_size(2)"
    )
    assert declaration is not None
    assert [each.name for each in members_of(getattr(declaration, "items", ()))] == ["A", "B"]


def test_lowest_bit() -> None:
    assert [lowest_bit(number) for number in (1, 6, 8, 40)] == [1, 2, 8, 8]
    assert lowest_bit(0) > 1 << 60
