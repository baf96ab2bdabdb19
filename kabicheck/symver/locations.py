"""Where declarations stand in the source, and what compiled them; asked for by reports, never by versions."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import read_files
from kabicheck.model import Location, Toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.dwarf.info import DebugInfo, Unit


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
            unit = self._info.units[bisect_right(self._starts, offset) - 1]
            reader, files = self._reader(unit), self._paths(unit)
            die = reader.read(offset)
            if die is None:
                continue
            number, line = reader.number(die, dw.AT_DECL_FILE), reader.number(die, dw.AT_DECL_LINE)
            if number is not None and line is not None and number < len(files):
                found[name] = Location(files[number], line)
        return found

    def written_in_assembly(self, dies: Mapping[str, int]) -> set[str]:
        """The names whose DIE is in a unit of an assembler."""
        units = [unit for unit in self._info.units if self._language(unit) == dw.ASSEMBLER]
        return {name for name, die in dies.items() if any(unit.start <= die < unit.end for unit in units)}

    def _language(self, unit: Unit) -> int | None:
        reader = self._reader(unit)
        return reader.number(reader.root(), dw.AT_LANGUAGE)

    def toolchain(self) -> Toolchain:
        """The compiler of the first unit, without its options."""
        unit = self._info.units[0]
        reader = self._reader(unit)
        producer = reader.text(reader.root(), dw.AT_PRODUCER) or "unknown compiler"
        machine = self._info.image.machine.removeprefix("EM_").lower()
        return Toolchain(machine, producer.split(" -")[0], unit.version)

    def _reader(self, unit: Unit) -> DieReader:
        if unit.start not in self._readers:
            self._readers[unit.start] = DieReader(self._info, unit)
        return self._readers[unit.start]

    def _paths(self, unit: Unit) -> list[str]:
        if unit.start not in self._files:
            reader = self._reader(unit)
            directory = reader.text(reader.root(), dw.AT_COMP_DIR) or ""
            files = [posixpath.join(directory, path) if path else "" for path in read_files(reader)]
            self._files[unit.start] = files
        return self._files[unit.start]
