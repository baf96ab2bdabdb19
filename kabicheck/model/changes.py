"""What differs between two sides, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.model.history import Attribution, Culprit, DiffLine
    from kabicheck.model.objects import Location, Toolchain


class ChangeKind(StrEnum):
    """What happened to an export."""

    ADDED = "added"
    REMOVED = "removed"
    VERSION = "version"
    NAMESPACE = "namespace"
    LICENCE = "licence"
    MODULE = "module"
    UNVERSIONED = "unversioned"


class Severity(StrEnum):
    """How bad a finding is, the worst first; where two grades fit it has the graver.

    breaking: a module that was built against the base could misbehave if it were loaded, or lacks a symbol that nothing
        restores; also what cannot be judged
    incompatible: nothing that a module which was built against the base uses is different in binary form, or in what
        debug information can tell of its meaning, but the loader refuses it: for a version, a namespace or a licence
    harmless: a module that was built against the base loads and works
    """

    BREAKING = "breaking"
    INCOMPATIBLE = "incompatible"
    HARMLESS = "harmless"

    @property
    def meaning(self) -> str:
        """The definition above, which all documents repeat."""
        definition = re.search(rf"^ *{self}: (.+(?:\n {{8}}.+)*)", Severity.__doc__ or "", re.MULTILINE)
        return " ".join(definition[1].split()) if definition else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one type or export.

    rule: The rule's id, as `kabicheck explain` takes it.
    severity: The grade.
    subject: The type reference ("s#kobject") or the export's name.
    detail: What it is about, in a few words ("flags: unsigned int → unsigned long").
    care: What the grade takes for granted, and readers have to look at themselves; "" for nothing.
    """

    rule: str
    severity: Severity
    subject: str
    detail: str
    care: str = ""


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of some; what nothing is known of is BREAKING."""
    among = set(severities)
    return next((severity for severity in Severity if severity in among), Severity.BREAKING)


@dataclass(frozen=True, slots=True)
class ExportChange:
    """One way in which an export is not the same on both sides.

    kind: What happened to the export.
    name: The export's.
    object: The path of the object that exports it, on the new side if that has it.
    module: The module that the object is in.
    old: What the kind is about on the old side. That is the version ("0x1234abcd") of VERSION, ADDED and REMOVED, and
        the licence, namespace or module; of UNVERSIONED it is the version, or the reason why there is none.
    new: The same on the new side.
    causes: Keys of Comparison.causes.
    fails: Whether it counts for the verdict.
    findings: What the rules for exports say.
    severity: The worst of these findings and of the causes.
    namespace: That of the old side; of an added export that of the new one.
    excuse: Why it does not count though it is that bad, "" where there is no excuse.
    culprits: Who changed it, in the order of history, where that was asked for.
    """

    kind: ChangeKind
    name: str
    object: str
    module: str
    old: str = ""
    new: str = ""
    causes: tuple[str, ...] = ()
    fails: bool = True
    findings: tuple[Finding, ...] = ()
    severity: Severity = Severity.BREAKING
    namespace: str = ""
    excuse: str = ""
    culprits: tuple[Culprit, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A type, or an export's own signature, whose own text differs; it explains every export listed.

    key: What changes and other causes refer to it by.
    reference: The type reference ("s#kobject"), or for a signature the export's name.
    title: The same in C's words ("struct kobject").
    summary: What differs ("member type changed, layout changed").
    diff: The difference of both declarations, line by line, in the words of their language.
    exports: (object, export) pairs that reach it.
    old_location: Where the old side declares it, None where that is not known.
    new_location: Where the new side declares it, None where that is not known.
    findings: What the rules say of it.
    follows: Keys of the causes that it contains by value and that are the whole reason why its sizes and offsets
        differ; empty for a root.
    path: The titles from the nearest export to this type, where they were asked for.
    remedy: What keeps the versions, or why nothing does, where that was looked for.
    culprits: Who changed it, in the order of history, where that was asked for.
    """

    key: str
    reference: str
    title: str
    summary: str
    diff: tuple[DiffLine, ...]
    exports: tuple[tuple[str, str], ...]
    old_location: Location | None = None
    new_location: Location | None = None
    findings: tuple[Finding, ...] = ()
    follows: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    remedy: str = ""
    culprits: tuple[Culprit, ...] = ()

    @property
    def severity(self) -> Severity:
        """The worst of its findings'."""
        return worst(finding.severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A difference that kABI rules keep out of the versions. No version says it, so that it fails nothing.

    The fields that a Cause has, too, are about the type as it is without the kABI rules.

    reference: As in a Cause.
    title: As in a Cause.
    summary: As in a Cause.
    findings: As in a Cause.
    by: What hides it ("declonly clk", "__kabi_* members"), as far as that is known.
    exports: As in a Cause.
    old_location: As in a Cause.
    new_location: As in a Cause.
    """

    reference: str
    title: str
    summary: str
    findings: tuple[Finding, ...]
    by: tuple[str, ...]
    exports: tuple[tuple[str, str], ...]
    old_location: Location | None = None
    new_location: Location | None = None

    @property
    def severity(self) -> Severity:
        """The worst of its findings'."""
        return worst(finding.severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two sides, and how much was looked at.

    Each step of the pipeline makes a fuller one of it: with licences, remedies, culprits, under a policy.

    changes: Exports that differ, in the order of their objects and names.
    causes: Key of a cause → the cause.
    unchanged: (module, object, export) of every export that was compared and is the same.
    hidden: What kABI rules keep out of the versions, the worst first.
    notes: Sentences for the report.
    toolchain: What made the first of the new side's objects, None where that is not known.
    ruled: Paths of the objects that hold kABI rules or `__kabi_*` members on either side.
    attribution: What the search for commits cost, None where nobody was looked for.
    failed: The verdict. False until a policy was applied.
    """

    changes: tuple[ExportChange, ...]
    causes: Mapping[str, Cause]
    unchanged: tuple[tuple[str, str, str], ...]
    hidden: tuple[Hidden, ...] = ()
    notes: tuple[str, ...] = ()
    toolchain: Toolchain | None = None
    ruled: frozenset[str] = frozenset()
    attribution: Attribution | None = None
    failed: bool = False

    @property
    def compared(self) -> int:
        """The number of exports that were looked at on either side (an export may change in two ways)."""
        return len(self.unchanged) + len({(c.object, c.name) for c in self.changes})
