"""What kABI macros make of a member is shown as what it is."""

from __future__ import annotations

import pytest

from kabicheck.compare.declaration import Aggregate, Member, parse
from kabicheck.compare.kabi_unions import unfolded
from tests.compare.type_strings import INT, LONG, member


def union(*members: str) -> Member:
    """An unnamed union at offset 8, as it stands in a structure."""
    listed = " , ".join(members)
    outer = parse(f"structure_type a {{ member union_type {{ {listed} }} byte_size(8) data_member_location(8) }} "
                  "byte_size(16)")  # fmt: skip
    assert isinstance(outer, Aggregate)
    (found,) = outer.items
    assert isinstance(found, Member)
    return found


def struct(*members: str) -> str:
    """A member that is an unnamed structure."""
    return f"member structure_type {{ {' , '.join(members)} }} byte_size(8) data_member_location(0)"


EMPTY = "member union_type { } byte_size(0) data_member_location(0)"


@pytest.mark.parametrize(
    ("stand_in", "remark"),
    [
        (struct(member(LONG, "__kabi_reserved0", 0)), "in reserved slot 0"),
        (struct(member(LONG, "__kabi_ignored1", 0)), "not in the version"),
        (struct(member(LONG, "__kabi_renamedold", 0)), "instead of old"),
        (member(LONG, "rh_reserved2", 0), "in reserved slot 2"),
    ],
)
def test_macros(stand_in: str, remark: str) -> None:
    shown = unfolded(union(member(INT, "used", 0), stand_in, EMPTY))
    assert shown is not None
    members, said = shown
    assert [(each.name, each.offset) for each in members] == [("used", 8)]
    assert said == remark


def test_several_members_in_one_slot() -> None:
    pair = struct(member(INT, "x", 0), member(INT, "y", 4))
    shown = unfolded(union(pair, struct(member(LONG, "__kabi_reserved1", 0)), EMPTY))
    assert shown is not None
    assert [(each.name, each.offset) for each in shown[0]] == [("x", 8), ("y", 12)]


def test_other_unions_stay_what_they_are() -> None:
    assert unfolded(union(member(INT, "x", 0), member(LONG, "y", 0))) is None
    assert unfolded(union(struct(member(LONG, "__kabi_reserved1", 0)))) is None
    assert unfolded(Member(union(member(INT, "x", 0)).type, "named")) is None
