"""The units of a linked file that are versioned: they share the names that were read of the file's strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf.units import UnitInfo, Units
from kabicheck.symver.names import CheckedStrings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.elf.image import Image, Symbol

Tables = tuple[CheckedStrings, CheckedStrings]


class NamedUnits(Units):
    """All units of a linked file. tables: of .debug_str and .debug_line_str."""

    def __init__(self, image: Image) -> None:
        super().__init__(image)
        self.tables = CheckedStrings(self.strings.data), CheckedStrings(self.line_strings.data)

    def read(self, number: int, symbols: Sequence[Symbol] = ()) -> NamedUnit:
        """One unit. symbols: those that it defines. Raises ObjectError."""
        return NamedUnit(self, number, symbols)


class NamedUnit(UnitInfo):
    """One unit with the tables of its file."""

    def __init__(self, units: NamedUnits, number: int, symbols: Sequence[Symbol]) -> None:
        super().__init__(units, number, symbols)
        self.tables: Tables = units.tables


def tables_of(info: DebugInfo) -> Tables:
    """The names of .debug_str and .debug_line_str: an object's own, or those of the file that a unit is in."""
    if isinstance(info, NamedUnit):
        return info.tables
    return CheckedStrings(info.strings.data), CheckedStrings(info.line_strings.data)
