"""A comparison that says less, or something else, of the exports that were compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.model import Comparison, ExportChange


def with_changes(comparison: Comparison, changes: Iterable[ExportChange]) -> Comparison:
    """With other changes, in their order; the exports of these are not among the unchanged ones."""
    kinds = tuple(ChangeKind)
    ordered = tuple(sorted(changes, key=lambda c: (c.object, c.name, kinds.index(c.kind))))
    names = {change.name for change in ordered}
    return replace(
        comparison,
        changes=ordered,
        unchanged=tuple(each for each in comparison.unchanged if each[2] not in names),
    )


def without_kinds(comparison: Comparison, *kinds: ChangeKind) -> Comparison:
    """Without changes of some kinds, as one side does not say what these are about.

    Exports of which nothing else differs are unchanged.
    """
    kept = tuple(change for change in comparison.changes if change.kind not in kinds)
    changed = {(change.object, change.name) for change in kept}
    same = dict.fromkeys(
        (change.module, change.object, change.name)
        for change in comparison.changes
        if (change.object, change.name) not in changed
    )
    return replace(comparison, changes=kept, unchanged=(*comparison.unchanged, *same))
