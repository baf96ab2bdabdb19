"""Which changes count. The defaults here; configuration, severities and waivers refine them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from kabicheck.model import Comparison, ExportChange


def fails(kind: ChangeKind, old: str, new: str) -> bool:
    """Whether a change can break a module that was built against the old side.

    A new export breaks nobody, nor does a licence or a namespace that is not asked for any more. An export
    without a version fails: nothing is known of it.
    """
    match kind:
        case ChangeKind.ADDED:
            return False
        case ChangeKind.LICENCE | ChangeKind.NAMESPACE:
            return bool(new)
        case _:
            return old != new or kind is ChangeKind.UNVERSIONED


def failing(comparison: Comparison) -> tuple[ExportChange, ...]:
    """The changes that count."""
    return tuple(change for change in comparison.changes if change.fails)


def unanswered(comparison: Comparison) -> tuple[ExportChange, ...]:
    """The exports of which nothing can be said, because one side has no version for them, and no policy allows it."""
    return tuple(c for c in comparison.changes if c.kind is ChangeKind.UNVERSIONED and c.fails)
