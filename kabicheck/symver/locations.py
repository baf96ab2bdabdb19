"""Where declarations stand in the source, and what compiled them; asked for by reports, never by versions."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import file_name, read_files
from kabicheck.model import Location, Toolchain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kabicheck.dwarf.die import Die
    from kabicheck.dwarf.info import DebugInfo, Unit

# What nearly every object of a kernel includes, below the tree that the headers are in.
_HEADER = re.compile(r"(?:(.*)/)?include/(?:uapi/)?(?:linux|asm-generic)/[^/]+\.h", re.DOTALL)

AGGREGATES = frozenset({dw.TAG_STRUCTURE, dw.TAG_UNION, dw.TAG_CLASS})
# From a typedef or variable to its type; damaged debug information may be a circle.
MOST_LINKS = 50


class Locations:
    """Reads declaration coordinates of DIEs in one file."""

    def __init__(self, info: DebugInfo) -> None:
        self._info = info
        self._starts = [unit.start for unit in info.units]
        self._readers: dict[int, DieReader] = {}  # by the unit's start
        self._files: dict[int, list[str]] = {}

    def of(self, dies: Mapping[str, int]) -> dict[str, Location]:
        """Name → DIE offset, to name → where it is declared; names without coordinates are left out."""
        found = {}
        for name, offset in dies.items():
            die = self._read(offset)
            if die and (place := self._place(die)):
                found[name] = place
        return found

    def members(self, dies: Mapping[str, int]) -> dict[str, dict[str, Location]]:
        """Name → DIE offset, to name → where its members or parameters are; all without coordinates are left out.

        Members of unnamed structures and unions have the name of the member in front, if that has one: `u.a`.
        """
        definitions = {name: self._definition(offset) for name, offset in dies.items()}
        found = {name: dict(self._members(die, "", set())) for name, die in definitions.items() if die}
        return {name: places for name, places in found.items() if places}

    def _members(self, die: Die, prefix: str, seen: set[int]) -> Iterator[tuple[str, Location]]:
        """All members with their places. seen: types that were entered; damaged ones may hold themselves."""
        seen.add(die.offset)
        reader = self._reader(self._unit(die.offset))
        for child in reader.children(die):
            if child.tag not in (dw.TAG_MEMBER, dw.TAG_FORMAL_PARAMETER):
                continue
            name = reader.text(child, dw.AT_NAME) or ""
            place = self._place(child)
            if name and place:
                yield prefix + name, place
            offset = reader.reference(child, dw.AT_TYPE)
            inner = self._read(offset) if offset is not None else None
            if inner and inner.offset not in seen and inner.tag in AGGREGATES and not self._name(inner):
                yield from self._members(inner, f"{prefix}{name}." if name else prefix, seen)

    def _definition(self, offset: int) -> Die | None:
        """What holds the members of a DIE: itself, or the unnamed type that a typedef or variable is made from."""
        die = self._read(offset)
        for _ in range(MOST_LINKS):
            if die is None or die.tag in AGGREGATES or die.tag == dw.TAG_SUBROUTINE:
                break
            function = die.tag == dw.TAG_SUBPROGRAM
            link = dw.AT_ABSTRACT_ORIGIN if function else dw.AT_TYPE
            inner = self._reader(self._unit(die.offset)).reference(die, link)
            if inner is None:
                break
            die = self._read(inner)
            if die and not function and self._name(die) is not None:
                return None  # a type with a place of its own
        return die

    def _read(self, offset: int) -> Die | None:
        return self._reader(self._unit(offset)).read(offset)

    def _unit(self, offset: int) -> Unit:
        return self._info.units[bisect_right(self._starts, offset) - 1]

    def _name(self, die: Die) -> str | None:
        return self._reader(self._unit(die.offset)).text(die, dw.AT_NAME)

    def _place(self, die: Die) -> Location | None:
        unit = self._unit(die.offset)
        reader, files = self._reader(unit), self._paths(unit)
        number, line = reader.number(die, dw.AT_DECL_FILE), reader.number(die, dw.AT_DECL_LINE)
        if number is None or line is None or number >= len(files):
            return None
        return Location(files[number], line)

    def written_in_assembly(self, dies: Mapping[str, int]) -> set[str]:
        """The names whose DIE is in a unit of an assembler."""
        units = [unit for unit in self._info.units if self._language(unit) == dw.ASSEMBLER]
        return {name for name, die in dies.items() if any(unit.start <= die < unit.end for unit in units)}

    def _language(self, unit: Unit) -> int | None:
        reader = self._reader(unit)
        return reader.number(reader.root(), dw.AT_LANGUAGE)

    def toolchain(self) -> Toolchain:
        """The compiler of the first unit that names one (partial units do not), without its options."""
        unit, producer = self._info.units[0], "unknown compiler"
        for each in self._info.units:
            reader = self._reader(each)
            if named := reader.text(reader.root(), dw.AT_PRODUCER):
                unit, producer = each, named
                break
        machine = self._info.image.machine.removeprefix("EM_").lower()
        return Toolchain(machine, producer.split(" -")[0], unit.version)

    def source_tree(self, path: str) -> str:
        """The folder that paths of the first unit that is whole are in as the tree has them; "" where none shows.

        path: the object's, as its build has it ("lib/kobject.o"), "" where it is not known.
        """
        units = self._info.units
        unit = next((each for each in units if self._directory(each)), units[-1])
        reader, directory = self._reader(unit), self._directory(unit)
        source = posixpath.normpath(posixpath.join(directory, file_name(reader, reader.root(), dw.AT_NAME)))
        tree, found, _ = posixpath.splitext(source)[0].rpartition(f"/{posixpath.splitext(path)[0]}")
        if path and found:
            return tree
        included = filter(None, map(_HEADER.fullmatch, self._paths(unit)))
        trees = Counter(match[1] or "" for match in included)
        return max(trees, key=lambda each: trees[each], default=directory)

    def _reader(self, unit: Unit) -> DieReader:
        if unit.start not in self._readers:
            self._readers[unit.start] = DieReader(self._info, unit)
        return self._readers[unit.start]

    def _directory(self, unit: Unit) -> str:
        reader = self._reader(unit)
        return file_name(reader, reader.root(), dw.AT_COMP_DIR)

    def _paths(self, unit: Unit) -> list[str]:
        if unit.start not in self._files:
            files = read_files(self._reader(unit))
            if not self._directory(unit):
                directory = self._directory(self._info.units[-1])  # a joined unit is the last
                files = [
                    posixpath.normpath(posixpath.join(directory, path)) if path else "" for path in files
                ]
            self._files[unit.start] = files
        return self._files[unit.start]
