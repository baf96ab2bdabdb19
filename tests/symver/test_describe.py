"""What DIEs say in the exact walk: pieces in the cache, which depend on what was seen for a symbol before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import ObjectError
from kabicheck.symver import describe
from kabicheck.symver.describe import COMPLETE, UNEXPANDED, Entry, TypeWalk
from kabicheck.symver.dies import Dies
from kabicheck.symver.grammar import LINEBREAK
from tests.dwarf.objects import read
from tests.dwarf_writer import Unit, die, member, pointer, struct_type, variable
from tests.symver.objects import INT

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die
    from tests import dwarf_writer as writer

PIECES_OF_INT = ["base_type", " ", "int", " byte_size(4)", " encoding(5)"]


def walked(*written: writer.Die) -> tuple[TypeWalk, list[Die], list[Entry]]:
    """The types of all variables in a unit, walked as symbols one after the other."""
    dies = Dies(read(Unit(*written)))
    walk = TypeWalk(dies, None)
    reader = dies.readers[0]
    found = list(reader.children(reader.root()))
    roots = []
    for each in found:
        if each.tag == 0x34:
            roots.append(Entry(each.offset, 0))
            walk.symbol(roots[-1], each, function=False)
    return walk, found, roots


def test_pieces_of_a_type_that_is_written_out() -> None:
    walk, (_, integer), (root,) = walked(variable("v", INT), INT)
    assert root.pieces == ["variable ", integer.offset]
    assert walk.entries[integer.offset, COMPLETE].pieces == PIECES_OF_INT


def test_a_structure_in_itself_is_known_in_two_states() -> None:
    s = struct_type("s", member("a", INT))
    s.children.append(member("next", pointer(s)))
    walk, (_, found, *_), _ = walked(variable("v", s), s)
    whole, left_out = walk.entries[found.offset, COMPLETE], walk.entries[found.offset, UNEXPANDED]
    assert left_out.pieces == ["structure_type", " ", "s", " {", LINEBREAK, LINEBREAK, "}"]
    members = [piece for piece in whole.pieces if isinstance(piece, int) and piece != LINEBREAK]
    assert len(members) == 2
    first, second = (walk.entries[offset, COMPLETE].pieces for offset in members)
    assert first[0] == "member "
    assert second[:3] == [" ,", LINEBREAK, "member "], "the comma is cached with what follows it"
    assert {entry.fqn for entry in (whole, left_out)} == {"s"}


def test_the_cache_outlives_a_symbol() -> None:
    s = struct_type("s", member("a", INT))
    walk, (_, _, found, *_), roots = walked(variable("v", s), variable("w", pointer(s)), s)
    assert [root.pieces[0] for root in roots] == ["variable "] * 2
    assert (found.offset, UNEXPANDED) not in walk.entries, "for each symbol it is seen for the first time"


def test_what_is_no_type_or_no_member() -> None:
    with pytest.raises(ObjectError, match=r"unexpected type: tag 0x2e at \.debug_info\+0x"):
        walked(variable("v", die("subprogram")))
    with pytest.raises(ObjectError, match=r"unexpected member: tag 0x16 at \.debug_info\+0x"):
        walked(variable("v", struct_type("s", die("typedef", name="t"))))


def test_types_that_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are counted for each symbol."""
    inner = INT
    for _ in range(50):
        inner = pointer(inner)
    monkeypatch.setattr(describe, "MAX_STEPS", 51)
    walked(variable("v", inner), variable("w", inner))
    monkeypatch.setattr(describe, "MAX_STEPS", 50)
    with pytest.raises(ObjectError, match=r"types that take too long to walk at \.debug_info\+0x"):
        walked(variable("v", inner))


def test_a_type_that_contains_itself() -> None:
    loop = die("const_type")
    loop.attributes.append(("type", loop))
    with pytest.raises(ObjectError, match="a type that contains itself"):
        walked(variable("v", loop))
