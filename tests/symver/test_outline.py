"""The outer DIEs of a unit passed over quickly: what the careful reader finds, by jumps and by steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.symver.decoded_unit import DecodedUnit
from kabicheck.symver.outline import Outline
from kabicheck.symver.scope import Scopes
from kabicheck.symver.unit_names import Names
from tests.dwarf.objects import read
from tests.dwarf_writer import Form, Unit, die, function, member, pointer, struct_type, variable
from tests.symver.objects import INT

if TYPE_CHECKING:
    from kabicheck.dwarf.info import DebugInfo
    from tests.dwarf_writer import Die

C11, RUST = 0x1D, 0x1C


def outline(info: DebugInfo) -> Outline:
    def nowhere(reference: int) -> str | None:
        raise AssertionError(reference)

    return Outline(DecodedUnit(info, info.units[0], Names(info)), nowhere)


def tree() -> tuple[Die, ...]:
    """Something of everything: scopes in scopes, what is jumped over, and entries whose size varies."""
    inline = die("subprogram", die("lexical_block", variable("inner", INT)), name="inlined", inline=1)
    leaf = struct_type("leaf", member("x", INT))
    others = (
        die("typedef", name="t", type=INT),
        die("union_type", member("y", INT), struct_type("in_union", struct_type("deepest")), name="u"),
        die("base_type", name="u8", byte_size=1),
    )
    return (
        INT,
        pointer(leaf),
        die(
            "namespace",
            die("namespace", leaf, function("deep", INT), name="b"),
            variable("va", INT),
            *others,
            name="a",
        ),
        die("namespace", struct_type("s", die("subprogram", name="new", linkage_name="_R3new"), byte_size=1)),
        inline,
        die("subprogram", name=Form("string", "string"), frame_base=b"\x9c" * 3),
        die("subprogram", abstract_origin=inline),
        die("enumeration_type", die("enumerator", name="E", const_value=-70), name="e"),
        variable("last", leaf),
    )


@pytest.mark.parametrize("siblings", [False, True])
@pytest.mark.parametrize("relocations", [False, True])
@pytest.mark.parametrize("language", [RUST, C11])
def test_the_same_as_the_careful_reader(siblings: bool, relocations: bool, language: int) -> None:
    written = tree() if language == RUST else tuple(each for each in tree() if each.tag != "namespace")
    info = read(Unit(*written, siblings=siblings, language=language), relocations=relocations)
    reader = DieReader(info, info.units[0])
    scopes, start = Scopes(reader), info.units[0].start
    names = {each.name for each in scopes.candidates if each.name is not None}
    quick = outline(info)
    found = quick.candidates(names)
    assert [(each.offset + start, each.tag, each.name) for each in found] == [
        (each.offset, each.tag, each.name) for each in scopes.candidates
    ]
    assert [each.origin for each in found] == [each.origin for each in scopes.candidates]
    assert set(quick.described()) == names
    at = reader.root().first
    while at < info.units[0].end:
        each = reader.read(at)
        if each is not None and each.tag != 0x0D:  # nobody asks for a member's
            assert quick.prefix(at - start) == scopes.prefix(at), hex(at)
        at = each.first if each is not None else at + 1


def test_only_what_is_wanted() -> None:
    info = read(Unit(*tree(), language=RUST))
    assert [each.name for each in outline(info).candidates({"va"})] == ["va"]
    assert [each.name for each in outline(info).candidates({"inlined"})] == ["inlined", None]
    assert outline(info).candidates(()) == []


def test_a_unit_without_anything() -> None:
    assert outline(read(Unit())).candidates({"f"}) == []


def test_who_answers_for_an_origin_in_another_unit() -> None:
    origin = function("elsewhere")
    info = read(Unit(die("subprogram", abstract_origin=origin)), Unit(origin))
    asked = []

    def name_of(reference: int) -> str:
        asked.append(reference)
        return "elsewhere"

    unit = DecodedUnit(info, info.units[0], Names(info))
    (found,) = Outline(unit, name_of).candidates({"elsewhere"})
    assert asked == [found.origin]
    assert asked[0] < -1
