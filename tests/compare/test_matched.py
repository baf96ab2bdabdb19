"""What came, what went, and what only has another name."""

from __future__ import annotations

from kabicheck.compare.declaration import Reference
from kabicheck.compare.fields import Field, Fields
from kabicheck.compare.matched import match, match_fields


def fields(**positions: int) -> Fields:
    """Members of one type at places in bits; `__` stands for the dot of a path."""
    return {
        name.replace("__", "."): Field(Reference("t#u64"), position) for name, position in positions.items()
    }


def test_an_equal_value_under_a_new_name_was_renamed() -> None:
    matched = match({"A": 1, "B": 2, "C": 3}, {"A": 1, "D": 2, "E": 5}, key=lambda value: value)
    assert (matched.added, matched.removed, matched.renamed) == ({"E": 5}, {"C": 3}, [("B", "D")])


def test_each_side_may_have_a_key_of_its_own() -> None:
    matched = match({"a": "x"}, {"b": "X"}, key=str.upper, new_key=str)
    assert matched.renamed == [("a", "b")]


def test_a_member_at_its_old_place_was_renamed() -> None:
    matched = match_fields(fields(x=0, y=64), fields(x=0, z=64), lambda found: found, lambda found: found)
    assert matched.renamed == [("y", "z")]
    assert not matched.added
    assert not matched.removed


def test_reserved_space_does_not_become_a_member_by_another_name() -> None:
    old, new = {"__kabi_reserved1": Field(Reference("t#u64"), 0)}, fields(used=0)
    matched = match_fields(old, new, lambda found: found, lambda found: found)
    assert not matched.renamed
    assert matched.removed == old
    assert matched.added == new


def test_members_that_are_exchanged_were_not_renamed() -> None:
    """`a` and `b` become `g.b` and `g.a`: the name at each place is now that of the other one."""
    matched = match_fields(
        fields(a=0, b=64), fields(g__b=0, g__a=64), lambda found: found, lambda found: found
    )
    assert not matched.renamed
    assert list(matched.removed) == ["a", "b"]
    assert list(matched.added) == ["g.b", "g.a"]
