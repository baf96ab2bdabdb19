"""The changes that no declaration explains, by what happened; those of one grade and the same culprits together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Severity
from kabicheck.plain_text import counted
from kabicheck.report.culprit_words import culprit_words
from kabicheck.report.words import grade_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import Comparison, ExportChange

_HEADINGS = {
    ChangeKind.VERSION: "version changed, no types are known that would say why",
    ChangeKind.REMOVED: "removed",
    ChangeKind.ADDED: "added",
    ChangeKind.NAMESPACE: "namespace changed",
    ChangeKind.LICENCE: "licence changed",
    ChangeKind.MODULE: "module changed",
    ChangeKind.UNVERSIONED: "could not be versioned",
}


def sections(comparison: Comparison) -> Iterator[tuple[str, list[ExportChange]]]:
    """Titles and changes, of each kind the worst first: `removed: 2 exports · breaking`."""
    worst_first = sorted(comparison.changes, key=lambda change: list(Severity).index(change.severity))
    for kind, heading in _HEADINGS.items():
        groups: dict[tuple[str, ...], list[ExportChange]] = {}
        for change in worst_first:
            if change.kind is kind and not (kind is ChangeKind.VERSION and change.causes):
                grade = grade_words(change.severity, change.findings)
                groups.setdefault((grade, *map(culprit_words, change.culprits)), []).append(change)
        for (grade, *_), alike in groups.items():
            yield f"{heading}: {counted(len(alike), 'export')} · {grade}", alike
