"""What no rule may hide, for each kind of type; whether a rule helps is shown in test_proof.py."""

from __future__ import annotations

import pytest

from kabicheck.formats.kabi_rules import MEMBER_USE, TYPE_STRING
from kabicheck.remedy.plan import plan_remedy

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
    return plan_remedy(name, {name: old}, {name: new}).refused


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
    found = plan_remedy(name, {name: old}, {name: new})
    assert not found.refused
    assert [rule.rule for rule in found.alternatives[0]] == [TYPE_STRING]


def test_a_reserved_member_may_become_a_function_pointer() -> None:
    reserved = STRUCT.format(f"member {LONG}")
    called = STRUCT.format(f"member pointer_type {{ subroutine_type ( ) -> {INT} }} byte_size(8) op")
    found = plan_remedy("s#s", {"s#s": reserved}, {"s#s": called})
    assert [rule.rule for rule in found.alternatives[0]] == [MEMBER_USE]
    assert found.cautions == (
        "modules built before do not know op: what makes a struct s must zero what is reserved, "
        "and op must work as zero",
    )


@pytest.mark.parametrize(
    ("first", "last", "refuses"),
    [
        ("XFER_START", "XFER_END", True),
        ("XFER_FIRST", "XFER_LAST", True),
        ("TEMP_MIN", "TEMP_MAX", True),
        ("IO_OFFSET", "IO_SIZE", True),
        ("XFER_READ", "XFER_END", False),
        ("XFER_READ", "NR_XFERS", False),
    ],
)
def test_what_only_counts_others(first: str, last: str, refuses: bool) -> None:
    text = "enumeration_type e {{ {} }} byte_size(4)"
    old = text.format(f"enumerator {first} = 0 , enumerator {last} = 1")
    new = text.format(f"enumerator {first} = 0 , enumerator N = 1 , enumerator {last} = 2")
    why = f"the enumerator {last} changed from 1 to 2: what modules pass for it means N now"
    assert refused("e#e", old, new) == (why if refuses else "")


def test_what_is_new_where_modules_use_the_place_or_the_kernel_calls_it() -> None:
    call = f"pointer_type {{ subroutine_type ( ) -> {INT} }} byte_size(8)"
    data = f"member {INT} a data_member_location(0) , member {INT} b data_member_location(4)"
    tail = "member array_type[] { base_type char byte_size(1) encoding(6) } d data_member_location(12)"
    base = f"{data} , member {INT} c data_member_location(8)"
    old = f"structure_type s {{ {base} , {tail} }} byte_size(16)"
    over = f"structure_type s {{ {base} , member {INT} n data_member_location(12) , {tail} }} byte_size(16)"
    assert refused("s#s", old, over) == "n lies upon d, which modules use"
    hole = f"structure_type s {{ {base} , member {LONG} z data_member_location(24) }} byte_size(32)"
    called = hole.replace(
        f" , member {LONG} z", f" , member {call} n data_member_location(16) , member {LONG} z"
    )
    assert refused("s#s", hole, called) == "the kernel may call n, which modules built before do not set"
    handed = {"f": "subprogram ( ) -> pointer_type { s#s } byte_size(8)", "s#s": hole}
    grown = handed | {
        "s#s": hole.replace(
            " } byte_size(32)", f" , member {call} n data_member_location(32) }} byte_size(40)"
        )
    }
    assert (
        plan_remedy("s#s", handed, grown).refused
        == "the kernel may call n, which modules built before do not set"
    )


def test_what_lies_beyond_a_size_that_a_rule_gives_grows() -> None:
    small = f"structure_type s {{ member {INT} a data_member_location(0) }} byte_size(4)"
    more = small.replace(" }", f" , member {INT} n data_member_location(4) }}")
    assert refused("s#s", small, more).startswith("it grows, and nothing here shows")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(f"member {WORD} a bit_size(3) data_bit_offset(0)", "member t#w a bit_size(3) data_bit_offset(0)",
                     id="a bit-field in other words"),
        pytest.param(
            f"member {WORD} a bit_size(3) data_bit_offset(0)", f"member {WORD} b bit_size(3) data_bit_offset(0)",
            id="a bit-field of another name",
        ),
        pytest.param(
            f"member array_type[0] {{ {INT} }} d data_member_location(0)",
            f"member array_type[] {{ {INT} }} d data_member_location(0)", id="an array without length",
        ),
        pytest.param(
            f"member {INT} a data_member_location(0) , member {INT} b data_member_location(4)",
            "member s#g g data_member_location(0)", id="members in a structure of their own",
        ),
    ],
)  # fmt: skip
def test_what_hides_other_words_for_the_same(old: str, new: str) -> None:
    """No rule for a member can, but the whole type string."""
    group = f"structure_type g {{ member {INT} a data_member_location(0) , member {INT} b data_member_location(4) }}"
    text = "structure_type s {{ {} , member {} z data_member_location(8) }} byte_size(16)"
    types = {"t#w": f"typedef_type w {{ {WORD} }}", "s#g": f"{group} byte_size(8)"}
    found = plan_remedy("s#s", types | {"s#s": text.format(old, INT)}, types | {"s#s": text.format(new, INT)})
    assert not found.refused
    assert [[rule.rule for rule in rules] for rules in found.alternatives] == [[TYPE_STRING]]


def test_a_flexible_array_lies_beyond_the_size_that_there_was() -> None:
    old = f"structure_type s {{ member {LONG} n data_member_location(0) }} byte_size(8)"
    tail = "member array_type[] { base_type char byte_size(1) encoding(6) } tail data_member_location(8)"
    found = plan_remedy("s#s", {"s#s": old}, {"s#s": old.replace(" }", f" , {tail} }}")})
    assert found.refused == "tail has no size, so that it lies beyond what modules know of"


def test_space_that_other_macros_reserve_may_be_used() -> None:
    """Android's, whose names `--stable` does not hide: the member lies in a union with what it takes the place of."""
    slot = f"member {LONG} android_kabi_reserved1"
    kept = f"member structure_type {{ {slot} data_member_location(0) }} byte_size(8) __UNIQUE_ID_android_kabi_hide1"
    old = STRUCT.format(slot)
    new = STRUCT.format(f"member union_type {{ member {INT} x , {kept} }} byte_size(8)")
    found = plan_remedy("s#s", {"s#s": old}, {"s#s": new})
    assert not found.refused
    assert [rule.rule for rule in found.alternatives[-1]] == [TYPE_STRING]
    other = new.replace("android_kabi_reserved1", "a").replace(" __UNIQUE_ID_android_kabi_hide1", "")
    named = plan_remedy("s#s", {"s#s": old.replace("android_kabi_reserved1", "a")}, {"s#s": other})
    assert named.refused == "x lies upon a, which modules use"
