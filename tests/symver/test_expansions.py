"""Which of several texts a name stands for, and how deep types may nest."""

from __future__ import annotations

from zlib import crc32

import pytest

from kabicheck.errors import ObjectError
from tests.dwarf_writer import Die, Unit, die, function, member, pointer, struct_type, variable
from tests.symver.objects import INT, INT_TEXT, version

# --- several DIEs of one name --------------------------------------------------------------------------


def test_the_longest_expansion_wins() -> None:
    short = struct_type("s", declaration=True)
    long = struct_type("s", member("a", INT), byte_size=4)
    for one, two in ((short, long), (long, short)):
        answer = version(variable("v", pointer(one)), variable("w", pointer(two)), names=("v", "w"))
        assert answer.types["s#s"] == f"structure_type s {{ member {INT_TEXT} a }} byte_size(4)"
        assert answer.versions["v"] == answer.versions["w"]
        assert answer.warnings == []


def test_the_longest_expansion_wins_across_units() -> None:
    units = [
        Unit(variable("v", pointer(struct_type("s", declaration=True)))),
        Unit(variable("w", struct_type("s", member("a", INT)))),
    ]
    answer = version(*units, names=("v", "w"))
    assert answer.expanded["v"] == (
        f"variable pointer_type {{ structure_type s {{ member {INT_TEXT} a }} }} byte_size(8)"
    )


def test_ties_take_the_first_and_warn() -> None:
    one, two = struct_type("s", member("a", INT)), struct_type("s", member("b", INT))
    answer = version(one, two, variable("v", two), variable("w", one), names=("v", "w"))
    assert answer.types["s#s"] == f"structure_type s {{ member {INT_TEXT} a }}"
    assert answer.warnings == [
        "s#s has two type strings of equal length; gendwarfksyms' choice is random, ours is the first"
    ]
    again = struct_type("s", member("a", INT))  # says the same as the first, but is met before it
    symbols = variable("v", again), variable("w", one), variable("x", two)
    assert version(one, two, again, *symbols, names=("v", "w", "x")).types["s#s"].endswith(" a }")
    longer = struct_type("s", member("long", INT))
    answer = version(
        one, two, longer, variable("v", two), variable("w", one), variable("x", longer), names=("v", "w", "x")
    )
    assert "member" in answer.types["s#s"]
    assert " long " in answer.types["s#s"]
    assert answer.warnings == []


def test_references_are_expanded_once_for_each_symbol() -> None:
    s = struct_type("s", member("a", INT))
    answer = version(function("f", pointer(s), pointer(s), type=s), names=("f",))
    own, p = answer.types["s#s"], "byte_size(8)"
    assert answer.expanded["f"] == (
        f"subprogram ( formal_parameter pointer_type {{ {own} }} {p} , "
        f"formal_parameter pointer_type {{ s#s }} {p} ) -> s#s"
    )
    assert answer.versions["f"] == crc32(answer.expanded["f"].encode())


# --- types that contain themselves ---------------------------------------------------------------------


def test_a_type_that_is_its_own_type() -> None:
    for tag in ("pointer_type", "const_type", "array_type", "subroutine_type"):
        loop = die(tag)
        loop.attributes.append(("type", loop))
        with pytest.raises(ObjectError, match=r"^x\.o: a type that contains itself at \.debug_info\+0x"):
            version(variable("v", loop))


def test_an_unnamed_structure_in_itself() -> None:
    s = struct_type(None)
    s.children.append(member("m", pointer(s)))
    with pytest.raises(ObjectError, match=r"^x\.o: a type that contains itself at \.debug_info\+0x"):
        version(variable("v", s))


def test_a_typedef_of_itself() -> None:
    t = die("typedef", name="t")
    t.attributes.append(("type", pointer(t)))
    with pytest.raises(ObjectError, match=r"^x\.o: a type that contains itself at \.debug_info\+0x"):
        version(variable("v", t))


def chain(tag: str, depth: int) -> Die:
    inner = INT
    for n in range(depth):
        if tag == "structure_type":
            inner = struct_type(f"s{n}", member("m", inner))
        else:
            inner = die(tag, type=inner, **({"name": f"t{n}"} if tag == "typedef" else {}))
    return inner


@pytest.mark.parametrize(
    ("tag", "depth"), [("pointer_type", 3000), ("typedef", 10_000), ("structure_type", 10_000)]
)
def test_deep_nesting(tag: str, depth: int) -> None:
    """Far beyond Python's own limit on recursion."""
    answer = version(variable("v", chain(tag, depth)))
    assert answer.expanded["v"].count("{") == depth
    assert answer.versions["v"] == crc32(answer.expanded["v"].encode())


def test_unnamed_types_that_nest_too_deep() -> None:
    """Each is written out with all that it contains."""
    with pytest.raises(
        ObjectError, match=r"^x\.o: unnamed types are written out to a string that is too long"
    ):
        version(variable("v", chain("pointer_type", 10_000)))
