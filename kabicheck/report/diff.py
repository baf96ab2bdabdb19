"""The annotated diff: each declaration that changed, at each changed line who changed it, and those commits' own hunks.

Laid out as unified diffs are, so that editors and pagers colour it; what is not a line of a diff begins with `#`.
`lines` gives the same lines with what they are, as the text report does.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, DiffLine, Verdict
from kabicheck.plain_text import LONGEST_LINE, LONGEST_NAME, counted, printable
from kabicheck.report.culprit_words import author_words, commit_words, culprit_words, date_words, margin
from kabicheck.report.header import MARKS, Role, header
from kabicheck.report.sections import sections
from kabicheck.report.words import (
    care_words,
    cause_words,
    excuse_words,
    exports_words,
    follower_words,
    followers_of,
    grade_words,
    hidden_facts,
    hidden_words,
    path_words,
    shown_causes,
    state_words,
    verdict,
    version_changes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.model import Culprit, ExportChange, Hunk, Location, Report, Side

# What is shown of one culprit before the rest is only counted.
MOST_HUNKS = 10
LONGEST_HUNK = 100
MOST_TRANSITIONS = 20
MOST_CANDIDATES = 20


def emit(report: Report) -> str:
    """The whole document as plain text; one line per line, safe for a terminal."""
    return "".join(f"{line}\n" for _, line in lines(report))


def lines(report: Report) -> Iterator[tuple[Role, str]]:
    """The lines of the document, each with its role."""
    for role, line in header(report):
        yield role, f"# {line}"
    comparison = report.comparison
    changed = version_changes(comparison)
    followers = followers_of(comparison)
    for cause in shown_causes(report):
        exports = [changed[export] for export in cause.exports if export in changed]
        yield Role.CONTEXT, ""
        yield Role.TITLE, f"# {cause_words(cause)} · {grade_words(cause.severity, cause.findings)}"
        facts = (
            *care_words(cause.findings),
            path_words(cause),
            exports_words(exports),
            *excuse_words(exports),
            follower_words(followers.get(cause.key, ())),
        )
        yield from ((Role.EXPORTS, f"# {fact}") for fact in facts if fact)
        if cause.diff:
            yield Role.OLD, f"--- {_place(report.base, cause.old_location)}"
            yield Role.NEW, f"+++ {_place(report.head, cause.new_location)}"
            yield from _diff(cause.diff, cause.culprits)
        for culprit in cause.culprits:
            yield from _culprit(culprit, every=report.verbose)
    for title, changes in sections(comparison):
        yield from _section(title, changes, every=report.verbose)
    for each in comparison.hidden:
        yield Role.CONTEXT, ""
        yield Role.TITLE, f"# {hidden_words(each)}"
        yield from ((Role.EXPORTS, f"# {fact}") for fact in hidden_facts(each))
    said = verdict(report)
    yield Role.CONTEXT, ""
    yield (Role.OK if said.startswith("OK") else Role.FAILED), f"# {said}"


def _section(title: str, changes: Sequence[ExportChange], *, every: bool) -> Iterator[tuple[Role, str]]:
    """What happened to exports that no declaration explains: what they were, and what they are."""
    yield Role.CONTEXT, ""
    yield Role.TITLE, f"# {title}"
    yield from ((Role.EXPORTS, f"# {fact}") for fact in excuse_words(changes))
    states = []
    for change in changes:
        # The first culprit took away what it was, the last one made it what it is.
        if change.kind is not ChangeKind.ADDED:
            states.append(DiffLine("-", state_words(change, change.old), 0))
        if change.kind is not ChangeKind.REMOVED:
            states.append(DiffLine("+", state_words(change, change.new), len(change.culprits) - 1))
    yield from _diff(states, changes[0].culprits)
    # Their culprits differ in nothing but what they did to each export.
    for same in zip(*(change.culprits for change in changes), strict=True):
        hunks = dict.fromkeys(hunk for culprit in same for hunk in culprit.hunks)
        transitions = chain.from_iterable(culprit.transitions for culprit in same)
        whole = replace(same[0], hunks=tuple(hunks), transitions=tuple(transitions))
        yield from _culprit(whole, every=every)


def _place(side: Side, location: Location | None) -> str:
    label = printable(side.label, LONGEST_NAME)
    return f"{label} {printable(location.file, LONGEST_NAME)}:{location.line}" if location else label


def _diff(diff: Sequence[DiffLine], culprits: Sequence[Culprit]) -> Iterator[tuple[Role, str]]:
    texts = [f"{line.mark}{printable(line.text)}" for line in diff]
    for line, text in zip(diff, margin(diff, texts, culprits, full=True), strict=True):
        yield MARKS.get(line.mark, Role.CONTEXT), text


def _culprit(culprit: Culprit, *, every: bool) -> Iterator[tuple[Role, str]]:
    """Who it is, with the hunks of its own diff, and what it made of the exports. every: name all candidates."""
    yield Role.CONTEXT, ""
    yield Role.NOTE, f"# {culprit_words(culprit, dated=True, candidates=False)}"
    if culprit.verdict is Verdict.ONE_OF:
        most = len(culprit.commits) if every else MOST_CANDIDATES
        for commit in culprit.commits[:most]:
            yield Role.NOTE, f"#     {commit_words(commit, author_words(commit), date_words(commit))}"
        yield from _left_out(culprit.commits, most, "commit")
    yield from _hunks(culprit.hunks)
    for each in culprit.transitions[:MOST_TRANSITIONS]:
        old, new = (printable(version or "(none)", LONGEST_NAME) for version in (each.old, each.new))
        yield Role.EXPORTS, f"#     {printable(each.export, LONGEST_NAME)} {old} → {new}"
    yield from _left_out(culprit.transitions, MOST_TRANSITIONS, "export")


def _hunks(hunks: Sequence[Hunk]) -> Iterator[tuple[Role, str]]:
    files = ("", "")
    for hunk in hunks[:MOST_HUNKS]:
        if files != (files := (hunk.old_file or hunk.file, hunk.file)):
            yield Role.OLD, f"--- a/{printable(files[0], LONGEST_NAME)}"
            yield Role.NEW, f"+++ b/{printable(files[1], LONGEST_NAME)}"
        old, new = (sum(line.mark in marks for line in hunk.lines) for marks in (" -", " +"))
        yield Role.HEADER, f"@@ -{hunk.old_start},{old} +{hunk.new_start},{new} @@"
        for line in hunk.lines[:LONGEST_HUNK]:
            text = printable(line.text[:LONGEST_LINE].expandtabs())
            yield MARKS.get(line.mark, Role.CONTEXT), f"{line.mark}{text}".rstrip()
        yield from _left_out(hunk.lines, LONGEST_HUNK, "line")
    yield from _left_out(hunks, MOST_HUNKS, "hunk")


def _left_out(found: Sequence[object], shown: int, noun: str) -> Iterator[tuple[Role, str]]:
    if len(found) > shown:
        yield Role.NOTE, f"#     … and {counted(len(found) - shown, f'more {noun}')}"
