"""`__kabi_*` members: what the macros of the kernel's examples (kabi.h) expand to."""

from __future__ import annotations

from tests.dwarf_writer import Die, die, member, struct_type, variable
from tests.symver.objects import INT, INT_TEXT, version

LONG = die("base_type", name="long unsigned int", byte_size=8, encoding=7)
LONG_TEXT = "base_type long unsigned int byte_size(8) encoding(7)"
BYTE = die("base_type", name="unsigned char", byte_size=1, encoding=8)


def union(*members: Die, **attributes: str | int) -> Die:
    return die("union_type", *members, **attributes)


def unnamed(target: Die) -> Die:
    return die("member", type=target, data_member_location=8)


def of(second: Die, *, stable: bool = True) -> str:
    """The type string of a structure with an int and another member."""
    s = struct_type("s", member("a", INT, data_member_location=0), second, byte_size=16)
    text = version(variable("v", s), stable=stable).types["s#s"]
    return text.removeprefix(f"structure_type s {{ member {INT_TEXT} a data_member_location(0)")


def replace(old: str, new: Die) -> Die:
    """__KABI_REPLACE."""
    return unnamed(
        union(
            die("member", type=struct_type(None, new)),
            die("member", type=struct_type(None, member(old, LONG))),
            die("member", type=union()),
        )
    )


RESERVED = f" , member {LONG_TEXT} data_member_location(8) }} byte_size(16)"


def test_reserved_members_have_no_name() -> None:
    assert of(member("__kabi_reserved1", LONG, data_member_location=8)) == RESERVED
    assert of(member("__kabi_anything", LONG, data_member_location=8)) == RESERVED
    assert of(member("__kabireserved", LONG, data_member_location=8)) != RESERVED
    assert " __kabi_reserved1 " in of(member("__kabi_reserved1", LONG, data_member_location=8), stable=False)


def test_a_reserved_member_that_is_used() -> None:
    """KABI_USE: the version stays that of the reserved member."""
    used = replace("__kabi_reserved1", member("b", struct_type("new")))
    assert of(used) == RESERVED
    assert "union_type { member structure_type { member s#new b }" in of(used, stable=False)


def test_a_placeholder_in_the_union_itself() -> None:
    assert of(unnamed(union(member("b", INT), member("__kabi_reserved1", LONG)))) == RESERVED
    assert of(unnamed(union(member("__kabi_reserved1", LONG), member("b", INT)))) == RESERVED


def test_a_renamed_member() -> None:
    """KABI_REPLACE: the old name and the old type."""
    old = of(member("old", LONG, data_member_location=8))
    assert old == f" , member {LONG_TEXT} old data_member_location(8) }} byte_size(16)"
    assert of(replace("__kabi_renamedold", member("new", INT))) == old


def test_an_ignored_member() -> None:
    """KABI_IGNORE: as if nothing were there."""
    ignored = unnamed(union(member("b", INT), member("__kabi_ignored0", BYTE)))
    assert of(ignored) == " } byte_size(16)"
    assert "union_type" in of(ignored, stable=False)


def test_only_two_members_are_looked_at() -> None:
    late = unnamed(union(member("b", INT), member("c", INT), member("__kabi_reserved1", LONG)))
    assert "union_type" in of(late)
    first = struct_type(None, member("x", INT), member("__kabi_reserved1", LONG))
    assert "union_type" in of(unnamed(union(member("b", INT), die("member", type=first))))


def test_unions_outside_structures() -> None:
    """The placeholder stands for the union wherever it is mentioned; its name is never asked for."""
    u = union(member("b", INT), member("__kabi_reserved1", LONG), name="u")
    assert version(variable("v", u), stable=True).types == {"v": f"variable {LONG_TEXT}"}


def test_a_name_that_reaches_further_than_meant() -> None:
    """kabi.orig_name is neither saved nor restored: where the renamed member is walked last, the member around it
    gets its name; where the type comes from the cache, it does not."""
    inner = struct_type("inner", replace("__kabi_renamedold", member("new", INT)))
    outer = struct_type("outer", member("first", inner), member("second", inner))
    answer = version(variable("v", outer), stable=True)
    assert answer.types["s#outer"] == "structure_type outer { member s#inner old , member s#inner second }"
