"""How one list of parameters became another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.declaration import Reference
from kabicheck.compare.edits import MOST, Edit, common_start, edits

if TYPE_CHECKING:
    from kabicheck.compare.declaration import Type


def types(names: str) -> list[Reference]:
    """A type for each letter."""
    return [Reference(f"s#{name}") for name in names]


def told(old: str, new: str) -> str:
    """`+b2` for an added second parameter, `-a1` for a first one that is gone, `a1c` for one of another type."""

    def name(kind: Type | None) -> str:
        return kind.reference.removeprefix("s#") if isinstance(kind, Reference) else ""

    def one(edit: Edit) -> str:
        old_name, new_name = name(edit.old), name(edit.new)
        if not old_name:
            return f"+{new_name}{edit.place}"
        return f"{old_name}{edit.place}{new_name}" if new_name else f"-{old_name}{edit.place}"

    return " ".join(one(edit) for edit in edits(types(old), types(new)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("ab", "ab", ""),
        ("a", "ab", "+b2"),
        ("ab", "b", "-a1"),
        ("abc", "axc", "b2x"),
        ("abc", "ac", "-b2"),
        ("ac", "abc", "+b2"),
        ("ab", "ba", "a1b b2a"),
    ],
)
def test_the_fewest_edits(old: str, new: str, expected: str) -> None:
    assert told(old, new) == expected


def test_of_lists_that_are_too_long_each_place_is_compared() -> None:
    old = types("a" * (MOST + 1))
    assert edits(old, [*types("b"), *old[1:], *types("c")])[0] == Edit(1, old[0], *types("b"))
    whole = edits(old, types("b" * (MOST + 2)))
    assert len(whole) == MOST + 2
    assert whole[-1] == Edit(MOST + 2, None, *types("b"))


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_lead_from_one_list_to_the_other(old: str, new: str) -> None:
    made, kept = types(old), types(new)
    found = edits(made, kept)
    removed = {edit.place for edit in found if edit.new is None}
    added = {edit.place for edit in found if edit.old is None}
    changed = {edit.place: edit for edit in found if edit.old is not None and edit.new is not None}
    rest = iter([kind for place, kind in enumerate(made, 1) if place not in removed])
    rebuilt = []
    for place, kind in enumerate(kept, 1):
        if place in added:
            rebuilt.append(kind)
            continue
        old_kind = next(rest)
        assert place not in changed or changed[place].old == old_kind
        rebuilt.append(kind if place in changed else old_kind)
    assert rebuilt == kept
    assert next(rest, None) is None


def test_common_start() -> None:
    assert common_start("abc", "abd") == 2
    assert common_start("abc", "ab") == 2
    assert common_start("", "ab") == 0
