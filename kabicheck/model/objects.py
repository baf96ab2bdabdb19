"""The files of one side, and what an object file says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


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
    then is, what it was; source: the source tree that its debug information names, where that is not its set's;
    archive: what it was unpacked from, as the user calls that; unlisted: files that its debug information names, though
    no list of the build's does: they count in `depends`, which is not complete then.
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
    source: str = ""
    unlisted: tuple[str, ...] = ()
    archive: str = ""


@dataclass(frozen=True, slots=True)
class ObjectSet:
    """The object files of one side, complete for what was asked.

    config: the `.config` they were built with ("" where it is not known); objects are in path order;
    genksyms: the build's own CRCs come from genksyms, so they compare only with themselves; built: how
    many object files the compiler had to make for this; exports_trimmed: CONFIG_TRIM_UNUSED_KSYMS is on;
    source: the source tree's absolute path, as DWARF names it ("" where it is not known); absent: targets
    that were asked for and that this side does not have; without_exports: the paths of objects that it does have, but
    that hold none; made_from: of some of these, what `depends` would say, where it is complete; notes: sentences for
    the report's header.
    """

    objects: tuple[BuiltObject, ...]
    config: str = ""
    genksyms: bool = False
    exports_trimmed: bool = False
    built: int = 0
    source: str = ""
    absent: tuple[str, ...] = ()
    without_exports: tuple[str, ...] = ()
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def only(self, paths: Collection[str]) -> ObjectSet:
        """The same with those objects alone that have one of some paths."""
        return replace(self, objects=tuple(built for built in self.objects if built.path in paths))


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
    (a version that depends on the order of exports, a type with two texts); toolchain of the first unit; ruled: it
    holds kABI rules or names that begin with `__kabi_`, so that --stable may say something else of it.
    """

    path: str
    module: str
    exports: tuple[Export, ...]
    versions: Mapping[str, int]
    unversioned: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    toolchain: Toolchain | None = None
    ruled: bool = False

    def version_or_reason(self, name: str, unknown: str = "it has no version") -> str:
        """The version of an export as "0x1234abcd", else why it has none. unknown: What is said without a reason."""
        if name in self.versions:
            return f"{self.versions[name]:#010x}"
        return self.unversioned.get(name) or unknown

    def only(self, names: Collection[str]) -> ObjectVersions:
        """The same of some exports, without warnings, which may be about others."""
        return replace(
            self,
            exports=tuple(export for export in self.exports if export.name in names),
            versions={name: crc for name, crc in self.versions.items() if name in names},
            unversioned={name: reason for name, reason in self.unversioned.items() if name in names},
            warnings=(),
        )


@dataclass(frozen=True, slots=True)
class Location:
    """Where a declaration stands. file: as in DWARF, made relative to the source tree where it is inside."""

    file: str
    line: int


class DescribedObject(Protocol):
    """One object on one side, as a comparison looks at it, wherever that is known from.

    What is not needed is not read: of an object that did not change, nobody asks for the types.
    """

    @property
    def versions(self) -> ObjectVersions:
        """Each export's version. Raises ObjectError."""
        ...

    @property
    def is_typed(self) -> bool:
        """Whether types are known at all, as they are not from a Module.symvers."""
        ...

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string, as in a symtypes file. Raises ObjectError."""
        ...

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        """Type reference or export → where it is declared, for those of which that is known."""
        ...

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        """Type reference or export → member or parameter → where that is declared, in the same way."""
        ...


class DescribedSide(Protocol):
    """All objects of one side by their paths. A mapping is one."""

    def get(self, path: str, /) -> DescribedObject | None:
        """The object of a path, None where this side has none."""
        ...


class WithoutPlaces:
    """What a DescribedObject says of places where nobody knows where anything is declared."""

    __slots__ = ()

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        """Nothing."""
        del names
        return {}

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        """Nothing."""
        del names
        return {}


@dataclass(frozen=True, slots=True)
class RecordedObject(WithoutPlaces):
    """An object of which versions were recorded, and perhaps types. Where anything is declared is not known.

    versions: Each export's version.
    recorded: Type reference or export → own type string; None where types were not recorded.
    """

    versions: ObjectVersions
    recorded: Mapping[str, str] | None = None

    @property
    def is_typed(self) -> bool:
        """Whether types were recorded."""
        return self.recorded is not None

    def types(self) -> Mapping[str, str]:
        """What was recorded of types, which may be nothing."""
        return self.recorded or {}
