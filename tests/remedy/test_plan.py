"""What no rule may hide, for each kind of type; whether a rule helps is shown in test_proof.py."""

from __future__ import annotations

import pytest

from kabicheck.formats.kabi import MEMBER_USE, TYPE_STRING
from kabicheck.remedy.plan import plan

INT = "base_type int byte_size(4) encoding(5)"
LONG = "base_type long int byte_size(8) encoding(5)"
STRUCT = "structure_type s {{ {} data_member_location(0) }} byte_size(8)"
WORD = "base_type u32 byte_size(4) encoding(7)"
FUNCTION = f"subprogram ( formal_parameter {INT} from , formal_parameter {INT} to ) -> {INT}"
FLAGS = "typedef_type flags {{ enumeration_type {{ {} }} byte_size(4) }}"
RUST = (
    "structure_type E { variant_part { member " + WORD + " data_member_location(0) , "
    "variant { member s#A A data_member_location(0) } discr_value(0) , "
    "variant { member s#B B data_member_location(0) } discr_value(1) } } byte_size(8)"
)


def refused(name: str, old: str, new: str) -> str:
    return plan(name, {name: old}, {name: new}).refused


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        pytest.param(
            "f", FUNCTION, FUNCTION.replace("from", "x").replace("to", "from").replace("x", "to"),
            "callers pass or get something else", id="parameters",
        ),
        pytest.param(
            "t#flags", FLAGS.format("enumerator A = 0 , enumerator B = 1"),
            FLAGS.format("enumerator B = 0 , enumerator A = 1"),
            "the enumerator A changed from 0 to 1: what modules pass for it means B now",
            id="values of an unnamed enumeration",
        ),
        pytest.param(
            "t#flags", FLAGS.format("enumerator A = 0"), FLAGS.format("enumerator A = 0 , enumerator B = 1"),
            "the kernel may hand modules B, which those built before do not know", id="a value behind all others",
        ),
        pytest.param("s#E", RUST, RUST.replace("s#B", "s#C"), "its variants changed", id="what a variant holds"),
        pytest.param(
            "s#E", RUST, RUST.replace("(0) ,", "(2) ,"), "its variants changed", id="a variant's discriminant"
        ),
        pytest.param(
            "s#s", STRUCT.format(f"member {LONG} a"), STRUCT.format(f"member {INT} b"),
            "a is gone, and b at its place has not the same size", id="something smaller at its place",
        ),
    ],
)  # fmt: skip
def test_what_no_rule_may_hide(name: str, old: str, new: str, why: str) -> None:
    assert old != new
    assert refused(name, old, new) == why
    assert refused(name, new, old)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("f", FUNCTION, FUNCTION.replace("from", "source")),
        ("t#flags", FLAGS.format("enumerator A = 0"), FLAGS.format("enumerator B = 0")),
        ("s#E", RUST, RUST.replace("s#B B", "s#B C")),
    ],
)
def test_what_only_the_whole_type_string_hides(name: str, old: str, new: str) -> None:
    """Parameters, unnamed enumerations and variants have no names by which a smaller rule could be about them."""
    found = plan(name, {name: old}, {name: new})
    assert not found.refused
    assert [rule.rule for rule in found.alternatives[0]] == [TYPE_STRING]


def test_a_reserved_member_may_become_a_function_pointer() -> None:
    reserved = STRUCT.format(f"member {LONG}")
    called = STRUCT.format(f"member pointer_type {{ subroutine_type ( ) -> {INT} }} byte_size(8) op")
    found = plan("s#s", {"s#s": reserved}, {"s#s": called})
    assert [rule.rule for rule in found.alternatives[0]] == [MEMBER_USE]
    assert found.cautions == (
        "modules built before do not know op: what makes a struct s must zero what is reserved, "
        "and op must work as zero",
    )


def test_a_flexible_array_lies_beyond_the_size_that_there_was() -> None:
    old = f"structure_type s {{ member {LONG} n data_member_location(0) }} byte_size(8)"
    tail = "member array_type[] { base_type char byte_size(1) encoding(6) } tail data_member_location(8)"
    found = plan("s#s", {"s#s": old}, {"s#s": old.replace(" }", f" , {tail} }}")})
    assert found.refused == "tail has no size, so that it lies beyond what modules know of"


def test_space_that_other_macros_reserve_may_be_used() -> None:
    """Android's, whose names `--stable` does not hide: the member lies in a union with what it takes the place of."""
    slot = f"member {LONG} android_kabi_reserved1"
    kept = f"member structure_type {{ {slot} data_member_location(0) }} byte_size(8) __UNIQUE_ID_android_kabi_hide1"
    old = STRUCT.format(slot)
    new = STRUCT.format(f"member union_type {{ member {INT} x , {kept} }} byte_size(8)")
    found = plan("s#s", {"s#s": old}, {"s#s": new})
    assert not found.refused
    assert [rule.rule for rule in found.alternatives[-1]] == [TYPE_STRING]
    other = new.replace("android_kabi_reserved1", "a").replace(" __UNIQUE_ID_android_kabi_hide1", "")
    named = plan("s#s", {"s#s": old.replace("android_kabi_reserved1", "a")}, {"s#s": other})
    assert named.refused == "x lies upon a, which modules use"
