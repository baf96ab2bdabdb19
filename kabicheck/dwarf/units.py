"""The units of a linked file, each read for itself: however large the file, one unit's bytes are held at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kabicheck.dwarf.info import DebugInfo, Strings, info_section, section_bytes
from kabicheck.errors import ObjectError, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.elf.image import Image, Symbol
    from kabicheck.elf.relocations import Place


class Units:
    """The debug information of a file, by unit. bounds: (start, end) in .debug_info of each.

    Strings and abbreviations are those of the file. Raises NoDebugInfo, ObjectError.
    """

    def __init__(self, image: Image) -> None:
        self.image = image
        self.section = info_section(image)
        self.abbrev = section_bytes(image, "abbrev")
        self.strings = Strings(section_bytes(image, "str"))
        self.line_strings = Strings(section_bytes(image, "line_str"))
        self.bounds = tuple(self._read_bounds())

    def _read_bounds(self) -> list[tuple[int, int]]:
        """Only the lengths of the units are read here."""
        image, section = self.image, self.section
        order: Literal["little", "big"] = "little" if image.little else "big"
        size = image.size(section)
        bounds = []
        at = 0
        while at < size:
            head = image.part(section, at, at + 12)
            length = int.from_bytes(head[:4], order)
            end = at + 4 + length
            if length == 0xFFFFFFFF:
                end = at + 12 + int.from_bytes(head[4:12], order)
            if not at + 4 < end <= size:
                problem = f"a unit of {length} bytes does not fit into the section"
                raise ObjectError(image.path, problem, section=".debug_info", offset=at)
            bounds.append((at, end))
            at = end
        return bounds

    def read(self, number: int, symbols: Sequence[Symbol] = ()) -> UnitInfo:
        """One unit. symbols: those that the unit defines, at their addresses. Raises ObjectError."""
        return UnitInfo(self, number, symbols)


class UnitInfo(DebugInfo):
    """One unit of a file as if it were the only one: offsets are from its header, `base` is where that is."""

    def __init__(self, units: Units, number: int, symbols: Sequence[Symbol] = ()) -> None:
        image = units.image
        self.path, self.image, self.little = image.path, image, image.little
        self.base, end = units.bounds[number]
        self.data = image.part(units.section, self.base, end)
        self.relocated = image.relocated(units.section, self.base, end) if image.relocatable else {}
        self._abbrev, self.strings, self.line_strings = units.abbrev, units.strings, units.line_strings
        self._units = units
        self._symbols = symbols
        self.units = self._read_units()

    @property
    def symbols(self) -> Sequence[Symbol]:
        """Those that the unit defines."""
        return self._symbols

    def target(self, offset: int) -> Place | None:
        """The address that a relocation writes at an offset of the unit."""
        return self.image.relocations(self._units.section).target(self.base + offset)

    def here(self, offset: int) -> int:
        """Raises Unsupported for what lies in another unit, which a build's object would hold or not."""
        if not self.base <= offset < self.base + len(self.data):
            raise Unsupported(
                self.path, "a reference from one unit to another", section=".debug_info", offset=offset
            )
        return offset - self.base
