"""The words that every emitter uses for a change, so that all reports say the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind
from kabicheck.report.plain import counted, printable

if TYPE_CHECKING:
    from kabicheck.model import Cause, DiffLine, ExportChange, Report


def change_words(change: ExportChange) -> str:
    """What happened to an export, without its name."""
    old, new = printable(change.old), printable(change.new)
    words = {
        ChangeKind.ADDED: f"added with version {new}",
        ChangeKind.REMOVED: f"removed, was {old}",
        ChangeKind.VERSION: f"{old} → {new}",
        ChangeKind.NAMESPACE: f"namespace {old or '(none)'} → {new or '(none)'}",
        ChangeKind.LICENCE: f"{_macro(old)} → {_macro(new)}",
        ChangeKind.MODULE: f"moved from {old} to {new}",
        ChangeKind.UNVERSIONED: f"no version: {old} → {new}" if old else f"no version: {new}",
    }
    return words[change.kind]


def cause_words(cause: Cause) -> str:
    """`struct kref: member added`."""
    return f"{printable(cause.title, 300)}: {printable(cause.summary)}"


def diff_words(line: DiffLine) -> str:
    """A line of a type diff with its mark."""
    return f"{line.mark} {printable(line.text)}".rstrip()


def verdict(report: Report) -> str:
    """The last line of a report: `FAILED: 3 exports changed by 1 cause, 2 removed`."""
    comparison = report.comparison
    if not comparison.changes:
        return f"OK: {counted(comparison.compared, 'export')} compared, none changed"
    counts = Counter(change.kind for change in comparison.changes)
    kind, *others = (kind for kind in _TOTALS if counts[kind])
    totals = [f"{counted(counts[kind], 'export')} {_TOTALS[kind]}"]
    if kind is ChangeKind.VERSION and comparison.causes:
        totals[0] += f" by {counted(len(comparison.causes), 'cause')}"
    totals += [f"{counts[kind]:,} {_TOTALS[kind]}" for kind in others]
    word = "FAILED" if report.failed else "INCOMPLETE" if counts[ChangeKind.UNVERSIONED] else "OK"
    return f"{word}: {', '.join(totals)}"


_TOTALS = {
    ChangeKind.VERSION: "changed",
    ChangeKind.REMOVED: "removed",
    ChangeKind.ADDED: "added",
    ChangeKind.NAMESPACE: "with another namespace",
    ChangeKind.LICENCE: "with another licence",
    ChangeKind.MODULE: "moved to another module",
    ChangeKind.UNVERSIONED: "without a version",
}


def _macro(licence: str) -> str:
    return f"EXPORT_SYMBOL_{licence}" if licence else "EXPORT_SYMBOL"
