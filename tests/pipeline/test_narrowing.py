"""A comparison that says less of its exports still says something of each of them."""

from __future__ import annotations

from kabicheck.model import ChangeKind
from kabicheck.pipeline.narrowing import with_changes, without_kinds
from tests.pipeline.changes import change, comparison, kinds


def test_an_export_of_which_nothing_else_differs_is_unchanged() -> None:
    both = change(ChangeKind.VERSION, "both"), change(ChangeKind.LICENCE, "both")
    of = comparison(*both, change(ChangeKind.LICENCE, "only"), same=("same",))
    narrowed = without_kinds(of, ChangeKind.LICENCE, ChangeKind.NAMESPACE)
    assert kinds(narrowed) == {("both", "version")}
    assert [name for *_, name in narrowed.unchanged] == ["same", "only"]
    assert narrowed.compared == of.compared


def test_an_export_that_gets_a_change_is_not_unchanged() -> None:
    of = comparison(change(ChangeKind.VERSION, "b"), same=("a", "c"))
    widened = with_changes(of, (*of.changes, change(ChangeKind.LICENCE, "a"), change(ChangeKind.ADDED, "b")))
    assert [(each.name, each.kind) for each in widened.changes] == [
        ("a", ChangeKind.LICENCE),
        ("b", ChangeKind.ADDED),
        ("b", ChangeKind.VERSION),
    ]
    assert [name for *_, name in widened.unchanged] == ["c"]
