"""The report that people read: header, one block per cause, other changes, verdict.

`emit` is plain. `lines` gives the same lines with what they are, for whoever wants to colour them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind
from kabicheck.plain_text import LONGEST_NAME, counted, listed, printable
from kabicheck.report.culprit_words import by_words, margin
from kabicheck.report.header import MARKS, Role, header
from kabicheck.report.sections import sections
from kabicheck.report.words import (
    care_words,
    cause_words,
    change_words,
    diff_words,
    excuse_words,
    exports_words,
    follower_words,
    followers_of,
    grade_words,
    hidden_facts,
    hidden_words,
    path_words,
    remedy_words,
    shown_causes,
    verdict,
    version_changes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.model import Cause, Comparison, ExportChange, Hidden, Report

WIDTH = 100


def emit(report: Report) -> str:
    """The whole report as plain text; one line per line, safe for a terminal."""
    return "".join(f"{line}\n" for _, line in lines(report))


def lines(report: Report) -> Iterator[tuple[Role, str]]:
    """The lines of the report, each with its role."""
    yield from header(report)
    yield Role.CONTEXT, ""
    versions = version_changes(report.comparison)
    followers = followers_of(report.comparison)
    for cause in shown_causes(report):
        yield from _cause(
            cause, report.comparison, versions, followers.get(cause.key, ()), verbose=report.verbose
        )
        yield Role.CONTEXT, ""
    for title, changes in sections(report.comparison):
        yield from _section(title, changes, verbose=report.verbose)
    yield from _hidden(report.comparison)
    said = verdict(report)
    yield (Role.OK if said.startswith("OK") else Role.FAILED), said


def _cause(
    cause: Cause,
    comparison: Comparison,
    versions: Mapping[tuple[str, str], ExportChange],
    followers: Sequence[str],
    *,
    verbose: bool,
) -> Iterator[tuple[Role, str]]:
    yield Role.TITLE, _with_location(cause_words(cause), cause)
    diff = margin(cause.diff, [f"  {diff_words(line)}" for line in cause.diff], cause.culprits)
    for line, text in zip(cause.diff, diff, strict=True):
        yield MARKS.get(line.mark, Role.CONTEXT), text
    roots_of = (comparison.causes[key] for key in cause.follows if key in comparison.causes)
    follows = [printable(root.title, LONGEST_NAME) for root in roots_of]
    changed = [versions[export] for export in cause.exports if export in versions]
    facts = (
        grade_words(cause.severity, cause.findings),
        *care_words(cause.findings),
        listed("follows", follows) if follows else "",
        path_words(cause),
        exports_words(changed),
        *by_words(cause.culprits, diff, every=verbose),
        *excuse_words(changed),
        follower_words(followers),
        remedy_words(cause),
    )
    for fact in filter(None, facts):
        yield Role.EXPORTS, f"  {fact}"


def _with_location(title: str, cause: Cause | Hidden) -> str:
    location = cause.new_location or cause.old_location
    if location is None:
        return title
    where = f"{printable(location.file, LONGEST_NAME)}:{location.line}"
    return f"{title}  {where:>{max(WIDTH - len(title) - 2, 0)}}"


def _section(title: str, changes: list[ExportChange], *, verbose: bool) -> Iterator[tuple[Role, str]]:
    yield Role.TITLE, title
    for alike in [[change] for change in changes] if verbose else _alike(changes):
        names = listed("   ", (printable(change.name, LONGEST_NAME) for change in alike))
        place = printable(alike[0].object, LONGEST_NAME)
        yield Role.EXPORTS, f"{names}: {change_words(alike[0])}  ({place})"
    cares = care_words(finding for change in changes for finding in change.findings)
    for fact in (*cares, *by_words(changes[0].culprits, every=verbose), *excuse_words(changes)):
        yield Role.EXPORTS, f"  {fact}"
    yield Role.CONTEXT, ""


def _hidden(comparison: Comparison) -> Iterator[tuple[Role, str]]:
    """What no version says, since rules keep it out."""
    if not comparison.hidden:
        return
    yield Role.TITLE, f"hidden by kABI rules: {counted(len(comparison.hidden), 'change')}"
    for each in comparison.hidden:
        yield Role.EXPORTS, f"    {_with_location(hidden_words(each), each)}"
        yield from ((Role.EXPORTS, f"      {fact}") for fact in hidden_facts(each))
    yield Role.CONTEXT, ""


def _alike(changes: list[ExportChange]) -> list[list[ExportChange]]:
    """What has no version for the same reason together: in a vmlinux that is all that is written in assembly."""
    groups: dict[tuple[str, str], list[ExportChange]] = {}
    for change in changes:
        said = change_words(change) if change.kind is ChangeKind.UNVERSIONED else change.name
        groups.setdefault((change.object, said), []).append(change)
    return list(groups.values())
