"""Lists of parameters that are entered again while they are open: the comma that the C tool loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.symver.engine import version_symbols
from tests.dwarf_writer import Die, die, function, member, pointer, struct_type, variable
from tests.oracle.compilers import compile_source
from tests.symver.objects import INT, INT_TEXT, both_ways, version

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = """\
# 1 "a.h"
struct a;
typedef int (*cb)(int, struct a *);
struct a { cb f; };
void f(cb x) {}
struct a v;
"""


def test_a_c_program(tmp_path: Path) -> None:
    """`f` alone loses the comma; with `v`, which is described first, `cb` is entered by way of the structure."""
    image = Image(compile_source(SMALLEST, tmp_path / "x.o"))
    alone = both_ways(image, ["f"])
    assert alone.proven
    assert f"( formal_parameter {INT_TEXT}formal_parameter pointer_type {{ s#a }}" in alone.types["t#cb"]
    assert alone.versions == {"f": 0xF81BA354}  # as the kernel's gendwarfksyms has it
    together = both_ways(image, ["f", "v"])
    assert (
        f"( formal_parameter {INT_TEXT} , formal_parameter pointer_type {{ s#a }}" in together.types["t#cb"]
    )
    assert together.versions == {"f": 0x3E4EA603, "v": 0x672C010A}


def test_versions_that_depend_on_the_order_are_known(tmp_path: Path) -> None:
    info = DebugInfo(Image(compile_source(SMALLEST, tmp_path / "x.o")))
    assert dict(version_symbols(info, ["f"], None).order_dependent) == {"f": "t#cb"}
    assert dict(version_symbols(info, ["f", "v"], None).order_dependent) == {}


def callback(*, position: int = 1, of: int = 2) -> tuple[Die, Die]:
    """A function type whose parameter at that position points to a structure, and the structure."""
    s = struct_type("a")
    types = [pointer(s) if n == position else INT for n in range(of)]
    return die("subroutine_type", *(die("formal_parameter", type=each) for each in types), type=INT), s


def lost(text: str) -> int:
    """How many parameters have no comma before them."""
    return sum(not before.endswith(" ") for before in text.split("formal_parameter ")[:-1])


@pytest.mark.parametrize(
    ("position", "of", "expected"), [(0, 1, 0), (0, 2, 0), (1, 2, 1), (1, 3, 1), (2, 3, 1)]
)
def test_which_comma_is_lost(position: int, of: int, expected: int) -> None:
    call, s = callback(position=position, of=of)
    t = die("typedef", name="cb", type=pointer(call))
    s.children.append(member("f", t))
    answer = version(function("f", t), names=("f",))
    assert lost(answer.types["t#cb"]) == expected
    assert answer.proven


def test_a_list_that_is_entered_through_its_structure_is_whole() -> None:
    call, s = callback()
    s.children.append(member("f", pointer(call)))
    answer = version(function("f", pointer(s)), names=("f",))
    assert lost(answer.types["s#a"]) == 0
    assert answer.proven


def test_a_structure_that_was_seen_before_is_not_entered() -> None:
    call, s = callback()
    t = die("typedef", name="cb", type=pointer(call))
    s.children.append(member("f", t))
    assert lost(version(function("f", pointer(s), t), names=("f",)).types["t#cb"]) == 0
    assert lost(version(function("f", t, pointer(s)), names=("f",)).types["t#cb"]) == 1


def test_the_type_of_a_symbol_pointer_is_a_list_like_any_other() -> None:
    """The exported function's own list is also that of a member."""
    call, s = callback()
    s.children.append(member("f", pointer(call)))
    answer = version(variable("__gendwarfksyms_ptr_g", pointer(call)), names=("g",))
    assert lost(answer.types["g"]) == 1
    assert lost(answer.types["s#a"]) == 1
    assert answer.proven


def test_the_list_in_an_exported_variable_s_own_string() -> None:
    """What is lost is lost in all strings that hold the list, the export's own among them."""
    call, s = callback()
    s.children.append(member("f", pointer(call)))
    answer = version(variable("v", pointer(call)))
    assert lost(answer.types["v"]) == 1
    assert lost(answer.types["s#a"]) == 1
    assert answer.proven


def test_symbol_pointers_that_share_a_type() -> None:
    call, s = callback()
    s.children.append(member("f", pointer(call)))
    names = ("g", "h", "i")
    answer = version(*(variable(f"__gendwarfksyms_ptr_{name}", pointer(call)) for name in names), names=names)
    assert [lost(answer.types[name]) for name in names] == [1, 1, 1]
    assert answer.proven


def test_two_lists() -> None:
    """Each list is decided for itself."""
    one, s = callback()
    two = die("subroutine_type", die("formal_parameter", type=INT), die("formal_parameter", type=pointer(s)))
    t1, t2 = die("typedef", name="t1", type=pointer(one)), die("typedef", name="t2", type=pointer(two))
    s.children += [member("f", t1), member("g", t2)]
    first, second = function("f", t1), function("g", t2)
    answer = version(first, second, names=("f", "g"))
    assert (lost(answer.types["t#t1"]), lost(answer.types["t#t2"])) == (1, 0)
    answer = version(second, first, names=("f", "g"))
    assert (lost(answer.types["t#t1"]), lost(answer.types["t#t2"])) == (0, 1)


def test_types_that_share_a_name_are_walked_exactly() -> None:
    call, s = callback()
    t, other = die("typedef", name="cb", type=pointer(call)), die("typedef", name="cb", type=INT)
    s.children.append(member("f", t))
    assert lost(version(function("f", other, t), names=("f",)).types["t#cb"]) == 1
