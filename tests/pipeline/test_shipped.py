"""What a build does not ship cannot break a module; what it ships no longer is gone, whatever became of its type."""

from __future__ import annotations

import pytest

from kabicheck.model import ChangeKind, Severity
from kabicheck.pipeline.shipped import (
    NOT_SHIPPED,
    NOTHING_SAID,
    TRIMMED,
    ShippedBuild,
    only_shipped,
    with_attributes,
)
from tests.pipeline.changes import change, comparison, kinds, listed

CHANGED = comparison(change(ChangeKind.VERSION, "f"), change(ChangeKind.VERSION, "g"), same=("h", "i"))


def trimmed(**versions: int) -> ShippedBuild:
    return ShippedBuild((listed("vmlinux", **versions),), trimmed=True)


def test_a_change_of_what_the_old_side_does_not_ship_does_not_fail() -> None:
    shipped = only_shipped(CHANGED, trimmed(f=1, h=1), NOTHING_SAID)
    assert {each.name: (each.fails, each.excuse) for each in shipped.changes} == {
        "f": (True, ""),
        "g": (False, NOT_SHIPPED),
    }
    assert shipped.notes == (
        "CONFIG_TRIM_UNUSED_KSYMS: the old side ships 2 of the 4 exports that were compared",
        "1 export differ that the old side does not ship: they do not count",
    )


def test_what_the_new_side_does_not_ship_any_more_is_removed() -> None:
    shipped = only_shipped(CHANGED, trimmed(f=1, h=1), trimmed(g=1, i=1))
    assert kinds(shipped) == {("f", "removed"), ("g", "version"), ("h", "removed")}
    removed = next(each for each in shipped.changes if each.name == "h")
    assert (removed.old, removed.fails, removed.severity) == ("shipped", True, Severity.BREAKING)
    assert [name for *_, name in shipped.unchanged] == ["i"]
    assert shipped.notes[-1] == "2 exports that the old side ships, the new side only exports"


def test_nothing_is_told_apart_where_no_list_says_what_is_shipped() -> None:
    assert only_shipped(CHANGED, NOTHING_SAID, ShippedBuild((listed("vmlinux", f=1),))) is CHANGED
    assert only_shipped(CHANGED, NOTHING_SAID, ShippedBuild(trimmed=True)).notes == (TRIMMED,)


@pytest.mark.parametrize("new", [ShippedBuild((listed("vmlinux", "GPL", h=1, unknown=1),)), NOTHING_SAID])
def test_lists_on_both_sides_say_which_attributes_differ(new: ShippedBuild) -> None:
    """But nothing of exports that were not compared, nor of versions, which the lists have too."""
    old = ShippedBuild((listed("vmlinux", h=2, unknown=1),))
    attributed = with_attributes(CHANGED, old, new)
    assert kinds(attributed) - kinds(CHANGED) == ({("h", "licence")} if new.listed else set())
