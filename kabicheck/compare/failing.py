"""Which changes count. The defaults here; configuration, severities and waivers refine them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from kabicheck.model import Comparison, ExportChange


def fails(severity: Severity) -> bool:
    """Whether a change of this grade counts: whatever the loader refuses, or worse."""
    return severity is not Severity.HARMLESS


def failing(comparison: Comparison) -> tuple[ExportChange, ...]:
    """The changes that count."""
    return tuple(change for change in comparison.changes if change.fails)


def unanswered(comparison: Comparison) -> tuple[ExportChange, ...]:
    """The exports of which nothing can be said, because one side has no version for them, and no policy allows it."""
    return tuple(
        change for change in comparison.changes if change.kind is ChangeKind.UNVERSIONED and change.fails
    )
