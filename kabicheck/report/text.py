"""The report that people read: header, one block per cause, other changes, verdict.

`emit` is plain. `lines` gives the same lines with what they are, for whoever wants to colour them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Severity
from kabicheck.report.plain import LONGEST_NAME, counted, printable
from kabicheck.report.words import (
    cause_words,
    change_words,
    diff_words,
    excuse_words,
    follower_words,
    grade_words,
    listed,
    path_words,
    roots,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kabicheck.model import Cause, Comparison, ExportChange, Report, Side

WIDTH = 100

_HEADINGS = {
    ChangeKind.REMOVED: "removed",
    ChangeKind.ADDED: "added",
    ChangeKind.NAMESPACE: "namespace changed",
    ChangeKind.LICENCE: "licence changed",
    ChangeKind.MODULE: "module changed",
    ChangeKind.UNVERSIONED: "could not be versioned",
}


class Role(StrEnum):
    """What a line is."""

    HEADER = "header"
    NOTE = "note"
    TITLE = "title"
    CONTEXT = "context"
    OLD = "old"
    NEW = "new"
    EXPORTS = "exports"
    FAILED = "failed"
    OK = "ok"


_MARKS = {"-": Role.OLD, "+": Role.NEW}


def emit(report: Report) -> str:
    """The whole report as plain text; one line per line, safe for a terminal."""
    return "".join(f"{line}\n" for _, line in lines(report))


def lines(report: Report) -> Iterator[tuple[Role, str]]:
    """The lines of the report, each with its role."""
    yield from _header(report)
    yield Role.CONTEXT, ""
    versions = {
        (change.object, change.name): change
        for change in report.comparison.changes
        if change.kind is ChangeKind.VERSION
    }
    causes = report.comparison.causes.values() if report.verbose else roots(report.comparison)
    for cause in causes:
        yield from _cause(cause, report.comparison, versions)
        yield Role.CONTEXT, ""
    unexplained = [change for change in versions.values() if not change.causes]
    yield from _section("version changed, no types are known that would say why", unexplained)
    for kind, heading in _HEADINGS.items():
        yield from _section(heading, [c for c in report.comparison.changes if c.kind is kind])
    said = verdict(report)
    yield (Role.OK if said.startswith("OK") else Role.FAILED), said


def _header(report: Report) -> Iterator[tuple[Role, str]]:
    facts = [f"base {_side(report.base)} → head {_side(report.head)}"]
    if report.commits:
        facts.append(counted(report.commits, "commit"))
    facts += [printable(fact) for fact in (report.machine, report.compiler) if fact]
    yield Role.HEADER, " · ".join(facts)
    looked_at = f"{counted(report.comparison.compared, 'export')} compared in {report.seconds:.1f} s"
    if report.base.objects or report.head.objects:
        yield Role.HEADER, f"{_objects(report)} · {looked_at}"
    else:
        yield Role.HEADER, looked_at
    for note in report.notes:
        yield Role.NOTE, f"note: {printable(note)}"


def _side(side: Side) -> str:
    label = printable(side.label, LONGEST_NAME)
    return f"{label} ({printable(side.detail, LONGEST_NAME)})" if side.detail else label


def _objects(report: Report) -> str:
    old, new = report.base.objects, report.head.objects
    number = f"2 × {counted(new, 'object')}" if old == new else f"{old:,} + {counted(new, 'object')}"
    how = []
    if report.built:
        how.append(f"{report.built:,} compiled")
    if report.cached:
        how.append(f"{report.cached:,} from cache")
    return f"{number} ({', '.join(how)})" if how else number


def _cause(
    cause: Cause, comparison: Comparison, versions: Mapping[tuple[str, str], ExportChange]
) -> Iterator[tuple[Role, str]]:
    yield Role.TITLE, _with_location(cause_words(cause), cause)
    for line in cause.diff:
        yield _MARKS.get(line.mark, Role.CONTEXT), f"  {diff_words(line)}"
    follows = [printable(comparison.causes[key].title, LONGEST_NAME) for key in cause.follows]
    changed = [versions[export] for export in cause.exports if export in versions]
    facts = (
        grade_words(cause.severity, cause.findings),
        listed("follows", follows) if follows else "",
        path_words(cause),
        _exports(changed),
        *excuse_words(changed),
        follower_words(cause, comparison),
        f"keep the ABI: {printable(cause.remedy)}" if cause.remedy else "",
    )
    for fact in filter(None, facts):
        yield Role.EXPORTS, f"  {fact}"


def _with_location(title: str, cause: Cause) -> str:
    location = cause.new_location or cause.old_location
    if location is None:
        return title
    where = f"{printable(location.file, LONGEST_NAME)}:{location.line}"
    return f"{title}  {where:>{max(WIDTH - len(title) - 2, 0)}}"


def _exports(changed: list[ExportChange]) -> str:
    """`3 exports change: a 0x… → 0x…, b 0x… → 0x…, … (+1)`"""
    start = f"{counted(len(changed), 'export')} change{'s' if len(changed) == 1 else ''}:"
    return listed(start, (f"{printable(c.name, LONGEST_NAME)} {change_words(c)}" for c in changed))


def _section(heading: str, changes: list[ExportChange]) -> Iterator[tuple[Role, str]]:
    """The changes of one kind, the worst first."""
    grades: dict[str, list[ExportChange]] = {}
    for change in sorted(changes, key=lambda change: list(Severity).index(change.severity)):
        grades.setdefault(grade_words(change.severity, change.findings), []).append(change)
    for grade, alike in grades.items():
        yield Role.TITLE, f"{heading}: {counted(len(alike), 'export')} · {grade}"
        for change in alike:
            name, place = printable(change.name, LONGEST_NAME), printable(change.object, LONGEST_NAME)
            yield Role.EXPORTS, f"    {name}: {change_words(change)}  ({place})"
        for excuse in excuse_words(alike):
            yield Role.EXPORTS, f"  {excuse}"
        yield Role.CONTEXT, ""
