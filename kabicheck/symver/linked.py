"""Linked files, vmlinux and modules: which of their units exports what, and each unit's versions.

A build calculates versions object by object. What is left of an object in a linked file is its unit (an object of C
has one), so each export is versioned from the unit that exported it, with all other exports of that unit:

1. The unit that holds what EXPORT_SYMBOL leaves in debug information beside the symbol: a variable
   `__gendwarfksyms_ptr_NAME` or `__UNIQUE_ID_addressable_NAME_123` (include/linux/export.h). It is the only trace of
   exports that are defined elsewhere: by the linker script (jiffies), in assembly (static calls' trampolines).
2. Without one, the unit that defines the name at the symbol's address. Other units declare it, or have something
   static of the same name.
3. Else the only unit that defines anything at that address, of which the export is another name. A name that the
   linker script gives to an address has no size, and tells nothing.
4. Else the only unit that defines a function of that name without an address: gcc merges equal functions, and a
   wrapper is left of one of them, which no debug information describes (-fipa-icf).

Assembly exports have no type in any of these, and are never guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.definitions import Definitions, Wanted, definitions, other_string
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import file_name
from kabicheck.dwarf.joined import joined
from kabicheck.dwarf.supplementary import link_of
from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.elf.relocations import Place
from kabicheck.elf.rust_symbols import is_exporter_source
from kabicheck.elf.tables import SHN_UNDEF, STB_GLOBAL, STB_LOCAL, STT_FUNC, Symbol
from kabicheck.model import LinkedUnit
from kabicheck.symver.symbols import POINTER_PREFIX
from kabicheck.symver.unit_names import NamedUnits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from kabicheck.dwarf.info import DebugInfo, Strings
    from kabicheck.dwarf.units import UnitInfo
    from kabicheck.model import Export

# Why an export of a linked file has no version.
ASSEMBLY = "its type is in no linked file: it is written in assembly"
NOWHERE = (
    "its type is in no linked file: no unit with debug information defines it (assembly, or built without -g)"
)
SEVERAL = "more than one unit defines it"
NO_SYMBOL = "the symbol table does not say which of several symbols of that name it is"
UNTYPED = frozenset((ASSEMBLY, NOWHERE, SEVERAL, NO_SYMBOL))

_POINTER = POINTER_PREFIX.encode()
_MARKS = re.compile(
    _POINTER + rb"([^\0]+)\0|__UNIQUE_ID_(?:addressable_|___addressable_|__addressable_)([^\0]+?)\0"
)


class Scan(NamedTuple):
    """What one unit says of the exports.

    number: the unit's, in the file.
    definitions: what it defines of what was asked for.
    name: its source file, as DWARF has it.
    directory: where that was compiled.
    language: DW_LANG_*, also of an assembler.
    """

    number: int
    definitions: Definitions
    name: str
    directory: str
    language: int


class Mark(NamedTuple):
    """A variable that EXPORT_SYMBOL makes. certain: nothing else makes such ones."""

    export: str
    certain: bool


class LinkedFile:
    """A linked file with debug information. Raises NotElf, ObjectError; `units` and what needs them NoDebugInfo."""

    def __init__(self, path: Path | str) -> None:
        self.image = Image(path)

    @cached_property
    def exports(self) -> tuple[Export, ...]:
        """All exports, in the order of the symbol table."""
        return read_exports(self.image)

    @cached_property
    def units(self) -> NamedUnits:
        """The units of its debug information."""
        return NamedUnits(self.image)

    @cached_property
    def places(self) -> dict[str, Place]:
        """Export → its symbol's address. A hidden symbol is a local one in a final link, as others of its name."""
        names = {export.name for export in self.exports}
        found: dict[str, set[Place]] = defaultdict(set)
        local: dict[str, set[Place]] = defaultdict(set)
        for symbol in self.image.symbols:
            if symbol.name in names and symbol.section != SHN_UNDEF:
                (local if symbol.binding == STB_LOCAL else found)[symbol.name].add(self._place(symbol))
        return {
            name: next(iter(places))
            for name in names
            if len(places := found.get(name) or local.get(name) or ()) == 1
        }

    def _place(self, symbol: Symbol) -> Place:
        # an odd address says that a function is in Thumb instructions
        thumb = symbol.type == STT_FUNC and self.image.machine == "EM_ARM"
        value = symbol.value & ~1 if thumb else symbol.value
        return Place(symbol.section if self.image.relocatable else 0, value)

    @cached_property
    def given(self) -> frozenset[str]:
        """Exports without a size at the address of something with one: the linker script gives such names."""
        places = self.places
        sizes = {symbol.name: symbol.size for symbol in self.image.symbols if symbol.name in places}
        empty = {places[name] for name, size in sizes.items() if not size}
        if not empty:
            return frozenset()
        taken = {self._place(symbol) for symbol in self.image.symbols if symbol.size} & empty
        return frozenset(name for name, size in sizes.items() if not size and places[name] in taken)

    @cached_property
    def marks(self) -> dict[int, Mark]:
        """Offset in .debug_str → what the variable of that name marks; see `definitions.Wanted` for other strings."""
        names = {export.name for export in self.exports}
        marks = _marks(self.units.strings, names)
        if link_of(self.image) is not None:
            others = _marks(self.units.supplementary.strings, names)
            marks |= {other_string(offset): mark for offset, mark in others.items()}
        return marks

    def scan(self, start: int = 0, stop: int | None = None) -> list[Scan]:
        """What the units between two numbers say of the exports."""
        wanted = Wanted(frozenset(self.places.values()), self.marks.keys(), self.places.keys())
        scans = []
        for number in range(len(self.units.bounds))[start:stop]:
            info = self.units.read(number)
            scans.append(Scan(number, definitions(info, wanted), *_origin(info)))
        return scans

    def unit(self, number: int, unit: LinkedUnit) -> DebugInfo:
        """A unit as if it were an object: with the symbols that it defines, and with what it imports."""
        symbols = [
            Symbol(name, STB_GLOBAL, 0, section or 1, value) for name, (section, value) in unit.places.items()
        ]
        return joined(self.units.read(number, symbols))


def _marks(strings: Strings, names: Collection[str]) -> dict[int, Mark]:
    """Offset of a string → the export that a variable of that name marks."""
    marks = {}
    for match in _MARKS.finditer(strings.data):
        pointer, addressable = match.groups()
        if pointer is not None:
            name: str | None = pointer.decode("latin-1")
        else:
            name = _numbered(addressable.decode("latin-1"), names)
        if name is not None and name in names:
            marks[match.start()] = Mark(name, pointer is not None)
    return marks


def _numbered(text: str, names: Collection[str]) -> str | None:
    """The export in `NAME_123`, or `NAME123` as it was until Linux 6.16; None where it could be two."""
    plain, _, number = text.rpartition("_")
    if number.isdigit() and plain in names:
        return plain
    stem = text.rstrip("0123456789")
    found = [text[:end] for end in range(len(stem), len(text)) if text[:end] in names]
    return found[0] if len(found) == 1 else None


def _origin(info: UnitInfo) -> tuple[str, str, int]:
    reader = DieReader(info, info.units[0])
    root = reader.root()
    name, directory = file_name(reader, root, dw.AT_NAME), file_name(reader, root, dw.AT_COMP_DIR)
    return name, directory, reader.number(root, dw.AT_LANGUAGE) or 0


class Assignment(NamedTuple):
    """Which unit exports what: number of the unit → what it exports; exports of no unit → why."""

    units: dict[int, LinkedUnit]
    unversioned: dict[str, str]


def assign(file: LinkedFile, scans: Iterable[Scan]) -> Assignment:
    """Find each export's unit from what all units say."""
    evidence = _Evidence(file, scans)
    by_unit: dict[int, list[Export]] = defaultdict(list)
    unversioned = {}
    for export in file.exports:
        found = evidence.unit(export.name)
        if isinstance(found, int):
            by_unit[found].append(export)
        else:
            unversioned[export.name] = found
    units = {number: evidence.linked_unit(number, by_unit[number]) for number in sorted(by_unit)}
    return Assignment(units, unversioned)


class _Evidence:
    """What the units say of each export, the best first."""

    def __init__(self, file: LinkedFile, scans: Iterable[Scan]) -> None:
        self._file = file
        self._scans = {scan.number: scan for scan in scans}
        self._certain: dict[str, set[int]] = defaultdict(set)
        self._marked: dict[str, set[int]] = defaultdict(set)
        self._named: dict[tuple[Place, str | None], set[int]] = defaultdict(set)
        self._at: dict[Place, set[int]] = defaultdict(set)
        self._bare: dict[str, set[int]] = defaultdict(set)
        for scan in self._scans.values():
            for definition in scan.definitions.found:
                self._named[definition].add(scan.number)
                self._at[definition.place].add(scan.number)
            for name in scan.definitions.bare:
                self._bare[name].add(scan.number)
            if is_exporter_source(scan.name):
                continue  # which exports what others define
            for offset in scan.definitions.marks:
                mark = file.marks[offset]
                (self._certain if mark.certain else self._marked)[mark.export].add(scan.number)

    def unit(self, name: str) -> int | str:
        """The unit that exports a name, or why none can be told."""
        place = self._file.places.get(name)
        own = self._named.get((place, name), set()) if place else set()
        at = self._at.get(place, set()) if place and name not in self._file.given else set()
        for units in (self._certain.get(name), self._marked.get(name), own, at, self._bare.get(name)):
            # of several, the one that also defines it: others use a static call that one exports
            likely = units & own or units if units else set()
            if len(likely) == 1:
                (number,) = likely
                return number if self._scans[number].language != dw.ASSEMBLER else ASSEMBLY
        if place is None:
            return NO_SYMBOL
        return SEVERAL if at else NOWHERE

    def linked_unit(self, number: int, exports: list[Export]) -> LinkedUnit:
        """All that one unit exports, in the order in which the build lists it for that object.

        That is by name (`nm` in scripts/Makefile.build), but for Rust (`nm -p` in rust/Makefile).
        """
        scan = self._scans[number]
        if scan.language in dw.C_LANGUAGES:
            exports = sorted(exports, key=lambda export: export.name.encode("latin-1"))
        found = set(scan.definitions.found)
        defined = {definition.place for definition in found}
        places = {}
        for name in (export.name for export in exports):
            place = self._file.places.get(name)
            if place in defined and (name not in self._file.given or (place, name) in found):
                places[name] = place
        return LinkedUnit(number, tuple(exports), places)
