"""What stands at the top of a report for people, and what each of its lines is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kabicheck.plain_text import LONGEST_NAME, counted, printable
from kabicheck.report.culprit_words import cost_words, unbuildable_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import Report, Side


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


# The roles of a diff's lines.
MARKS = {" ": Role.CONTEXT, "-": Role.OLD, "+": Role.NEW}


def header(report: Report) -> Iterator[tuple[Role, str]]:
    """What was compared, what that and the search for commits took, and what is to be known of it."""
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
    if report.attribution:
        yield Role.HEADER, cost_words(report.attribution)
    for note in report.notes:
        yield Role.NOTE, f"note: {printable(note)}"
    if report.attribution:
        for words in unbuildable_words(report.attribution, every=report.verbose):
            yield Role.NOTE, f"note: {words}"


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
