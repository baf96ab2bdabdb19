"""What a reviewer is told as one thing: a cause with all exports that it changes, or what happened to an export else.

Formats that list results (sarif, github, gitlab, markdown) get them from here, the worst first, each with a place in
the tree and a fingerprint, so that they say the same of the same change.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, Location, Severity
from kabicheck.plain_text import LONGEST_LINE, LONGEST_NAME, counted, listed, printable
from kabicheck.report.culprit_words import by_words
from kabicheck.report.words import (
    LONGEST_REMEDY,
    care_words,
    cause_words,
    change_words,
    excuse_words,
    follower_words,
    followers_of,
    grade_words,
    hidden_facts,
    hidden_words,
    path_words,
    remedy_words,
    shown_causes,
    version_changes,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from kabicheck.model import Cause, Culprit, ExportChange, Finding, Report


@dataclass(frozen=True, slots=True)
class Result:
    """One result.

    rule: the id of the rule that found the worst of it.
    severity: how bad it is.
    title: one line that says what changed.
    fingerprint: the same for the same type or export in another run, whatever lines moved meanwhile, and different for
        every result of a report.
    facts: lines for people, without the title.
    place: the line of a file of the source tree; None where none is known.
    counts: whether it fails the check.
    answered: whether its exports could be versioned, or need not be.
    excuses: why it does not count, or why some of its exports do not.
    culprits: who is responsible for it.
    changes: what happened to its exports.
    cause: the declaration that changed; None for what happened to an export without one.
    """

    rule: str
    severity: Severity
    title: str
    fingerprint: str
    facts: tuple[str, ...]
    place: Location | None
    counts: bool
    answered: bool
    excuses: tuple[str, ...]
    culprits: tuple[Culprit, ...]
    changes: tuple[ExportChange, ...]
    cause: Cause | None = None


def results(report: Report) -> list[Result]:
    """All results: what could not be looked at, what counts, the worst, what changes most exports."""
    found = list(_of_causes(report))
    told = {(change.object, change.name) for result in found for change in result.changes}
    found += _of_exports(report, told)
    found += _of_hidden(report)
    found.sort(key=_rank)
    return found


def file_location(location: Location | None) -> Location | None:
    """The location, if it is that of a file in the source tree: relative, without a way out of it."""
    if location is None:
        return None
    path = PurePosixPath(location.file)
    if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0].endswith(":"):
        return None
    name = str(path)
    if "\\" in name or not name.isprintable() or len(name) > LONGEST_LINE:
        return None
    return Location(name, max(location.line, 1))


def object_location(result: Result) -> Location:
    """For formats that insist on a file where none is known: the object file, or the module, of its first export."""
    change = next(iter(result.changes), None)
    names = (change.object, change.module) if change else ()
    places = (file_location(Location(name, 1)) for name in names)
    return next((place for place in places if place), Location("vmlinux", 1))


def _rank(result: Result) -> tuple[bool, bool, int, int]:
    return result.answered, not result.counts, list(Severity).index(result.severity), -len(result.changes)


def _of_causes(report: Report) -> Iterator[Result]:
    comparison = report.comparison
    versions = version_changes(comparison)
    followers = followers_of(comparison)
    repeated: Counter[str] = Counter()
    for cause in shown_causes(report):
        changes = tuple(versions[export] for export in cause.exports if export in versions)
        repeated[cause.reference] += 1
        yield Result(
            rule=_rule(cause.findings, ChangeKind.VERSION),
            severity=cause.severity,
            title=cause_words(cause),
            fingerprint=_fingerprint("cause", cause.reference, repeated[cause.reference]),
            facts=_facts(cause, changes, followers.get(cause.key, ()), every=report.verbose),
            place=_place(cause.new_location, cause.culprits, cause.old_location),
            counts=any(change.fails for change in changes),
            answered=True,
            excuses=tuple(excuse_words(changes)),
            culprits=cause.culprits,
            changes=changes,
            cause=cause,
        )


def _of_exports(report: Report, told: Container[tuple[str, str]]) -> Iterator[Result]:
    """Of the changes that no cause explains. told: (object, export) of those whose version one does."""
    repeated: Counter[tuple[str, str, str]] = Counter()
    for change in report.comparison.changes:
        if change.kind is ChangeKind.VERSION and (change.object, change.name) in told:
            continue
        identity = str(change.kind), change.object, change.name
        repeated[identity] += 1
        excuses = tuple(excuse_words([change]))
        facts = (
            f"in {printable(change.object or change.module, LONGEST_NAME)}",
            grade_words(change.severity, change.findings),
            *care_words(change.findings),
            *excuses,
            *by_words(change.culprits, every=report.verbose),
        )
        yield Result(
            rule=_rule(change.findings, change.kind),
            severity=change.severity,
            title=f"{printable(change.name, LONGEST_NAME)}: {change_words(change)}",
            fingerprint=_fingerprint(*identity, repeated[identity]),
            facts=_lines(facts),
            place=_place(None, change.culprits, None, change.name),
            counts=change.fails,
            answered=not (change.kind is ChangeKind.UNVERSIONED and change.fails),
            excuses=excuses,
            culprits=change.culprits,
            changes=(change,),
        )


def _of_hidden(report: Report) -> Iterator[Result]:
    """Of what rules keep out of the versions: it counts for nothing."""
    repeated: Counter[str] = Counter()
    for hidden in report.comparison.hidden:
        repeated[hidden.reference] += 1
        grade, by = hidden_facts(hidden)
        yield Result(
            rule=_rule(hidden.findings, ChangeKind.VERSION),
            severity=hidden.severity,
            title=hidden_words(hidden),
            fingerprint=_fingerprint("hidden", hidden.reference, repeated[hidden.reference]),
            facts=_lines((grade, by)),
            place=_place(hidden.new_location, (), hidden.old_location),
            counts=False,
            answered=True,
            excuses=(by,),
            culprits=(),
            changes=(),
        )


def _rule(findings: Iterable[Finding], kind: ChangeKind) -> str:
    """The rule of the worst finding; where no rule has spoken, what happened."""
    worst = min(findings, key=lambda finding: list(Severity).index(finding.severity), default=None)
    return printable(worst.rule, LONGEST_NAME) if worst and worst.rule else f"export-{kind}"


def _facts(
    cause: Cause, changes: Sequence[ExportChange], followers: Sequence[str], *, every: bool
) -> tuple[str, ...]:
    """every: name all candidates of whom one is responsible."""
    names = (printable(change.name, LONGEST_NAME) for change in changes)
    facts = (
        grade_words(cause.severity, cause.findings),
        *care_words(cause.findings),
        listed(f"changes the version of {counted(len(changes), 'export')}:", names),
        *by_words(cause.culprits, every=every),
        path_words(cause),
        *excuse_words(changes),
        follower_words(followers),
        remedy_words(cause),
    )
    return _lines(facts)


def _lines(facts: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(fact, LONGEST_REMEDY) for fact in facts if fact)


def _place(
    new: Location | None, culprits: Iterable[Culprit], old: Location | None, name: str = ""
) -> Location | None:
    """In head's tree; of what is gone, where the responsible commit took it out, else where it was.

    name: the export's, of which the last line that was changed is the one that exports it.
    """
    candidates = (new, *(_changed_line(culprit, name) for culprit in culprits), old)
    return next((place for place in map(file_location, candidates) if place), None)


def _changed_line(culprit: Culprit, name: str) -> Location | None:
    """The last line with the name that the commit touched, else its first, as the commit numbers them."""
    for hunk in culprit.hunks:
        touched = [number for number, line in enumerate(hunk.lines) if line.mark != " "]
        named = [number for number in touched if name and name in hunk.lines[number].text]
        chosen = (named[-1:] or touched[:1] or [0])[0]
        lines_before = sum(line.mark != "-" for line in hunk.lines[:chosen])
        return Location(hunk.file, hunk.new_start + lines_before)
    return None


def _fingerprint(*identity: str | int) -> str:
    return sha256("\0".join(map(str, identity)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
