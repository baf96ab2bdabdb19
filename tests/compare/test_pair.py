"""Two versions of one declaration, and what rules may ask of them."""

from __future__ import annotations

from kabicheck.compare.pair import Pair
from kabicheck.compare.retyped import Part
from kabicheck.compare.spelling import Likeness
from kabicheck.compare.surroundings import Surroundings
from tests.compare.type_strings import INT, LONG, enumeration, function, member, structure

U32 = {"t#u32": f"typedef_type u32 {{ {INT} }}"}
U64 = {"t#u32": f"typedef_type u32 {{ {LONG} }}"}


def test_typedefs_of_what_is_defined_right_there_count_as_that() -> None:
    old, new = structure(member(INT, "x", 0)), structure(member(INT, "x", 0), member(INT, "y", 4))
    pair = Pair(f"typedef_type a {{ {old} }}", f"typedef_type a {{ {new} }}")
    assert list(pair.matched_fields.added) == ["y"]


def test_what_cannot_be_read_has_only_texts() -> None:
    pair = Pair("no declaration", structure(member(INT, "x", 0)))
    assert pair.old is None
    assert pair.fields == ({}, {})
    assert pair.retyped == []


def test_a_definition_that_came_into_sight_brought_no_members() -> None:
    pair = Pair("structure_type a { }", structure(member(INT, "x", 0)))
    assert pair.became_visible
    assert not pair.became_hidden
    assert not pair.matched_fields.added


def test_members_that_have_other_types_are_told_with_their_places() -> None:
    pair = Pair(structure(member(INT, "x", 0)), structure(member(LONG, "x", 0)))
    assert [*pair.spell_retyped(part=Part.MEMBER)] == ["x: int → long int"]
    assert [*pair.spell_retyped(part=Part.RESULT)] == []
    assert [*pair.spell_fields(pair.fields[0])] == ["int x"]


def test_a_result_has_its_place_on_demand() -> None:
    pair = Pair(function(INT), function(LONG))
    assert [*pair.spell_retyped(part=Part.RESULT)] == ["result: int → long int"]
    assert [*pair.spell_retyped(part=Part.RESULT, placed=False)] == ["int → long int"]


def test_the_same_pair_within_an_object_looks_up_its_typedefs_there() -> None:
    alone = Pair(structure(member(INT, "x", 0)), structure(member("t#u32", "x", 0)))
    alone.prepare()
    for types, likeness in ((U32, Likeness.RESPELLED), (U64, Likeness.DIFFERENT), ({}, Likeness.DIFFERENT)):
        within = alone.within(Surroundings("s#a", types, types))
        assert [each.likeness for each in within.retyped] == [likeness]
        assert within.fields is alone.fields
    assert [each.likeness for each in alone.retyped] == [Likeness.DIFFERENT]


def test_the_members_of_a_tagged_structure_are_looked_up_there_too() -> None:
    outer = structure("member s#tag data_member_location(0)", member(INT, "y", 8))
    alone = Pair(outer, outer.replace(" y ", " z "))
    alone.prepare()
    tag = {"s#tag": structure(member(INT, "x", 0))}
    assert list(alone.within(Surroundings("s#a", tag, tag)).fields[0]) == ["x", "y"]
    assert list(alone.within(Surroundings("s#a")).fields[0]) == ["#1", "y"]


def test_parameters_that_changed_places() -> None:
    pair = Pair(function(INT, f"{INT} from", f"{INT} to"), function(INT, f"{INT} to", f"{INT} from"))
    assert pair.moved_parameters == [("from", 1, 2), ("to", 2, 1)]
    assert pair.renamed_parameters == []
    renamed = Pair(function(INT, f"{INT} from"), function(INT, f"{INT} source"))
    assert renamed.renamed_parameters == [("from", "source")]
    assert renamed.same_but_names


def test_enumerators_in_another_order_or_by_another_name() -> None:
    assert Pair(enumeration(A=0, B=1), enumeration(B=1, A=0)).same_but_order
    assert Pair(enumeration(A=0), enumeration(B=0)).matched_enumerators.renamed == [("A", "B")]
    assert not Pair(enumeration(A=0, B=1), enumeration(B=0, A=1)).same_but_names
