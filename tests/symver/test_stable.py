"""Which objects with `__kabi_*` members the quick way has an answer for; both_ways holds it to the exact walk's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from tests.dwarf_writer import Die, die, function, member, pointer, struct_type, variable
from tests.kabi_macros import compile_header
from tests.symver.kabi_cases import HEADERS, HEADERS_CODE
from tests.symver.objects import INT, both_ways, version

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("stable", [True, False])
def test_c_headers(header: str, stable: bool, tmp_path: Path) -> None:
    obj = compile_header(HEADERS[header], tmp_path / "x.o", HEADERS_CODE, ("v", "f"))
    answer = both_ways(Image(obj), ("v", "f"), stable=stable)
    assert answer.proven
    assert ("__kabi_" in str(answer.types)) != stable


def reserved(old: Die) -> Die:
    """A member that stands for its placeholder."""
    return die("member", type=die("union_type", member("now", INT), member("__kabi_reserved1", old)))


def callback(*parameters: Die) -> Die:
    return pointer(die("subroutine_type", *(die("formal_parameter", type=each) for each in parameters)))


def test_a_placeholder_that_leads_to_several_types_is_walked_exactly() -> None:
    """Where the first of them leads back to the union while that is open, the others are left out for a while."""
    s, t = struct_type("s"), struct_type("t", member("a", INT))
    s.children.append(reserved(callback(pointer(s), pointer(t))))
    assert not version(variable("v", s), stable=True).proven
    typedef = die("typedef", name="cb", type=callback(pointer(s), pointer(t)))
    s.children[:] = [reserved(typedef)]
    assert not version(variable("v", s), stable=True).proven
    pair = struct_type(None, member("a", pointer(s)), member("b", pointer(t)))
    s.children[:] = [reserved(pair)]
    assert not version(variable("v", s), stable=True).proven


def renamed(old: Die, name: str = "old") -> Die:
    return die("member", type=die("union_type", member("now", INT), member(f"__kabi_renamed{name}", old)))


def is_proven(*members: Die) -> bool:
    s = struct_type("s", *members)
    return version(function("f", s), variable("v", s), names=("f", "v"), stable=True).proven


def test_renamed_members_before_others() -> None:
    t = struct_type("t", member("a", INT))
    typedef = die("typedef", name="word", type=die("const_type", type=INT))
    for old in (INT, pointer(INT), typedef, pointer(typedef)):
        assert is_proven(renamed(old), renamed(INT, "other"), member("b", INT))
    union = die("union_type", member("now", INT), member("__kabi_renamedold", INT))
    ignored = die("member", type=die("union_type", member("now", INT), member("__kabi_ignored0", INT)))
    for walked_exactly in (
        (renamed(INT),),  # the name reaches who has the structure
        (renamed(INT), ignored),
        (die("member", type=struct_type(None, renamed(INT))), member("b", INT)),
        (renamed(pointer(t)), member("b", INT)),  # forgets it, where t was not walked before
        (member("u", union), member("b", INT)),
        (member("p", pointer(union)), member("b", INT)),
        (die("member", type=union), die("member", type=union), die("member", type=union), member("b", INT)),
        (renamed(INT, ""), member("b", INT)),
    ):
        assert not is_proven(*walked_exactly)
