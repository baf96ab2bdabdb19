"""Plain data that the rooms hand to each other. Nothing here computes.

vcs       → Commit, Touch, Step, Hunk       what history says
objects   → BuiltObject, ObjectSet          the files of one side
symver    → Export, ObjectVersions          what one object file says
compare   → ExportChange, Cause, Comparison what differs between two sides
attribute → Culprit, Attribution            who changed it
commands  → Side, Report                    what an emitter is given
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


# --- history ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, or with an empty id a tree that is not committed yet.

    id and tree are hexadecimal; time is the committer's, in seconds since 1970; parents are ids.
    """

    id: str
    short: str
    subject: str
    author: str
    email: str
    time: int
    tree: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """A file that differs between two trees. status: "A", "D", "M" or, of a renamed one, "R"; old_path: of that."""

    status: str
    path: str
    old_path: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """From a commit to the next on a way through history. touched: the files that differ between their trees.

    parent: the commit before it on that way, of a merge the parent that it was reached from.
    """

    parent: Commit
    commit: Commit
    touched: tuple[Touch, ...]


# --- objects and their versions --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What made an object: differences here can change every version without a change in the source.

    machine: ELF machine and data model, as "x86_64"; producer: DW_AT_producer up to the first option
    ("GNU C11 12.2.0"); dwarf: the DWARF version of the units.
    """

    machine: str
    producer: str
    dwarf: int


@dataclass(frozen=True, slots=True)
class LinkedUnit:
    """What one unit of a linked file (vmlinux, a module) exports.

    number: of the unit in the file, None for exports of no unit that could be read; exports: in the order of the
    build's list; places: of those that the unit itself defines → (section, value) as in the symbol table;
    unversioned: export → why it can have no version.
    """

    number: int | None
    exports: tuple[Export, ...]
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unversioned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """One object file of a build that holds exports.

    path: relative to the build's root ("lib/kobject.o"); file: where its bytes are now; module: "vmlinux"
    or the module's name; types: the stand-in that kbuild compiles for an assembly object's exports
    ("X.gendwarfksyms.o"), where there is one; reference: the build's own `#SYMVER` lines for it, if any;
    depends: the files of the source tree that it is made from, relative to it, headers that the build makes followed
    to what these are made from; complete: whether these are known to be all; goal: what make calls it, where that is
    another name ("arch/x86/kvm/../../../virt/kvm/kvm_main.o"); exporter: the object that exports what this one
    defines, where it does not itself ("rust/exports.o"); unit: where the object is part of a linked file, which `file`
    then is, what it was.
    """

    path: str
    file: Path
    module: str
    types: Path | None = None
    reference: Mapping[str, int] = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    complete: bool = False
    goal: str = ""
    exporter: Path | None = None
    unit: LinkedUnit | None = None


@dataclass(frozen=True, slots=True)
class ObjectSet:
    """The object files of one side, complete for what was asked.

    config: the `.config` they were built with ("" where it is not known); objects are in path order;
    genksyms: the build's own CRCs come from genksyms, so they compare only with themselves; built: how
    many object files the compiler had to make for this; exports_trimmed: CONFIG_TRIM_UNUSED_KSYMS is on;
    source: the source tree's absolute path, as DWARF names it ("" where it is not known); absent: targets
    that were asked for and that this side does not have; without_exports: the paths of objects that it does have, but
    that hold none; notes: sentences for the report's header.
    """

    objects: tuple[BuiltObject, ...]
    config: str = ""
    genksyms: bool = False
    exports_trimmed: bool = False
    built: int = 0
    source: str = ""
    absent: tuple[str, ...] = ()
    without_exports: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """An exported symbol. licence: "GPL" for EXPORT_SYMBOL_GPL, "" otherwise; namespace: "" for none."""

    name: str
    licence: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class ObjectVersions:
    """The symbol versions of one object file.

    versions: export → CRC-32; unversioned: export → why it got none; warnings: sentences for the user
    (a version that depends on the order of exports, a type with two texts); toolchain of the first unit.
    """

    path: str
    module: str
    exports: tuple[Export, ...]
    versions: Mapping[str, int]
    unversioned: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    toolchain: Toolchain | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Where a declaration stands. file: as in DWARF, made relative to the source tree where it is inside."""

    file: str
    line: int


# --- changes ---------------------------------------------------------------------------------------


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
    """How bad a finding is, the worst first.

    BREAKING: a module that was built against the old side may misbehave, or cannot be loaded; INCOMPATIBLE: what
    was compiled still fits, but the loader refuses it; HARMLESS: nothing that was built before notices.
    """

    BREAKING = "breaking"
    INCOMPATIBLE = "incompatible"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one type or export. rule: its id, as `kabicheck explain` takes it.

    subject: the type reference ("s#kobject") or the export's name; detail: what it is about, in a few words
    ("flags: unsigned int → unsigned long").
    """

    rule: str
    severity: Severity
    subject: str
    detail: str


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of some; what nothing is known of is BREAKING."""
    found = set(severities)
    return next((severity for severity in Severity if severity in found), Severity.BREAKING)


class Verdict(StrEnum):
    """How much was shown of who changed something.

    VERIFIED: the version was another one just before that commit, shown by what was built; ONE_OF: the builds narrow
    it down to these; SUSPECTED: the commit touched the lines, nothing was built; NONE: no commit of the range did it
    (another configuration, another toolchain).
    """

    VERIFIED = "verified"
    ONE_OF = "one of"
    SUSPECTED = "suspected"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Transition:
    """What a commit made of one export. old, new: as in ExportChange of a VERSION, "" where it did not exist."""

    object: str
    export: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff. mark: " ", "-" or "+"; culprit: who changed it, a number in Cause.culprits."""

    mark: str
    text: str
    culprit: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A part of a commit's own diff of one file. old_file: its former name, where it was renamed.

    old_start, new_start: line numbers from 1, as in a unified diff.
    """

    file: str
    old_start: int
    new_start: int
    lines: tuple[DiffLine, ...]
    old_file: str = ""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who is responsible for a cause, or for a change of an export, as far as was shown.

    commits: one, or several of ONE_OF (oldest first), or none of NONE; transitions: what its exports became there,
    where that was shown; merges: through which it came into the range, the outermost first; hunks: of the commit's
    own diff, those of the declaration; reason: why no more could be said, a sentence, or "".
    """

    verdict: Verdict
    commits: tuple[Commit, ...] = ()
    transitions: tuple[Transition, ...] = ()
    merges: tuple[Commit, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    reason: str = ""


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
class Comparison:
    """All that differs between two sides, and how much was looked at.

    unchanged: (module, object, export) of every export that was compared and is the same.
    """

    changes: tuple[ExportChange, ...]
    causes: Mapping[str, Cause]
    unchanged: tuple[tuple[str, str, str], ...]

    @property
    def compared(self) -> int:
        """The number of exports that were looked at on either side (an export may change in two ways)."""
        return len(self.unchanged) + len({(c.object, c.name) for c in self.changes})


# --- reports ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a report. label: a short commit id or a path; detail: how it was chosen ("merge base of …")."""

    label: str
    detail: str = ""
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the search for commits cost, and what stood in its way. mode: "blame" or "verify".

    commits: all between both sides, oldest first; builds: how many commits had to be built; objects: how many object
    files were compiled for that; unbuildable: commits that could not be built, and why; seconds: of wall time.
    """

    mode: str
    commits: tuple[Commit, ...]
    builds: int = 0
    objects: int = 0
    unbuildable: tuple[tuple[Commit, str], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule means. severity: where nothing else is configured; text: Markdown that begins with a sentence."""

    id: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an emitter is given. notes: sentences for the header; failed: the verdict; verbose: fold nothing.

    attribution: None where nobody asked who changed what; rules: those of its findings, where a reader wants them.
    """

    base: Side
    head: Side
    comparison: Comparison
    commits: int = 0
    machine: str = ""
    compiler: str = ""
    built: int = 0
    cached: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    failed: bool = False
    verbose: bool = False
    attribution: Attribution | None = None
    rules: tuple[RuleText, ...] = ()
