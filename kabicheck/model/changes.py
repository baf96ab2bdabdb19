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
        found = re.search(rf"^ *{self}: (.+(?:\n {{8}}.+)*)", Severity.__doc__ or "", re.MULTILINE)
        return " ".join(found[1].split()) if found else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one type or export. rule: its id, as `kabicheck explain` takes it.

    subject: the type reference ("s#kobject") or the export's name; detail: what it is about, in a few words
    ("flags: unsigned int → unsigned long"); care: what the grade takes for granted, and readers have to look at
    themselves, "" for nothing.
    """

    rule: str
    severity: Severity
    subject: str
    detail: str
    care: str = ""


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of some; what nothing is known of is BREAKING."""
    found = set(severities)
    return next((severity for severity in Severity if severity in found), Severity.BREAKING)


@dataclass(frozen=True, slots=True)
class ExportChange:
    """One export that is not what it was. `causes` are keys of Comparison.causes.

    old, new: what the kind is about: the version ("0x1234abcd") of VERSION, ADDED and REMOVED, the licence,
    namespace or module; of UNVERSIONED each side's version or the reason why it has none. fails: whether it
    counts for the verdict. findings: of the rules for exports; severity: the worst of these and of its causes.
    namespace: the old side's, of an added export the new one's; excuse: why it does not count though it is that bad;
    culprits: who changed it, in the order of history, where that was asked for.
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

    reference: the type reference ("s#kobject"), or the export's name for a signature; title: in C's words ("struct
    kobject"); summary: what differs ("member type changed, layout changed"); exports: (object, export) pairs that
    reach it; findings: what the rules say of it; follows: the keys of the causes that it contains by value and that
    are the whole reason why its sizes and offsets differ, none for a root; path: the titles from the nearest export to
    this type, where they were asked for; remedy: what keeps the versions, or why nothing does, where that was looked
    for; culprits: who changed it, in the order of history, where that was asked for.
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

    reference, title, summary, findings, exports, old_location, new_location: as in a Cause, without the rules; by:
    what hides it ("declonly clk", "__kabi_* members"), as far as that is known.
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
