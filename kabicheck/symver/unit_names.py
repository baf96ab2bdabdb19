"""The names that units are read with: those of an object, or of a linked file, whose units share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf.constants import AT_STMT_LIST
from kabicheck.dwarf.files import read_file_names
from kabicheck.dwarf.joined import JoinedInfo
from kabicheck.dwarf.units import UnitInfo, Units
from kabicheck.symver.names import CheckedStrings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.dwarf.die import DieReader
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.elf.image import Image
    from kabicheck.elf.tables import Symbol

Tables = tuple[CheckedStrings, CheckedStrings]


class NamedUnits(Units):
    """All units of a linked file. tables: of .debug_str and .debug_line_str."""

    supplementary: NamedUnits

    def __init__(self, image: Image, *, supplementary_to: str = "") -> None:
        super().__init__(image, supplementary_to=supplementary_to)
        self.tables = CheckedStrings(self.strings.data), CheckedStrings(self.line_strings.data)
        self.file_names: dict[int | None, list[str]] = {}  # offset of a file table → its names

    def read(self, number: int, symbols: Sequence[Symbol] = ()) -> NamedUnit:
        """One unit. symbols: those that it defines. Raises ObjectError."""
        return NamedUnit(self, number, symbols)


class NamedUnit(UnitInfo):
    """One unit with the tables of its file."""

    def __init__(self, units: NamedUnits, number: int, symbols: Sequence[Symbol]) -> None:
        super().__init__(units, number, symbols)
        self.tables: Tables = units.tables


# File tables that are kept, at most; each has some hundred names.
MOST_TABLES = 1 << 10


class Names:
    """The names that the units of a file, or of a linked file and its supplementary one, are read with."""

    def __init__(self, info: DebugInfo) -> None:
        self._info = info
        self._tables = info.tables if isinstance(info, NamedUnit) else None

    def tables(self, unit: Unit) -> Tables:
        """The names of .debug_str and .debug_line_str: an object's own, or those of the file that a unit is from."""
        if isinstance(self._info, JoinedInfo):
            return self._units(unit).tables
        if self._tables is None:
            strings, lines = self._info.strings, self._info.line_strings
            self._tables = CheckedStrings(strings.data), CheckedStrings(lines.data)
        return self._tables

    def of_files(self, reader: DieReader) -> list[str]:
        """The names in a unit's file table. dwz gives many partial units the table of one unit."""
        if not isinstance(self._info, JoinedInfo):
            return read_file_names(reader)
        known, table = self._units(reader.unit).file_names, reader.number(reader.root(), AT_STMT_LIST)
        if table not in known:
            if len(known) >= MOST_TABLES:
                known.clear()
            known[table] = read_file_names(reader)
        return known[table]

    def _units(self, unit: Unit) -> NamedUnits:
        assert isinstance(self._info, JoinedInfo)
        units = self._info.file_of(unit).units
        assert isinstance(units, NamedUnits)
        return units

    def other_strings(self, unit: Unit) -> Mapping[int, str]:
        """The names of the supplementary file's .debug_str; none where a unit cannot refer to any."""
        if isinstance(self._info, JoinedInfo):
            file = self._info.file_of(unit)
            if file.has_other:
                units = file.other.units
                assert isinstance(units, NamedUnits)
                return units.tables[0]
        return {}
