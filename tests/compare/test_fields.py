"""Members of a declaration by their paths, wherever they stand, and what their names say of them."""

from __future__ import annotations

import pytest

from kabicheck.compare.declaration import Aggregate, Member, Reference, parse
from kabicheck.compare.fields import (
    Field,
    called,
    fields_of,
    is_nameless,
    is_nameless_space,
    is_reserved,
    named_inside,
    nameless_field,
    shape,
    slot_name,
    unordered,
    variants,
)
from tests.compare.type_strings import INT, LONG, member, structure

NO_TYPES: dict[str, str] = {}


def places(text: str, types: dict[str, str] = NO_TYPES) -> dict[str, int]:
    """Path → bits from the outermost start, of each member."""
    fields, _ = fields_of(parse(text), parse(text), (types, types))
    return {path: found.position for path, found in fields.items()}


def items(text: str) -> tuple[object, ...]:
    declaration = parse(text)
    assert isinstance(declaration, Aggregate)
    return declaration.items


def test_members_of_unnamed_structures_are_the_outer_ones_own() -> None:
    pair = structure(member(INT, "lo", 0), member(INT, "hi", 4), size=8).replace(" a {", " {")
    union = (
        f"union_type {{ member {LONG} x data_member_location(0) , {member(pair, 'pair', 0)} }} byte_size(8)"
    )
    text = structure(member(INT, "first", 0), f"member {union} data_member_location(8)")
    assert places(text) == {"first": 0, "x": 64, "pair.lo": 64, "pair.hi": 96}


def test_a_tagged_structure_without_a_name_stands_for_its_members() -> None:
    text = structure("member s#tag data_member_location(8)")
    assert places(text, {"s#tag": structure(member(INT, "x", 4))}) == {"x": 96}
    assert places(text) == {"#1": 64}


def test_bit_fields_of_which_only_the_storage_unit_is_known_tell_what_is_before_them() -> None:
    old = structure(*(f"member {INT} {name} bit_size({bits}) data_member_location(0)"
                      for name, bits in (("x", 3), ("y", 5))))  # fmt: skip
    fields, _ = fields_of(parse(old), parse(old), (NO_TYPES, NO_TYPES))
    assert [(found.stored, found.run, found.bit_size) for found in fields.values()] == [
        (True, 0, 3),
        (True, 3, 5),
    ]


def test_what_has_no_name_is_paired_by_its_place() -> None:
    old = structure(*(f"member {LONG} data_member_location({offset})" for offset in (0, 8, 16)), size=24)
    new = structure(member(LONG, "used", 0), *(f"member {LONG} data_member_location({at})" for at in (8, 16)),
                    size=24)  # fmt: skip
    old_fields, new_fields = fields_of(parse(old), parse(new), (NO_TYPES, NO_TYPES))
    common = [old_fields[path].position for path in old_fields if path in new_fields]
    assert common == [64, 128]
    assert all(
        old_fields[path].position == new_fields[path].position for path in old_fields if path in new_fields
    )


@pytest.mark.parametrize(
    ("path", "nameless", "reserved"),
    [
        ("x", False, False),
        ("u.x", False, False),
        ("", True, True),
        ("u.#2", True, True),
        ("__kabi_reserved3", False, True),
        ("u.rh_reserved1", False, True),
        ("android_kabi_reserved2#2", False, True),
        ("__kabi_renamed_x", False, False),
    ],
)
def test_names(path: str, nameless: bool, reserved: bool) -> None:
    found = Field(Reference("t#u64"), 72)
    assert is_nameless(path) == nameless
    assert is_reserved(path, found) == reserved


def test_what_members_are_called() -> None:
    word = Field(Reference("t#u64"), 64)
    assert called("u.x", word) == "u.x"
    assert called("", word) == "reserved slot at offset 8"
    assert called("#1", Field(Reference("s#tag"), 64)) == "(unnamed) at offset 8"
    assert called("", Field(Reference("t#u64"), 67, bit_size=3)) == "padding bits at offset 8:3"
    assert called("__kabi_reserved3", word) == slot_name("__kabi_reserved3") == "reserved slot 3"
    assert slot_name("spare") == ""
    assert is_nameless_space(Member(Reference("t#u64"), ""))
    assert not is_nameless_space(Member(Reference("t#u64"), "", bit_size=3))
    assert not is_nameless_space(Member(Reference("s#tag"), ""))


def test_names_of_parameters_are_no_part_of_a_field() -> None:
    text = f"pointer_type {{ subroutine_type ( formal_parameter {INT} {{}} ) -> {INT} }} byte_size(8)"
    named, other = (
        fields_of(parse(structure(member(text.replace("{}", name), "call", 0))), None, (NO_TYPES, NO_TYPES))[
            0
        ]
        for name in ("id", "number")
    )
    assert named != other
    assert nameless_field(named["call"]) == nameless_field(other["call"])
    plain = Field(Reference("t#u64"), 0)
    assert nameless_field(plain) is plain


def test_the_members_inside_of_one() -> None:
    types = {"t#pair": f"typedef_type pair {{ {structure(member(INT, 'x', 0), member(INT, 'y', 4))} }}"}
    inside = named_inside(Field(Reference("t#pair"), 64), types)
    assert [(path, found.position) for path, found in inside] == [("x", 64), ("y", 96)]
    assert named_inside(Field(Reference("t#pair"), 64, bit_size=3), types) == []
    assert named_inside(Field(Reference("t#pair"), 64), NO_TYPES) == []


def test_order_and_grouping_are_told_apart() -> None:
    first, second = member(INT, "x", 0), member(INT, "y", 4)
    declarations = [parse(structure(*each)) for each in ((first, second), (second, first))]
    one, other = (each for each in declarations if isinstance(each, Aggregate))
    assert unordered(one.items) == unordered(other.items)
    assert shape(one.items) == shape(other.items) == ("member", "member")
    grouped = parse(
        structure(f"member {structure(first, second).replace(' a {', ' {')} data_member_location(0)")
    )
    assert isinstance(grouped, Aggregate)
    assert shape(grouped.items) == (("struct", False, ("member", "member")),)


def test_the_variants_of_a_rust_enumeration() -> None:
    part = (
        "variant_part { member base_type u8 byte_size(1) encoding(7) data_member_location(0) , "
        "variant { member s#A A data_member_location(0) } discr_value(0) , "
        "variant { member s#B B data_member_location(0) } }"
    )
    declaration = parse(f"structure_type E {{ {part} }} byte_size(2)")
    assert isinstance(declaration, Aggregate)
    found = [(value, inner.name) for value, inner in variants(declaration.items)]
    assert found == [(0, "A"), (None, "B")]
